/* Two things open without a network: the phone page of a shift, of which shell, fonts, plan and seen tiles are kept once
   it was opened; and the survey map `/?mang-theo`, which core/carried.js puts into a cache of its own when somebody asks
   for it. All of it goes at sign-out, and whenever the sign-in page is reached: the next person may be another one. */
const KEPT = "patrol-1";
const PAGE = /^\/tuan-tra\/\d+\/di$/;
const PLAN = /^\/api\/(?:patrol-plans\/\d+\/walk|layers|layers\/communes\/features)$/;
const STATIC = /^\/static\/v-/;
const FEATURES = /^\/api\/layers(?:\/\w+\/features)?$/;
/* As in core/carried.js. */
const SURVEY = /^survey-\d+$/;
const TOLD = "/survey-told";
const MARK = "mang-theo";
/* A network that does not answer for so long is none, for who has the map with them. */
const PATIENCE_MS = 8000;
/* Questions that a copy cannot answer. */
const ASKED = ["near", "within", "after"];
/* Residents' pages: not ours to look at. */
const PUBLIC = /^\/(?:tin|cong-khai)(?:\/|$)/;
/* Where another person may become the one of this phone. */
const DOOR = /^\/(?:dang-nhap|api\/session)(?:\/|$)|^\/moi\/./;
const MOST = 2500;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

async function forget() {
  for (const name of await caches.keys()) await caches.delete(name);
}

async function wipe() {
  await forget();
  // IndexedDB with unsent visits goes as well: who signs out leaves nothing on the phone.
  indexedDB.deleteDatabase("patrol");
}

async function keep(request, response) {
  const cache = await caches.open(KEPT);
  await cache.put(request, response);
  const keys = await cache.keys();
  if (keys.length > MOST) await cache.delete(keys.find((one) => new URL(one.url).pathname.startsWith("/tiles/")) || keys[0]);
}

/** What is kept first; without a network another version of the same tile will do. */
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
  else if (response.redirected || response.type === "opaqueredirect" || [401, 403, 404].includes(response.status)) await cache.delete(request);
  return response;
}

/** The whole copy of the survey map on this phone, or null. */
async function survey() {
  for (const name of await caches.keys()) {
    if (!SURVEY.test(name)) continue;
    const cache = await caches.open(name);
    const told = await (await cache.match(TOLD))?.json();
    if (told && told.until > Date.now()) return cache;
    // One without a word of whose it is is still being filled.
    if (told) await caches.delete(name);
  }
  return null;
}

const pause = () => new Promise((_, reject) => {
  setTimeout(() => reject(new Error("slow")), PATIENCE_MS);
});

/** A page: from the network; without one every way leads to the survey map, where this phone has it. */
async function travel(request) {
  const url = new URL(request.url);
  const copy = await survey();
  const marked = url.pathname === "/" && url.searchParams.has(MARK);
  try {
    // A file may take its time to be made.
    const isPage = !url.pathname.startsWith("/api/");
    const response = await (copy && isPage ? Promise.race([fetch(request), pause()]) : fetch(request));
    if (response.status === 200 && url.pathname.startsWith("/dang-nhap")) await forget();
    // The network is back: the live map.
    return marked && response.ok ? Response.redirect("/") : response;
  } catch (error) {
    const page = await copy?.match("/");
    if (!page) throw error;
    return marked ? page : Response.redirect(`/?${MARK}`);
  }
}

/** What pages ask for: of the phone page and of the survey map from what is kept, of all others from the network. */
async function answer(event) {
  const { request } = event;
  const client = event.clientId ? await self.clients.get(event.clientId) : null;
  const url = new URL(request.url);
  const page = client && new URL(client.url);
  if (page && PAGE.test(page.pathname)) {
    if (PLAN.test(url.pathname)) return networkFirst(request);
    return FEATURES.test(url.pathname) ? fetch(request) : keptFirst(request);
  }
  if (page?.searchParams.has(MARK) && !ASKED.some((name) => url.searchParams.has(name))) {
    const found = await (await survey())?.match(request, { ignoreSearch: true });
    if (found) return found;
  }
  return fetch(request);
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== self.location.origin) return;
  if ((request.method === "POST" && pathname === "/dang-xuat") || (request.method === "DELETE" && pathname === "/api/session")) {
    event.waitUntil(wipe());
    return;
  }
  if (request.method !== "GET") {
    if (DOOR.test(pathname)) event.waitUntil(forget());
    return;
  }
  if (PAGE.test(pathname)) event.respondWith(networkFirst(request));
  else if (request.mode === "navigate" && !PUBLIC.test(pathname)) event.respondWith(travel(request));
  else if ([PLAN, STATIC, FEATURES].some((one) => one.test(pathname)) || pathname.startsWith("/tiles/")) event.respondWith(answer(event));
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
