/** Groups by the rules of their history: a line cuts one in pieces, two become one. What they were stays told. */
import { get, send } from "../core/api.js";
import { labelOf } from "../core/catalogue.js";
import { today } from "../core/clock.js";
import { dressDays } from "../core/day_fields.js";
import { fill, h, icon, toast } from "../core/dom.js";
import { draw } from "../core/draw.js";
import { area as areaText, collator } from "../core/format.js";
import { bounds, labelPoint } from "../core/geometry.js";
import { lang, t } from "../core/i18n.js";
import { L, latLngs, svgRenderer } from "../core/leaflet.js";
import { symbolCanvas } from "../panels/layer_symbol.js";
import { chainsOf, samePlace } from "./rings.js";
import { ruleText } from "./rules.js";

const row = (id, text, control) => {
  Object.assign(control, { id });
  control.dataset.testid = id;
  return h("div", { class: "form-row" }, h("label", { for: id, text }), control);
};
const dayField = () => h("input", { type: "date", max: today(), value: today(), required: true });
const nameField = (value) => h("input", { type: "text", maxlength: 200, value, required: true });

/** Show a form of the unit's history; `read()` answers the body, `kept` is drawn meanwhile. */
function openLineageForm(tools, layer, feature, title, rows, read, overlay) {
  const { app, panel } = tools;
  const day = dayField();
  const paper = h("input", { type: "text", maxlength: 120 });
  const problems = h("div", { "aria-live": "assertive", data: { testid: "edit-problems" } });
  const back = () => {
    overlay.remove();
    tools.select(layer, feature.id);
  };
  async function submit(event) {
    event.preventDefault();
    if (!form.reportValidity()) return;
    form.setAttribute("aria-busy", "true");
    try {
      const { children } = await send("POST", "/api/group-lineages", { changed_on: day.value, document: paper.value.trim() || null, ...read() });
      overlay.remove();
      await app.data.renew("groups");
      layer.count = (await app.data.load("groups")).length;
      await tools.changes.redraw(layer);
      toast(t("edit.lineage_done"));
      tools.select(layer, children[0]);
    } catch (error) {
      const why = error.params?.faults?.map(({ rule }) => ruleText(rule)).join("; ");
      fill(problems, h("p", { class: "problem", text: why ? `${error.message} (${why})` : error.message }));
    } finally {
      form.removeAttribute("aria-busy");
    }
  }
  const form = h("form", { class: "edit-form", on: { submit } }, problems, rows, row("lineage-day", t("edit.lineage_day"), day), row("lineage-document", t("edit.lineage_document"), paper),
    h("p", { class: "hint", text: t("edit.lineage_hint") }),
    h("div", { class: "edit-foot" }, h("button", { type: "submit", class: "button", data: { testid: "save" } }, icon("check"), t("edit.save")), h("button", { type: "button", class: "button button-quiet", text: t("common.cancel"), data: { testid: "edit-cancel" }, on: { click: back } })));
  dressDays(form);
  panel.show(title, form, { symbol: symbolCanvas(layer, {}), onLeave: () => overlay.remove() });
}

function overlayOf(app) {
  const renderer = svgRenderer(app.map, "drawing");
  const group = L.layerGroup().addTo(app.map);
  return {
    area: (geometry, className) => L.polygon(latLngs(geometry), { renderer, pane: "drawing", interactive: false, className }).addTo(group),
    number(geometry, text) {
      const [lon, lat] = labelPoint(geometry);
      L.marker([lat, lon], { pane: "drawing", interactive: false, keyboard: false, icon: L.divIcon({ className: "edit-number", html: h("span", { text }), iconSize: [30, 30] }) }).addTo(group);
    },
    clear: () => group.clearLayers(),
    remove() {
      group.remove();
      renderer.remove();
    },
  };
}

