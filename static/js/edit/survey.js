/** On the street: add at my place, or check what stands nearest. */
import { today } from "../core/clock.js";
import { fill, h, icon, toast } from "../core/dom.js";
import { cancelDrawing } from "../core/draw.js";
import { t } from "../core/i18n.js";
import { symbolCanvas } from "../panels/layer_symbol.js";
import { accuracyText, nearestList, showMe, whereAmI } from "./here.js";

const ZOOM = 18;

/** Place a new thing where I stand; who stands there has checked it. */
async function addHere(tools, layer, properties, me) {
  const found = me || await whereAmI(tools.app);
  const [lon, lat] = found.point;
  const checked = layer.checked_field ? { [layer.checked_field]: today() } : {};
  cancelDrawing();
  await tools.add(layer, { at: { type: "Point", coordinates: [Number(lon.toFixed(7)), Number(lat.toFixed(7))] }, properties: { ...properties, ...checked } });
  tools.panel.say(accuracyText(found.accuracy_m));
}

/** The button beside "click the map". */
export function placeHere(tools, layer, properties) {
  const button = h("button", { type: "button", class: "button", data: { testid: "place-here" }, on: { async click() {
    button.disabled = true;
    try {
      await addHere(tools, layer, properties);
    } catch (error) {
      toast(error.message, "warn");
      button.disabled = false;
    }
  } } }, icon("locate"), t("edit.at_my_place"));
  return button;
}

/** The list of what is near me, and what to add here. */
export async function survey(tools) {
  const { app, panel } = tools;
  const body = h("div", { class: "edit-form" }, h("p", { class: "hint", role: "status", text: t("map.locating") }));
  panel.show(t("edit.survey"), body, { symbol: icon("locate"), back: tools.menu });
  try {
    const me = await whereAmI(app);
    const hide = showMe(app, me);
    app.map.setView([me.point[1], me.point[0]], Math.max(app.map.getZoom(), ZOOM), { animate: false });
    const list = await nearestList(tools, me, tools.verify);
    const kinds = app.catalogue.drawn.filter((layer) => layer.editable && layer.checked_field);
    panel.show(t("edit.survey"), h("div", { class: "edit-form" },
      h("p", { class: "edit-accuracy", data: { testid: "accuracy", rough: String(me.accuracy_m > 20) }, text: accuracyText(me.accuracy_m) }),
      h("h3", { class: "section-title", text: t("edit.nearest") }), list,
      h("h3", { class: "section-title", text: t("edit.add_here") }),
      h("div", { class: "edit-kinds" }, kinds.map((layer) => h("button", { type: "button", class: "edit-kind", data: { testid: `here-${layer.name}` }, on: { click: () => addHere(tools, layer, {}, me) } }, symbolCanvas(layer, {}), h("span", { text: layer.title })))),
    ), { symbol: icon("locate"), back: tools.menu, onLeave: hide });
  } catch (error) {
    fill(body, h("p", { class: "problem", role: "alert", text: error.message }));
  }
}
