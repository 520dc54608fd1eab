/** The phone page of an issued shift: next stop, "Đã đến", timer, list, end; works without a network. */
import { configure as configureApi, get, send } from "../core/api.js";
import { $, announce, fill, h, icon, toast } from "../core/dom.js";
import { openStore } from "../core/idb.js";
import { t } from "../core/i18n.js";
import { openOutbox } from "../core/outbox.js";
import { readBoot } from "../core/page_map.js";
import { during } from "../core/ready.js";
import { cleanCode, minutesSince, momentOf, nextStop, placeOf, visitsOf } from "../core/walk_state.js";
import { keepForOffline } from "../panels/walk_keep.js";
import { openWalkMap } from "../panels/walk_map.js";
import { askReasons, drawCard, drawList, drawTimer } from "../panels/walk_view.js";

const boot = readBoot();
const address = `/api/patrol-plans/${boot.plan_id}`;
const YEAR_S = 31_536_000;
let plan = null;
let walk = null;
let local = null;
let stores = null;
let outbox = null;
let map = null;
let position = null;
let watch = 0;
let offline = !navigator.onLine;

const newId = () => crypto.randomUUID?.() || "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) => (c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (c / 4)))).toString(16));
const now = () => Date.now();

function view() {
  const visits = visitsOf(plan, local);
  const team = plan.teams.find((one) => one.team === walk.team);
  const auto = team?.outcome === "unclosed" && !local.ended;
  return {
    plan, walk, visits, position, now: now(), here: local.here, started: local.started_at, skipped: local.skipped, auto,
    next: nextStop(walk.stops, visits, { chosen: local.chosen, skipped: local.skipped }),
    done: walk.stops.filter((stop) => visits.has(stop.id)).length, planned: walk.stops.length,
    minutes: walk.stops.reduce((sum, stop) => sum + (visits.get(stop.id)?.minutes || 0), 0),
    phase: local.ended || team?.outcome ? "ended" : "open",
  };
}

async function drawNet() {
  const count = outbox ? await outbox.count() : 0;
  const net = $("#net");
  net.dataset.state = offline ? "offline" : count ? "waiting" : "online";
  net.dataset.waiting = String(count);
  const text = [offline ? t("walk.offline") : t("walk.online"), count ? t("walk.waiting", { count }) : ""].filter(Boolean).join(" · ");
  if (net.textContent !== text) net.textContent = text;
  if (plan) $("#age").textContent = t("walk.data_at", { at: momentOf(plan.at) });
}

function draw() {
  const seen = view();
  drawCard(seen, act);
  drawList(seen, act);
  map?.draw(seen);
  drawNet();
}

async function save() {
  await stores.walks.put(local);
  draw();
}

async function put(kind, id, body) {
  await outbox.put({ id, kind, plan_id: boot.plan_id, commune_id: boot.session.commune.id, body });
  sendAll();
}

const visitBody = (stop_id, visit) => ({ client_id: visit.client_id, stop_id, at: visit.at, is_outside: visit.is_outside, distance_m: visit.distance_m, minutes: visit.minutes, method: visit.method });

/** A visit of this phone: kept first, then sent. */
async function visit(stop, method) {
  const found = { client_id: newId(), at: new Date(now()).toISOString(), minutes: 0, method, sent: false, ...placeOf(stop, position, plan, now()) };
  local.visits[stop.id] = found;
  delete local.skipped[stop.id];
  local.chosen = null;
  if (method === "button") local.here = { stop_id: stop.id, at: found.at, is_outside: found.is_outside };
  await put("visit", found.client_id, visitBody(stop.id, found));
  await save();
  announce(`${t("walk.arrived")}: ${stop.title}`);
}

const act = {
  async start() {
    local.started_at = new Date(now()).toISOString();
    await save();
    scrollTo({ top: 0 });
  },
  arrive: (stop) => visit(stop, "button"),
  async leave() {
    const { stop_id: id, at } = local.here;
    const found = local.visits[id];
    found.minutes = Math.min(720, minutesSince(at, now()));
    local.here = null;
    if (found.minutes > 0) {
      found.sent = false;
      await put("visit", found.client_id, visitBody(id, found));
    }
    await save();
    scrollTo({ top: 0 });
  },
  async skip(stop) {
    const reasons = await askReasons(view(), stop);
    if (!reasons) return;
    Object.assign(local.skipped, reasons);
    local.chosen = null;
    await save();
  },
  async choose(stop) {
    local.chosen = stop.id;
    delete local.skipped[stop.id];
    await save();
    map?.show(stop);
    scrollTo({ top: 0 });
  },
  async end() {
    if (local.here) await act.leave();
    const reasons = await askReasons(view());
    if (!reasons) return;
    Object.assign(local.skipped, reasons);
    local.ended = new Date(now()).toISOString();
    const missed = Object.entries(reasons).map(([stop, reason]) => ({ stop_id: Number(stop), reason }));
    await put("end", `end-${boot.plan_id}-${walk.team}`, { team: walk.team, at: local.ended, missed });
    stopWatching();
    await save();
    scrollTo({ top: 0 });
  },
};

async function sendItem(item) {
  const path = `/api/patrol-plans/${item.plan_id}/${item.kind === "visit" ? "visits" : "walk-ends"}`;
  const key = `${item.id}-${item.changed}`;
  try {
    await send("POST", path, item.body, { key });
    offline = false;
  } catch (error) {
    offline = error.status === 0;
    if (error.code !== "csrf") throw error;
    // The page came from the phone and the session is a newer one: a fresh token, then once more.
    const session = await get("/api/session");
    configureApi({ csrf_token: session.csrf_token, offline: t("common.offline") });
    await send("POST", path, item.body, { key });
  }
  if (item.kind === "visit" && item.plan_id === boot.plan_id) {
    const found = Object.values(local.visits).find((one) => one.client_id === item.id);
    if (found) found.sent = true;
  }
}

