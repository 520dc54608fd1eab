/** Where I stand, with how sure the phone is; and what stands nearest, to be checked on site. */
import { get } from "../core/api.js";
import { labelOf } from "../core/catalogue.js";
import { fill, h, icon } from "../core/dom.js";
import { date, distance, number } from "../core/format.js";
import { distance_m } from "../core/geometry.js";
import { lang, t } from "../core/i18n.js";
import { L, svgRenderer } from "../core/leaflet.js";
import { photoButton } from "./photos.js";
import { symbolCanvas } from "../panels/layer_symbol.js";

const NEAREST = 12;
const FAR_M = 300;

/** {point, accuracy_m}, or an Error with a sentence. */
export const whereAmI = (app) => new Promise((resolve, reject) => {
  if (!navigator.geolocation) return reject(new Error(t("map.locate_none")));
  return navigator.geolocation.getCurrentPosition(({ coords }) => {
    if (!app.map.options.maxBounds.contains([coords.latitude, coords.longitude])) return reject(new Error(t("map.locate_outside")));
    return resolve({ point: [coords.longitude, coords.latitude], accuracy_m: Math.round(coords.accuracy) });
  }, () => reject(new Error(t("map.locate_refused"))), { enableHighAccuracy: true, timeout: 15_000, maximumAge: 5000 });
});

/** Draw the place and how sure it is; answers what takes it away. */
export function showMe(app, { point: [lon, lat], accuracy_m: radius }) {
  const renderer = svgRenderer(app.map, "results");
  const common = { renderer, pane: "results", interactive: false };
  const marks = [L.circle([lat, lon], { ...common, radius, className: "me-accuracy" }), L.circleMarker([lat, lon], { ...common, radius: 7, className: "me" })];
  marks.forEach((mark) => mark.addTo(app.map));
  return () => {
    marks.forEach((mark) => mark.remove());
    renderer.remove();
  };
}

/** The sentence of how sure it is: a rough place is said to be one. */
export const accuracyText = (metres) => t(metres > 20 ? "edit.accuracy_rough" : "edit.accuracy", { metres: number(metres, lang(), 0) });

/** Without a network: what of a layer is on this page and near. */
async function known(app, layer, point, error) {
  if (error.status !== 0) throw error;
  const rows = (await app.data.load(layer.name)).filter(({ geometry }) => geometry.type === "Point");
  const near = rows.map((feature) => ({ ...feature, properties: { ...feature.properties, distance_m: distance_m(point, feature.geometry.coordinates) } }));
  return { features: near.filter(({ properties }) => properties.distance_m <= FAR_M) };
}

/** What of the layers that are checked on site stands nearest, each with one button. */
export async function nearestList(tools, { point: [lon, lat] }, verify) {
  const { app } = tools;
  const layers = app.catalogue.drawn.filter((layer) => layer.editable && layer.checked_field);
  const params = { near: `${lon},${lat}`, distance_m: FAR_M, nearest: NEAREST };
  const ask = async (layer) => (await get(layer.features, params).catch((error) => known(app, layer, [lon, lat], error))).features;
  const answers = await Promise.all(layers.map(async (layer) => (await ask(layer)).map((feature) => ({ layer, feature }))));
  const found = answers.flat().sort((a, b) => a.feature.properties.distance_m - b.feature.properties.distance_m).slice(0, NEAREST);
  const list = h("ul", { class: "edit-nearest", data: { testid: "nearest" } });
  fill(list, found.map(({ layer, feature }) => {
    const { properties: p } = feature;
    const last = p[layer.checked_field];
    const check = async (photo = null) => {
      button.disabled = true;
      if (await verify(layer, feature, photo)) fill(button, icon("check"), t("edit.verified_short"));
      else button.disabled = false;
    };
    const button = h("button", { type: "button", class: "chip-button", data: { testid: "verify-here" }, on: { click: () => check() } }, t("edit.card_verify"));
    return h("li", {}, symbolCanvas(layer, p), h("div", {}, h("p", { text: labelOf(layer, feature) }), h("p", { class: "hint", text: `${distance(p.distance_m, lang())} · ${last ? t("edit.checked_on", { date: date(last) }) : t("edit.never_checked")}` })),
      h("div", { class: "edit-nearest-tools" }, button, photoButton(t("edit.verify_photo"), "verify-photo", check)));
  }));
  return found.length ? list : h("p", { class: "empty", text: t("edit.nothing_near") });
}
