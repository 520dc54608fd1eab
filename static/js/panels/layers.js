/** The layer switcher: by section, with symbol, count and what the colours mean. */
import { colorOf, field, isHeard } from "../core/catalogue.js";
import { $, announce, fill, h } from "../core/dom.js";
import { number } from "../core/format.js";
import { lang, t } from "../core/i18n.js";
import { ring, symbolCanvas } from "./layer_symbol.js";
import { taskSwitch } from "./tasks.js";

const POINTS = ["point", "sector"];
const CLASS_MAKERS = ["admin", "data"];
/* Of classes that the commune added itself. */
const isOwn = (layer) => Object.keys(layer.style.letters || {}).length > 0;

export function open(app) {
  const { catalogue, state } = app;

  async function toggle(layer, input) {
    input.closest(".layer-row").classList.add("is-busy");
    try {
      await app.setVisible(layer, input.checked);
      announce(t(input.checked ? "map.layer_on" : "map.layer_off", { title: layer.title }));
    } finally {
      input.closest(".layer-row").classList.remove("is-busy");
    }
  }

  /** A class or state of a layer of points can be hidden, and shown again. */
  function keyRow(layer, choice) {
    const code = `${layer.name}.${choice.code}`;
    const inside = [symbolCanvas(layer, { [layer.style.by]: choice.code }), h("span", { text: choice.title })];
    if (!POINTS.includes(layer.style.kind) && !isOwn(layer)) return h("li", {}, inside);
    const button = h("button", { type: "button", class: "key-row", "aria-pressed": String(!state.off.has(code)), data: { testid: `key-${layer.name}-${choice.code}` }, on: { click: async () => {
      if (!state.off.delete(code)) state.off.add(code);
      button.setAttribute("aria-pressed", String(!state.off.has(code)));
      await app.drawLayer(layer);
      app.emit("off", { layer });
    } } }, inside);
    return h("li", {}, button);
  }

  function key(layer) {
    if (isHeard(layer)) return h("ul", { class: "layer-key", data: { testid: `key-${layer.name}` } }, h("li", {}, ring(colorOf(layer, {})), h("span", { text: field(layer, "range_m").title })));
    const { by, colors } = layer.style;
    const choices = by && (layer.style.kind !== "fill" || isOwn(layer)) ? field(layer, by)?.choices || [] : [];
    if (choices.length < (isOwn(layer) ? 1 : 2)) return null;
    return h("ul", { class: "layer-key" }, choices.filter((choice) => colors[choice.code]).map((choice) => keyRow(layer, choice)));
  }

  /** How many rows it has; how many of them are shown where some are hidden. */
  function countText(layer) {
    const all = number(layer.count, lang(), 0);
    if (!state.visible.has(layer.name) || ![...state.off].some((code) => code.startsWith(`${layer.name}.`))) return all;
    return `${number(app.data.known(layer.name).filter((f) => !app.isOff(layer, f)).length, lang(), 0)}/${all}`;
  }

  function row(layer) {
    const input = h("input", {
      type: "checkbox", id: `layer-${layer.name}`, class: "layer-check", "data-testid": `layer-${layer.name}`,
    });
    input.checked = state.visible.has(layer.name);
    input.addEventListener("change", () => toggle(layer, input));
    const count = h("span", { class: "layer-count", text: countText(layer) });
    const line = h("div", { class: `layer-row ${layer.count ? "" : "is-empty"}` },
      h("label", { class: "layer-label", for: input.id }, symbolCanvas(layer, {}), h("span", { class: "layer-title", text: layer.title })),
      count, h("span", { class: "switch" }, input, h("span", { class: "switch-track", "aria-hidden": "true" })));
    const details = key(layer);
    const item = h("li", { class: "layer-item" }, line, details);
    const show = () => {
      if (details) details.hidden = !state.visible.has(layer.name);
      input.checked = state.visible.has(layer.name);
      count.textContent = countText(layer);
    };
    show();
    app.on("off", show);
    app.on("layers", show);
    app.on("rows", show);
    return item;
  }

  const sections = catalogue.sections
    .map((section) => ({ ...section, layers: catalogue.drawn.filter((layer) => layer.section === section.name) }))
    .filter((section) => section.layers.length);
  fill($("#panel-layers"), taskSwitch(app), sections.map((section) => h("section", { class: "layer-section" },
    h("h2", { class: "section-title", text: section.title }),
    section.name === "own" && CLASS_MAKERS.includes(app.session.role) && h("a", { class: "text-button", href: "/du-lieu/loai-dia-diem", text: t("map.own_classes"), data: { testid: "own-classes" } }),
    h("ul", { class: "layer-list" }, section.layers.map(row)))));
}
