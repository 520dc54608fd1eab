/** Turning and moving a thing on the map by degrees and metres. Pure. */
import { destination } from "./geometry.js";

const RAD = Math.PI / 180;
const ARROWS = { ArrowUp: 0, ArrowRight: 90, ArrowDown: 180, ArrowLeft: 270 };
const TURNS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 };
/* A fine step with Shift, a coarse one without. */
const TURN_DEG = 5;
const TURN_FINE_DEG = 1;
const MOVE_M = 2;
const MOVE_FINE_M = 0.5;

/** 0 ≤ result < 360, whole degrees to one place. */
export const turned = (azimuth, by) => Math.round(((((azimuth + by) % 360) + 360) % 360) * 10) / 10 % 360;

/** Degrees clockwise from north, from one [lon, lat] to another near it. */
export function bearing([lon, lat], [lon2, lat2]) {
  const east = (lon2 - lon) * Math.cos(((lat + lat2) / 2) * RAD);
  return turned(Math.atan2(east, lat2 - lat) / RAD, 0);
}

/** The azimuth after an arrow key, or null for another key. */
export function turnByKey(azimuth, key, fine) {
  const way = TURNS[key];
  return way ? turned(azimuth, way * (fine ? TURN_FINE_DEG : TURN_DEG)) : null;
}

/** The [lon, lat] after an arrow key, or null for another key. */
export function moveByKey(point, key, fine) {
  if (!(key in ARROWS)) return null;
  return destination(point, ARROWS[key], fine ? MOVE_FINE_M : MOVE_M).map((value) => Number(value.toFixed(7)));
}

/** A sector as a ring of [lat, lng], for the moment until the server has cut it by the buildings. */
export function sector([lon, lat], azimuth, fov, reach_m) {
  const steps = Math.max(8, Math.round(fov / 5));
  const arc = Array.from({ length: steps + 1 }, (_, i) => destination([lon, lat], azimuth - fov / 2 + (fov * i) / steps, reach_m));
  const ring = fov >= 360 ? arc : [[lon, lat], ...arc];
  return ring.map(([x, y]) => [y, x]);
}
