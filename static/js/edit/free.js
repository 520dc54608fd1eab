/** A new group between its neighbours: what of the drawing is free is offered, what others have is shown. */
import { get } from "../core/api.js";
import { h, icon } from "../core/dom.js";
import { area } from "../core/format.js";
import { lang, t } from "../core/i18n.js";
import { L, latLngs, svgRenderer } from "../core/leaflet.js";
import { symbolCanvas } from "../panels/layer_symbol.js";

/* Less is rounding along a border that was followed. */
const ROUNDING_M2 = 5;

/** The free part of a drawn area: {geometry, properties}. */
export const freePart = (shape) => get("/api/groups/free", { shape });

function overlay(app, drawn, free) {
  const renderer = svgRenderer(app.map, "drawing");
  const style = { renderer, pane: "drawing", interactive: false };
  const group = L.layerGroup().addTo(app.map);
  L.polygon(latLngs(drawn), { ...style, className: "edit-taken" }).addTo(group);
  if (free) L.polygon(latLngs(free), { ...style, className: "edit-free" }).addTo(group);
  return () => {
    group.remove();
    renderer.remove();
  };
}

/**
 * Resolves to the shape to go on with, or null where the person draws again or gives up (`again()`, `menu()` are then
 * called). Where the drawing takes nothing from anybody it goes through unseen.
 */
export async function fitBetween({ app, panel, menu }, layer, drawn, again) {
  const found = await freePart(drawn).catch(() => null);
  // Without an answer the server's rule comes later, when it is sent.
  if (!found) return drawn;
  const { geometry: free, properties: p } = found;
  if (free && p.drawn_m2 - p.area_m2 < ROUNDING_M2) return drawn;
  const hide = overlay(app, drawn, free);
  return new Promise((resolve) => {
    let gone = false;
    const go = (value, then) => {
      if (gone) return;
      gone = true;
      hide();
      resolve(value);
      then?.();
    };
    const number = (value) => area(value, lang());
    const text = !free ? t("edit.no_room", { groups: p.groups.join(", ") }) : (p.groups.length ? t("edit.upon", { groups: p.groups.join(", "), area: number(p.taken_m2) }) : t("edit.beyond", { area: number(p.drawn_m2 - p.area_m2) }));
    const button = (name, quiet, click, symbol) => h("button", { type: "button", class: `button ${quiet ? "button-quiet" : ""}`, data: { testid: `free-${name}` }, on: { click } }, symbol && icon(symbol), t(`edit.free_${name}`));
    const heading = panel.show(t("edit.adding", { title: layer.title }), [
      h("p", { class: "problem", role: "alert", data: { testid: "upon" }, text }),
      free && h("p", { class: "hint", text: t("edit.free_hint", { area: number(p.area_m2) }) }),
      !free && h("p", { class: "hint", text: t("edit.free_split") }),
      h("div", { class: "form-actions edit-free-actions" }, free && button("take", false, () => go(free), "cut"), button("again", true, () => go(null, again), "undo"), button("leave", true, () => go(null, menu))),
    ], { symbol: symbolCanvas(layer, {}), back: menu, onLeave: () => go(null) });
    heading.focus({ preventScroll: true });
  });
}
