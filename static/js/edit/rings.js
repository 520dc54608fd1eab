/** A line or area as chains of corners, closed ones without their last; and what an edit of a corner makes of it. Pure. */

/** {chains: [[lon, lat][]], closed, path: where each lies} of a GeoJSON geometry. */
export function chainsOf({ type, coordinates }) {
  const closed = type.endsWith("Polygon");
  const flat = { LineString: [coordinates], MultiLineString: coordinates, Polygon: coordinates, MultiPolygon: coordinates.flat() }[type];
  return { closed, chains: flat.map((chain) => (closed ? chain.slice(0, -1) : chain.slice())) };
}

/** The geometry again, of the same type, from changed chains. */
export function geometryOf({ type, coordinates }, chains) {
  const closed = type.endsWith("Polygon");
  const full = chains.map((chain) => (closed ? [...chain, chain[0]] : chain));
  if (type === "LineString") return { type, coordinates: full[0] };
  if (type !== "MultiPolygon") return { type, coordinates: full };
  let at = 0;
  return { type, coordinates: coordinates.map((rings) => rings.map(() => full[at++])) };
}

const TOUCH_DEG = 2e-7; // two centimetres: GeoJSON has seven places
export const samePlace = (p, q) => Math.abs(p[0] - q[0]) < TOUCH_DEG && Math.abs(p[1] - q[1]) < TOUCH_DEG;

/** The geometry after corners at `from` went to `to` (null: taken out); the same object where none is there. */
export function withCorner(geometry, from, to) {
  const { closed, chains } = chainsOf(geometry);
  if (!chains.some((chain) => chain.some((p) => samePlace(p, from)))) return geometry;
  const least = closed ? 3 : 2;
  const next = chains.map((chain) => {
    const changed = chain.flatMap((p) => (samePlace(p, from) ? (to ? [to] : []) : [p]));
    return changed.length < least ? chain : changed;
  });
  return geometryOf(geometry, next);
}

/** The geometry with a corner put into the edge from `p` to `q` (either way round). */
export function withInserted(geometry, p, q, at) {
  const { closed, chains } = chainsOf(geometry);
  let found = false;
  const next = chains.map((chain) => {
    const out = [];
    chain.forEach((one, i) => {
      out.push(one);
      const after = chain[i + 1] ?? (closed ? chain[0] : null);
      if (after && ((samePlace(one, p) && samePlace(after, q)) || (samePlace(one, q) && samePlace(after, p)))) {
        out.push(at);
        found = true;
      }
    });
    return out;
  });
  return found ? geometryOf(geometry, next) : geometry;
}
