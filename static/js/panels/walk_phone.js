/** The walk of this phone as it is now: one object that the parts of the page share, and how it is shown and kept. */
import { $ } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { momentOf, nextStop, visitsOf } from "../core/walk_state.js";
import { drawCard, drawList } from "./walk_view.js";

export const phone = {
  boot: null, plan: null, walk: null, local: null, stores: null, outbox: null, map: null, position: null, watch: 0,
  offline: !navigator.onLine, act: {},
};
export const now = () => Date.now();

export function view() {
  const visits = visitsOf(phone.plan, phone.local);
  const team = phone.plan.teams.find((one) => one.team === phone.walk.team);
  const auto = team?.outcome === "unclosed" && !phone.local.ended;
  return {
    plan: phone.plan, walk: phone.walk, visits, position: phone.position, now: now(), here: phone.local.here, started: phone.local.started_at, skipped: phone.local.skipped, auto,
    next: nextStop(phone.walk.stops, visits, { chosen: phone.local.chosen, skipped: phone.local.skipped }),
    done: phone.walk.stops.filter((stop) => visits.has(stop.id)).length, planned: phone.walk.stops.length,
    minutes: phone.walk.stops.reduce((sum, stop) => sum + (visits.get(stop.id)?.minutes || 0), 0),
    phase: phone.local.ended || team?.outcome ? "ended" : "open",
  };
}

export async function drawNet() {
  const count = phone.outbox ? await phone.outbox.count() : 0;
  const net = $("#net");
  net.dataset.state = phone.offline ? "offline" : count ? "waiting" : "online";
  net.dataset.waiting = String(count);
  const text = [phone.offline ? t("walk.offline") : t("walk.online"), count ? t("walk.waiting", { count }) : ""].filter(Boolean).join(" · ");
  if (net.textContent !== text) net.textContent = text;
  if (phone.plan) $("#age").textContent = t("walk.data_at", { at: momentOf(phone.plan.at) });
}

export function draw() {
  const seen = view();
  drawCard(seen, phone.act);
  drawList(seen, phone.act);
  phone.map?.draw(seen);
  drawNet();
}

export async function save() {
  await phone.stores.walks.put(phone.local);
  draw();
}
