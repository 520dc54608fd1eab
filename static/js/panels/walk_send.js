/** What the phone tells the server and asks of it. */
import { get } from "../core/api.js";
import { $, fill, h, toast } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { deliver } from "../core/walk_deliver.js";
import { draw, now, phone, save } from "./walk_phone.js";

const KEPT_MS = 7 * 86_400_000;

/** Another commune's wait for somebody of theirs to sign in here: neither sent nor shown, and not for ever. */
export const mine = (item) => item.commune_id === phone.boot.session.commune.id;

export async function put(kind, id, body) {
  await phone.outbox.put({ id, kind, plan_id: phone.boot.plan_id, commune_id: phone.boot.session.commune.id, body });
  sendAll();
}

export async function sendItem(item) {
  try {
    await deliver(item, t("common.offline"));
    phone.offline = false;
  } catch (error) {
    phone.offline = error.status === 0;
    throw error;
  }
  if (item.kind === "visit" && item.plan_id === phone.boot.plan_id) {
    const found = Object.values(phone.local.visits).find((one) => one.client_id === item.id);
    if (found) found.sent = true;
  }
}

export async function sendAll() {
  for (const item of await phone.outbox.everything()) if (!mine(item) && now() - item.order > KEPT_MS) await phone.stores.outbox.remove(item.id);
  await phone.outbox.flush();
  const refused = (await phone.outbox.items()).find((item) => item.refused);
  await phone.act.drawRefused?.();
  if (refused && refused.kind !== "note") toast(t("walk.refused", { why: refused.refused }), "warn");
  await save();
}

export async function refresh() {
  try {
    const fresh = await get(`/api/patrol-plans/${phone.boot.plan_id}/walk`);
    // The same moment again: the answer came from the phone.
    phone.offline = !navigator.onLine || fresh.at === phone.plan?.at;
    phone.plan = fresh;
  } catch (error) {
    phone.offline = true;
    if (!phone.plan) throw error;
  }
  if (phone.walk) {
    phone.walk = phone.plan.walks.find((one) => one.team === phone.walk.team);
    draw();
  }
}

export async function chooseTeam(number) {
  phone.walk = phone.plan.walks.find((one) => one.team === number && one.stops.length) || phone.plan.walks.find((one) => one.stops.length) || phone.plan.walks[0];
  const id = `${phone.boot.plan_id}-${phone.walk.team}`;
  phone.local = { visits: {}, skipped: {}, here: null, chosen: null, started_at: null, ended: null, ...(await phone.stores.walks.get(id)), id };
  await phone.stores.walks.put({ id: `team-${phone.boot.plan_id}`, team: phone.walk.team });
  const teams = phone.plan.walks.filter((one) => one.stops.length);
  const box = $("#teams");
  box.hidden = teams.length < 2;
  fill(box, teams.map((one) => h("button", { type: "button", class: `walk-team team-${one.team}`, "aria-pressed": String(one.team === phone.walk.team), data: { testid: `team-${one.team}` }, on: { click: () => chooseTeam(one.team) } }, one.name)));
  draw();
}
