import assert from "node:assert/strict";
import test from "node:test";
import { boxAt, overlap, placeClusters } from "../../static/js/core/placement.js";

const cluster = (kind, x, y, rows, more = {}) => ({ kind, x, y, rows, broken: 0, halfWidth: 20, halfHeight: 10, ...more });
const boxOf = ({ x, y, halfWidth, halfHeight }) => boxAt(x, y, halfWidth, halfHeight);
const sum = (items) => items.reduce((total, { rows }) => total + rows, 0);

test("boxes that only touch do not overlap", () => {
  assert.equal(overlap(boxAt(0, 0, 5, 5), boxAt(10, 0, 5, 5)), false);
  assert.equal(overlap(boxAt(0, 0, 5, 5), boxAt(9, 9, 5, 5)), true);
});

test("a cluster with room stays at its place; the smaller one steps aside", () => {
  const placed = placeClusters([cluster("a", 100, 100, 3), cluster("b", 104, 100, 9)], []);
  const [large, small] = placed;
  assert.deepEqual([large.kind, large.x, large.y], ["b", 104, 100]);
  assert.equal(small.kind, "a");
  assert.equal(overlap(boxOf(large), boxOf(small)), false);
});

test("in a crowd nothing overlaps and no row is lost", () => {
  const crowd = Array.from({ length: 120 }, (_, i) =>
    cluster(i % 2 ? "a" : "b", (i * 7919) % 260, (i * 104729) % 200, 1 + (i % 9), i % 3 ? {} : { broken: 1 }));
  const names = Array.from({ length: 20 }, (_, i) => boxAt((i * 61) % 260, (i * 37) % 200, 24, 9));
  const placed = placeClusters(crowd, names);
  assert.equal(sum(placed), sum(crowd));
  for (const kind of ["a", "b"]) {
    const of = (items) => sum(items.filter((item) => item.kind === kind));
    assert.equal(of(placed), of(crowd));
  }
  assert.equal(placed.reduce((n, item) => n + item.broken, 0), 40);
  const boxes = [...placed.map(boxOf), ...names];
  placed.forEach((item, i) => boxes.forEach((other, j) => assert.equal(i !== j && overlap(boxOf(item), other), false)));
});

test("a lone place never swallows another", () => {
  const lone = (x, y) => cluster("a", x, y, 1, { single: true, halfWidth: 4, halfHeight: 4 });
  const wall = [boxAt(0, 0, 500, 500)];
  const placed = placeClusters([lone(0, 0), lone(3, 3)], wall);
  assert.deepEqual(placed.map(({ rows }) => rows), [1, 1]);
});
