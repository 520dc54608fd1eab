/** What was surveyed without a network: kept in IndexedDB, sent once when the network is back. */
import { ApiError, configure, get, getTagged, send } from "../core/api.js";
import { valueText } from "../core/catalogue.js";
import { h, icon, toast } from "../core/dom.js";
import { openStore } from "../core/idb.js";
import { lang, t } from "../core/i18n.js";
import { newKey, openOutbox } from "../core/outbox.js";
import { openDraftList } from "./draft_list.js";
import { clash } from "./draft_rules.js";
import { sendPhotoAfter } from "./photos.js";

const AGAIN_MS = 30_000;
const KEPT_MS = 30 * 86_400_000;

/** Others changed the same since: told in words, and theirs kept beside mine. */
function quarrel(layer, item, fresh, both) {
  const named = both.map((name) => {
    const f = layer.fields.find((one) => one.name === name);
    return f ? `${f.title}: ${valueText(f, fresh.properties[name], lang(), t) || t("edit.empty")}` : t("edit.conflict_place");
  });
  item.theirs = { geometry: fresh.geometry, properties: fresh.properties };
  return new ApiError(t("edit.draft_conflict", { what: named.join("; ") }), { status: 409 });
}

export async function openDrafts(app, changes, panel) {
  const { bar } = panel;
  const { username, commune } = app.session;
  const owner = `${username}@${commune.id}`;
  const store = await openStore("edits");
  // Another person's on this phone wait for them, unseen and unsent; what nobody came back for goes.
  const mine = (item) => item.owner === owner;
  for (const item of await store.all()) if (!mine(item) && Date.now() - item.order > KEPT_MS) await store.remove(item.id);
  const chip = h("button", { type: "button", class: "edit-waiting", "aria-live": "polite", hidden: true, data: { testid: "waiting" }, on: { click: () => list.open() } });
  bar.append(chip);
  let sent = 0;

  async function sendItem(item) {
    const layer = app.catalogue.get(item.layer);
    let { row } = item;
    if (item.kind === "create") {
      const made = await changes.keep(layer, await send("POST", layer.features, item.body, { key: item.id, withVersion: true }));
      row = made.id;
    } else {
      const { body: fresh, version } = await getTagged(`${layer.features}/${row}`);
      const { there, both } = clash(item, fresh, layer.checked_field);
      if (!there && both.length) throw quarrel(layer, item, fresh, both);
      // What was written while the answer got lost is there already.
      if (there) await changes.keep(layer, { body: fresh, version });
      else await changes.keep(layer, await send("PATCH", `${layer.features}/${row}`, item.body, { version, withVersion: true }).catch(inBetween));
    }
    // Written twice it is one: where the photo does not get through, all of it is sent again.
    if (item.photo) await sendPhotoAfter(layer, row, item.photo, item.id);
    if (item.kind === "create") layer.count += 1;
    sent += 1;
    await changes.redraw(layer);
  }

  async function show() {
    const items = await outbox.items();
    list.draw(items);
    const refused = items.find((item) => item.refused);
    const waiting = items.filter((item) => !item.refused).length;
    chip.hidden = !items.length;
    bar.hidden = bar.hidden && !items.length;
    if (items.length) chip.replaceChildren(icon("up"), refused ? t("edit.draft_refused", { why: refused.refused }) : t("edit.draft_waiting", { n: waiting }));
  }

  const outbox = openOutbox({ store, send: sendItem, onChange: show, mine });
  const list = openDraftList(app, panel, {
    items: outbox.items,
    async drop(item) {
      await store.remove(item.id);
      await show();
    },
    async again(item) {
      await outbox.put({ ...item, base: item.theirs || item.base, theirs: undefined, refused: undefined });
      await flush();
    },
  });
  const ahead = (item) => item.kind === "change" && item.base && putAhead(app, item).catch(() => undefined);
  if (app.carried) await Promise.all((await outbox.items()).map(ahead));
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
    await ahead(item);
    sure = false;
    toast(t("edit.draft_kept"));
  };
  return {
    create: (layer, body, photo = null) => keep({ kind: "create", layer: layer.name, body, photo }),
    /** `base`: {geometry, properties} that the change starts from; `label`: what a person knows the row by. */
    change: (layer, row, body, { photo = null, base = null, label = "" } = {}) => keep({ kind: "change", layer: layer.name, row, body, photo, base, label }),
  };
}

/** Somebody saved between the question and the answer: asked once more. */
function inBetween(error) {
  throw error.status === 412 ? new ApiError(error.message, { status: 425 }) : error;
}

/** The map shows what is kept as if it were sent. */
async function putAhead(app, { layer: name, row, body }) {
  const feature = await app.data.one(name, row);
  await app.data.put(name, { ...feature, geometry: body.geometry || feature.geometry, properties: { ...feature.properties, ...body.properties } });
  await app.drawLayer(app.catalogue.get(name));
}
