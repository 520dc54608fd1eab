import assert from "node:assert/strict";
import test from "node:test";
import { cause, differences, mergeSpans, relatives, toFeature } from "../../static/js/core/statuses.js";

const status = (stage, answer, on, name = "Tổ 1") => ({
  group_id: 7, name, kind: "residential_group", stage, answers: { users: { answer, on, document: "1/BB" } }, geometry: null,
});

test("a status becomes a row of the map", () => {
  const { id, day, properties } = toFeature(status("building", "met", "2026-05-01"), "2026-06-30");
  assert.deepEqual([id, day, properties.stage, properties.users_answer, properties.users_on, properties.users_document], [7, "2026-06-30", "building", "met", "2026-05-01", "1/BB"]);
});

test("what differs is told as it counted on each day", () => {
  const was = toFeature(status("building", "met", "2025-12-01"), "2026-06-30");
  const is = toFeature(status("proposed", "met", "2026-09-01"), "2026-09-30");
  assert.deepEqual(differences(was, is, ["users"]), [
    { names: ["stage"], before: { code: "building" }, after: { code: "proposed" } },
    { names: ["users"], before: { code: "not_reviewed", stale: "met" }, after: { code: "met", stale: null } },
  ]);
  assert.deepEqual(differences(is, is, ["users"]), []);
  for (const one of [was, is]) Object.assign(one.properties, { places_answer: one.properties.users_answer, places_on: one.properties.users_on });
  assert.deepEqual(differences(was, is, ["users", "places"]).map(({ names }) => names), [["stage"], ["users", "places"]]);
});

test("spans of one stage are one, and a renamed group says so", () => {
  const span = (from, to, stage, name = "A") => ({ valid_from: from, valid_to: to, stage, name, stage_document: null, stage_body: null });
  const merged = mergeSpans([span("2026-01-01", "2026-02-01", "building"), span("2026-02-01", "2026-03-01", "building"), span("2026-03-01", null, "building", "B")]);
  assert.deepEqual(merged.map((one) => [one.valid_from, one.valid_to, one.renamed]), [["2026-01-01", "2026-03-01", false], ["2026-03-01", null, true]]);
});

test("relatives of a merged group are seen on the day before", () => {
  const entry = (parent, child, kind) => ({ kind, changed_on: "2026-07-01", parent_id: parent, parent_name: `P${parent}`, child_id: child, child_name: `C${child}`, household_share: 1, document: "7/NQ" });
  const [found] = relatives([entry(1, 9, "merge"), entry(2, 9, "merge")], 9);
  assert.deepEqual([found.way, found.units.map((unit) => [unit.name, unit.day])], ["from_merge", [["P1", "2026-06-30"], ["P2", "2026-06-30"]]]);
  const [into] = relatives([entry(1, 9, "merge")], 1);
  assert.deepEqual([into.way, into.units[0].day], ["into_merge", "2026-07-01"]);
});

test("why a group came or went", () => {
  const pair = (parent_id, child_id, changed_on = "2026-07-01") => ({ parent_id, child_id, changed_on });
  const merge = [pair(1, 9), pair(2, 9)];
  assert.deepEqual(cause(merge, "child_id", 9), { kind: "merge", changed_on: "2026-07-01", others: [1, 2] });
  assert.equal(cause(merge, "parent_id", 1).kind, "merge");
  const split = [pair(1, 8), pair(1, 9)];
  assert.equal(cause(split, "child_id", 8).kind, "split");
  assert.deepEqual(cause(split, "parent_id", 1).others, [8, 9]);
  assert.equal(cause([pair(1, 9)], "child_id", 9).kind, "rename");
  assert.equal(cause([], "child_id", 9), null);
});
