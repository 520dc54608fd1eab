import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { loadGuard, makeGuard, masked } from "../../static/js/core/person_guard.js";

const here = (path) => readFileSync(new URL(path, import.meta.url), "utf-8");
const guard = makeGuard(JSON.parse(here("../../static/js/core/person_guard.json")));

test("findings carry kind, place and words; places count as the browser counts", () => {
  assert.deepEqual(guard("🚨 gọi 0912 345 678 gặp anh Tuấn"), [
    { kind: "phone", start: 7, end: 19, words: "0912 345 678" },
    { kind: "name", start: 24, end: 32, words: "anh Tuấn" },
  ]);
  assert.deepEqual(guard("đường Trần Nhân Tông tối"), []);
  assert.deepEqual(guard(""), []);
});

test("decomposed accents are read as composed ones", () => {
  const [found] = guard("gặp anh Tuấn ở ngõ".normalize("NFD"));
  assert.equal(found.words.normalize("NFC"), "anh Tuấn");
});

test("a text is masked from its findings", () => {
  const text = "anh Tuấn, số 0912345678, ở đường Lê Lợi";
  assert.equal(masked(text, guard(text)), "…, số …, ở đường Lê Lợi");
});

test("rules that cannot be had warn of nothing", async () => {
  const before = globalThis.fetch;
  globalThis.fetch = () => Promise.reject(new Error("offline"));
  try {
    assert.deepEqual((await loadGuard())("gọi 0912345678"), []);
  } finally {
    globalThis.fetch = before;
  }
});