/** Draw a line over a group; its pieces get names and households. */
export async function cutGroup(tools, layer, feature) {
  const { app, panel } = tools;
  const title = t("edit.cutting", { name: labelOf(layer, feature) });
  panel.show(title, h("p", { class: "hint", text: t("edit.cut_hint") }), { symbol: symbolCanvas(layer, {}) });
  app.zoomTo(bounds(feature.geometry), { gentle: true });
  if (app.sheet.cover()) app.sheet.setHeight("peek");
  const line = await draw(app, "line");
  if (!line) return panel.isOpen() && tools.select(layer, feature.id);
  let pieces;
  try {
    ({ features: pieces } = await get(`/api/groups/${feature.id}/pieces`, { line }));
  } catch (error) {
    const rule = error.params?.faults?.[0]?.rule;
    toast(rule ? ruleText(rule) : error.message, "warn");
    return cutGroup(tools, layer, feature);
  }
  if (app.sheet.cover()) app.sheet.setHeight("half");
  app.zoomTo(bounds(feature.geometry), { gentle: true });
  const overlay = overlayOf(app);
  const name = labelOf(layer, feature);
  const fields = pieces.map(({ geometry, properties: p }) => {
    overlay.area(geometry, `edit-piece is-${p.n % 2}`);
    overlay.number(geometry, String(p.n));
    const households = h("input", { type: "number", min: 0, max: 20_000, step: 1, value: p.household_count ?? "", inputmode: "numeric" });
    const own = nameField(`${name} ${String.fromCharCode(64 + p.n)}`);
    return { own, households, part: h("fieldset", { class: "edit-part" }, h("legend", { text: t("edit.piece", { n: p.n, area: areaText(p.area_m2, lang()) }) }), row(`piece-name-${p.n}`, t("edit.new_name"), own), row(`piece-households-${p.n}`, t("edit.households"), households)) };
  });
  const read = () => ({ kind: "split", parents: [feature.id], line, children: fields.map(({ own, households }) => ({ name: own.value.trim(), household_count: households.value === "" ? null : Number(households.value) })) });
  return openLineageForm(tools, layer, feature, title, fields.map(({ part }) => part), read, overlay);
}

/** Whether two groups share a corner. */
function touch(a, b) {
  const [w, s, e, n] = bounds(a);
  const near = chainsOf(b).chains.flat().filter(([x, y]) => x >= w - 1e-6 && x <= e + 1e-6 && y >= s - 1e-6 && y <= n + 1e-6);
  return near.length > 0 && chainsOf(a).chains.flat().some((p) => near.some((q) => samePlace(p, q)));
}

/** Choose a neighbour, by name or on the map's outline; both become one. */
export function joinGroups(tools, layer, feature) {
  const { app } = tools;
  const overlay = overlayOf(app);
  const others = app.groups.features.filter((f) => f.id !== feature.id).map((f) => ({ f, name: labelOf(layer, f), next: touch(feature.geometry, f.geometry) }))
    .sort((a, b) => Number(b.next) - Number(a.next) || collator.compare(a.name, b.name));
  const neighbours = others.filter(({ next }) => next);
  const choice = h("select", { required: true }, (neighbours.length ? neighbours : others).map(({ f, name }) => h("option", { value: f.id, text: name })));
  const own = nameField(labelOf(layer, feature));
  const show = () => {
    const other = app.groups.find(Number(choice.value));
    overlay.clear();
    for (const one of [feature, other]) overlay.area(one.geometry, "edit-piece is-1");
    app.zoomTo(bounds({ coordinates: [feature.geometry.coordinates, other.geometry.coordinates] }), { gentle: true });
  };
  choice.addEventListener("change", show);
  show();
  const read = () => ({ kind: "merge", parents: [feature.id, Number(choice.value)], children: [{ name: own.value.trim() }] });
  openLineageForm(tools, layer, feature, t("edit.joining", { name: labelOf(layer, feature) }), [row("join-with", t("edit.join_with"), choice), row("join-name", t("edit.new_name"), own)], read, overlay);
}
