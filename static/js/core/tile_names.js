/** Names for the labels of a tile. Streets come cut at junctions, too short for their names: join them. Pure. */

const keyOf = (point) => `${Math.round(point.x)},${Math.round(point.y)}`;

/** Join chains that share an end point. */
export function joinLines(lines) {
  const pool = lines.filter((line) => line.length > 1).map((line) => line.slice());
  const ends = new Map();
  const joined = [];
  for (let line of pool) {
    for (const side of ["start", "end"]) {
      const key = keyOf(side === "start" ? line[0] : line[line.length - 1]);
      const other = ends.get(key);
      if (!other || other === line) continue;
      drop(ends, other);
      joined.splice(joined.indexOf(other), 1);
      line = connect(other, line, key);
    }
    joined.push(line);
    ends.set(keyOf(line[0]), line);
    ends.set(keyOf(line[line.length - 1]), line);
  }
  return joined;
}

function drop(ends, line) {
  for (const point of [line[0], line[line.length - 1]]) {
    if (ends.get(keyOf(point)) === line) ends.delete(keyOf(point));
  }
}

function connect(a, b, key) {
  const first = keyOf(a[a.length - 1]) === key ? a : a.slice().reverse();
  const second = keyOf(b[0]) === key ? b : b.slice().reverse();
  return [...first, ...second.slice(1)];
}

function box(lines) {
  const xs = lines.flat().map((p) => p.x);
  const ys = lines.flat().map((p) => p.y);
  return { minX: Math.min(...xs), minY: Math.min(...ys), maxX: Math.max(...xs), maxY: Math.max(...ys) };
}

const STRAIGHTEN_PX = 2.5;

/** Leave out small bends (Douglas-Peucker): a name needs a nearly straight piece. */
export function straighten(line, tolerance = STRAIGHTEN_PX) {
  if (line.length < 3) return line;
  const [a, b] = [line[0], line[line.length - 1]];
  const length = Math.hypot(b.x - a.x, b.y - a.y);
  // A closed street has no chord: distances are from its start.
  const away = (p) => (length < 1e-6 ? Math.hypot(p.x - a.x, p.y - a.y)
    : Math.abs((b.x - a.x) * (a.y - p.y) - (a.x - p.x) * (b.y - a.y)) / length);
  let far = 0;
  let at = 0;
  for (let i = 1; i < line.length - 1; i += 1) {
    const d = away(line[i]);
    if (d > far) [far, at] = [d, i];
  }
  if (far <= tolerance) return [a, b];
  return [...straighten(line.slice(0, at + 1), tolerance).slice(0, -1), ...straighten(line.slice(at), tolerance)];
}

function streetNames(roads) {
  const byName = new Map();
  for (const road of roads) {
    if (!road.props.name) continue;
    const key = `${road.props.class}|${road.props.name}`;
    if (!byName.has(key)) byName.set(key, { ...road, geom: [] });
    byName.get(key).geom.push(...road.geom);
  }
  return [...byName.values()].map((road) => {
    const geom = joinLines(road.geom).map((line) => straighten(line));
    return { ...road, geom, bbox: box(geom) };
  });
}

/** Areas become the middle of their box, where a name is written. */
function areaNames(areas, smallest_px) {
  return areas.filter(({ props, bbox }) => props.name && bbox.maxX - bbox.minX > smallest_px).map((area) => {
    const { minX, minY, maxX, maxY } = area.bbox;
    const middle = area.geom[0][0].clone();
    middle.x = (minX + maxX) / 2;
    middle.y = (minY + maxY) / 2;
    return { ...area, geomType: 1, geom: [[middle]] };
  });
}

/** Add the layers `road_names`, `water_names` and `park_names` to a decoded tile. */
export function prepareTile(tile) {
  tile.set("road_names", streetNames(tile.get("roads") || []));
  tile.set("water_names", areaNames(tile.get("water_areas") || [], 60));
  tile.set("park_names", areaNames((tile.get("landuse") || []).filter((f) => f.props.class === "park"), 50));
  return tile;
}
