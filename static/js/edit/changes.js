/** Every edit goes through here: the version it starts from, what undoes it, what does it again. */
import { getTagged, send } from "../core/api.js";
import { openSteps } from "./steps.js";

export function openChanges(app) {
  const versions = new Map();
  /* What was deleted and put back has another number. */
  const ids = new Map();

  const key = (layer, id) => `${layer.name}.${id}`;
  const now = (layer, id) => (ids.has(key(layer, id)) ? now(layer, ids.get(key(layer, id))) : id);
  const path = (layer, id) => `${layer.features}/${now(layer, id)}`;

  /** Show rows of a layer as they are now. */
  async function redraw(layer) {
    if (layer.name === "groups") app.groups.show(await app.data.load("groups"));
    else if (app.state.visible.has(layer.name)) {
      if (layer.geometry !== "POINT") app.vectors.hide(layer);
      await app.drawLayer(layer);
    }
    app.emit("rows", { layer });
  }

  async function keep(layer, { body, version }) {
    versions.set(key(layer, body.id), version);
    await app.data.put(layer.name, body);
    return body;
  }

  /** The row as the server has it, its version remembered. */
  const load = async (layer, id) => keep(layer, await getTagged(path(layer, id)));

  async function insert(layer, content) {
    const feature = await keep(layer, await send("POST", layer.features, { type: "Feature", ...content }, { withVersion: true }));
    layer.count += 1;
    await redraw(layer);
    return feature;
  }

  async function update(layer, id, content) {
    const version = versions.get(key(layer, now(layer, id)));
    const feature = await keep(layer, await send("PATCH", path(layer, id), { type: "Feature", ...content }, { version, withVersion: true }));
    await redraw(layer);
    return feature;
  }

  async function remove(layer, id) {
    const known = now(layer, id);
    await send("DELETE", path(layer, id), undefined, { version: versions.get(key(layer, known)) });
    await app.data.drop(layer.name, known);
    layer.count -= 1;
    const { selected } = app.state;
    if (selected?.layer === layer.name && selected.id === known) app.emit("deselect", {});
    await redraw(layer);
  }

  /** Back to what it was: by the server's own undo, to the very same shape, where this was the row's last edit. */
  async function restore(layer, id, made, old) {
    const version = versions.get(key(layer, now(layer, id)));
    if (version !== made) return update(layer, id, old);
    const feature = await keep(layer, await send("POST", `${path(layer, id)}/undo`, undefined, { version, withVersion: true }));
    await redraw(layer);
    return feature;
  }

  const { run, undo, redo } = openSteps(app);

  return {
    load, redraw, run, keep, undo, redo, remember: (layer, id, version) => versions.set(key(layer, id), version),
    version: (layer, id) => versions.get(key(layer, now(layer, id))),
    create(layer, content, label) {
      let id = null;
      return run({
        label,
        async act() {
          const made = await insert(layer, content);
          if (id !== null) ids.set(key(layer, id), made.id);
          id ??= made.id;
          return made;
        },
        revert: () => remove(layer, id),
      });
    },
    /** Change some values or the shape; `old` ({geometry?, properties?}) is what they were. */
    change(layer, id, content, old, label) {
      let made = null;
      return run({
        label,
        async act() {
          const feature = await update(layer, id, content);
          made = versions.get(key(layer, feature.id));
          return feature;
        },
        revert: () => restore(layer, id, made, old),
      });
    },
    remove(layer, feature, label) {
      const content = { geometry: feature.geometry, properties: ownValues(layer, feature.properties) };
      return run({
        label,
        act: () => remove(layer, feature.id),
        async revert() {
          const made = await insert(layer, content);
          ids.set(key(layer, now(layer, feature.id)), made.id);
          return made;
        },
      });
    },
  };
}

/** The values that an edit may write. */
export function ownValues(layer, properties) {
  const names = ["external_id", ...layer.fields.filter((f) => !f.managed).map((f) => f.name)];
  return Object.fromEntries(names.filter((name) => properties[name] !== null && properties[name] !== undefined).map((name) => [name, properties[name]]));
}
