/** The chosen device in numbers and words: every change that a hand makes on the map can be made here too. */
import { fill, h, icon } from "../core/dom.js";
import { finePercent, number } from "../core/format.js";
import { lang, t } from "../core/i18n.js";
import { placeOnMap } from "./place.js";

const money = (vnd) => t("siting.map.million", { n: number(vnd / 1_000_000, lang(), 1) });

function row(label, control) {
  control.id = `siting-${control.dataset.testid}`;
  return h("div", { class: `siting-field is-${control.dataset.testid}` }, h("label", { for: control.id, text: label }), control);
}

const numberField = (testid, value, props, change) =>
  h("input", { type: "number", value, step: "any", inputmode: "decimal", "data-testid": testid, ...props, on: { change } });

function choice(testid, value, options, change) {
  const select = h("select", { "data-testid": testid, on: { change } });
  for (const [code, text] of options) select.append(h("option", { value: code, text, selected: String(code) === String(value) }));
  return select;
}

export function openCard(desk, edits, element) {
  const fields = (device, save) => {
    const { years, funds } = desk.plan.settings.budget;
    const place = (name) => (event) => {
      if (event.target.checkValidity() && event.target.value !== "") save({ lon: device.lon, lat: device.lat, [name]: Number(event.target.value) }, t("siting.map.moved"));
    };
    const able = desk.editable() ? {} : { disabled: true };
    const off = (control) => { if (able.disabled) control.disabled = true; return control; };
    return h("div", { class: "siting-fields" },
      device.kind === "camera" && row(t("siting.map.azimuth"), numberField("azimuth", Math.round(device.azimuth_deg * 10) / 10, { min: 0, max: 360, required: true, ...able }, (event) => {
        if (event.target.checkValidity()) save({ azimuth_deg: Number(event.target.value) % 360 }, t("siting.map.turned"));
      })),
      row(t("siting.map.model"), off(choice("model", device.model, desk.models(device.kind).map((one) => [one.name, one.name]), (event) => save({ model: event.target.value }, t("siting.map.changed"))))),
      row(t("siting.map.year"), off(choice("year", device.year ?? "", [["", t("siting.map.no_year")], ...years.map((one) => [one, one])], (event) => save({ year: event.target.value ? Number(event.target.value) : null }, t("siting.map.changed"))))),
      row(t("siting.map.fund"), off(choice("fund", device.fund ?? "", [["", t("siting.map.no_fund")], ...funds.map((one) => [one.name, one.name])], (event) => save({ fund: event.target.value || null }, t("siting.map.changed"))))),
      row(t("siting.map.lat"), numberField("lat", device.lat.toFixed(6), { min: 6, max: 24, required: true, ...able }, place("lat"))),
      row(t("siting.map.lon"), numberField("lon", device.lon.toFixed(6), { min: 102, max: 118, required: true, ...able }, place("lon"))));
  };

  const button = (testid, name, text, click, props = {}) =>
    h("button", { type: "button", class: "chip-button", "data-testid": testid, ...props, on: { click } }, icon(name), text);

  function actions(device, save) {
    const move = async () => {
      const point = await placeOnMap(desk, t("siting.map.place_hint"));
      if (point) save({ lon: point[0], lat: point[1] }, t("siting.map.moved"));
    };
    return h("div", { class: "siting-actions", role: "group", "aria-label": t("siting.map.actions") },
      !device.is_forbidden && button("move-here", "nearest", t("siting.map.move"), move),
      button("lock", device.is_locked ? "check" : "plus", t("siting.map.lock"), () => save({ is_locked: !device.is_locked }, t("siting.map.changed")), { "aria-pressed": String(device.is_locked) }),
      button("forbid", "gap", t("siting.map.forbid"), () => save({ is_forbidden: !device.is_forbidden }, t("siting.map.changed")), { "aria-pressed": String(device.is_forbidden) }),
      button("device-delete", "close", t("siting.map.delete"), () => edits.remove(device)));
  }

  function draw() {
    const device = desk.chosen && desk.device(desk.chosen);
    const focused = document.activeElement?.closest(".siting-card") && document.activeElement.dataset.testid;
    element.hidden = !device;
    if (!device) return;
    const full = desk.plan.figures?.after.full_weight;
    const save = (values, label) => edits.change(device, values, label);
    const adds = full && device.adds_weight !== null && device.adds_weight !== undefined
      ? t("siting.map.adds", { share: finePercent(device.adds_weight / full, lang()) }) : "";
    fill(element,
      h("div", { class: "siting-card-head" },
        h("h2", { text: desk.label(device) }),
        h("button", { type: "button", class: "icon-button", "aria-label": t("common.close"), "data-testid": "card-close", on: { click: () => desk.choose(null) } }, icon("close"))),
      h("p", { class: "muted", text: [money(device.cost_vnd), adds].filter(Boolean).join(" · ") }),
      device.kind === "camera" && desk.views.get(device.id)?.properties.is_inside && h("p", { class: "problem", text: t("siting.map.inside") }),
      fields(device, save),
      desk.editable() && actions(device, save),
      desk.editable() && h("p", { class: "hint", text: t(device.kind === "camera" ? "siting.map.keys_camera" : "siting.map.keys_lamp") }));
    if (focused) element.querySelector(`[data-testid="${focused}"]`)?.focus();
  }

  desk.on("chosen", draw);
  desk.on("plan", draw);
  desk.on("moving", (now) => {
    if (now.id !== desk.chosen) return;
    for (const [testid, value] of [["azimuth", now.azimuth_deg], ["lat", now.lat], ["lon", now.lon]]) {
      const field = element.querySelector(`[data-testid="${testid}"]`);
      if (field) field.value = testid === "azimuth" ? value : value.toFixed(6);
    }
  });
  draw();
}
