/** Geometry on the ground, pure: lon, lat in degrees, lengths in metres, bearings in degrees from north. */
const EARTH_RADIUS_M = 6_371_008.8; // IUGG mean radius
const RAD = Math.PI / 180;

/** Great-circle distance between [lon, lat] pairs. */
export function distance_m([lon1, lat1], [lon2, lat2]) {
  const dLat = (lat2 - lat1) * RAD;
  const dLon = (lon2 - lon1) * RAD;
  const a = Math.sin(dLat / 2) ** 2 + Math.cos(lat1 * RAD) * Math.cos(lat2 * RAD) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(a)));
}

/** Length of a chain of [lon, lat]. */
export function length_m(points) {
  return points.slice(1).reduce((sum, point, i) => sum + distance_m(points[i], point), 0);
}

/** Area of a ring of [lon, lat] on the sphere (Chamberlain & Duquette 2007). */
export function area_m2(ring) {
  if (ring.length < 3) return 0;
  let sum = 0;
  for (let i = 0; i < ring.length; i += 1) {
    const [lon1, lat1] = ring[i];
    const [lon2, lat2] = ring[(i + 1) % ring.length];
    sum += (lon2 - lon1) * RAD * (2 + Math.sin(lat1 * RAD) + Math.sin(lat2 * RAD));
  }
  return Math.abs((sum * EARTH_RADIUS_M ** 2) / 2);
}

/** The [lon, lat] at `metres` from a point in direction `bearing_deg`. */
export function destination([lon, lat], bearing_deg, metres) {
  const d = metres / EARTH_RADIUS_M;
  const b = bearing_deg * RAD;
  const lat1 = lat * RAD;
  const lat2 = Math.asin(Math.sin(lat1) * Math.cos(d) + Math.cos(lat1) * Math.sin(d) * Math.cos(b));
  const dLon = Math.atan2(Math.sin(b) * Math.sin(d) * Math.cos(lat1), Math.cos(d) - Math.sin(lat1) * Math.sin(lat2));
  return [lon + dLon / RAD, lat2 / RAD];
}

/** Pixels of one metre at a latitude and zoom (256 px tiles). */
export function pixelsPerMetre(lat, zoom) {
  return (256 * 2 ** zoom) / (2 * Math.PI * 6_378_137 * Math.cos(lat * RAD));
}

/**
 * What a camera sees, as canvas angles (radians, 0 = east, clockwise).
 * Kind is "circle" (PTZ, panoramic, 360°), "sector", or "unknown" (no direction known).
 */
export function view({ azimuth_deg: azimuth, fov_deg: fov, range_m: range, kind }, { fov_default = 90, range_default = 30 } = {}) {
  const range_m = range ?? range_default;
  const angle = fov ?? fov_default;
  if (kind === "ptz" || kind === "panoramic" || angle >= 360) return { shape: "circle", range_m };
  if (azimuth === null || azimuth === undefined) return { shape: "unknown", range_m };
  const start = (azimuth - angle / 2 - 90) * RAD;
  return { shape: "sector", range_m, start, end: start + angle * RAD };
}

const ringsOf = (geometry) => (geometry.type === "MultiPolygon" ? geometry.coordinates : [geometry.coordinates]);

function inRing([x, y], ring) {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [xi, yi] = ring[i];
    const [xj, yj] = ring[j];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

/** Whether [lon, lat] lies in a polygon, holes left out. */
export const contains = (geometry, point) => ringsOf(geometry).some(([outer, ...holes]) =>
  inRing(point, outer) && !holes.some((hole) => inRing(point, hole)));

function distanceToRing2([x, y], ring) {
  let best = Infinity;
  for (let i = 1; i < ring.length; i += 1) {
    const [ax, ay] = ring[i - 1];
    const dx = ring[i][0] - ax;
    const dy = ring[i][1] - ay;
    const k = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
    best = Math.min(best, (x - ax - k * dx) ** 2 + (y - ay - k * dy) ** 2);
  }
  return best;
}

/** A place for a label: the point of a grid over the largest part that lies farthest from its border. */
export function labelPoint(geometry, cells = 14) {
  const part = ringsOf(geometry).reduce((a, b) => (area_m2(b[0]) > area_m2(a[0]) ? b : a));
  const [west, south, east, north] = bounds({ type: "Polygon", coordinates: part });
  let best = [(west + east) / 2, (south + north) / 2];
  let far = -1;
  for (let i = 0.5; i < cells; i += 1) {
    for (let j = 0.5; j < cells; j += 1) {
      const point = [west + ((east - west) * i) / cells, south + ((north - south) * j) / cells];
      if (!inRing(point, part[0]) || part.slice(1).some((hole) => inRing(point, hole))) continue;
      const d = Math.min(...part.map((ring) => distanceToRing2(point, ring)));
      if (d > far) [far, best] = [d, point];
    }
  }
  return best;
}

/** [west, south, east, north] of any GeoJSON geometry. */
export function bounds(geometry) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  const visit = (c) => {
    if (typeof c[0] !== "number") return c.forEach(visit);
    box[0] = Math.min(box[0], c[0]);
    box[1] = Math.min(box[1], c[1]);
    box[2] = Math.max(box[2], c[0]);
    box[3] = Math.max(box[3], c[1]);
    return undefined;
  };
  visit(geometry.coordinates);
  return box;
}

const HEADINGS = { ArrowUp: 0, ArrowRight: 90, ArrowDown: 180, ArrowLeft: 270 };
/** The next of `places` ({id, point}) from one of them in the direction of an arrow key, or null. */
export function neighbour(places, from, key) {
  const heading = HEADINGS[key] * RAD;
  let best = null;
  let cost = Infinity;
  for (const place of places) {
    const dx = (place.point[0] - from.point[0]) * Math.cos(from.point[1] * RAD);
    const dy = place.point[1] - from.point[1];
    const along = dx * Math.sin(heading) + dy * Math.cos(heading);
    const across = Math.abs(dx * Math.cos(heading) - dy * Math.sin(heading));
    if (place.id === from.id || along <= 0 || across > along * 1.5) continue;
    if (along + 2 * across < cost) [cost, best] = [along + 2 * across, place];
  }
  return best;
}

/** The tiles [{z, x, y}] of a box from one zoom to another. */
export function tilesOf([west, south, east, north], from, to) {
  const tile = (lon, lat, n) => [(lon + 180) / 360, (1 - Math.asinh(Math.tan(lat * RAD)) / Math.PI) / 2].map((share) => Math.floor(share * n));
  const found = [];
  for (let z = from; z <= to; z += 1) {
    const [[left, top], [right, bottom]] = [tile(west, north, 2 ** z), tile(east, south, 2 ** z)];
    for (let x = left; x <= right; x += 1) for (let y = top; y <= bottom; y += 1) found.push({ z, x, y });
  }
  return found;
}
