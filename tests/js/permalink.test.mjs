import assert from "node:assert/strict";
import test from "node:test";
import { format, parse } from "../../static/js/core/permalink.js";

test("a view survives the address", () => {
  const view = { zoom: 15, lat: 20.72131, lon: 106.77012, layers: ["cameras", "groups"], hidden: ["lapsed"], selected: { layer: "groups", id: 12 } };
  assert.deepEqual(parse(format(view)), view);
});

test("the same state gives the same address", () => {
  const a = format({ zoom: 14, lat: 20, lon: 106, layers: new Set(["b", "a"]) });
  assert.equal(a, format({ zoom: 14, lat: 20, lon: 106, layers: new Set(["a", "b"]) }));
});

test("no layer at all is a choice, not a missing part", () => {
  assert.deepEqual(parse(format({ zoom: 14, lat: 20, lon: 106, layers: [] })).layers, []);
  assert.equal(parse("#14/20/106").layers, undefined);
});

test("the day that is seen, what it is compared with and the marks survive the address", () => {
  const view = {
    zoom: 15, lat: 20, lon: 106, layers: ["groups"], at: "2026-06-30", knownAt: "2026-07-01T07:05:00.000Z", against: "2026-01-01", marks: false,
  };
  assert.deepEqual(parse(format(view)), view);
  assert.deepEqual(parse("#15/20/106&d=2026-13-01&c=<b>&k=2026&r=1"), { zoom: 15, lat: 20, lon: 106 });
});

test("hidden classes of point layers survive the address", () => {
  const view = { zoom: 15, lat: 20, lon: 106, layers: ["cameras"], off: ["cameras.broken", "hotspots.class_a"] };
  assert.deepEqual(parse(format(view)), view);
  assert.deepEqual(parse("#15/20/106&f=cameras.broken,cameras,<b>.x").off, ["cameras.broken"]);
});

test("nonsense is left out", () => {
  for (const hash of ["", "#", "#abc", "#99/20/106", "#14/200/106", "#14/20"]) assert.equal(parse(hash).zoom, undefined);
  assert.equal(parse("#14/20/106&g=<script>.1").selected, undefined);
  assert.deepEqual(parse("#14/20/106&l=groups,<b>").layers, ["groups"]);
  assert.deepEqual(parse("#14/20/106&l=%E0%A4%A").layers, []);
});
