/** The catalogue of `/api/layers` and the questions that the page asks of it. Pure. */
import { date, number } from "./format.js";

/** The border of the commune has its own drawing; bundled layers come as tiles. */
const isOverlay = (layer) => layer.style.kind !== "base" && !layer.bundle && layer.name !== "communes";

export function makeCatalogue({ sections, layers, base_tiles: baseTiles }) {
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  // Drawn from the bottom: the first heading of the switcher lies on top.
  const rank = new Map(sections.map((section, i) => [section.name, sections.length - i]));
  return {
    sections,
    layers,
    baseTiles,
    get: (name) => byName.get(name),
    has: (name) => byName.has(name),
    /** Layers that the page itself draws; the base map comes as tiles. */
    drawn: layers.filter(isOverlay),
    rank: (layer) => rank.get(layer.section) || 0,
  };
}

export const field = (layer, name) => layer.fields.find((f) => f.name === name);

/** The title of a code, in the language of the catalogue. */
export function choiceTitle(layer, name, code) {
  return field(layer, name)?.choices?.find((choice) => choice.code === code)?.title ?? code ?? "";
}

/** Colour of a feature: of its code when the layer colours by a column, else of the layer. */
export function colorOf(layer, properties) {
  const { by, colors, color } = layer.style;
  return (by && colors?.[properties[by]]) || color;
}

/** The letters of a class that the commune added itself, in the place of a symbol; or undefined. */
export const lettersOf = (layer, properties) => layer.style.letters?.[properties[layer.style.by]];

/** Loudspeakers: the map shows how far each is heard. */
export const isHeard = (layer) => layer.style.icon === "speaker";

/** Position of the feature's code among the choices of the colouring column; states have none. */
export function variantOf(layer, properties) {
  const { by } = layer.style;
  // Letters tell classes apart by themselves.
  if (!by || by === "state" || lettersOf(layer, properties)) return 0;
  return Math.max(0, field(layer, by)?.choices?.findIndex((choice) => choice.code === properties[by]) ?? 0);
}

/** Whether nobody has ever looked at it on site, so that what is told of it is assumed. */
export const isAssumed = (layer, properties) => Boolean(layer.checked_field) && !properties[layer.checked_field];

/** What a person knows the row by. */
export function labelOf(layer, feature) {
  const p = feature.properties || {};
  return p[layer.label] || p.name || p.place || (lettersOf(layer, p) && p[layer.style.by]) || p.external_id || `${layer.title} ${feature.id}`;
}

/** The value of a column as text, or "" when there is none. */
export function valueText(f, value, lang, t) {
  if (value === null || value === undefined || value === "") return "";
  if (f.choices?.length) return f.choices.find((choice) => choice.code === value)?.title ?? String(value);
  if (f.type === "bool") return value ? t("common.yes") : t("common.no");
  if (f.type === "date") return date(value);
  if (["int", "float", "bigint"].includes(f.type)) return number(value, lang) + (f.unit ? unit(f.unit) : "");
  return String(value);
}

const unit = (text) => (text === "°" ? text : `\u00a0${text}`);

/** Columns of one question (`users_answer`, `users_on`, `users_document`) as one criterion each. */
export function criteria(layer) {
  return layer.fields.filter((f) => f.name.endsWith("_answer")).map((f) => {
    const stem = f.name.slice(0, -"_answer".length);
    return { answer: f, on: `${stem}_on`, document: `${stem}_document` };
  });
}

/** What a feature answers to each criterion: {answer, on}. */
export const answersOf = (layer, properties) =>
  criteria(layer).map(({ answer, on }) => ({ answer: properties[answer.name], on: properties[on] }));

/** Layers whose rows have a place on the map and can be asked about in the query tools. */
export const askable = (catalogue) => catalogue.drawn.filter((layer) => layer.section !== "base");

/** Devices: layers whose rows can be working or not. */
export const devices = (catalogue) => catalogue.layers.filter((l) => l.is_device ?? (l.section === "devices" && field(l, "state")));

/** Layers of places that devices watch over: points that are not devices themselves. */
export const watched = (catalogue) => catalogue.drawn.filter((l) =>
  l.geometry === "POINT" && ["security", "places"].includes(l.section));
