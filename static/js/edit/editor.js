/** Editing on the map: what may be added, and the card's own tools. */
import { $, h, icon, toast } from "../core/dom.js";
import { cancelDrawing, draw } from "../core/draw.js";
import { bounds } from "../core/geometry.js";
import { t } from "../core/i18n.js";
import { L, latLngBounds } from "../core/leaflet.js";
import { during } from "../core/ready.js";
import { symbolCanvas } from "../panels/layer_symbol.js";
import { openBatch } from "./batch.js";
import { openCardTools } from "./card_tools.js";
import { ownValues, openChanges } from "./changes.js";
import { fitBetween } from "./free.js";
import { openMany } from "./many.js";
import { openPanel } from "./panel.js";
import { openDrafts } from "./drafts.js";
import { openSnapper } from "./shape_parts.js";
import { placeHere, survey } from "./survey.js";
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

  const tools = { app, many: openMany(app, changes), changes, panel, select: (layer, id) => { panel.close(); app.emit("select", { layer: layer.name, id, from: "edit" }); }, menu: () => menu(), add, edit, start };

  function start(options) {
    drop();
    work = openWork(tools, options);
  }

  function menu() {
    drop();
    const kinds = app.catalogue.drawn.filter((layer) => layer.editable);
    const entry = (layer) => h("li", {}, h("button", { type: "button", class: "edit-kind", data: { testid: `add-${layer.name}` }, on: { click: () => add(layer) } }, symbolCanvas(layer, {}), h("span", { text: layer.title })));
    const parts = app.catalogue.sections.map((section) => [section, kinds.filter((layer) => layer.section === section.name)]).filter(([, found]) => found.length);
    const big = (name, symbol, click) => h("button", { type: "button", class: "edit-kind", data: { testid: `edit-${name}` }, on: { click } }, icon(symbol), h("span", { text: t(`edit.${name}`) }));
    panel.show(t("edit.add_what"), [h("p", { class: "hint", text: t("edit.menu_hint") }),
      h("div", { class: "edit-kinds" }, kinds.some((layer) => layer.checked_field) && big("survey", "locate", () => survey(tools)), big("batch", "table", () => openBatch(tools).choose())),
      ...parts.map(([section, found]) => h("section", { class: "layer-section" }, h("h3", { class: "section-title", text: section.title }), h("ul", { class: "edit-kinds" }, found.map(entry))))]);
  }

  /** Bring it near, into the part of the map that nothing covers. */
  function reveal(geometry) {
    if (geometry.type !== "Point") {
      // Who came near to change one corner stays near.
      if (!app.map.getBounds().intersects(latLngBounds(bounds(geometry)))) app.zoomTo(bounds(geometry));
      return;
    }
    const [lon, lat] = geometry.coordinates;
    const { map } = app;
    const cover = app.sheet.cover();
    if (map.getZoom() >= PLACE_ZOOM && !cover) return;
    const zoom = Math.max(map.getZoom(), PLACE_ZOOM);
    map.setView(map.unproject(map.project([lat, lon], zoom).add([0, cover / 2]), zoom), zoom, { animate: false });
  }

  /** Corners of lines and areas snap to borders and streets while they are drawn. */
  async function drawn(kind) {
    if (kind === "point") return draw(app, kind);
    const group = L.layerGroup().addTo(app.map);
    const snapper = openSnapper(app, group, { pane: "drawing", interactive: false });
    const aim = () => snapper.aim(null);
    app.map.on("moveend", aim);
    aim();
    const snap = (latlng) => {
      const [lon, lat] = snapper.at(latlng);
      return L.latLng(lat, lon);
    };
    const geometry = await draw(app, kind, { snap });
    app.map.off("moveend", aim);
    group.remove();
    return geometry;
  }

  /** Draw something new of a layer, then its form. */
  async function add(layer, { at = null, properties = {} } = {}) {
    drop();
    // Its rows come while the hand is already drawing.
    app.setVisible(layer, true).catch((error) => toast(error.message, "warn"));
    let geometry = at;
    if (!geometry) {
      const kind = KIND[layer.geometry];
      panel.show(t("edit.adding", { title: layer.title }), [h("p", { class: "hint", text: t(`edit.place_${kind}`) }), h("div", { class: "form-actions" }, kind === "point" && placeHere(tools, layer, properties), h("button", { type: "button", class: "button button-quiet", text: t("common.cancel"), data: { testid: "edit-cancel" }, on: { click: menu } }))], { symbol: symbolCanvas(layer, {}), back: menu });
      if (app.sheet.cover()) app.sheet.setHeight("peek");
      geometry = await drawn(kind);
      if (!geometry) return panel.isOpen() && !work ? menu() : undefined;
      if (app.sheet.cover()) app.sheet.setHeight("half");
      if (layer.name === "groups") geometry = await fitBetween(tools, layer, geometry, () => add(layer, { properties }));
      if (!geometry) return undefined;
    }
    reveal(geometry);
    return start({ layer, geometry, properties, feature: null });
  }

  /** The row as the server has it; without a network as this page knows it. Borders need the server. */
  const load = (layer, id) => changes.load(layer, id).catch((error) => {
    if (error.status !== 0 || !tools.drafts || layer.name === "groups") throw error;
    return app.data.one(layer.name, id);
  });

  async function edit(layer, id, mode = "edit") {
    try {
      const feature = await during(load(layer, id));
      reveal(feature.geometry);
      start({ layer, geometry: feature.geometry, properties: ownValues(layer, feature.properties), feature, mode });
    } catch (error) {
      toast(error.message, "warn");
    }
  }

  openDrafts(app, changes, panel).then((drafts) => { tools.drafts = drafts; }).catch(() => undefined);
  app.on("edited", () => {
    if (!work && panel.isOpen()) menu();
  });
  app.on("selected", () => panel.close());
  app.on("as-of", () => panel.close());

  const { offer, verify } = openCardTools(tools);
  tools.verify = verify;
  return {
    offer,
    /** Rows of the table, to be changed together. */
    async many(layer, ids) {
      const rows = await tools.many.named(layer, ids);
      await openBatch(tools).pick(layer, rows);
    },
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
