import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import "../../static/js/tips/sha256.js";
import { makeId } from "../../static/js/tips/draft.js";
import { planeAround, roundSpot } from "../../static/js/tips/places.js";

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
