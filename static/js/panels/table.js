/** The table of the groups: the full text alternative of the map. Selecting in one selects in the other. */
import { choiceTitle, criteria, field, labelOf, valueText } from "../core/catalogue.js";
import { $, fill, h, icon } from "../core/dom.js";
import { collator } from "../core/format.js";
import { lang, t } from "../core/i18n.js";
import { swatch } from "../core/patterns.js";
import { symbolOf } from "../core/stages.js";

export function open(app) {
  const { features, layer } = app.groups;
  const by = layer.style.by;
  const order = field(layer, by).choices.map((choice) => choice.code);
  const sorting = { column: "label", down: false };
  const columns = [
    { name: "label", title: field(layer, layer.label).title, value: (f) => labelOf(layer, f) },
    { name: by, title: field(layer, by).title, value: (f) => order.indexOf(f.properties[by]), cell: stageCell },
    ...["household_count", "resident_count", "last_reviewed_on"].map((name) => field(layer, name)).filter(Boolean)
      .map((f) => ({ name: f.name, title: f.title, number: f.type === "int", value: (x) => x.properties[f.name], text: (x) => valueText(f, x.properties[f.name], lang(), t) })),
    ...criteria(layer).map(({ answer }, i) => ({
      name: answer.name, title: t("map.criterion_short", { n: i + 1 }), hint: answer.title, wide: true,
      value: (f) => f.properties[answer.name], text: (f) => valueText(answer, f.properties[answer.name], lang(), t) })),
  ];

  function stageCell(f) {
    const code = f.properties[by];
    return h("span", { class: "stage-cell" }, swatch(code), icon(symbolOf(code)), h("span", { text: choiceTitle(layer, by, code) }));
  }

  function compare(a, b) {
    const { value } = columns.find((column) => column.name === sorting.column);
    const [x, y] = [value(a), value(b)];
    const known = (v) => v !== null && v !== undefined;
    const result = known(x) && known(y)
      ? (typeof x === "number" && typeof y === "number" ? x - y : collator.compare(String(x), String(y)))
      : Number(known(y)) - Number(known(x));
    return (sorting.down ? -result : result) || collator.compare(labelOf(layer, a), labelOf(layer, b));
  }

  function heading(column) {
    const on = sorting.column === column.name;
    const button = h("button", { type: "button", class: "sort", title: column.hint, data: { column: column.name }, on: { click: () => {
      sorting.down = on ? !sorting.down : false;
      sorting.column = column.name;
      render();
      head.querySelector(`[data-column="${column.name}"]`).focus();
    } } }, column.title, icon("down", `sort-mark ${on ? (sorting.down ? "is-down" : "is-up") : ""}`));
    return h("th", {
      scope: "col", class: `${column.wide ? "wide-only" : ""} ${column.number ? "is-number" : ""} col-${column.name}`, "aria-sort": on ? (sorting.down ? "descending" : "ascending") : "none",
    }, button);
  }

  function row(f) {
    const chosen = app.state.selected?.layer === layer.name && app.state.selected.id === f.id;
    return h("tr", { class: chosen ? "is-chosen" : "", data: { id: f.id } }, columns.map((column, i) => {
      const className = `${column.wide ? "wide-only" : ""} ${column.number ? "is-number" : ""} col-${column.name}`;
      if (i === 0) {
        return h("th", { scope: "row", class: className }, h("button", {
          type: "button", class: "row-button", text: labelOf(layer, f), "aria-current": chosen ? "true" : null,
          on: { click: () => app.emit("select", { layer: layer.name, id: f.id, from: "table", stay: $("#panel").classList.contains("is-wide") }) },
        }));
      }
      return h("td", { class: className }, column.cell ? column.cell(f) : column.text(f));
    }));
  }

  const head = h("thead");
  const body = h("tbody");
  const caption = h("caption", { class: "sr-only" });
  const count = h("p", { class: "hint", role: "status" });
  function render() {
    const rows = features.filter((f) => !app.state.hidden.has(f.properties[by])).sort(compare);
    fill(head, h("tr", {}, columns.map(heading)));
    fill(body, rows.map(row));
    caption.textContent = t("map.table_caption");
    count.textContent = t("map.table_count", { shown: rows.length, total: features.length });
  }

  const wide = h("button", { type: "button", class: "chip-button only-desktop", "aria-pressed": "false", on: { click: () => {
    const on = $("#panel").classList.toggle("is-wide");
    wide.setAttribute("aria-pressed", String(on));
    setTimeout(() => app.map.invalidateSize(), 260);
  } } }, icon("wide"), t("map.table_wide"));

  fill($("#panel-table"), h("div", { class: "section-head" }, h("h2", { class: "section-title", text: layer.title }), wide), count,
    h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": t("map.table_caption") }, h("table", { class: "table" }, caption, head, body)));
  render();
  app.on("filter", render);
  const mark = () => body.querySelectorAll("tr").forEach((tr) => {
    const on = app.state.selected?.layer === layer.name && Number(tr.dataset.id) === app.state.selected.id;
    tr.classList.toggle("is-chosen", on);
    tr.querySelector(".row-button").toggleAttribute("aria-current", on);
    if (on) tr.scrollIntoView({ block: "nearest" });
  });
  app.on("selected", mark);
  app.on("deselected", mark);
}
