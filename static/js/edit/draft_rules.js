/** Whether a change that a phone kept may still be written: what both changed since. Pure. */

const same = (one, other) => JSON.stringify(one ?? null) === JSON.stringify(other ?? null);

/* The name of the place among the columns. */
const PLACE = "@place";

/** The parts of a change: [name, mine, what it was, what it is now]. */
function parts({ body, base }, fresh) {
  const rows = Object.entries(body.properties || {}).map(([name, mine]) => [name, mine, base?.properties?.[name], fresh.properties[name]]);
  return body.geometry ? [...rows, [PLACE, body.geometry.coordinates, base?.geometry?.coordinates, fresh.geometry.coordinates]] : rows;
}

/**
 * {there, both}: whether the server has all of mine already, and the names of what others have changed since. A check on
 * site (`checked`) is no quarrel: the later day counts.
 */
export function clash(item, fresh, checked = "") {
  const all = parts(item, fresh);
  const late = ([name, mine, , now]) => name === checked && String(now || "") >= String(mine || "");
  return {
    there: all.every((one) => same(one[1], one[3]) || late(one)),
    both: item.base ? all.filter(([name, mine, was, now]) => name !== checked && !same(now, was) && !same(now, mine)).map(([name]) => name) : [],
  };
}
