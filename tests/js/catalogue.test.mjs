import assert from "node:assert/strict";
import test from "node:test";
import { choiceTitle, colorOf, criteria, isAssumed, labelOf, makeCatalogue, valueText, variantOf } from "../../static/js/core/catalogue.js";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const t = (key) => key;
const cameras = {
  name: "cameras", title: "Camera", section: "devices", geometry: "POINT", label: "external_id",
  style: { kind: "sector", color: "#111111", by: "state", colors: { broken: "#c92a2a" } },
  fields: [
    { name: "state", title: "Tình trạng", type: "text", choices: [{ code: "working", title: "Đang hoạt động" }, { code: "broken", title: "Hỏng" }] },
    { name: "range_m", title: "Tầm nhìn", type: "float", unit: "m", choices: [] },
    { name: "verified_on", title: "Kiểm tra", type: "date", choices: [] },
    { name: "has_ai", title: "AI", type: "bool", choices: [] },
  ],
};
const roads = { ...cameras, name: "roads", section: "base", bundle: "base", style: { kind: "base", color: "#ffffff" } };

test("values are written with choices, units, dates and yes or no", () => {
  const text = (name, value) => valueText(cameras.fields.find((f) => f.name === name), value, "vi", t);
  assert.equal(text("state", "broken"), "Hỏng");
  assert.equal(text("range_m", 1234.5), "1.234,5\u00a0m");
  assert.equal(text("verified_on", "2026-05-20"), "20/05/2026");
  assert.equal(text("has_ai", false), "common.no");
  assert.equal(text("range_m", null), "");
  assert.equal(choiceTitle(cameras, "state", "unheard of"), "unheard of");
});

test("colour comes from the code, else from the layer; states have no variant", () => {
  assert.equal(colorOf(cameras, { state: "broken" }), "#c92a2a");
  assert.equal(colorOf(cameras, { state: "working" }), "#111111");
  assert.equal(variantOf(cameras, { state: "broken" }), 0);
});

test("what nobody has looked at on site is assumed, where the layer knows of such looks", () => {
  const checked = { ...cameras, checked_field: "verified_on" };
  assert.ok(isAssumed(checked, { verified_on: null }));
  assert.ok(!isAssumed(checked, { verified_on: "2026-05-20" }));
  assert.ok(!isAssumed({ ...cameras, checked_field: "" }, {}));
});

test("a row without its label is still called something", () => {
  assert.equal(labelOf(cameras, { id: 7, properties: {} }), "Camera 7");
});

test("three columns of one question are one criterion", () => {
  const layer = { fields: [{ name: "users_answer" }, { name: "users_on" }, { name: "places_answer" }] };
  assert.deepEqual(criteria(layer).map((c) => [c.answer.name, c.on, c.document]),
    [["users_answer", "users_on", "users_document"], ["places_answer", "places_on", "places_document"]]);
});

test("the base map is not in the switcher", () => {
  const made = makeCatalogue({ sections: [{ name: "devices" }, { name: "base" }], layers: [cameras, roads], base_tiles: "" });
  assert.deepEqual(made.drawn.map((layer) => layer.name), ["cameras"]);
  assert.ok(made.rank(cameras) > made.rank(roads));
});

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "..");
const scripts = readdirSync(path.join(root, "static", "js"), { recursive: true }).filter((name) => name.endsWith(".js"));

test("both languages have every message that the scripts and pages ask for", () => {
  const [vi, en] = ["vi", "en"].map((lang) => JSON.parse(readFileSync(path.join(root, "gis_app", "messages", `${lang}.json`), "utf8")));
  assert.deepEqual(Object.keys(vi).sort(), Object.keys(en).sort());
  for (const name of scripts) {
    const text = readFileSync(path.join(root, "static", "js", name), "utf8");
    for (const [, key] of text.matchAll(/\bt\("([\w.]+)"/g)) assert.ok(key in vi, `${name}: ${key}`);
  }
});

test("one fetch, no inner HTML, modules under 150 lines", () => {
  for (const name of scripts) {
    const text = readFileSync(path.join(root, "static", "js", name), "utf8");
    // A resident's form asks for itself, and never says who asks: no cookie goes with it.
    const asks = text.match(/\bfetch\(/g)?.length ?? 0;
    const unnamed = /^(tips|pages)[/\\]/.test(name) && name.includes("tip") ? text.match(/credentials: "omit"/g)?.length ?? 0 : 0;
    if (name !== path.join("core", "api.js")) assert.equal(asks, unnamed, `${name} fetches`);
    assert.ok(!/innerHTML|insertAdjacentHTML|document\.write/.test(text), `${name} writes HTML`);
    assert.ok(text.split("\n").length <= 151, `${name} has ${text.split("\n").length} lines`);
  }
});
