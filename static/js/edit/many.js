/** One step for many rows: a value or a place for all, or a border with its neighbours. Undone together, to the same shapes. */
import { get, send } from "../core/api.js";

/* Up to so many rows are asked for one by one; more are the layer anew. */
const FEW = 12;

export function openMany(app, changes) {
  const base = (layer) => layer.features.replace(/\/features$/, "");

  async function renew(layer, written) {
    if (written.length <= FEW) await Promise.all(written.map(({ id }) => changes.load(layer, id)));
    else await app.data.renew(layer.name);
    for (const { id, version } of written) changes.remember(layer, id, version);
    await changes.redraw(layer);
  }

  /** `act()` answers [{id, version}] of what it wrote. */
  function step(layer, label, act) {
    let made = [];
    return changes.run({
      label,
      async act() {
        made = await act(made);
        await renew(layer, made);
        return made;
      },
      async revert() {
        made = (await send("POST", `${base(layer)}/batches/undo`, { features: made })).features;
        await renew(layer, made);
      },
    });
  }

  const named = async (layer, ids) => (await get(`${base(layer)}/versions`, { ids: ids.join(",") })).features;
  return {
    renew, named,
    /** Id and version of the rows that touch an area. */
    within: async (layer, area) => (await get(`${base(layer)}/versions`, { within: area })).features,
    /** Give `content` ({properties?, geometry?}) to all rows named; `again`: by their versions of then. */
    change: (layer, rows, content, label) => step(layer, label, async (made) => (await send("POST", `${base(layer)}/batches`, { features: made.length ? made : rows, ...content })).features),
    borders: (layer, feature, steps, label) => step(layer, label, async () => {
      const { changed } = await send("POST", `/api/groups/${feature.id}/borders`, { moves: steps }, { version: changes.version(layer, feature.id) });
      return changed;
    }),
  };
}
