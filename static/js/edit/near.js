/** "Đã có camera cách 6 m": what of the same layer stands near a place, asked of the server while the place moves. */
import { get } from "../core/api.js";
import { labelOf } from "../core/catalogue.js";
import { announce, debounce, fill, h, icon } from "../core/dom.js";
import { number } from "../core/format.js";
import { lang, t } from "../core/i18n.js";

/* SESSIONS.md, T-D6: a hint at 10 m, none at 11 m. */
const NEAR_M = 10;
const WAIT_MS = 250;

/** `ignore`: ids that are the thing itself. `onOpen(feature)`: the person says that it is the same one. */
export function openNear(layer, { ignore = [], onOpen }) {
  const element = h("div", { class: "edit-near", role: "status", hidden: true, data: { testid: "near" } });
  let asked = null;
  let said = "";

  const ask = debounce(async ([lon, lat]) => {
    asked?.abort();
    asked = new AbortController();
    const params = { near: `${lon},${lat}`, distance_m: NEAR_M, limit: 20 };
    const answer = await get(layer.features, params, asked).catch(() => null);
    if (!answer || !element.isConnected) return;
    const found = answer.features.find((f) => !ignore.includes(f.id));
    element.hidden = !found;
    if (!found) {
      said = "";
      return;
    }
    const metres = Math.max(1, Math.round(found.properties.distance_m));
    const text = t("edit.near", { title: layer.title.charAt(0).toLowerCase() + layer.title.slice(1), metres: number(metres, lang(), 0) });
    fill(element, icon("bang"), h("p", { text: `${text}: ${labelOf(layer, found)}` }), onOpen && h("button", { type: "button", class: "text-button", text: t("edit.near_open"), data: { testid: "near-open" }, on: { click: () => onOpen(found) } }));
    if (said !== text) announce(text);
    said = text;
  }, WAIT_MS);

  return { element, ask };
}
