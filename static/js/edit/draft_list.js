/** What waits on this phone, one by one: where it is, why it was refused, to be sent again or dropped. */
import { h, icon } from "../core/dom.js";
import { bounds } from "../core/geometry.js";
import { t } from "../core/i18n.js";
import { L, svgRenderer } from "../core/leaflet.js";
import { symbolCanvas } from "../panels/layer_symbol.js";
import { momentOf } from "../core/walk_state.js";

const MOST_LISTED = 50;

/** `acts`: {items(), drop(item), again(item)}. */
export function openDraftList(app, panel, acts) {
  const renderer = svgRenderer(app.map, "results");
  const group = L.layerGroup().addTo(app.map);
  let shown = false;

  const press = (name, testid, click) => h("button", { type: "button", class: "chip-button", text: t(`edit.${name}`), data: { testid }, on: { async click(event) {
    event.currentTarget.disabled = true;
    await click();
    await open();
  } } });

  function entry(item) {
    const layer = app.catalogue.get(item.layer);
    const { geometry } = item.body;
    return h("li", { data: { testid: "draft" } }, symbolCanvas(layer, item.body.properties || {}), h("div", {},
      h("p", { text: item.label || t("edit.draft_new", { title: layer.title }) }),
      h("p", { class: "hint", text: t(item.photo ? "edit.draft_at_photo" : "edit.draft_at", { at: momentOf(item.order) }) }),
      item.refused && h("p", { class: "field-fault", text: item.refused, data: { testid: "draft-why" } })),
    h("div", { class: "edit-nearest-tools" },
      geometry && h("button", { type: "button", class: "chip-button", text: t("map.zoom_to"), on: { click: () => app.zoomTo(bounds(geometry)) } }),
      item.refused && press(item.theirs ? "keep_mine" : "draft_again", "draft-again", () => acts.again(item)),
      press(item.theirs ? "take_theirs" : "draft_drop", "draft-drop", () => acts.drop(item))));
  }

  async function open() {
    const items = await acts.items();
    if (!items.length) {
      panel.close();
      return;
    }
    panel.show(t("edit.draft_list"), h("ul", { class: "edit-nearest", data: { testid: "drafts" } }, items.slice(0, MOST_LISTED).map(entry)),
      { symbol: icon("up"), onLeave: () => { shown = false; } });
    shown = true;
  }

  return {
    open,
    /** Where new things are that nobody else sees yet. */
    draw(items) {
      group.clearLayers();
      for (const { kind, body } of items) {
        if (kind !== "create" || body.geometry.type !== "Point") continue;
        const [lon, lat] = body.geometry.coordinates;
        L.circleMarker([lat, lon], { renderer, pane: "results", interactive: false, radius: 9, className: "draft-mark" }).addTo(group);
      }
      if (shown && !items.length) panel.close();
    },
  };
}
