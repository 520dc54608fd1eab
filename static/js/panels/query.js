/** "Hỏi bản đồ": six questions, each a short form; the answer is drawn, listed and can be downloaded. */
import { ApiError, get } from "../core/api.js";
import { combobox } from "../core/combobox.js";
import { $, fill, h, icon } from "../core/dom.js";
import { cancelDrawing, draw } from "../core/draw.js";
import { distance } from "../core/format.js";
import { lang, t } from "../core/i18n.js";
import { choicesFor, DEFAULTS, KINDS, LIMITS } from "./query_kinds.js";
import { showCounts, showFeatures } from "./query_results.js";

export function open(app) {
  const root = $("#panel-query");
  const { catalogue } = app;

  function menu() {
    reset();
    fill(root, h("h2", { class: "section-title", text: t("query.title") }), h("p", { class: "hint", text: t("query.intro") }),
      h("ul", { class: "query-menu" }, KINDS.map((kind) => h("li", {}, h("button", {
        type: "button", class: "query-choice", data: { testid: `query-${kind.name}` }, on: { click: () => form(kind) },
      }, icon(kind.icon), h("span", {}, h("strong", { text: t(`query.${kind.name}`) }), h("span", { text: t(`query.${kind.name}_hint`) })), icon("next", "icon-small"))))));
  }

  function reset() {
    cancelDrawing();
    app.results.clear();
    app.groups?.setCounts(null);
  }

  const label = (name, control) => h("div", { class: "form-row" }, h("label", { for: control.id, text: t(`query.field_${name}`) }), control);

  function select(kind, name, values) {
    const control = h("select", { id: `query-${name}`, "data-testid": `field-${name}` },
      choicesFor(catalogue, kind, name).map((layer) => h("option", { value: layer.name, text: layer.title })));
    const read = () => { values[name] = control.value; };
    control.addEventListener("change", read);
    read();
    return label(name, control);
  }

  function amount(name, values) {
    const [min, max] = LIMITS[name];
    const control = h("input", { id: `query-${name}`, type: "number", min, max, step: 1, value: DEFAULTS[name], inputmode: "numeric", "data-testid": `field-${name}` });
    values[name] = DEFAULTS[name];
    control.addEventListener("input", () => { values[name] = Number(control.value); });
    return label(name, control);
  }

  function street(values) {
    const box = combobox({
      id: "street", label: t("query.field_street"), placeholder: t("query.street_placeholder"),
      find: async (q) => (await get("/api/streets", { q })).streets.map((s) => ({ label: s.name, detail: distance(s.length_m, lang()) })),
      choose: (option) => { values.street = option.label; },
    });
    box.input.dataset.testid = "field-street";
    return h("div", { class: "form-row" }, h("label", { for: "street", text: t("query.field_street") }), box.root);
  }

  function control(kind, name, values) {
    if (name === "street") return street(values);
    return name in LIMITS ? amount(name, values) : select(kind, name, values);
  }

  function form(kind) {
    reset();
    const values = {};
    const answer = h("div", { class: "answer", "aria-live": "polite" });
    const run = async (drawing) => {
      if (!check(values, kind, answer)) return;
      if (drawing) {
        app.results.clear();
        if (app.sheet) app.sheet.setHeight("peek");
        values.geometry = await draw(app, drawing);
        if (!values.geometry) return;
        app.sheet.setHeight("half");
      }
      await reply(kind, values, answer);
    };
    const actions = (kind.draw || [null]).map((drawing, i) => h("button", {
      type: "button", class: i ? "button button-quiet" : "button", data: { testid: `run-${drawing || "query"}` }, on: { click: () => run(drawing) },
    }, drawing ? t(`query.draw_${drawing}`) : t("query.run")));
    fill(root, h("button", { type: "button", class: "text-button back", on: { click: menu } }, icon("back"), t("query.title")),
      h("h2", { class: "query-title", tabindex: "-1", text: t(`query.${kind.name}`) }), h("p", { class: "hint", text: t(`query.${kind.name}_hint`) }),
      h("form", { class: "form", on: { submit: (event) => event.preventDefault() } }, kind.fields.map((name) => control(kind, name, values)), h("div", { class: "form-actions" }, actions)),
      answer);
    root.querySelector("h2").focus({ preventScroll: true });
  }

  async function reply(kind, values, answer) {
    const { path, params, layer = values.layer } = kind.request(catalogue, values);
    answer.setAttribute("aria-busy", "true");
    fill(answer, h("p", { class: "hint", text: t("common.loading") }));
    try {
      const body = await get(path, params);
      const show = kind.counts ? showCounts : showFeatures;
      fill(answer, show(app, { body, path, params, layer: catalogue.get(layer), asked: values.geometry, distance_m: kind.fields.includes("distance") ? values.distance : 0 }));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      fill(answer, h("p", { class: "problem", role: "alert", text: error.message }));
    } finally {
      answer.removeAttribute("aria-busy");
    }
  }

  menu();
}

function check(values, kind, answer) {
  const wrong = Object.entries(LIMITS).find(([name, [low, high]]) => kind.fields.includes(name) && !(values[name] >= low && values[name] <= high));
  if (wrong) {
    fill(answer, h("p", { class: "problem", role: "alert", text: t("query.bad_number", { low: wrong[1][0], high: wrong[1][1] }) }));
    return false;
  }
  if (kind.fields.includes("street") && !values.street) {
    fill(answer, h("p", { class: "problem", role: "alert", text: t("query.no_street") }));
    return false;
  }
  return true;
}
