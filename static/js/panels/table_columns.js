/** What the table shows of a layer: {name, title, value for sorting, text or cell, number, wide, hint}. */
import { choiceTitle, criteria, field, labelOf, valueText } from "../core/catalogue.js";
import { h, icon } from "../core/dom.js";
import { lang, t } from "../core/i18n.js";
import { swatch } from "../core/patterns.js";
import { answerAt } from "../core/periods.js";
import { symbolOf } from "../core/stages.js";
import { symbolCanvas } from "./layer_symbol.js";

const GROUP_FACTS = ["household_count", "resident_count", "last_reviewed_on"];
const MOST_FACTS = 7;
const NUMBERS = new Set(["int", "float", "bigint"]);

const name = (layer) => ({
  name: "label", title: field(layer, layer.label)?.title || (layer.label === "external_id" ? t("map.code") : layer.title), value: (f) => labelOf(layer, f),
});

/** The column that colours the layer, in the order of its choices. */
function coloured(layer, picture, note = () => null) {
  const { by } = layer.style;
  const order = field(layer, by).choices.map((choice) => choice.code);
  return {
    name: by, title: field(layer, by).title, value: (f) => order.indexOf(f.properties[by]),
    cell: (f) => h("span", { class: "stage-cell" }, picture(f), h("span", {}, choiceTitle(layer, by, f.properties[by]), note(f))),
  };
}

const fact = (column, wide) => ({
  name: column.name, title: column.title, wide, number: NUMBERS.has(column.type),
  value: (f) => (column.choices?.length ? valueText(column, f.properties[column.name], lang(), t) : f.properties[column.name]),
  text: (f) => valueText(column, f.properties[column.name], lang(), t),
});

/** Never a stage alone where the period's review is missing. */
const gapNote = (hasGap) => (f) => (hasGap(f) ? h("span", { class: "gap-note" }, icon("question"), t("map.gap")) : null);

/** An answer as it counts on the day that is shown. */
function criterionColumn({ answer, on }, i, day) {
  const code = (f) => answerAt({ answer: f.properties[answer.name], on: f.properties[on] }, day());
  const text = (f) => valueText(answer, code(f), lang(), t);
  return { ...fact(answer, true), title: t("map.criterion_short", { n: i + 1 }), hint: answer.title, value: text, text };
}

export function groupColumns(layer, { day, hasGap }) {
  const by = layer.style.by;
  return [
    name(layer),
    coloured(layer, (f) => [swatch(f.properties[by]), icon(symbolOf(f.properties[by]))], gapNote(hasGap)),
    ...GROUP_FACTS.map((one) => field(layer, one)).filter(Boolean).map((column) => fact(column, false)),
    ...criteria(layer).map((criterion, i) => criterionColumn(criterion, i, day)),
  ];
}

/** Any other layer: its name, what colours it, and its first facts where the table is wide. */
export function layerColumns(layer) {
  const by = field(layer, layer.style.by)?.choices?.length ? layer.style.by : null;
  const facts = layer.fields.filter((f) => f.name !== layer.label && f.name !== by && !f.name.endsWith("_document"));
  const first = by ? coloured(layer, (f) => symbolCanvas(layer, f.properties)) : null;
  return [name(layer), first, ...facts.slice(0, MOST_FACTS).map((column, i) => fact(column, Boolean(by) || i > 0))].filter(Boolean);
}
