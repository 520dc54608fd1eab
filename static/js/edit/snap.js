/** Snapping: the nearest corner, else the nearest edge, within some pixels. Pure; works on projected points {x, y}. */
export const SNAP_PX = 10;

/** Corners and edges of GeoJSON geometries, as {lonlat} pairs: {corners: [p], edges: [[p, q]]}. */
export function partsOf(geometries) {
  const corners = new Map();
  const edges = [];
  const chain = (points) => points.forEach((p, i) => {
    corners.set(`${p[0]},${p[1]}`, p);
    if (i) edges.push([points[i - 1], p]);
  });
  const walk = (c) => (typeof c[0][0] === "number" ? chain(c) : c.forEach(walk));
  for (const { type, coordinates } of geometries) if (type !== "Point") walk(coordinates);
  return { corners: [...corners.values()], edges };
}

/** Project once what lies in a box; what ends at `without` is left out: a corner does not snap to itself. */
export function project(parts, toPixel, { bbox: [w, s, e, n], without = null }) {
  const same = (p) => without && Math.abs(p[0] - without[0]) < 2e-7 && Math.abs(p[1] - without[1]) < 2e-7;
  const inside = ([x, y]) => x >= w && x <= e && y >= s && y <= n;
  const meets = ([p, q]) => Math.max(p[0], q[0]) >= w && Math.min(p[0], q[0]) <= e && Math.max(p[1], q[1]) >= s && Math.min(p[1], q[1]) <= n;
  return {
    corners: parts.corners.filter((p) => inside(p) && !same(p)).map((p) => ({ lonlat: p, at: toPixel(p) })),
    edges: parts.edges.filter((edge) => meets(edge) && !edge.some(same)).map(([p, q]) => ({ p, q, a: toPixel(p), b: toPixel(q) })),
  };
}

/** {lonlat, kind} of what `at` snaps to, or null. An edge gives the foot on it, in degrees. */
export function snap(projected, at, limit = SNAP_PX) {
  let best = null;
  let far = limit;
  for (const corner of projected.corners) {
    const d = Math.hypot(corner.at.x - at.x, corner.at.y - at.y);
    if (d <= far) [best, far] = [{ lonlat: corner.lonlat, kind: "corner" }, d];
  }
  if (best) return best;
  for (const { p, q, a, b } of projected.edges) {
    const dx = b.x - a.x;
    const dy = b.y - a.y;
    const k = Math.max(0, Math.min(1, ((at.x - a.x) * dx + (at.y - a.y) * dy) / (dx * dx + dy * dy || 1)));
    const d = Math.hypot(a.x + k * dx - at.x, a.y + k * dy - at.y);
    if (d <= far) [best, far] = [{ lonlat: [p[0] + k * (q[0] - p[0]), p[1] + k * (q[1] - p[1])], kind: "edge" }, d];
  }
  return best;
}
