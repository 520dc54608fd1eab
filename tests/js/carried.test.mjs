import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { runInNewContext } from "node:vm";
import { named } from "../../static/js/core/crawl.js";
import { tilesOf } from "../../static/js/core/geometry.js";
import { clash } from "../../static/js/edit/draft_rules.js";

test("a script names what it imports now and later; a style sheet its fonts", () => {
  const script = 'import { a } from "../core/a.js";\nconst b = () => import("./b.js");\nnew URL("../../css/edit.css", import.meta.url)';
  assert.deepEqual(named("/static/v-1/js/pages/map.js", script), ["/static/v-1/js/core/a.js", "/static/v-1/js/pages/b.js", "/static/v-1/css/edit.css"]);
  assert.deepEqual(named("/static/v-1/vendor/fonts/fonts.css", "src:url(x.woff2) format('woff2');background:url(images/marker.png)"), ["/static/v-1/vendor/fonts/x.woff2"]);
});

test("the tiles of a box: of one zoom all that it touches", () => {
  assert.deepEqual(tilesOf([106.7, 20.8, 106.7, 20.8], 0, 1), [{ z: 0, x: 0, y: 0 }, { z: 1, x: 1, y: 0 }]);
  const z15 = tilesOf([106.7, 20.8, 106.73, 20.83], 15, 15);
  assert.equal(z15.length, new Set(z15.map(({ x, y }) => `${x}/${y}`)).size);
  assert.ok(z15.some(({ x, y }) => x === Math.floor(((106.7 + 180) / 360) * 2 ** 15) && y > 0));
});

const row = (properties, coordinates = [1, 2]) => ({ geometry: { type: "Point", coordinates }, properties });
const change = (mine, was, geometry = {}) => ({ body: { properties: mine, ...(geometry.mine && { geometry: geometry.mine }) }, base: { properties: was, geometry: geometry.was } });

test("what nobody else touched may be written", () => {
  assert.deepEqual(clash(change({ height_m: 8 }, { height_m: 6 }), row({ height_m: 6, lamp: "led" })), { there: false, both: [] });
});

test("what others changed is told by name; what they changed alike is there", () => {
  assert.deepEqual(clash(change({ height_m: 8 }, { height_m: 6 }), row({ height_m: 9 })), { there: false, both: ["height_m"] });
  assert.deepEqual(clash(change({ height_m: 8 }, { height_m: 6 }), row({ height_m: 8 })), { there: true, both: [] });
  const moved = { mine: { type: "Point", coordinates: [1, 3] }, was: { type: "Point", coordinates: [1, 2] } };
  assert.deepEqual(clash(change({}, {}, moved), row({}, [1, 4])), { there: false, both: ["@place"] });
  assert.deepEqual(clash(change({}, {}, moved), row({}, [1, 2])), { there: false, both: [] });
});

test("of two checks on site the later day counts", () => {
  const mine = change({ verified_on: "2026-11-20" }, { verified_on: null });
  assert.deepEqual(clash(mine, row({ verified_on: "2026-11-21" }), "verified_on"), { there: true, both: [] });
  assert.deepEqual(clash(mine, row({ verified_on: "2026-11-19" }), "verified_on"), { there: false, both: [] });
});

test("opening the map drops another's copy and what was broken off, not what is being filled beside it", async () => {
  const now = Date.now();
  const kept = new Map([
    ["survey-1", null], [`survey-${now}`, null], ["patrol-1", null],
    ["survey-2", { owner: "hoa@1", until: now + 1e6 }], ["survey-3", { owner: "chi@1", until: now + 1e6 }], ["survey-4", { owner: "hoa@1", until: now - 1 }],
  ]);
  globalThis.caches = {
    keys: async () => [...kept.keys()],
    open: async (name) => ({ match: async () => (kept.get(name) ? { json: async () => kept.get(name) } : undefined) }),
    delete: async (name) => kept.delete(name),
  };
  globalThis.location = { search: "?mang-theo" };
  const { openCarried } = await import("../../static/js/core/carried.js");
  assert.equal((await openCarried({ username: "hoa", commune: { id: 1 } }))?.owner, "hoa@1");
  assert.deepEqual([...kept.keys()], [`survey-${now}`, "patrol-1", "survey-2"]);
});

test("a page that does not come gives way to the map on the phone, a file that is being made does not", async () => {
  const listeners = {};
  const told = { until: Date.now() + 1e6 };
  const world = {
    URL, Date, Promise, Error,
    self: { addEventListener: (type, listen) => { listeners[type] = listen; }, location: { origin: "http://here" } },
    caches: { keys: async () => ["survey-1"], open: async () => ({ match: async () => ({ json: async () => told }) }) },
    Response: { redirect: (address) => address },
    setTimeout: (act) => setTimeout(act),
    fetch: () => new Promise((resolve) => { setTimeout(() => resolve({ status: 200 }), 100); }),
  };
  runInNewContext(readFileSync("static/sw.js", "utf8"), world);
  const asked = (path) => new Promise((resolve) => {
    listeners.fetch({ request: { url: `http://here${path}`, method: "GET", mode: "navigate" }, respondWith: resolve });
  });
  assert.equal(await asked("/du-lieu"), "/?mang-theo");
  assert.deepEqual(await asked("/api/reports/1.pdf"), { status: 200 });
});
