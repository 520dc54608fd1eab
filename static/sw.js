/* Keeps what the phone page of a shift needs without a network: shell, fonts, page, plan, tiles that were seen. It also
   wipes all of it at sign-out. Nothing is kept before that page was opened, and nothing else is ever answered. */
const KEPT = "patrol-1";
const PAGE = /^\/tuan-tra\/\d+\/di$/;
const PLAN = /^\/api\/(?:patrol-plans\/\d+\/walk|layers|layers\/communes\/features)$/;
const STATIC = /^\/static\/v-/;
const MOST = 2500;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

async function wipe() {
  for (const name of await caches.keys()) await caches.delete(name);
  // IndexedDB with unsent visits goes as well: who signs out leaves nothing on the phone.
  indexedDB.deleteDatabase("patrol");
}

async function keep(request, response) {
  const cache = await caches.open(KEPT);
  await cache.put(request, response);
  const keys = await cache.keys();
  if (keys.length > MOST) await cache.delete(keys.find((one) => new URL(one.url).pathname.startsWith("/tiles/")) || keys[0]);
}

/** What is kept first; `exact` false: another version of the same tile will do without a network. */
async function keptFirst(request) {
  const cache = await caches.open(KEPT);
  const found = await cache.match(request);
  if (found) return found;
  try {
    const response = await fetch(request);
    if (response.status === 200) await keep(request, response.clone());
    return response;
  } catch (error) {
    const other = await cache.match(request, { ignoreSearch: true });
    if (other) return other;
    throw error;
  }
}

async function networkFirst(request) {
  const cache = await caches.open(KEPT);
  let response;
  try {
    response = await fetch(request);
  } catch (error) {
    const found = await cache.match(request);
    if (found) return found;
    throw error;
  }
  // A redirect leads to the sign-in page; a refusal means that this phone shall not have it any longer.
  if (response.status === 200 && !response.redirected) await keep(request, response.clone());
  else if (response.redirected || [401, 403, 404].includes(response.status)) await cache.delete(request);
  return response;
}

/** Only once the phone page has been opened is anything kept. */
async function fromPhone(event) {
  const client = event.clientId ? await self.clients.get(event.clientId) : null;
  return Boolean(client) && PAGE.test(new URL(client.url).pathname);
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== self.location.origin) return;
  if ((request.method === "POST" && pathname === "/dang-xuat") || (request.method === "DELETE" && pathname === "/api/session")) {
    event.waitUntil(wipe());
    return;
  }
  if (request.method !== "GET") return;
  if (PAGE.test(pathname)) event.respondWith(networkFirst(request));
  else if (PLAN.test(pathname)) event.respondWith(fromPhone(event).then((own) => (own ? networkFirst(request) : fetch(request))));
  else if (STATIC.test(pathname) || pathname.startsWith("/tiles/")) event.respondWith(fromPhone(event).then((own) => (own ? keptFirst(request) : fetch(request))));
});

/* The first visit loads before the worker is there: the page tells what it has loaded, and that is fetched once more. */
self.addEventListener("message", (event) => {
  if (event.data?.keep) {
    event.waitUntil(Promise.all(event.data.keep.map(async (address) => {
      const cache = await caches.open(KEPT);
      if (await cache.match(address)) return;
      const response = await fetch(address, { credentials: "same-origin" }).catch(() => null);
      if (response?.status === 200 && !response.redirected) await keep(address, response);
    })).then(() => event.source?.postMessage({ kept: true })));
  }
});
