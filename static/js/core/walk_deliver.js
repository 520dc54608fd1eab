/** How an item that a phone kept reaches the server: from the phone page, and from the page that signs out. */
import { configure, get, send } from "./api.js";
import { openStore } from "./idb.js";
import { openOutbox } from "./outbox.js";

const PATHS = { visit: "visits", end: "walk-ends", note: "notes" };

/** Send one item; a page that came from the phone may hold an old token, so once more with a fresh one. */
export async function deliver(item, offlineText = "") {
  const path = `/api/patrol-plans/${item.plan_id}/${PATHS[item.kind]}`;
  const key = `${item.id}-${item.changed}`;
  try {
    await send("POST", path, item.body, { key });
  } catch (error) {
    if (error.code !== "csrf") throw error;
    const session = await get("/api/session");
    configure({ csrf_token: session.csrf_token, offline: offlineText });
    await send("POST", path, item.body, { key });
  }
}

/** The end of a walk waits for its visits: it has a reason for each stop where nobody was. */
export const waits = (item, stuck) => item.kind === "end" && stuck.some((one) => one.kind === "visit" && one.plan_id === item.plan_id);

/** The outbox that the phone page left, or null where this phone has none: asking makes none. */
export async function leftOutbox() {
  if (!globalThis.indexedDB?.databases) return null;
  if (!(await indexedDB.databases()).some((one) => one.name === "patrol")) return null;
  const here = await get("/api/session").then((session) => session.commune?.id, () => null);
  return openOutbox({ store: await openStore("outbox"), send: (item) => deliver(item), waits, mine: (item) => item.commune_id === here });
}
