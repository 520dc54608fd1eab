/** One field of many rows: chosen by a drawn area or from the table, one transaction, one undo. */
import { labelOf, valueText } from "../core/catalogue.js";
import { fill, h, icon, toast } from "../core/dom.js";
import { draw } from "../core/draw.js";
import { collator, number } from "../core/format.js";
import { lang, t } from "../core/i18n.js";
import { symbolCanvas } from "../panels/layer_symbol.js";
import { formFields, openForm } from "./form.js";

/* What belongs to one row alone. */
const OWN = new Set(["external_id", "name", "place", "azimuth_deg"]);
const MOST_LISTED = 200;
const few = (n) => number(n, lang(), 0);

export function openBatch(tools) {
  const { app, panel, many } = tools;
  const layers = app.catalogue.drawn.filter((layer) => layer.editable);
  const titled = (layer) => ({ symbol: symbolCanvas(layer, {}), back: tools.menu, onLeave: () => app.results.clear() });

  /** Which layer, and the area. */
  function choose() {
    const select = h("select", { id: "batch-layer", "data-testid": "batch-layer" }, layers.filter((layer) => layer.count).map((layer) => h("option", { value: layer.name, text: layer.title })));
    const go = async () => {
      const layer = app.catalogue.get(select.value);
      await app.setVisible(layer, true);
      if (app.sheet.cover()) app.sheet.setHeight("peek");
      const area = await draw(app, "polygon");
      if (app.sheet.cover()) app.sheet.setHeight("half");
      if (!area) return;
      try {
        const rows = await many.within(layer, area);
        await pick(layer, rows, area);
      } catch (error) {
        toast(error.message, "warn");
      }
    };
    panel.show(t("edit.batch"), [h("p", { class: "hint", text: t("edit.batch_hint") }), h("div", { class: "form edit-form" },
      h("div", { class: "form-row" }, h("label", { for: select.id, text: t("edit.batch_layer") }), select),
      h("button", { type: "button", class: "button", data: { testid: "batch-draw" }, on: { click: go } }, icon("polygon"), t("edit.batch_draw")))], { symbol: icon("table"), back: tools.menu });
  }

  /** Rows that were chosen; each may be left out. */
  async function pick(layer, rows, area = null) {
    const features = new Map((await app.data.load(layer.name)).map((f) => [f.id, f]));
    const known = rows.filter(({ id }) => features.has(id));
    const out = new Set();
    const chosen = () => known.filter(({ id }) => !out.has(id));
    const fields = formFields(layer).filter((f) => !OWN.has(f.name));
    const what = h("select", { id: "batch-field", "data-testid": "batch-field" }, fields.map((f) => h("option", { value: f.name, text: f.title })));
    const slot = h("div");
    const preview = h("p", { class: "edit-preview", role: "status", data: { testid: "batch-preview" } });
    const apply = h("button", { type: "submit", class: "button", data: { testid: "batch-apply" } });
    const problems = h("div", { "aria-live": "assertive", data: { testid: "edit-problems" } });
    let form = null;

    function count() {
      const f = layer.fields.find((one) => one.name === what.value);
      const now = new Map();
      for (const { id } of chosen()) {
        const text = valueText(f, features.get(id).properties[f.name], lang(), t) || t("edit.empty");
        now.set(text, (now.get(text) || 0) + 1);
      }
      preview.textContent = t("edit.batch_now", { values: [...now].sort(([, a], [, b]) => b - a).slice(0, 6).map(([text, n]) => `${text} (${few(n)})`).join(", ") });
      fill(apply, icon("check"), t("edit.batch_apply", { n: few(chosen().length) }));
      apply.disabled = !chosen().length;
      app.results.show(chosen().slice(0, MOST_LISTED).map(({ id }) => features.get(id)), area);
    }
    function field() {
      form = openForm(layer, {}, { only: [what.value] });
      fill(slot, form.element);
      count();
    }
    what.addEventListener("change", field);

    async function submit(event) {
      event.preventDefault();
      const properties = form.read();
      if (!properties) return;
      const rowsNow = chosen();
      element.setAttribute("aria-busy", "true");
      try {
        await many.change(layer, rowsNow, { properties }, t("edit.batch_done", { n: few(rowsNow.length), title: layer.title }));
        tools.menu();
        toast(t("edit.batch_saved", { n: few(rowsNow.length) }));
      } catch (error) {
        const others = error.params?.faults ? form.tell(error.params.faults) : [error.message];
        fill(problems, others.map((text) => h("p", { class: "problem", text })));
      } finally {
        element.removeAttribute("aria-busy");
      }
    }

    const item = ({ id }) => {
      const box = h("input", { type: "checkbox", id: `batch-${id}` });
      box.checked = true;
      box.addEventListener("change", () => {
        if (box.checked) out.delete(id);
        else out.add(id);
        count();
      });
      return h("li", {}, box, h("label", { for: box.id, text: labelOf(layer, features.get(id)) }));
    };
    const listed = [...known].sort((a, b) => collator.compare(labelOf(layer, features.get(a.id)), labelOf(layer, features.get(b.id)))).slice(0, MOST_LISTED);
    const element = known.length
      ? h("form", { class: "edit-form", novalidate: true, on: { submit } }, problems, h("div", { class: "form-row" }, h("label", { for: what.id, text: t("edit.batch_field") }), what), slot, preview,
        h("details", { class: "edit-place-fields" }, h("summary", { text: t("edit.batch_rows", { n: few(known.length) }) }), h("ul", { class: "edit-rows" }, listed.map(item))),
        h("div", { class: "edit-foot" }, apply, h("button", { type: "button", class: "button button-quiet", text: t("common.cancel"), data: { testid: "edit-cancel" }, on: { click: tools.menu } })))
      : h("p", { class: "empty", text: t("edit.batch_none") });
    panel.show(t("edit.batch_of", { title: layer.title }), element, titled(layer));
    if (known.length) field();
  }

  return { choose, pick };
}
