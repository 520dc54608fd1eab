import assert from "node:assert/strict";
import test from "node:test";
import { finePercent } from "../../static/js/core/format.js";
import { distance_m } from "../../static/js/core/geometry.js";
import { path, scale, ticks, valueAt } from "../../static/js/siting/chart.js";
import { makeLatest } from "../../static/js/siting/latest.js";
import { bearing, moveByKey, sector, turnByKey, turned } from "../../static/js/core/moves.js";
import { asNew, before } from "../../static/js/siting/moves.js";
import { addMoment, unpack } from "../../static/js/siting/moments.js";

const HERE = [106.65, 20.82];

test("an azimuth stays within the circle", () => {
  assert.equal(turned(355, 10), 5);
  assert.equal(turned(0, -5), 355);
  assert.equal(turned(359.96, 0), 0);
  assert.equal(turned(-725, 0), 355);
});

test("arrow keys turn by five degrees, with Shift by one", () => {
  assert.equal(turnByKey(0, "ArrowLeft", false), 355);
  assert.equal(turnByKey(90, "ArrowRight", true), 91);
  assert.equal(turnByKey(90, "a", false), null);
});

test("arrow keys move by two metres towards their side", () => {
  for (const [key, azimuth] of [["ArrowUp", 0], ["ArrowRight", 90], ["ArrowDown", 180], ["ArrowLeft", 270]]) {
    const moved = moveByKey(HERE, key, false);
    assert.ok(Math.abs(distance_m(HERE, moved) - 2) < 0.02, key);
    assert.ok(Math.abs(bearing(HERE, moved) - azimuth) < 0.6, key);
  }
  assert.equal(moveByKey(HERE, "Enter", false), null);
});

test("a sector opens to both sides of its azimuth", () => {
  const ring = sector(HERE, 90, 60, 100).map(([lat, lon]) => [lon, lat]);
  assert.deepEqual(ring[0], HERE);
  assert.ok(Math.abs(bearing(HERE, ring[1]) - 60) < 0.2);
  assert.ok(Math.abs(bearing(HERE, ring.at(-1)) - 120) < 0.2);
  for (const point of ring.slice(1)) assert.ok(Math.abs(distance_m(HERE, point) - 100) < 0.1);
  assert.ok(sector(HERE, 0, 360, 50).every(([lat, lon]) => lat !== HERE[1] || lon !== HERE[0]), "a full circle has no corner in the middle");
});

test("what an edit overwrites comes back with the lock", () => {
  const device = { id: 7, kind: "camera", version: 3, lon: 1, lat: 2, azimuth_deg: 90, model: "a", year: null, fund: null, is_locked: false, is_forbidden: false, cost_vnd: 5 };
  assert.deepEqual(before(device, { azimuth_deg: 95 }), { azimuth_deg: 90, is_locked: false, is_forbidden: false });
  assert.deepEqual(Object.keys(asNew(device)), ["kind", "lon", "lat", "azimuth_deg", "model", "year", "fund", "is_locked", "is_forbidden"]);
  assert.ok(!("azimuth_deg" in asNew({ ...device, kind: "lamp", azimuth_deg: null })));
});

test("only the newest question is asked, and the last answer wins", async () => {
  const asked = [];
  const shown = [];
  const answers = [];
  const latest = makeLatest((value) => {
    asked.push(value);
    return new Promise((resolve) => { answers.push(resolve); });
  }, (answer) => shown.push(answer));
  const turn = () => new Promise((resolve) => { setTimeout(resolve); });
  for (const value of [1, 2, 3, 4]) latest.push(value);
  assert.deepEqual(asked, [1], "one at a time");
  answers[0]("one");
  await turn();
  assert.deepEqual(asked, [1, 4], "those in between are never asked");
  latest.cancel();
  answers[1]("four");
  await turn();
  assert.deepEqual(shown, ["one"], "an answer after cancel is dropped");
  latest.push(5);
  answers[2]("five");
  await turn();
  assert.deepEqual(shown, ["one", "five"]);
});

test("a failed question does not stop the next", async () => {
  const errors = [];
  const shown = [];
  const latest = makeLatest(async (value) => { if (value === 1) throw new Error("no"); return value; }, (answer) => shown.push(answer), (error) => errors.push(error.message));
  latest.push(1);
  latest.push(2);
  await new Promise((resolve) => { setTimeout(resolve, 5); });
  assert.deepEqual([errors, shown], [["no"], [2]]);
});

test("axes have round numbers that reach over the largest value", () => {
  assert.deepEqual(ticks(480), [0, 200, 400, 600]);
  assert.deepEqual(ticks(1), [0, 0.25, 0.5, 0.75, 1]);
  assert.deepEqual(ticks(0), [0, 1]);
  for (const high of [3, 17, 0.081, 9327, 1e9]) assert.ok(ticks(high).at(-1) >= high && ticks(high).length <= 6, String(high));
});

test("a line leaves out what is not known", () => {
  const [x, y] = [scale([0, 10], [0, 100]), scale([0, 1], [100, 0])];
  assert.equal(path([[0, null], [5, 0.5], [10, 1]], x, y), "M50.0 50.0L100.0 0.0");
  assert.equal(path([[0, 0], [10, 1]], x, y, { steps: true }), "M0.0 100.0H100.0V0.0");
  assert.equal(valueAt([[0, 1], [10, 4], [20, 9]], 15), 4);
  assert.equal(valueAt([[5, 1]], 0), null);
});

test("each moment of a job counts once", () => {
  const first = addMoment([], { seconds: 1, best: 5, bound: null });
  assert.deepEqual(first, [[1, 5, null]]);
  assert.equal(addMoment(first, { seconds: 1, best: 5, bound: 9 }), first);
  assert.deepEqual(addMoment(first, { seconds: 2, best: 6, bound: 9 }).at(-1), [2, 6, 9]);
  assert.equal(addMoment(first, null), first);
});

test("targets are unpacked to degrees", () => {
  const found = unpack({ origin: [106650000, 20820000], targets: [[0, 0, 0, 10, -20], [2, -5, 7, 0, 0]] });
  assert.deepEqual(found, [[0, 106.65, 20.82, 106.65001, 20.81998], [2, 106.649995, 20.820007, 106.649995, 20.820007]]);
});

test("a small share is not said to be nothing", () => {
  assert.equal(finePercent(0.0024), "0,24\u00a0%");
  assert.equal(finePercent(0.00001), "<\u00a00,01\u00a0%");
  assert.equal(finePercent(0), "0\u00a0%");
});
