/** Where a team is in its walk: what is done, what comes next, what is to be told. Pure. */

const EARTH_M = 6_371_008.8;
const OLD_POSITION_MS = 120_000;

/** Metres between two places on the ground. */
export function metresBetween(a, b) {
  const rad = Math.PI / 180;
  const x = (b.lon - a.lon) * rad * Math.cos(((a.lat + b.lat) / 2) * rad);
  return Math.hypot(x, (b.lat - a.lat) * rad) * EARTH_M;
}

/**
 * What the server is told of a position: outside or not, and tens of metres. {is_outside: null} where the phone does
 * not know. `position`: {lon, lat, accuracy_m, at}. A rough position gets the benefit of the doubt.
 */
export function placeOf(stop, position, { radius_m: radius, farthest_m: farthest }, now) {
  if (!position || now - position.at > OLD_POSITION_MS) return { is_outside: null, distance_m: null };
  const away = metresBetween(stop, position);
  const outside = away - Math.min(position.accuracy_m || 0, radius) > radius;
  return { is_outside: outside, distance_m: Math.min(farthest, Math.round(away / 10) * 10) };
}

/** Visits by stop: those of the server, and over them what this phone knows. */
export function visitsOf(plan, local) {
  const found = new Map();
  for (const visit of plan.visits) {
    const old = found.get(visit.stop_id);
    found.set(visit.stop_id, {
      at: old?.at || visit.device_at, minutes: Math.max(old?.minutes || 0, visit.minutes || 0),
      is_outside: visit.is_outside, distance_m: visit.distance_m, sent: true,
    });
  }
  for (const [stop, visit] of Object.entries(local.visits || {})) {
    const known = found.get(Number(stop));
    found.set(Number(stop), { ...visit, minutes: Math.max(known?.minutes || 0, visit.minutes || 0), sent: Boolean(known) || visit.sent });
  }
  return found;
}

/** The stop that comes next: the chosen one, else the first in order that is neither done nor skipped. */
export function nextStop(stops, visits, { chosen = null, skipped = {} } = {}) {
  const open = (stop) => !visits.has(stop.id);
  return stops.find((stop) => stop.id === chosen && open(stop)) || stops.find((stop) => open(stop) && !(stop.id in skipped)) || null;
}

/** Stops where nobody was. */
export const missedStops = (stops, visits) => stops.filter((stop) => !visits.has(stop.id));

/** A code as people type it: spaces and small letters are forgiven. */
export const cleanCode = (text) => String(text || "").replace(/[^0-9a-z]/gi, "").toUpperCase().slice(0, 6);

/** Whole minutes since a moment, never negative. */
export const minutesSince = (at, now) => Math.max(0, Math.floor((now - Date.parse(at)) / 60_000));

/** mm:ss since a moment; over an hour h:mm:ss. */
export function clockSince(at, now) {
  const seconds = Math.max(0, Math.floor((now - Date.parse(at)) / 1000));
  const two = (value) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  return `${hours ? `${hours}:` : ""}${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** short, enough or long: 10 to 15 minutes on place. */
export function stayState(minutes, { stay_min: least, stay_most_min: most }) {
  if (minutes >= most) return "long";
  return minutes >= least ? "enough" : "short";
}

/** HH:MM in Vietnam. */
export const hourOf = (at) => new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Ho_Chi_Minh", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(at));

/** HH:MM, dd/MM/yyyy in Vietnam. */
export function momentOf(at) {
  const day = new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Ho_Chi_Minh" }).format(new Date(at)).split("-").reverse().join("/");
  return `${hourOf(at)}, ${day}`;
}
