/** Every file of our own that a page needs, now or later: what its document names, and what those files name. */

/* Relative paths that stand in a script as a text, imports of all kinds among them. */
const IN_SCRIPT = /["'](\.{1,2}\/[\w./-]+\.(?:js|css|json))["']/g;
/* Of style sheets the fonts alone: pictures of Leaflet's own are not shipped. */
const IN_SHEET = /url\(["']?([^"')]+\.woff2)["']?\)/g;
const READ = /\.(?:js|css)$/;

/** The addresses that a file of this address and text names. Pure. */
export function named(path, text) {
  const found = [...text.matchAll(path.endsWith(".css") ? IN_SHEET : IN_SCRIPT)].map(([, target]) => target);
  return found.map((target) => new URL(target, new URL(path, "http://here/")).pathname);
}

/** `read(path)` answers the text of a file. */
export async function crawl(read) {
  const links = [...document.querySelectorAll("link[rel=stylesheet], link[rel=modulepreload], link[rel=icon], link[as=font]")].map((link) => link.href);
  const scripts = [...document.querySelectorAll("script[src]")].map((script) => script.src);
  const waiting = [...links, ...scripts].map((address) => new URL(address).pathname);
  const found = new Set();
  while (waiting.length) {
    const path = waiting.pop();
    if (found.has(path)) continue;
    found.add(path);
    if (READ.test(path)) waiting.push(...named(path, await read(path)));
  }
  return [...found];
}
