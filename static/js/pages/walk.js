/** The phone page of an issued shift: next stop, "Đã đến", timer, list, end; works without a network. */
import { $, fill, h } from "../core/dom.js";
import { openStore } from "../core/idb.js";
import { t } from "../core/i18n.js";
import { openOutbox } from "../core/outbox.js";
import { readBoot } from "../core/page_map.js";
import { loadGuard } from "../core/person_guard.js";
import { during } from "../core/ready.js";
import { waits } from "../core/walk_deliver.js";
import { act } from "../panels/walk_acts.js";
import { keepForOffline } from "../panels/walk_keep.js";
import { openWalkMap } from "../panels/walk_map.js";
import { drawRefused, openNote } from "../panels/walk_note.js";
import { draw, drawNet, phone, view } from "../panels/walk_phone.js";
import { chooseTeam, mine, refresh, sendAll, sendItem } from "../panels/walk_send.js";
import { openCode, openPosition, openTheme } from "../panels/walk_tools.js";
import { drawTimer } from "../panels/walk_view.js";

phone.boot = readBoot();
Object.assign(act, { note: () => openNote(), drawRefused });

async function start() {
  openTheme();
  phone.stores = { outbox: await openStore("outbox"), walks: await openStore("walks") };
  phone.outbox = openOutbox({ store: phone.stores.outbox, send: sendItem, onChange: drawNet, waits, mine });
  await refresh();
  const asked = Number(location.hash.slice(1)) || (await phone.stores.walks.get(`team-${phone.boot.plan_id}`))?.team;
  await chooseTeam(asked);
  openPosition();
  openCode();
  $("#end").addEventListener("click", () => act.end());
  addEventListener("online", () => sendAll().then(refresh));
  addEventListener("offline", () => {
    phone.offline = true;
    drawNet();
  });
  setInterval(() => drawTimer(view()), 1000);
  setInterval(() => phone.outbox.count().then((count) => (count ? sendAll() : refresh())), 30_000);
  await sendAll();
  // The map is the part that may be missing: the walk goes on without it.
  await openWalkMap($("#map"), phone.boot).then((found) => {
    phone.map = found;
    phone.map.setTheme(document.documentElement.dataset.theme);
    draw();
  }).catch(() => {
    $("#map").hidden = true;
  });
  // What stops words about a person while they are typed must be here before the network goes.
  await loadGuard();
  keepForOffline().catch(() => undefined);
}

during(start()).catch((error) => {
  fill($("#card"), h("p", { class: "walk-label" }, phone.plan ? error.message : t("walk.no_plan")));
});
