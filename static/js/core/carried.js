/** The commune's map on this phone, for the street without a network: of one account, whole or not at all, for three days. */
import { get, getFile } from "./api.js";
import { crawl } from "./crawl.js";
import { tilesOf } from "./geometry.js";

/** The address under which the service worker (static/sw.js) opens the copy: `/?mang-theo`. */
export const MARK = "mang-theo";
const TOLD = "/survey-told";
const NAME = /^survey-\d+$/;
const KEPT_MS = 3 * 86_400_000;
const TILE_ZOOMS = [9, 15];
const AT_ONCE = 4;

export const ownerOf = ({ username, commune }) => `${username}@${commune.id}`;
const copies = async () => (globalThis.caches ? (await caches.keys()).filter((name) => NAME.test(name)) : []);

const toldIn = async (name) => (await (await caches.open(name)).match(TOLD))?.json();

/** What this phone holds: {owner, taken_at, until, bytes, layers}, or null. */
export async function carried() {
  for (const name of await copies()) {
    const told = await toldIn(name);
    if (told && told.until > Date.now()) return told;
  }
  return null;
}

export async function dropCarried(except = "") {
  for (const name of await copies()) if (name !== except) await caches.delete(name);
}

/* Nobody fills a copy for so long: what has no word of whose it is then was broken off. */
const FILLED_MS = 3_600_000;

/** What is another account's, or too old, goes; not what a page beside this one is filling. */
async function dropOthers(owner) {
  for (const name of await copies()) {
    const told = await toldIn(name);
    const stays = told ? told.owner === owner && told.until > Date.now() : Date.now() - Number(name.slice(7)) < FILLED_MS;
    if (!stays) await caches.delete(name);
  }
}

/** The copy that this page is, or null on the live page. */
export async function openCarried(session) {
  await dropOthers(ownerOf(session));
  return new URLSearchParams(location.search).has(MARK) ? carried() : null;
}

/* What is looked at on the street, and where it stands. */
const isWanted = (layer) => ["groups", "communes"].includes(layer.name) || Boolean(layer.checked_field);

/** Rows without the columns that only some roles read: counts of persons stay off the phone. */
function bare(layer, feature) {
  const reserved = new Set(layer.fields.filter((f) => f.reserved).map((f) => f.name));
  return { ...feature, properties: Object.fromEntries(Object.entries(feature.properties).filter(([name]) => !reserved.has(name))) };
}

/** Fetch all of it into a cache of its own, which counts once it is complete. `onProgress(done, all, bytes)`. */
export async function carry(app, { signal, onProgress }) {
  await navigator.serviceWorker.register("/sw.js", { scope: "/" });
  await navigator.serviceWorker.ready;
  navigator.storage?.persist?.().catch(() => undefined);
  const name = `survey-${Date.now()}`;
  const cache = await caches.open(name);
  const counted = { done: 0, all: 0, bytes: 0 };
  const put = async (path, body, type) => {
    signal.throwIfAborted();
    counted.bytes += body.size ?? new Blob([body]).size;
    await cache.put(path, new Response(body, { headers: { "Content-Type": type } }));
    counted.done += 1;
    onProgress(counted);
  };
  const putJson = (path, value) => put(path, JSON.stringify(value), "application/json");
  const fetched = (path) => getFile(path, { signal });
  try {
    const catalogue = await get("/api/layers", {}, { signal });
    const layers = catalogue.layers.filter(isWanted)
      .map((layer) => ({ ...layer, fields: layer.fields.filter((f) => !f.reserved) }));
    const files = await crawl(async (path) => (await fetched(path)).text());
    const tiles = tilesOf(app.session.commune.bbox, ...TILE_ZOOMS)
      .map((tile) => catalogue.base_tiles.replace(/\{([zxy])\}/g, (_, key) => tile[key]));
    const waiting = [...files, ...tiles];
    counted.all = waiting.length + layers.length + 2;
    await putJson("/api/layers", { ...catalogue, layers });
    for (const layer of layers) {
      await app.data.load(layer.name);
      await app.data.renew(layer.name);
      const features = (await app.data.load(layer.name)).map((feature) => bare(app.catalogue.get(layer.name), feature));
      await putJson(layer.features, { type: "FeatureCollection", features, links: [] });
    }
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
      while (waiting.length) {
        const path = waiting.pop();
        const response = await fetched(path);
        await put(path, await response.blob(), response.headers.get("Content-Type"));
      }
    }));
    await put("/", await (await fetched("/")).text(), "text/html; charset=utf-8");
    const now = Date.now();
    await putJson(TOLD, { owner: ownerOf(app.session), taken_at: now, until: now + KEPT_MS, bytes: counted.bytes, layers: layers.map((layer) => layer.name) });
    await dropCarried(name);
    return await carried();
  } catch (error) {
    await caches.delete(name);
    throw error;
  }
}
