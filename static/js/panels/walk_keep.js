/** What makes the page work without a network: the service worker, and what it is asked to keep. */

/** Start the worker, and have it keep what this page has loaded before the worker was there. */
export async function keepForOffline() {
  if (!("serviceWorker" in navigator)) return;
  performance.setResourceTimingBufferSize(3000);
  await navigator.serviceWorker.register("/sw.js", { scope: "/" });
  const { active } = await navigator.serviceWorker.ready;
  navigator.serviceWorker.addEventListener("message", (event) => {
    if (event.data?.kept) document.documentElement.dataset.kept = "1";
  });
  const wanted = performance.getEntriesByType("resource").map((entry) => new URL(entry.name))
    .filter(({ origin, pathname }) => origin === location.origin && /^\/(?:static\/v-|tiles\/|api\/layers|api\/patrol-plans\/\d+\/walk$)/.test(pathname))
    .map((url) => url.pathname + url.search);
  active.postMessage({ keep: [location.pathname, ...new Set(wanted)] });
}
