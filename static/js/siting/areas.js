/** What the planner draws into the settings: areas where nothing may stand, and places where a pole may. */
import { fill, h, icon } from "../core/dom.js";
import { area_m2, bounds } from "../core/geometry.js";
import { area as areaText, number } from "../core/format.js";
import { lang, t } from "../core/i18n.js";
import { L, latLngs, svgRenderer } from "../core/leaflet.js";
import { areaOnMap, placeOnMap } from "./place.js";

const sizeOf = ({ type, coordinates }) =>
  (type === "Polygon" ? [coordinates] : coordinates).reduce((sum, [ring]) => sum + area_m2(ring.slice(0, -1)), 0);

export function openAreas(desk, edits, element) {
  const { page } = desk;
  const renderer = svgRenderer(page.map, "overlays");
  const layer = L.layerGroup().addTo(page.map);

  const addArea = async () => {
    const shape = await areaOnMap(desk);
    if (shape) await edits.settings((settings) => ({ ...settings, exclusions: [...settings.exclusions, shape] }), t("siting.map.area_added"));
  };
  const addPoint = async () => {
    const point = await placeOnMap(desk);
    if (!point) return;
    await edits.settings((settings) => ({ ...settings, candidates: { ...settings.candidates, points: [...settings.candidates.points, point] } }), t("siting.map.point_added"));
  };
  const dropArea = (at) => edits.settings((settings) => ({ ...settings, exclusions: settings.exclusions.filter((_, i) => i !== at) }), t("siting.map.area_deleted"));
  const dropPoint = (at) => edits.settings((settings) => ({ ...settings, candidates: { ...settings.candidates, points: settings.candidates.points.filter((_, i) => i !== at) } }), t("siting.map.point_deleted"));

  const item = (text, testid, onShow, onDrop) => h("li", { class: "siting-line" },
    h("button", { type: "button", class: "text-button", "data-testid": `show-${testid}`, text, on: { click: onShow } }),
    desk.editable() && h("button", { type: "button", class: "icon-button", "aria-label": t("siting.map.delete_named", { name: text }), "data-testid": `drop-${testid}`, on: { click: onDrop } }, icon("close")));

  function draw() {
    const { exclusions, candidates } = desk.plan.settings;
    layer.clearLayers();
    for (const shape of exclusions) {
      L.polygon(latLngs(shape), { renderer, pane: "overlays", interactive: false, className: "siting-exclusion" }).addTo(layer);
    }
    for (const [lon, lat] of candidates.points) {
      L.circleMarker([lat, lon], { renderer, pane: "overlays", interactive: false, radius: 5, className: "siting-candidate" }).addTo(layer);
    }
    const button = (testid, name, text, click) => h("button", { type: "button", class: "chip-button", "data-testid": testid, on: { click } }, icon(name), text);
    fill(element,
      h("h2", { text: t("siting.map.tab_areas") }),
      h("p", { class: "hint", text: t("siting.map.areas_hint") }),
      h("h3", { text: t("siting.map.exclusions", { n: number(exclusions.length, lang()) }) }),
      h("ul", { class: "siting-lines", "data-testid": "exclusions" }, exclusions.map((shape, i) => item(
        t("siting.map.exclusion_n", { n: i + 1, area: areaText(sizeOf(shape), lang()) }), `area-${i + 1}`,
        () => page.zoomTo(bounds(shape)), () => dropArea(i)))),
      desk.editable() && button("draw-area", "polygon", t("siting.map.draw_area"), addArea),
      h("h3", { text: t("siting.map.points", { n: number(candidates.points.length, lang()) }) }),
      h("ul", { class: "siting-lines", "data-testid": "points" }, candidates.points.map((point, i) => item(
        t("siting.map.point_n", { n: i + 1 }), `point-${i + 1}`,
        () => page.map.setView([point[1], point[0]], 18, { animate: false }), () => dropPoint(i)))),
      desk.editable() && button("draw-point", "plus", t("siting.map.draw_point"), addPoint));
    const heading = element.querySelector("h2");
    heading.classList.add("sr-only");
  }
  desk.on("plan", draw);
  draw();
  return { addArea, addPoint };
}
