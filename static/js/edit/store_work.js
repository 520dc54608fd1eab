/** Send what was made or changed: only what differs, borders with their neighbours, all views of a pole together. */
import { labelOf } from "../core/catalogue.js";
import { t } from "../core/i18n.js";

async function nameThePole({ changes }, layer, { first, code }) {
  if (first.properties.pole_code) return;
  await changes.load(layer, first.id);
  await changes.change(layer, first.id, { properties: { pole_code: code } }, { properties: { pole_code: null } }, t("edit.pole_named"));
  first.properties.pole_code = code;
}

/** Rows that stand on the same pole at the same place: they move with it. */
function onSamePole(app, layer, feature) {
  const { pole_code: pole } = feature.properties;
  const same = (f) => f.properties.pole_code === pole && String(f.geometry.coordinates) === String(feature.geometry.coordinates);
  return pole ? app.data.known(layer.name).filter(same) : [feature];
}

async function moveShape(tools, layer, feature, base, shape, steps, title) {
  const { app, changes, many } = tools;
  const label = t("edit.moved", { name: title });
  if (layer.name === "groups") return many.borders(layer, feature, steps, label);
  const views = layer.geometry === "POINT" ? onSamePole(app, layer, feature) : [feature];
  if (views.length < 2) return changes.change(layer, feature.id, { geometry: shape }, { geometry: base.geometry }, label);
  await many.change(layer, await many.named(layer, views.map((f) => f.id)), { geometry: shape }, label);
  return feature;
}

/** No network: what was made or changed stays on this phone, with what it started from, until there is one. */
export async function keepWork({ app, drafts }, { layer, feature, base, shape, values, pole, photo, title }) {
  if (!feature) {
    const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
    const first = pole && !pole.first.properties.pole_code && pole.first;
    if (first) await drafts.change(layer, first.id, { type: "Feature", properties: { pole_code: pole.code } }, { base: { properties: { pole_code: null } }, label: pole.code });
    return drafts.create(layer, { type: "Feature", geometry: shape, properties: given }, photo);
  }
  const moved = shape !== base.geometry;
  const names = Object.keys(values).filter((name) => (values[name] ?? null) !== (base.properties[name] ?? null));
  const pick = (from) => Object.fromEntries(names.map((name) => [name, from[name] ?? null]));
  for (const row of moved && layer.geometry === "POINT" ? onSamePole(app, layer, feature) : [feature]) {
    const own = row.id === feature.id;
    const body = { type: "Feature", ...(moved && { geometry: shape }), ...(own && names.length && { properties: pick(values) }) };
    await drafts.change(layer, row.id, body, { photo: own ? photo : null, base: { geometry: base.geometry, properties: own ? pick(base.properties) : {} }, label: own ? title : labelOf(layer, row) });
  }
  return null;
}

/** The row as it was written; errors go to the caller. */
export async function storeWork(tools, { layer, feature, base, shape, steps, values, pole, title }) {
  const { changes } = tools;
  if (!feature) {
    if (pole) await nameThePole(tools, layer, pole);
    const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
    return changes.create(layer, { geometry: shape, properties: given }, t("edit.added", { title: layer.title }));
  }
  if (shape !== base.geometry) {
    await moveShape(tools, layer, feature, base, shape, steps, title);
    // What follows starts from there.
    base.geometry = shape;
  }
  const names = Object.keys(values).filter((name) => (values[name] ?? null) !== (base.properties[name] ?? null));
  if (!names.length) return feature;
  const pick = (from) => Object.fromEntries(names.map((name) => [name, from[name] ?? null]));
  return changes.change(layer, feature.id, { properties: pick(values) }, { properties: pick(base.properties) }, t("edit.changed", { name: title }));
}
