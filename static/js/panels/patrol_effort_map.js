/** The map of effort: streets by how many routes were walked along them, or groups by minutes per 1,000 residents. */
import { get } from "../core/api.js";
import { fill, h, s } from "../core/dom.js";
import { number } from "../core/format.js";
import { lang, t } from "../core/i18n.js";
import { L, latLngs, svgRenderer } from "../core/leaflet.js";
import { openPageMap } from "../core/page_map.js";

const CLASSES = 5;
const figure = (value) => number(value, lang(), 1);

/** Upper ends of classes of about as many groups each; a class for each value where there are few. */
export function breaksOf(rates) {
  const values = [...new Set(rates)].sort((a, b) => a - b);
  if (values.length <= CLASSES) return values;
  const sorted = [...rates].sort((a, b) => a - b);
  const ends = Array.from({ length: CLASSES }, (_, n) => sorted[Math.ceil(((n + 1) * sorted.length) / CLASSES) - 1]);
  return [...new Set(ends)];
}

export const classOf = (rate, breaks) => (rate === null ? 0 : 1 + Math.max(0, breaks.findIndex((end) => rate <= end)));

/** One, two or three, four and more. */
export const timesClass = (times) => (times >= 4 ? 3 : times >= 2 ? 2 : 1);

const swatch = (className, line = false) => {
  const shape = line ? s("line", { x1: 0, x2: 28, y1: 8, y2: 8, class: className }) : s("rect", { x: 1, y: 1, width: 26, height: 14, class: className });
  return s("svg", { class: "effort-swatch", viewBox: "0 0 28 16", "aria-hidden": "true" }, shape);
};

function drawGroups(page, features) {
  const group = L.layerGroup().addTo(page.map);
  const renderer = (page.groupRenderer ??= svgRenderer(page.map, "status"));
  const breaks = breaksOf(features.map((one) => one.properties.rate).filter((rate) => rate !== null));
  for (const { geometry, properties } of features) {
    const shape = L.polygon(latLngs(geometry), { renderer, pane: "status", interactive: false, className: `effort-group effort-${classOf(properties.rate, breaks)}` }).addTo(group);
    const text = document.createElement("span");
    text.textContent = properties.rate === null ? "–" : figure(properties.rate);
    L.marker(shape.getBounds().getCenter(), { icon: L.divIcon({ className: "effort-label", iconSize: null, html: text }), pane: "labels", interactive: false, keyboard: false }).addTo(group);
  }
  const keys = breaks.map((end, n) => h("li", {}, swatch(`effort-group effort-${n + 1}`), n === 0 ? t("effort.up_to", { end: figure(end) }) : t("effort.between", { low: figure(breaks[n - 1]), high: figure(end) })));
  return { group, keys: [...keys, h("li", {}, swatch("effort-group effort-0"), t("effort.no_rate"))] };
}

function drawStreets(page, features) {
  const group = L.layerGroup().addTo(page.map);
  const renderer = (page.streetRenderer ??= svgRenderer(page.map, "results"));
  const walked = features.filter((one) => one.properties.times > 0).sort((a, b) => a.properties.times - b.properties.times);
  for (const kind of ["effort-casing", "effort-street"]) {
    for (const { geometry, properties } of walked) {
      L.polyline(latLngs(geometry), { renderer, pane: "results", interactive: false, className: `${kind} times-${timesClass(properties.times)}` }).addTo(group);
    }
  }
  return { group, keys: [1, 2, 3].map((n) => h("li", {}, swatch(`effort-street times-${n}`, true), t(`effort.times_${n}`))) };
}

export async function openEffortMap(element, boot) {
  const found = await get(`/api/patrol-effort/map?${element.dataset.query}`);
  const canvas = h("div", { id: "map", class: "map effort-canvas", role: "application", "aria-label": t("effort.map_help") });
  const choice = h("div", { class: "effort-choice", role: "group", "aria-label": t("effort.map_choice") });
  const legend = h("ul", { class: "effort-legend", data: { testid: "map-legend" } });
  fill(element, choice, canvas, legend);
  const page = await openPageMap(canvas, boot);
  const kinds = { groups: () => drawGroups(page, found.groups.features) };
  if (found.streets) kinds.streets = () => drawStreets(page, found.streets.features);
  let drawn = null;
  const show = (kind) => {
    drawn?.group.remove();
    drawn = kinds[kind]();
    fill(legend, drawn.keys);
    for (const button of choice.children) button.setAttribute("aria-pressed", String(button.value === kind));
  };
  fill(choice, Object.keys(kinds).reverse().map((kind) => h("button", { type: "button", class: "chip-button", value: kind, data: { testid: `show-${kind}` }, on: { click: () => show(kind) } }, t(`effort.show_${kind}`))));
  choice.hidden = choice.children.length < 2;
  show(found.streets ? "streets" : "groups");
  return page;
}