async function sendAll() {
  // Another commune's are nobody's business here.
  for (const item of await outbox.items()) if (item.commune_id !== boot.session.commune.id) await stores.outbox.remove(item.id);
  await outbox.flush();
  const refused = (await outbox.items()).find((item) => item.refused);
  if (refused) toast(t("walk.refused", { why: refused.refused }), "warn");
  await save();
}

async function refresh() {
  try {
    const fresh = await get(`${address}/walk`);
    // The same moment again: the answer came from the phone.
    offline = !navigator.onLine || fresh.at === plan?.at;
    plan = fresh;
  } catch (error) {
    offline = true;
    if (!plan) throw error;
  }
  if (walk) {
    walk = plan.walks.find((one) => one.team === walk.team);
    draw();
  }
}

async function chooseTeam(number) {
  walk = plan.walks.find((one) => one.team === number && one.stops.length) || plan.walks.find((one) => one.stops.length) || plan.walks[0];
  const id = `${boot.plan_id}-${walk.team}`;
  local = { visits: {}, skipped: {}, here: null, chosen: null, started_at: null, ended: null, ...(await stores.walks.get(id)), id };
  await stores.walks.put({ id: `team-${boot.plan_id}`, team: walk.team });
  const teams = plan.walks.filter((one) => one.stops.length);
  const box = $("#teams");
  box.hidden = teams.length < 2;
  fill(box, teams.map((one) => h("button", { type: "button", class: `walk-team team-${one.team}`, "aria-pressed": String(one.team === walk.team), data: { testid: `team-${one.team}` }, on: { click: () => chooseTeam(one.team) } }, one.name)));
  draw();
}

function stopWatching() {
  navigator.geolocation?.clearWatch(watch);
  position = null;
  map?.me.hide();
  $("#position").checked = false;
}

/** The phone's place stays in the phone: only whether it is within the radius, and tens of metres, are told. */
function openPosition() {
  $("#position-hint").textContent = t("walk.me", { radius: plan.radius_m });
  $("#position").addEventListener("change", (event) => {
    if (!event.target.checked || !navigator.geolocation) {
      stopWatching();
      draw();
      return;
    }
    watch = navigator.geolocation.watchPosition(({ coords, timestamp }) => {
      position = { lon: coords.longitude, lat: coords.latitude, accuracy_m: coords.accuracy, at: timestamp };
      map?.me.show(position);
      const seen = view();
      if (!seen.here) drawCard(seen, act);
    }, (error) => {
      // A phone that has lost its place for a while finds it again.
      position = null;
      map?.me.hide();
      if (error.code !== error.PERMISSION_DENIED) return;
      stopWatching();
      toast(t("walk.no_position"), "warn");
    }, { enableHighAccuracy: true, maximumAge: 10_000 });
  });
}

function openCode() {
  $("#code-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const code = cleanCode($("#code").value);
    const stop = walk.stops.find((one) => one.code === code);
    if (!stop) {
      toast(t("walk.code_unknown", { code: code || "–" }), "warn");
      return;
    }
    $("#code").value = "";
    if (!view().visits.has(stop.id)) await visit(stop, "code");
    toast(`${stop.position}. ${stop.title}: ${t("walk.done_short")}`);
  });
}

function openTheme() {
  const button = $("[data-theme-next]");
  const root = document.documentElement;
  const other = () => (root.dataset.theme === "dark" ? "outdoor" : "dark");
  const show = () => {
    button.setAttribute("aria-label", other() === "dark" ? t("theme.dark") : t("theme.outdoor"));
    fill(button, icon(other() === "dark" ? "moon" : "sun"));
  };
  button.addEventListener("click", () => {
    root.dataset.theme = other();
    document.cookie = `theme=${root.dataset.theme}; path=/; max-age=${YEAR_S}; samesite=lax`;
    map?.setTheme(root.dataset.theme);
    show();
  });
  show();
}

async function start() {
  openTheme();
  stores = { outbox: await openStore("outbox"), walks: await openStore("walks") };
  outbox = openOutbox({ store: stores.outbox, send: sendItem, onChange: drawNet });
  await refresh();
  const asked = Number(location.hash.slice(1)) || (await stores.walks.get(`team-${boot.plan_id}`))?.team;
  await chooseTeam(asked);
  openPosition();
  openCode();
  $("#end").addEventListener("click", () => act.end());
  addEventListener("online", () => sendAll().then(refresh));
  addEventListener("offline", () => {
    offline = true;
    drawNet();
  });
  setInterval(() => drawTimer(view()), 1000);
  setInterval(() => outbox.count().then((count) => (count ? sendAll() : refresh())), 30_000);
  await sendAll();
  // The map is the part that may be missing: the walk goes on without it.
  await openWalkMap($("#map"), boot).then((found) => {
    map = found;
    map.setTheme(document.documentElement.dataset.theme);
    draw();
  }).catch(() => {
    $("#map").hidden = true;
  });
  keepForOffline().catch(() => undefined);
}

during(start()).catch((error) => {
  fill($("#card"), h("p", { class: "walk-label" }, plan ? error.message : t("walk.no_plan")));
});
