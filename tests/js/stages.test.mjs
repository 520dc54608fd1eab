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

const all = (on, ...codes) => codes.map((answer) => ({ answer, on }));

test("a criterion that is not reviewed is never good", () => {
  const verdict = (...codes) => criteriaVerdict(all("2026-09-08", ...codes), "2026-11-22");
  assert.equal(verdict("met", "met", "met"), "met");
  assert.equal(verdict("met", "not_reviewed", "met"), "not_reviewed");
  assert.equal(verdict("met", "not_reviewed", "not_met"), "not_met");
  assert.equal(verdict(), "not_reviewed");
  assert.equal(verdict(undefined, "met", "met"), "not_reviewed");
});

test("an answer counts only within the period of the day that is looked at", () => {
  const verdict = (on, day, code = "met") => criteriaVerdict(all(on, code, "met", "met"), day);
  // The period of 22 November 2026 runs from 15 December 2025 to 14 December 2026.
  assert.equal(verdict("2025-12-14", "2026-11-22"), "not_reviewed");
  assert.equal(verdict("2025-12-15", "2026-11-22"), "met");
  assert.equal(verdict("2026-11-22", "2026-11-22"), "met");
  assert.equal(verdict("2026-11-23", "2026-11-22"), "not_reviewed", "a later day is not known yet");
  assert.equal(verdict("2026-12-14", "2026-12-14"), "met");
  assert.equal(verdict("2026-12-14", "2026-12-15"), "not_reviewed", "the new period begins with nothing");
  assert.equal(verdict("2026-12-15", "2026-12-15"), "met");
  assert.equal(verdict("2025-12-14", "2026-11-22", "not_met"), "not_reviewed", "an old fault is no answer either");
  assert.equal(verdict("2025-12-15", "2025-12-31"), "met", "31 December lies in the next year's period");
  for (const on of [null, undefined, ""]) assert.equal(verdict(on, "2026-11-22"), "not_reviewed");
});

test("one answer of an earlier period among three is enough for no conclusion", () => {
  assert.equal(criteriaVerdict([...all("2026-01-05", "met", "met"), ...all("2025-11-30", "met")], "2026-02-01"), "not_reviewed");
});

test("every stage has its own symbol", () => {
  assert.equal(new Set(Object.values(SYMBOLS)).size, Object.keys(SYMBOLS).length);
  assert.equal(symbolOf("something new"), "point");
});
