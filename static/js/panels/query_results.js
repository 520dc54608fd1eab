/** The answer of a question: a list with distances or a table of counts, both drawn on the map. */
import { choiceTitle, labelOf } from "../core/catalogue.js";
import { address } from "../core/api.js";
import { h, icon } from "../core/dom.js";
import { collator, distance, number } from "../core/format.js";
import { bounds } from "../core/geometry.js";
import { lang, t } from "../core/i18n.js";
import { symbolCanvas } from "./layer_symbol.js";

const MOST_LISTED = 200;

const csv = (path, params) => h("a", {
  class: "chip-button", href: address(path, { ...params, f: "csv" }), download: "", "data-testid": "csv",
}, icon("download"), t("query.csv"));

/** Distance to what was asked; of a gap, to the nearest working device, which may be farther than the server looks. */
function howFar(p) {
  const metres = p.distance_m ?? p.nearest_m;
  if (metres !== undefined && metres !== null) return distance(metres, lang());
  return p.nearest_m === null ? t("query.far_away") : "";
}

function item(app, layer, feature) {
  const p = feature.properties;
  const detail = layer.style.by ? choiceTitle(layer, layer.style.by, p[layer.style.by]) : "";
  return h("li", {}, h("button", { type: "button", class: "result", on: { click: () => {
    app.zoomTo(bounds(feature.geometry), { gentle: true });
    app.emit("select", { layer: layer.name, id: feature.id, from: "results" });
  } } }, symbolCanvas(layer, p), h("span", { class: "result-text" }, h("span", { text: labelOf(layer, feature) }), detail && h("span", { class: "muted", text: detail })),
  howFar(p) && h("span", { class: "result-distance", text: howFar(p) })));
}

function fit(app, features, asked) {
  const boxes = [...features.map((f) => f.geometry), asked].filter(Boolean).map(bounds);
  if (!boxes.length) return;
  app.zoomTo([0, 1].map((i) => Math.min(...boxes.map((b) => b[i]))).concat([2, 3].map((i) => Math.max(...boxes.map((b) => b[i])))), { gentle: true });
}

export function showFeatures(app, { body, path, params, layer, asked, distance_m }) {
  const { features } = body;
  app.results.show(features, asked, distance_m);
  app.setVisible(layer, true);
  fit(app, features, asked);
  const more = body.links?.some((link) => link.rel === "next") ? "+" : "";
  const total = body.numberMatched ?? features.length;
  const head = h("div", { class: "answer-head" },
    h("p", { class: "answer-count", "data-testid": "answer-count" }, h("strong", { text: number(total, lang(), 0) + more }), ` ${layer.title}`), features.length > 0 && csv(path, params));
  if (!features.length) return [head, h("p", { class: "empty", text: t("query.nothing") })];
  const rest = features.length > MOST_LISTED ? h("p", { class: "hint", text: t("query.listed", { n: number(MOST_LISTED, lang()) }) }) : null;
  return [head, h("ol", { class: "results" }, features.slice(0, MOST_LISTED).map((f) => item(app, layer, f))), rest];
}

export function showCounts(app, { body, path, params, layer }) {
  const rows = [...body.groups].sort((a, b) => b.count - a.count || collator.compare(a.name, b.name));
  const most = Math.max(1, ...rows.map((row) => row.count));
  const onMap = h("input", { type: "checkbox", id: "counts-on-map", class: "plain-check" });
  onMap.addEventListener("change", () => app.groups.setCounts(onMap.checked ? new Map(rows.map((row) => [row.id, row.count])) : null));
  const total = rows.reduce((sum, row) => sum + row.count, 0) + (body.outside || 0);
  const bar = (count) => {
    const element = h("span", { class: "count-bar", "aria-hidden": "true" });
    element.style.width = `${(count / most) * 100}%`;
    return element;
  };
  const line = (row) => h("tr", {}, h("th", { scope: "row" }, h("button", { type: "button", class: "row-button", text: row.name, on: { click: () => app.emit("select", { layer: "groups", id: row.id, from: "results" }) } })),
    h("td", { class: "is-number" }, h("span", { class: "count-cell" }, bar(row.count), h("span", { text: number(row.count, lang(), 0) }))));
  return [
    h("div", { class: "answer-head" }, h("p", { class: "answer-count", "data-testid": "answer-count" }, h("strong", { text: number(total, lang(), 0) }), ` ${layer.title}`), csv(path, params)),
    h("div", { class: "check-row" }, onMap, h("label", { for: onMap.id, text: t("query.on_map") })),
    h("table", { class: "table table-counts" }, h("caption", { class: "sr-only", text: t("query.counts") }),
      h("thead", {}, h("tr", {}, h("th", { scope: "col", text: app.groups.layer.title }), h("th", { scope: "col", class: "is-number", text: t("query.count_column") }))),
      h("tbody", {}, rows.map(line))),
    body.outside ? h("p", { class: "hint", text: t("query.outside", { n: number(body.outside, lang(), 0) }) }) : null,
  ];
}
