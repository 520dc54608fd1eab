/** "Mang theo khi mất mạng": takes the commune's map onto this phone, and tells which copy is there. */
import { carried, carry, dropCarried } from "../core/carried.js";
import { $, fill, h, icon } from "../core/dom.js";
import { number } from "../core/format.js";
import { lang, t } from "../core/i18n.js";
import { momentOf } from "../core/walk_state.js";

const MEGABYTE = 1e6;
const size = (bytes) => `${number(bytes / MEGABYTE, lang(), 1)}\u00a0MB`;
const inWords = (told) => t("carry.have", { taken: momentOf(told.taken_at), until: momentOf(told.until), size: size(told.bytes) });

function why(error) {
  if (error.name === "QuotaExceededError") return t("carry.full");
  return t("carry.failed", { why: error.message });
}

/** The line above a map that is a copy: of when it is, and the way back once there is a network. */
export function tellCarried(app) {
  const live = h("a", { class: "text-button", href: "/", hidden: !navigator.onLine, text: t("carry.live"), data: { testid: "carry-live" } });
  const line = h("section", { class: "carried", "aria-label": t("carry.title"), data: { testid: "carried" } }, icon("carry"),
    h("p", { text: t("carry.note", { taken: momentOf(app.carried.taken_at) }) }), live);
  $(".map-area").append(line);
  addEventListener("online", () => { live.hidden = false; });
  addEventListener("offline", () => { live.hidden = true; });
}

export async function openCarry(app) {
  const possible = Boolean(navigator.serviceWorker && globalThis.caches);
  const state = h("p", { role: "status", data: { testid: "carry-state" } });
  const bar = h("progress", { max: 1, value: 0, hidden: true, "aria-label": t("carry.title"), data: { testid: "carry-bar" } });
  const actions = h("div", { class: "row-actions" });
  const dialog = h("dialog", { class: "ask-dialog carry-dialog", "aria-labelledby": "carry-title", data: { testid: "carry-dialog" } },
    h("h2", { id: "carry-title", text: t("carry.title") }), h("p", { text: t("carry.what", { commune: app.session.commune.name }) }),
    h("p", { class: "hint", text: t("carry.ends") }), state, bar, actions);
  const button = (name, kind, click) => h("button", { type: "button", class: `button ${kind}`, text: t(`carry.${name}`), data: { testid: `carry-${name}` }, on: { click } });
  let stopping = null;

  async function take() {
    stopping = new AbortController();
    bar.hidden = false;
    bar.value = 0;
    fill(actions, button("stop", "button-quiet", () => stopping.abort()));
    try {
      await carry(app, { signal: stopping.signal, onProgress({ done, all, bytes }) {
        bar.value = done / all;
        state.textContent = t("carry.progress", { share: number(Math.floor((100 * done) / all), lang(), 0), size: size(bytes) });
      } });
      await rest(t("carry.done"));
    } catch (error) {
      await rest(error.name === "AbortError" ? t("carry.stopped") : why(error));
    }
  }

  /** What is there, and what can be done; `said`: how the last step ended. */
  async function rest(said = "") {
    stopping = null;
    bar.hidden = true;
    const told = await carried();
    state.textContent = [said, told ? inWords(told) : said ? "" : t(possible ? "carry.none" : "carry.insecure")].filter(Boolean).join(" ");
    fill(actions, possible && !app.carried && button(told ? "again" : "take", "", take),
      told && button("drop", "button-quiet", async () => {
        await dropCarried();
        await rest(t("carry.dropped"));
      }),
      button("close", "button-quiet", () => dialog.close()));
  }

  dialog.addEventListener("close", () => {
    stopping?.abort();
    dialog.remove();
  });
  document.body.append(dialog);
  await rest();
  dialog.showModal();
}
