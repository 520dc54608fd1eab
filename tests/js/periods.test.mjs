import assert from "node:assert/strict";
import test from "node:test";
import { addDays, hasGap, lookBacks, period, typedMoment, vietnamDay, vietnamMoment } from "../../static/js/core/periods.js";

test("the period runs from 15 December to 14 December", () => {
  const year = (n) => [`${n - 1}-12-15`, `${n}-12-14`];
  assert.deepEqual(period("2026-12-14"), year(2026));
  assert.deepEqual(period("2026-12-15"), year(2027));
  assert.deepEqual(period("2025-12-15"), year(2026));
  assert.deepEqual(period("2026-01-01"), year(2026));
  assert.deepEqual(period("2025-12-31"), year(2026));
});

test("a gap is any criterion without an answer that counts", () => {
  const met = { answer: "met", on: "2026-03-01" };
  assert.equal(hasGap([met, met, { answer: "not_met", on: "2026-03-01" }], "2026-11-22"), false);
  assert.equal(hasGap([met, met, { answer: "met", on: "2025-12-14" }], "2026-11-22"), true);
  assert.equal(hasGap([], "2026-11-22"), false, "a layer without criteria has none to miss");
});

test("days are counted across months and leap years", () => {
  assert.equal(addDays("2026-07-01", -1), "2026-06-30");
  assert.equal(addDays("2028-02-28", 1), "2028-02-29");
});

test("Vietnam's day begins seven hours before that of Greenwich", () => {
  assert.equal(vietnamDay(Date.parse("2026-12-14T16:59:59Z")), "2026-12-14");
  assert.equal(vietnamDay(Date.parse("2026-12-14T17:00:00Z")), "2026-12-15");
  assert.equal(vietnamMoment("2026-07-01T14:05"), "2026-07-01T07:05:00.000Z");
  assert.equal(typedMoment("2026-07-01T07:05:00.000Z"), "2026-07-01T14:05");
  for (const text of ["", "2026-07-01", "x", "2026-99-01T10:00"]) assert.equal(vietnamMoment(text), null);
});

test("days to look back to", () => {
  assert.deepEqual(lookBacks("2026-11-22"), { month: "2026-10-31", quarter: "2026-09-30", period: "2025-12-15" });
  assert.deepEqual(lookBacks("2026-01-05"), { month: "2025-12-31", quarter: "2025-12-31", period: "2025-12-15" });
});
