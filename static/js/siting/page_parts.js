/** The server's own parts of the page (tables, forms) follow the plan: taken anew from the server, without a reload. */
import { getPage } from "../core/api.js";
import { $, $$, debounce, icon } from "../core/dom.js";

const WAIT_MS = 500;

/** A part that a person has begun to fill in stays; only the version it starts from is that of the page. */
const isInHand = (part) => part.matches("section[aria-labelledby]")
  && Boolean($("[data-second]", part) || $("details[open]", part) || part.contains(document.activeElement));

function swap(root, fresh) {
  const own = $("#plan-map", fresh);
  if (!own) return;
  const focused = document.activeElement?.dataset?.testid;
  const version = $("input[name=version]", fresh)?.value;
  const kept = [...root.parentElement.children].filter((part) => part !== root && isInHand(part));
  for (const part of [...root.parentElement.children]) if (part !== root && !kept.includes(part)) part.remove();
  for (const part of kept) for (const field of $$("input[name=version]", part)) if (version) field.value = version;
  const names = new Set(kept.map((part) => part.getAttribute("aria-labelledby")).filter(Boolean));
  const isNew = (part) => !names.has(part.getAttribute("aria-labelledby"));
  const parts = [...own.parentElement.children];
  const at = parts.indexOf(own);
  root.before(...parts.slice(0, at).filter(isNew).map((part) => document.adoptNode(part)));
  root.after(...parts.slice(at + 1).filter(isNew).map((part) => document.adoptNode(part)));
  if (focused && !document.activeElement.dataset?.testid) $(`[data-testid="${focused}"]`)?.focus({ preventScroll: true });
  for (const slot of $$("[data-icon]")) slot.replaceChildren(icon(slot.dataset.icon));
}

export function followServer(desk, root, progress) {
  let turn = 0;

  function dress() {
    const form = $$("form[action]").find((one) => one.getAttribute("action").endsWith("/tinh"));
    form?.addEventListener("submit", (event) => {
      event.preventDefault();
      progress.solve();
    });
    // Shown beside the map already.
    for (const part of $$("[data-testid=jobs]")) part.hidden = true;
  }

  const refresh = debounce(async () => {
    const own = ++turn;
    const fresh = await getPage(location.pathname + location.search).catch(() => null);
    if (!fresh || own !== turn) return;
    swap(root, fresh);
    dress();
  }, WAIT_MS);

  desk.on("plan", refresh);
  desk.on("job", refresh);
  dress();
}
