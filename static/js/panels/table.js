/** The table: the full text alternative of the map, of the groups or of any layer that is shown. */
import { labelOf } from "../core/catalogue.js";
import { commentCounts, commentDot } from "../core/comments.js";
import { $, fill, h, icon } from "../core/dom.js";
import { collator, number } from "../core/format.js";
import { lang, t } from "../core/i18n.js";
import { during } from "../core/ready.js";
import { groupColumns, layerColumns } from "./table_columns.js";

const PAGE_ROWS = 200;
const POINT_ZOOM = 17;
const classOf = (column) => `${column.wide ? "wide-only" : ""} ${column.number ? "is-number" : ""} col-${column.name}`;

export function open(app) {
  const groups = app.groups.layer;
  let shown = { layer: groups, features: app.groups.features, columns: groupColumns(groups, app) };
  let sorting = { column: "label", down: false };
  let most = PAGE_ROWS;
  let seen = [];

  let comments = new Map();
  commentCounts().then((counts) => {
    comments = counts;
    if (counts.size) render();
  });

  const isGroups = () => shown.layer === groups;
  const isChosen = (id) => app.state.selected?.layer === shown.layer.name && app.state.selected.id === id;

  function compare(a, b) {
    const { value } = shown.columns.find((column) => column.name === sorting.column);
    const [x, y] = [value(a), value(b)];
    const known = (v) => v !== null && v !== undefined && v !== "";
    const result = known(x) && known(y)
      ? (typeof x === "number" && typeof y === "number" ? x - y : collator.compare(String(x), String(y)))
      : Number(known(y)) - Number(known(x));
    return (sorting.down ? -result : result) || collator.compare(labelOf(shown.layer, a), labelOf(shown.layer, b));
  }

  function heading(column) {
    const on = sorting.column === column.name;
    const button = h("button", { type: "button", class: "sort", title: column.hint, data: { column: column.name }, on: { click: () => {
      sorting = { column: column.name, down: on ? !sorting.down : false };
      render();
      head.querySelector(`[data-column="${column.name}"]`).focus();
    } } }, column.title, icon("down", `sort-mark ${on ? (sorting.down ? "is-down" : "is-up") : ""}`));
    return h("th", { scope: "col", class: classOf(column), "aria-sort": on ? (sorting.down ? "descending" : "ascending") : "none" }, button);
  }

  function choose(f) {
    const { layer } = shown;
    if (f.geometry.type === "Point") {
      const [lon, lat] = f.geometry.coordinates;
      app.map.setView([lat, lon], Math.max(app.map.getZoom(), POINT_ZOOM), { animate: false });
    }
    app.emit("select", { layer: layer.name, id: f.id, from: "table" });
  }

  function row(f) {
    const chosen = isChosen(f.id);
    return h("tr", { class: chosen ? "is-chosen" : "", data: { id: f.id } }, shown.columns.map((column, i) => {
      if (i) return h("td", { class: classOf(column) }, column.cell ? column.cell(f) : column.text(f));
      return h("th", { scope: "row", class: classOf(column) }, h("button", {
        type: "button", class: "row-button", text: labelOf(shown.layer, f), "aria-current": chosen ? "true" : null, on: { click: () => choose(f) },
      }), isGroups() && comments.get(f.id) ? commentDot(comments.get(f.id)) : "");
    }));
  }

  const head = h("thead");
  const body = h("tbody");
  const caption = h("caption", { class: "sr-only" });
  const count = h("p", { class: "hint", role: "status" });
  const more = h("button", { type: "button", class: "button button-quiet button-wide", on: { click: () => {
    most += PAGE_ROWS;
    render();
  } } });
  const region = h("div", { class: "table-scroll", tabindex: "0", role: "region" }, h("table", { class: "table" }, caption, head, body));

  function render() {
    const { by } = shown.layer.style;
    const all = seen = shown.features.filter((f) => (isGroups() ? !app.state.hidden.has(f.properties[by]) : !app.isOff(shown.layer, f)));
    const sorted = [...all].sort(compare);
    // What is chosen on the map is in the table, however far down.
    most = Math.max(most, sorted.findIndex((f) => isChosen(f.id)) + 1);
    const rows = sorted.slice(0, most);
    fill(head, h("tr", {}, shown.columns.map(heading)));
    fill(body, rows.map(row));
    caption.textContent = isGroups() ? t("map.table_caption") : t("map.table_caption_layer", { title: shown.layer.title });
    region.setAttribute("aria-label", caption.textContent);
    const figures = { shown: number(rows.length, lang(), 0), total: number(shown.features.length, lang(), 0) };
    count.textContent = t(isGroups() ? "map.table_count" : "map.table_rows", figures);
    together.hidden = !shown.layer.editable || isGroups() || !all.length || all.length > 1000 || Boolean(app.state.asOf);
    more.hidden = rows.length === all.length;
    more.textContent = t("map.table_more", { n: number(Math.min(PAGE_ROWS, all.length - rows.length), lang(), 0) });
  }

  async function show(layer) {
    const features = layer === groups ? app.groups.features : await during(app.data.load(layer.name));
    if (select.value !== layer.name) return;
    shown = { layer, features, columns: layer === groups ? groupColumns(layer, app) : layerColumns(layer) };
    sorting = { column: "label", down: false };
    most = PAGE_ROWS;
    render();
  }

  const select = h("select", { id: "table-layer", "data-testid": "table-layer", on: { change: () => show(app.catalogue.get(select.value)) } });
  /** The groups and what else is on the map. */
  function offer() {
    const layers = [groups, ...app.catalogue.drawn.filter((layer) => layer !== groups && app.state.visible.has(layer.name))];
    fill(select, layers.map((layer) => h("option", { value: layer.name, text: layer.title })));
    select.value = layers.includes(shown.layer) ? shown.layer.name : groups.name;
    if (select.value !== shown.layer.name) show(groups);
  }

  const wide = h("button", { type: "button", class: "chip-button only-desktop", "aria-pressed": "false", on: { click: () => {
    const on = $("#panel").classList.toggle("is-wide");
    wide.setAttribute("aria-pressed", String(on));
    setTimeout(() => app.map.invalidateSize(), 260);
  } } }, icon("wide"), t("map.table_wide"));

  const together = h("button", { type: "button", class: "chip-button", hidden: true, data: { testid: "table-edit" }, on: { click: async () => (await app.editing()).many(shown.layer, seen.map((f) => f.id)) } }, icon("edit"), t("map.table_edit"));
  fill($("#panel-table"), h("div", { class: "section-head table-head" },
    h("h2", { class: "sr-only", text: t("tab.table") }), h("label", { class: "sr-only", for: select.id, text: t("map.table_layer") }), select, wide), together, count, region, more);
  offer();
  render();
  app.on("groups", () => {
    if (!isGroups()) return;
    shown.features = app.groups.features;
    render();
  });
  app.on("filter", render);
  app.on("off", ({ layer }) => layer === shown.layer && render());
  app.on("layers", offer);
  app.on("rows", ({ layer }) => layer === shown.layer && !isGroups() && show(layer));
  const mark = () => {
    const { selected } = app.state;
    if (selected?.layer === shown.layer.name && !body.querySelector(`tr[data-id="${selected.id}"]`)) render();
    for (const tr of body.querySelectorAll("tr")) {
      const on = isChosen(Number(tr.dataset.id));
      tr.classList.toggle("is-chosen", on);
      tr.querySelector(".row-button").ariaCurrent = on ? "true" : null;
      if (on) tr.scrollIntoView({ block: "nearest" });
    }
  };
  app.on("selected", mark);
  app.on("deselected", mark);
}
