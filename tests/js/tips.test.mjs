import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import "../../static/js/tips/sha256.js";
import { makeId, openDraft } from "../../static/js/tips/draft.js";
import { coarsen, planeAround, roundSpot, setSpot } from "../../static/js/tips/places.js";

test("the own SHA-256 is SHA-256", () => {
  for (const text of ["", "a", "abc", "x".repeat(55), "x".repeat(56), "x".repeat(64), `${"f".repeat(32)}:00000000-0000-4000-8000-000000000000:123456`]) {
    const hex = [...globalThis.sha256Words(text)].map((word) => word.toString(16).padStart(8, "0")).join("");
    assert.equal(hex, createHash("sha256").update(text).digest("hex"), text);
  }
});

test("a sending's number is a random UUID of version 4", () => {
  assert.match(makeId(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.notEqual(makeId(), makeId());
});

test("a place leaves the device with four digits", () => {
  assert.equal(roundSpot(106.648967, 20.821482), "106.6490,20.8215");
  const plane = planeAround(106.65, 20.82);
  const [lon, lat] = plane.back(plane.to([106.66, 20.83]));
  assert.ok(Math.abs(lon - 106.66) < 1e-9 && Math.abs(lat - 20.83) < 1e-9);
});

function formOf(values) {
  const elements = Object.fromEntries(
    Object.entries({ subject: "", device_number: "", precision: "group", road_id: "", landmark: "", spot: "", text: "", to: "7", ...values })
      .map(([name, value]) => [name, { value, addEventListener() {} }]),
  );
  return { elements, dataset: { cell: "0.0025" }, addEventListener() {} };
}

test("a cell leaves the device as its middle, a landmark's too; another precision has no point", () => {
  assert.equal(roundSpot(106.648967, 20.821482, 0.0025), "106.6500,20.8225");
  const cell = formOf({ precision: "cell", landmark: "106.648967,20.821482" });
  coarsen(cell);
  assert.deepEqual([cell.elements.spot.value, cell.elements.landmark.value, cell.elements.precision.value], ["106.6500,20.8225", "", "cell"]);
  const later = formOf({ precision: "cell", spot: "106.6490,20.8215" });
  coarsen(later);
  assert.equal(later.elements.spot.value, "106.6500,20.8225");
  for (const precision of ["group", "street"]) {
    const form = formOf({ precision, spot: "106.6490,20.8215" });
    coarsen(form);
    assert.equal(form.elements.spot.value, "");
  }
});

test("a fix of the device takes the place of a landmark", () => {
  const form = formOf({ landmark: "106.1,20.1" });
  setSpot(form, 106.648967, 20.821482);
  assert.deepEqual([form.elements.spot.value, form.elements.landmark.value, form.elements.precision.value], ["106.6490,20.8215", "", "point"]);
});

test("a draft on the device holds no point and no photo", () => {
  const kept = new Map();
  const store = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key) };
  const form = formOf({ precision: "point", spot: "106.6490,20.8215", text: "Ngõ tối", photo: "a.jpg" });
  openDraft(form, () => {}, store).keep();
  const [written] = kept.values();
  assert.match(written, /Ngõ tối/);
  assert.doesNotMatch(written, /106\.6|20\.82|a\.jpg/);
});
