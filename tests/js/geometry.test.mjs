import assert from "node:assert/strict";
import test from "node:test";
import {
  area_m2, bounds, contains, destination, distance_m, labelPoint, length_m, neighbour, pixelsPerMetre, view,
} from "../../static/js/core/geometry.js";

const HERE = [106.65, 20.82];
const close = (a, b, tolerance) => assert.ok(Math.abs(a - b) <= tolerance, `${a} is not within ${tolerance} of ${b}`);

test("a distance is the one that was walked", () => {
  for (const bearing of [0, 45, 137, 270]) close(distance_m(HERE, destination(HERE, bearing, 500)), 500, 0.01);
  close(length_m([HERE, destination(HERE, 90, 100), destination(destination(HERE, 90, 100), 0, 50)]), 150, 0.01);
});

test("a hectare is 10 000 square metres", () => {
  const east = destination(HERE, 90, 100);
  close(area_m2([HERE, east, destination(east, 0, 100), destination(HERE, 0, 100)]), 10_000, 10);
  assert.equal(area_m2([HERE, east]), 0);
});

test("a camera that looks north with 90° sees from north-west to north-east", () => {
  const seen = view({ azimuth_deg: 0, fov_deg: 90, range_m: 40, kind: "fixed" });
  assert.equal(seen.shape, "sector");
  assert.equal(seen.range_m, 40);
  close(seen.start, (-135 * Math.PI) / 180, 1e-9);
  close(seen.end, (-45 * Math.PI) / 180, 1e-9);
});

test("PTZ and panoramic cameras see all round, a missing direction is told", () => {
  assert.equal(view({ azimuth_deg: 10, fov_deg: 60, range_m: 40, kind: "ptz" }).shape, "circle");
  assert.equal(view({ azimuth_deg: null, fov_deg: null, range_m: 40, kind: "panoramic" }).shape, "circle");
  assert.equal(view({ azimuth_deg: 0, fov_deg: 360, range_m: 40, kind: "fixed" }).shape, "circle");
  assert.equal(view({ azimuth_deg: null, fov_deg: 60, range_m: 40, kind: "fixed" }).shape, "unknown");
  assert.equal(view({ azimuth_deg: 0, fov_deg: null, range_m: null, kind: "fixed" }).shape, "sector");
});

test("one metre is as many pixels as the projection says", () => {
  close(pixelsPerMetre(0, 0) * 2 * Math.PI * 6_378_137, 256, 1e-9);
  close(pixelsPerMetre(20.82, 16) / pixelsPerMetre(20.82, 15), 2, 1e-9);
});

test("a label lies inside, also in a crescent and beside a hole", () => {
  const crescent = { type: "Polygon", coordinates: [[[0, 0], [10, 0], [10, 10], [0, 10], [0, 8], [8, 8], [8, 2], [0, 2], [0, 0]]] };
  assert.ok(contains(crescent, labelPoint(crescent)));
  const ring = { type: "Polygon", coordinates: [[[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]], [[3, 3], [7, 3], [7, 7], [3, 7], [3, 3]]] };
  assert.ok(contains(ring, labelPoint(ring)));
  assert.ok(!contains(ring, [5, 5]));
  const parts = { type: "MultiPolygon", coordinates: [[[[20, 20], [21, 20], [21, 21], [20, 20]]], ring.coordinates] };
  assert.ok(labelPoint(parts)[0] < 11);
});

test("bounds of any geometry", () => {
  assert.deepEqual(bounds({ type: "Point", coordinates: [1, 2] }), [1, 2, 1, 2]);
  assert.deepEqual(bounds({ type: "MultiLineString", coordinates: [[[1, 2], [3, 0]], [[-1, 5], [0, 0]]] }), [-1, 0, 3, 5]);
});

test("arrow keys go to the neighbour in that direction", () => {
  const at = (id, lon, lat) => ({ id, point: [lon, lat] });
  const places = [at("here", 0, 0), at("east", 1, 0.1), at("far east", 3, 0), at("north", 0, 1), at("south-west", -1, -1.2)];
  const go = (key) => neighbour(places, places[0], key)?.id;
  assert.equal(go("ArrowRight"), "east");
  assert.equal(go("ArrowUp"), "north");
  assert.equal(go("ArrowDown"), "south-west");
  assert.equal(neighbour(places, places[2], "ArrowRight"), null);
});
