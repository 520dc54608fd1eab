/** "Tại ngày…": the groups as they were on a day, as known at a moment, and what differs from another day. */
import { get } from "../core/api.js";
import { today } from "../core/clock.js";
import { $, announce, fill, h, icon } from "../core/dom.js";
import { date } from "../core/format.js";
import { t } from "../core/i18n.js";
import { typedMoment } from "../core/periods.js";
import { during } from "../core/ready.js";
import { toFeature } from "../core/statuses.js";
import { makeForm } from "./as_of_form.js";

/** "14:05 01/07/2026" */
const momentText = (iso) => {
  const [day, time] = typedMoment(iso).split("T");
  return `${time} ${date(day)}`;
};

/** What is shown, in words; "" for today. */
export function asOfText(asOf, key = "as_of.viewing") {
  if (!asOf?.at && !asOf?.knownAt) return "";
  const day = t(key, { date: date(asOf.at || today()) });
  return asOf.knownAt ? `${day}, ${t("as_of.known", { moment: momentText(asOf.knownAt) })}` : day;
}

/** Statuses with outlines on a day, as features. */
export async function fetchDay(at, knownAt) {
  const answer = await get("/api/statuses", { at, known_at: knownAt, shapes: 1 });
  return answer.groups.map((status) => toFeature(status, answer.at));
}

export function open(app) {
  let turn = 0;
  let comparing = null;
  const form = makeForm((asked) => during(go(asked)));
  const changes = h("div", { class: "changes", "aria-live": "polite" });
  const banner = h("div", { id: "as-of", class: "as-of", role: "region", "aria-label": t("as_of.title"), "data-testid": "as-of-banner", hidden: true });
  $(".map-area").prepend(banner);

  function showBanner() {
    const text = asOfText(app.state.asOf);
    banner.hidden = !text;
    $(".map-area").classList.toggle("has-as-of", Boolean(text));
    if (!text) return;
    const back = h("button", { type: "button", class: "chip-button", "data-testid": "as-of-back", on: { click: () => during(go({})) } }, t("as_of.back"));
    fill(banner, icon("calendar"), h("p", {}, h("strong", { text }), h("span", { text: t("as_of.devices_today") })), back);
  }

  /** The card tells the same group on the new day, or closes where it was not there. */
  function followCard() {
    const { selected } = app.state;
    if (selected?.layer !== app.groups.layer.name) return;
    if ($("#card").hidden || !app.find(selected.layer, selected.id)) app.emit("deselect", {});
    else app.emit("select", { ...selected, from: "map" });
  }

  async function load(asked) {
    const past = asked.at || asked.knownAt ? await fetchDay(asked.at, asked.knownAt) : null;
    if (!asked.against) return { past };
    const { compare } = await import("./compare.js");
    return { past, found: await compare(app, asked, past || app.groups.today) };
  }

  /** Show a day ({at}), a moment ({knownAt}), a comparison ({against}); nothing: today. */
  async function go({ at, knownAt, against } = {}) {
    const mine = ++turn;
    const asked = { at: at && at !== today() ? at : undefined, knownAt, against };
    form.busy(true);
    try {
      const { past, found } = await load(asked);
      if (mine !== turn) return;
      comparing?.close();
      comparing = null;
      app.state.asOf = Object.values(asked).some(Boolean) ? asked : null;
      app.state.changed = new Set(found?.ids || []);
      app.gone = found?.gone || new Map();
      app.groups.show(past || app.groups.today);
      form.set(asked);
      fill(changes);
      if (found) {
        comparing = found.show(changes);
        changes.scrollIntoView({ block: "nearest" });
      }
      showBanner();
      announce(asOfText(app.state.asOf) || t("as_of.today"));
      app.emit("as-of", {});
      followCard();
    } catch (error) {
      if (mine === turn) form.complain(error.message);
      throw error;
    } finally {
      if (mine === turn) form.busy(false);
    }
  }

  return { go, element: h("div", { class: "time-parts" }, form.element, changes) };
}
