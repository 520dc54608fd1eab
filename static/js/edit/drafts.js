/** What was surveyed without a network: kept in IndexedDB, sent once when the network is back. */
import { configure, get, getTagged, send } from "../core/api.js";
import { h, icon, toast } from "../core/dom.js";
import { openStore } from "../core/idb.js";
import { t } from "../core/i18n.js";
import { newKey, openOutbox } from "../core/outbox.js";
import { sendPhotoAfter } from "./photos.js";

const AGAIN_MS = 30_000;
const KEPT_MS = 30 * 86_400_000;

export async function openDrafts(app, changes, bar) {
  const { username, commune } = app.session;
  const owner = `${username}@${commune.id}`;
  const store = await openStore("edits");
  // Another person's on this phone wait for them, unseen and unsent; what nobody came back for goes.
  const mine = (item) => item.owner === owner;
  for (const item of await store.all()) if (!mine(item) && Date.now() - item.order > KEPT_MS) await store.remove(item.id);
  const chip = h("p", { class: "edit-waiting", role: "status", hidden: true, data: { testid: "waiting" } });
  bar.append(chip);
  let sent = 0;

  async function sendItem(item) {
    const layer = app.catalogue.get(item.layer);
    let { row } = item;
    if (item.kind === "create") {
      const made = await changes.keep(layer, await send("POST", layer.features, item.body, { key: item.id, withVersion: true }));
      row = made.id;
    } else {
      const { version } = await getTagged(`${layer.features}/${row}`);
      await changes.keep(layer, await send("PATCH", `${layer.features}/${row}`, item.body, { version, withVersion: true }));
    }
    // Written twice it is one: where the photo does not get through, all of it is sent again.
    if (item.photo) await sendPhotoAfter(layer, row, item.photo, item.id);
    if (item.kind === "create") layer.count += 1;
    sent += 1;
    await changes.redraw(layer);
  }

  async function show() {
    const items = await outbox.items();
    const refused = items.find((item) => item.refused);
    const waiting = items.filter((item) => !item.refused).length;
    chip.hidden = !items.length;
    bar.hidden = bar.hidden && !items.length;
    if (items.length) chip.replaceChildren(icon("up"), refused ? t("edit.draft_refused", { why: refused.refused }) : t("edit.draft_waiting", { n: waiting }));
  }

  const outbox = openOutbox({ store, send: sendItem, onChange: show, mine });
  /** Whether this page may still speak for its owner: another may have signed in beside it, or the token be old. */
  async function isMe() {
    const now = await get("/api/session").catch(() => null);
    if (now?.username !== username || now.commune?.id !== commune.id) return false;
    configure({ csrf_token: now.csrf_token, offline: t("common.offline") });
    return true;
  }
  async function flush() {
    sent = 0;
    if (!(await outbox.count()) || !(await isMe())) return show();
    await outbox.flush();
    if (sent) toast(t("edit.draft_sent", { n: sent }));
    return show();
  }
  addEventListener("online", flush);
  setInterval(async () => {
    if (await outbox.count()) flush();
  }, AGAIN_MS);
  await show();
  flush();

  // Signing out wipes what this phone kept: said once, meant the second time.
  let sure = false;
  app.mayLeave = async () => {
    await flush();
    const count = (await outbox.items()).length;
    if (!count || sure) return true;
    sure = true;
    toast(t("edit.draft_leave", { n: count }), "warn");
    return false;
  };

  const keep = async (item) => {
    await outbox.put({ id: newKey(), owner, ...item });
    sure = false;
    toast(t("edit.draft_kept"));
  };
  return {
    create: (layer, body, photo = null) => keep({ kind: "create", layer: layer.name, body, photo }),
    change: (layer, row, body, photo = null) => keep({ kind: "change", layer: layer.name, row, body, photo }),
  };
}
