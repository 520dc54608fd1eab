import assert from "node:assert/strict";
import test from "node:test";
import { countStages, criteriaVerdict, headline, symbolOf, SYMBOLS } from "../../static/js/core/stages.js";

const group = (stage, kind = "residential_group") => ({ properties: { stage, kind } });
const many = (stage, n, kind) => Array.from({ length: n }, () => group(stage, kind));
const CHOICES = ["not_selected", "building", "recognised", "maintained", "lapsed"].map((code) => ({ code, title: code }));

test("Đồ Sơn: 2 of 23 reached", () => {
  const { reached, total, share, kind } = headline([...many("recognised", 1), ...many("maintained", 1), ...many("proposed", 3), ...many("building", 18)]);
  assert.deepEqual([reached, total, kind], [2, 23, "residential_group"]);
  assert.ok(Math.abs(share - 2 / 23) < 1e-12);
});

test("villages are called villages, and nothing is divided by zero", () => {
  assert.equal(headline(many("building", 16, "village")).kind, "village");
  assert.equal(headline([]).share, 0);
});

test("the legend lists every stage in the order of the catalogue, zero included", () => {
  const rows = countStages([...many("building", 2), group("lapsed")], CHOICES);
  assert.deepEqual(rows.map((row) => row.count), [0, 2, 0, 0, 1]);
});

test("a criterion that is not reviewed is never good", () => {
  assert.equal(criteriaVerdict(["met", "met", "met"]), "met");
  assert.equal(criteriaVerdict(["met", "not_reviewed", "met"]), "not_reviewed");
  assert.equal(criteriaVerdict(["met", "not_reviewed", "not_met"]), "not_met");
  assert.equal(criteriaVerdict([]), "not_reviewed");
  assert.equal(criteriaVerdict([undefined, "met", "met"]), "not_reviewed");
});

test("every stage has its own symbol", () => {
  assert.equal(new Set(Object.values(SYMBOLS)).size, Object.keys(SYMBOLS).length);
  assert.equal(symbolOf("something new"), "point");
});
