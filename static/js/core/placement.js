/** One placement for all that is written on the map, so that nothing lies on another thing. Boxes in pixels. Pure. */

export const boxAt = (x, y, halfWidth, halfHeight) =>
  ({ left: x - halfWidth, right: x + halfWidth, top: y - halfHeight, bottom: y + halfHeight });

export const overlap = (a, b) => a.left < b.right && a.right > b.left && a.top < b.bottom && a.bottom > b.top;

const DIRECTIONS = [[0, -1], [0, 1], [1, 0], [-1, 0], [0.7, -0.7], [-0.7, -0.7], [0.7, 0.7], [-0.7, 0.7]];
/* How far a thing may move from its place: in steps of its own size. */
const STEPS = [0.6, 1.2, 1.8];

/** Where a thing of this size may stand, its own place first. */
function* spots({ x, y, halfWidth, halfHeight }) {
  yield [x, y];
  const reach = (halfWidth + halfHeight) / 2;
  for (const step of STEPS) for (const [dx, dy] of DIRECTIONS) yield [x + dx * step * reach, y + dy * step * reach];
}

/**
 * Place clusters of several layers among the boxes `taken`: {kind, x, y, halfWidth, halfHeight, rows, broken, single}.
 * One that finds no room is added to the nearest cluster of its kind, so that the numbers still add up.
 */
export function placeClusters(clusters, taken) {
  const boxes = [...taken];
  const placed = [];
  const room = (spot) => !boxes.some((other) => overlap(spot, other));
  const order = (a, b) => Number(a.single ?? false) - Number(b.single ?? false) || b.rows - a.rows;
  for (const item of [...clusters].sort(order)) {
    const found = [...spots(item)].find(([x, y]) => room(boxAt(x, y, item.halfWidth, item.halfHeight)));
    const host = found ? null : nearest(placed.filter((other) => other.kind === item.kind && !other.single), item);
    if (host) {
      host.rows += item.rows;
      host.broken += item.broken;
    } else {
      const [x, y] = found || [item.x, item.y];
      placed.push({ ...item, x, y });
      boxes.push(boxAt(x, y, item.halfWidth, item.halfHeight));
    }
  }
  return placed;
}

function nearest(items, { x, y }) {
  const far = (item) => Math.hypot(item.x - x, item.y - y);
  return items.reduce((best, item) => (!best || far(item) < far(best) ? item : best), null);
}
