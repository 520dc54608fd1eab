/** Editing on the map: what may be added, and the card's own tools. */
import { labelOf } from "../core/catalogue.js";
import { today } from "../core/clock.js";
import { $, fill, h, icon, toast } from "../core/dom.js";
import { cancelDrawing, draw } from "../core/draw.js";
import { bounds } from "../core/geometry.js";
import { t } from "../core/i18n.js";
import { during } from "../core/ready.js";
import { symbolCanvas } from "../panels/layer_symbol.js";
import { ownValues, openChanges } from "./changes.js";
import { openPanel } from "./panel.js";
import { openWork } from "./work.js";

/* A lamp or a camera is placed with the houses in sight. */
const PLACE_ZOOM = 18;
const KIND = { POINT: "point", LINESTRING: "line", MULTILINESTRING: "line", MULTIPOLYGON: "polygon" };

export function openEditor(app) {
  const changes = openChanges(app);
  let work = null;
  const panel = openPanel(app, changes, { onClose: () => drop() });

  function drop() {
    cancelDrawing();
    work?.end();
    work = null;
  }

  const tools = { app, changes, panel, select: (layer, id) => { panel.close(); app.emit("select", { layer: layer.name, id, from: "edit" }); }, menu: () => menu(), add, edit };

  function start(options) {
    drop();
    work = openWork(tools, options);
  }

  function menu() {
    drop();
    const kinds = app.catalogue.drawn.filter((layer) => layer.editable);
    const entry = (layer) => h("li", {}, h("button", { type: "button", class: "edit-kind", data: { testid: `add-${layer.name}` }, on: { click: () => add(layer) } }, symbolCanvas(layer, {}), h("span", { text: layer.title })));
    const parts = app.catalogue.sections.map((section) => [section, kinds.filter((layer) => layer.section === section.name)]).filter(([, found]) => found.length);
    panel.show(t("edit.add_what"), [h("p", { class: "hint", text: t("edit.menu_hint") }),
      ...parts.map(([section, found]) => h("section", { class: "layer-section" }, h("h3", { class: "section-title", text: section.title }), h("ul", { class: "edit-kinds" }, found.map(entry))))]);
  }

  /** Bring it near, into the part of the map that nothing covers. */
  function reveal(geometry) {
    if (geometry.type !== "Point") {
      app.zoomTo(bounds(geometry), { gentle: true });
      return;
    }
    const [lon, lat] = geometry.coordinates;
    const { map } = app;
    const cover = app.sheet.cover();
    if (map.getZoom() >= PLACE_ZOOM && !cover) return;
    const zoom = Math.max(map.getZoom(), PLACE_ZOOM);
    map.setView(map.unproject(map.project([lat, lon], zoom).add([0, cover / 2]), zoom), zoom, { animate: false });
  }

  /** Draw something new of a layer, then its form. */
  async function add(layer, { at = null, properties = {} } = {}) {
    drop();
    await app.setVisible(layer, true);
    let geometry = at;
    if (!geometry) {
      const kind = KIND[layer.geometry];
      panel.show(t("edit.adding", { title: layer.title }), [h("p", { class: "hint", text: t(`edit.place_${kind}`) }), h("div", { class: "form-actions" }, h("button", { type: "button", class: "button button-quiet", text: t("common.cancel"), data: { testid: "edit-cancel" }, on: { click: menu } }))], { symbol: symbolCanvas(layer, {}), back: menu });
      if (app.sheet.cover()) app.sheet.setHeight("peek");
      geometry = await draw(app, kind);
      if (!geometry) return panel.isOpen() && !work ? menu() : undefined;
      if (app.sheet.cover()) app.sheet.setHeight("half");
    }
    reveal(geometry);
    return start({ layer, geometry, properties, feature: null });
  }

  async function edit(layer, id, mode = "edit") {
    try {
      const feature = await during(changes.load(layer, id));
      reveal(feature.geometry);
      start({ layer, geometry: feature.geometry, properties: ownValues(layer, feature.properties), feature, mode });
    } catch (error) {
      toast(error.message, "warn");
    }
  }

  async function remove(layer, feature) {
    const what = t("edit.deleted", { name: labelOf(layer, feature) });
    try {
      await changes.load(layer, feature.id);
      await changes.remove(layer, feature, what);
      app.emit("deselect", {});
      menu();
      toast(t("edit.deleted_undo", { what }));
    } catch (error) {
      toast(error.status === 412 ? t("edit.undo_conflict") : error.message, "warn");
    }
  }

  /** Asked where it stands, without a window over everything. */
  function askRemove(slot, layer, feature) {
    const buttons = [...slot.children];
    const back = () => fill(slot, buttons);
    const yes = h("button", { type: "button", class: "chip-button is-bad", data: { testid: "delete-yes" }, on: { click: () => remove(layer, feature) } }, icon("trash"), t("edit.delete_yes"));
    fill(slot, h("p", { class: "edit-sure", role: "alert", text: t("edit.delete_sure", { name: labelOf(layer, feature) }) }), yes,
      h("button", { type: "button", class: "chip-button", text: t("common.cancel"), data: { testid: "delete-no" }, on: { click: back } }));
    yes.focus();
  }

  /** "Đã kiểm tại chỗ": the day of today, in one step that can be undone. */
  async function verify(layer, feature) {
    const name = layer.checked_field;
    try {
      const fresh = await changes.load(layer, feature.id);
      await changes.change(layer, feature.id, { properties: { [name]: today() } }, { properties: { [name]: fresh.properties[name] } }, t("edit.verified", { name: labelOf(layer, feature) }));
      toast(t("edit.verified_done"));
      app.emit("select", { layer: layer.name, id: feature.id, from: "edit" });
    } catch (error) {
      toast(error.message, "warn");
    }
  }

  /** The tools of a card. */
  function offer(slot, layer, feature) {
    const chip = (name, symbol, click) => h("button", { type: "button", class: "chip-button", data: { testid: `card-${name}` }, on: { click } }, icon(symbol), t(`edit.card_${name}`));
    fill(slot,
      chip("edit", "edit", () => edit(layer, feature.id)),
      chip(layer.geometry === "POINT" ? "move" : "reshape", layer.geometry === "POINT" ? "move" : "polygon", () => edit(layer, feature.id, "move")),
      layer.checked_field && chip("verify", "check", () => verify(layer, feature)),
      layer.style.kind === "sector" && chip("view", "plus", () => addView(layer, feature)),
      chip("delete", "trash", () => askRemove(slot, layer, feature)));
  }

  /** Another view on the pole of a camera; a pole without a code gets one, in the same step. */
  async function addView(layer, feature) {
    const pole = feature.properties.pole_code || `Cột ${labelOf(layer, feature)}`.slice(0, 60);
    const { ownership, height_m, state, pixel_width } = feature.properties;
    const { fov_deg, range_m, azimuth_deg } = feature.properties;
    const properties = { pole_code: pole, ownership, height_m, state, pixel_width, fov_deg, range_m, azimuth_deg: azimuth_deg === null ? null : (azimuth_deg + 90) % 360 };
    const given = Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== null && value !== undefined));
    drop();
    start({ layer, geometry: feature.geometry, properties: given, feature: null, pole: { code: pole, first: feature } });
  }

  app.on("edited", () => {
    if (!work && panel.isOpen()) menu();
  });
  app.on("selected", () => panel.close());
  app.on("as-of", () => panel.close());

  return {
    offer,
    toggle() {
      if (panel.isOpen()) panel.element.querySelector("[data-testid=edit-close]").click();
      else if (app.state.asOf) toast(t("edit.not_past"), "warn");
      else {
        app.emit("deselect", {});
        menu();
        $("#edit-title").focus({ preventScroll: true });
      }
    },
  };
}
