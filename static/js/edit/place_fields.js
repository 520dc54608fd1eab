/** The place of a point as numbers, and "to the middle of the map": for those who do not drag. */
import { h } from "../core/dom.js";
import { t } from "../core/i18n.js";

export function openPlaceFields(app, [lon, lat], onMove) {
  const field = (name, value, low, high) => {
    const input = h("input", { id: `edit-${name}`, type: "number", step: "any", min: low, max: high, value, "data-testid": `place-${name}`, on: { change: moved } });
    return { input, row: h("div", { class: "form-row" }, h("label", { for: input.id, text: t(`edit.${name}`) }), input) };
  };
  const x = field("lon", lon, 102, 118);
  const y = field("lat", lat, 6, 24);
  function moved() {
    const point = [Number(x.input.value), Number(y.input.value)];
    if (x.input.value && y.input.value && x.input.validity.valid && y.input.validity.valid) onMove(point);
  }
  const centre = h("button", { type: "button", class: "chip-button", text: t("edit.to_centre"), data: { testid: "to-centre" }, on: { click: () => {
    const { lng, lat: north } = app.map.getCenter();
    onMove([lng, north]);
  } } });
  return {
    element: h("details", { class: "edit-place-fields" }, h("summary", { text: t("edit.place") }), h("div", { class: "edit-fields" }, y.row, x.row), centre),
    set([newLon, newLat]) {
      if (document.activeElement !== x.input) x.input.value = String(newLon);
      if (document.activeElement !== y.input) y.input.value = String(newLat);
    },
  };
}
