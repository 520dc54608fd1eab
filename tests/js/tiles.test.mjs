import assert from "node:assert/strict";
import test from "node:test";
import { joinLines, straighten } from "../../static/js/core/tile_names.js";

const line = (...points) => points.map(([x, y]) => ({ x, y }));

test("pieces of a street that meet become one line, whichever way they were drawn", () => {
  const joined = joinLines([line([0, 0], [10, 0]), line([20, 0], [10, 0]), line([20, 0], [30, 0]), line([100, 100], [110, 100])]);
  assert.deepEqual(joined.map((l) => l.length).sort(), [2, 4]);
});

test("a loop and a closed street do not hang", () => {
  assert.equal(joinLines([line([0, 0], [10, 0]), line([10, 0], [10, 10]), line([10, 10], [0, 0])]).length, 1);
  assert.deepEqual(joinLines([]), []);
});

test("small bends go, corners stay", () => {
  assert.equal(straighten(line([0, 0], [50, 1], [100, 0])).length, 2);
  assert.equal(straighten(line([0, 0], [50, 40], [100, 0])).length, 3);
});

test("a closed street keeps its shape", () => {
  assert.equal(straighten(line([0, 0], [50, 0], [50, 50], [0, 50], [0, 0])).length, 5);
});
