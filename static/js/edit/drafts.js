/** What was surveyed without a network: kept in IndexedDB, sent once when the network is back. */
import { getTagged, send } from "../core/api.js";
import { h, icon, toast } from "../core/dom.js";
import { openStore } from "../core/idb.js";
import { t } from "../core/i18n.js";
import { openOutbox } from "../core/outbox.js";

const AGAIN_MS = 30_000;
const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

export async function openDrafts(app, changes, bar) {
  const { username, commune } = app.session;
  const owner = `${username}@${commune.id}`;
  const store = await openStore("edits");
  // Another person's on this phone are nobody's business here.
  for (const item of await store.all()) if (item.owner !== owner) await store.remove(item.id);
  const chip = h("p", { class: "edit-waiting", role: "status", hidden: true, data: { testid: "waiting" } });
  bar.append(chip);
  let sent = 0;

  async function sendItem(item) {
    const layer = app.catalogue.get(item.layer);
    if (item.kind === "create") await changes.keep(layer, await send("POST", layer.features, item.body, { key: item.id, withVersion: true }));
    else {
      const { version } = await getTagged(`${layer.features}/${item.row}`);
      await changes.keep(layer, await send("PATCH", `${layer.features}/${item.row}`, item.body, { version, withVersion: true }));
    }
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

  const outbox = openOutbox({ store, send: sendItem, onChange: show });
  async function flush() {
    sent = 0;
    await outbox.flush();
    if (sent) toast(t("edit.draft_sent", { n: sent }));
    await show();
  }
  addEventListener("online", flush);
  setInterval(async () => {
    if (await outbox.count()) flush();
  }, AGAIN_MS);
  await show();
  flush();

  const keep = async (item) => {
    await outbox.put({ id: newKey(), owner, ...item });
    toast(t("edit.draft_kept"));
  };
  return {
    create: (layer, body) => keep({ kind: "create", layer: layer.name, body }),
    change: (layer, row, body) => keep({ kind: "change", layer: layer.name, row, body }),
  };
}
