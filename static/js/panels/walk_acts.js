/** What people do on the street: start, "Đã đến", go on, skip, choose, end. */
import { $, announce } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { minutesSince, placeOf } from "../core/walk_state.js";
import { now, phone, save, view } from "./walk_phone.js";
import { put } from "./walk_send.js";
import { askReasons } from "./walk_view.js";

export const newId = () => crypto.randomUUID?.() || "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) => (c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (c / 4)))).toString(16));
const visitBody = (stop_id, visit) => ({ client_id: visit.client_id, stop_id, at: visit.at, is_outside: visit.is_outside, distance_m: visit.distance_m, minutes: visit.minutes, method: visit.method });

/** A visit of this phone: kept first, then sent. */
export async function visit(stop, method) {
  const found = { client_id: newId(), at: new Date(now()).toISOString(), minutes: null, method, sent: false, ...placeOf(stop, phone.position, phone.plan, now()) };
  phone.local.visits[stop.id] = found;
  delete phone.local.skipped[stop.id];
  phone.local.chosen = null;
  if (method === "button") phone.local.here = { stop_id: stop.id, at: found.at, is_outside: found.is_outside };
  await put("visit", found.client_id, visitBody(stop.id, found));
  await save();
  announce(`${t("walk.arrived")}: ${stop.title}`);
}

export const act = {
  async start() {
    phone.local.started_at = new Date(now()).toISOString();
    await save();
    scrollTo({ top: 0 });
  },
  arrive: (stop) => visit(stop, "button"),
  async leave() {
    const { stop_id: id, at } = phone.local.here;
    const found = phone.local.visits[id];
    found.minutes = Math.min(720, minutesSince(at, now()));
    phone.local.here = null;
    found.sent = false;
    await put("visit", found.client_id, visitBody(id, found));
    await save();
    scrollTo({ top: 0 });
  },
  async skip(stop) {
    const reasons = await askReasons(view(), stop);
    if (!reasons) return;
    Object.assign(phone.local.skipped, reasons);
    phone.local.chosen = null;
    await save();
  },
  async choose(stop) {
    phone.local.chosen = stop.id;
    delete phone.local.skipped[stop.id];
    await save();
    phone.map?.show(stop);
    scrollTo({ top: 0 });
  },
  async end() {
    if (phone.local.here) await act.leave();
    const reasons = await askReasons(view());
    if (!reasons) return;
    Object.assign(phone.local.skipped, reasons);
    phone.local.ended = new Date(now()).toISOString();
    const missed = Object.entries(reasons).map(([stop, reason]) => ({ stop_id: Number(stop), reason }));
    await put("end", `end-${phone.boot.plan_id}-${phone.walk.team}`, { team: phone.walk.team, at: phone.local.ended, missed });
    stopWatching();
    await save();
    scrollTo({ top: 0 });
  },
};

export function stopWatching() {
  navigator.geolocation?.clearWatch(phone.watch);
  phone.position = null;
  phone.map?.me.hide();
  $("#position").checked = false;
}

phone.act = act;
