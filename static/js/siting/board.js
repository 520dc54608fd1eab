/** The parts of the plan's workbench: tools above the map, legend below it, panel beside it. Only elements here. */
import { h, icon } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { colorOf, STATES } from "./targets_draw.js";

const key = (css, text) => h("li", {}, h("span", { class: `siting-key ${css}`, "aria-hidden": "true" }), text);

/** What the looks of the labels mean: year, kept, refused. */
export function yearKeys(years) {
  const dot = (css, name, text) => h("li", {}, h("span", { class: `siting-dot is-camera ${css}`, "aria-hidden": "true" }, icon(name)), text);
  const names = years.slice(0, 3).map((year, i) => t(i === 2 && years.length > 3 ? "siting.map.from_year" : "siting.map.in_year", { year }));
  return [
    ...names.map((name, i) => dot(`is-year-${i}`, "camera", name)),
    dot("is-year-0 is-locked", "camera", t("siting.map.locked_key")), dot("is-forbidden", "cross", t("siting.map.forbidden_key")),
  ];
}

function legend(theme, keys) {
  const lines = STATES.map((state) => {
    const item = key(`is-${state.code}`, t(`siting.map.target_${state.code}`));
    item.firstChild.style.color = colorOf(state, theme);
    return item;
  });
  return h("details", { class: "siting-legend", "data-testid": "legend", open: matchMedia("(min-width: 1001px)").matches },
    h("summary", { text: t("siting.map.legend") }),
    h("ul", {}, lines, key("is-standing", t("siting.map.standing")), key("is-view", t("siting.map.view_new")), key("is-lit", t("siting.map.lit_new")), key("is-area", t("siting.map.exclusion"))), keys);
}

const tool = (testid, name, text, props = {}) =>
  h("button", { type: "button", class: "chip-button", "data-testid": testid, ...props }, icon(name), h("span", { text }));

function timeChoice() {
  return h("fieldset", { class: "siting-choice" }, h("legend", { class: "sr-only", text: t("siting.map.time") }),
    ["day", "night"].map((time) => h("label", {},
      h("input", { type: "radio", name: "siting-time", value: time, checked: time === "day", "data-testid": `time-${time}` }), h("span", { text: t(`siting.map.time_${time}`) }))));
}

/** Fill `root`; answers its parts by name. */
export function makeBoard(root, theme) {
  const panel = (name) => h("section", { "data-tab": name });
  const parts = {
    map: h("div", { class: "map siting-map", role: "region", "aria-label": t("siting.map.map"), "data-testid": "plan-canvas" }),
    tools: h("div", { class: "siting-tools", role: "group", "aria-label": t("siting.map.tools") }),
    addCamera: tool("add-camera", "camera", t("siting.map.add_camera")),
    addLamp: tool("add-lamp", "light", t("siting.map.add_lamp")),
    undo: tool("undo", "undo", t("siting.map.undo"), { disabled: true }),
    fit: tool("fit", "expand", t("siting.map.fit")),
    yearKeys: h("ul"),
    years: h("select", { "data-testid": "year-shown", "aria-label": t("siting.map.year_shown") }),
    time: timeChoice(),
    float: h("p", { class: "siting-float", "data-testid": "float", hidden: true }),
    progress: h("section", { class: "siting-progress", hidden: true, "data-testid": "progress" }),
    card: h("section", { class: "siting-card", hidden: true, "data-testid": "device-card" }),
    tabs: h("div", { class: "siting-tabs" }),
    results: panel("results"), devices: panel("devices"), areas: panel("areas"),
  };
  parts.tools.append(parts.time, parts.years, parts.addCamera, parts.addLamp, parts.undo, parts.fit);
  parts.tabs.append(parts.results, parts.devices, parts.areas);
  const live = h("div", { class: "sr-only", id: "live", "aria-live": "polite" });
  const frame = h("div", { class: "siting-frame" }, parts.map, parts.float);
  root.classList.add("siting-board");
  root.replaceChildren(
    h("div", { class: "siting-map-part" }, parts.tools, frame, legend(theme, parts.yearKeys)),
    h("div", { class: "siting-side" }, parts.progress, parts.card, parts.tabs), live);
  return parts;
}
