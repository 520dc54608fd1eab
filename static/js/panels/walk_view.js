/** What the phone page shows of a walk: card, bar of actions, list, end of the shift. */
import { $, fill, h, icon } from "../core/dom.js";
import { distance, number } from "../core/format.js";
import { lang, t } from "../core/i18n.js";
import { clockSince, hourOf, metresBetween, minutesSince, missedStops, stayState } from "../core/walk_state.js";

const big = (testid, text, click, name) => h("button", { type: "button", class: "walk-big", data: { testid }, on: { click } }, name && icon(name), text);
const two = (...buttons) => h("div", { class: "walk-two" }, ...buttons);
const quiet = (testid, text, click) => h("button", { type: "button", class: "walk-quiet", data: { testid }, on: { click } }, text);

/** One tap from every state of a walk that has begun. */
const note = (act) => quiet("note", t("walk.note.open"), () => act.note());

function summary(view) {
  const { walk, planned, done } = view;
  return [
    h("p", { class: "walk-big-number", data: { testid: "progress" } }, t("walk.done", { done, planned })),
    h("p", { class: "walk-second" }, t("walk.length", { stops: walk.stops.length, km: distance(walk.length_m, lang()) })),
  ];
}

function stopHead(stop, label) {
  return [
    h("p", { class: "walk-label" }, label),
    h("div", { class: "walk-stop-head" },
      h("span", { class: "walk-number" }, String(stop.position)),
      h("h2", { class: "walk-name", data: { testid: "next-title" } }, stop.title)),
  ];
}

function facts(view, stop) {
  const found = [stop.arrive && t("walk.eta", { at: stop.arrive }), stop.group_name, stop.code];
  if (view.position) found.splice(1, 0, t("walk.away", { distance: distance(metresBetween(stop, view.position), lang()) }));
  return h("p", { class: "walk-second", data: { testid: "next-facts" } }, found.filter(Boolean).join(" · "));
}

const why = (stop) => h("details", { class: "walk-why" }, h("summary", {}, t("walk.why")), h("ul", {}, stop.why.map((text) => h("li", {}, text))));

/** The timer on place; asked again every second. */
export function drawTimer(view) {
  const element = $("#timer");
  if (!element || !view.here) return;
  const minutes = minutesSince(view.here.at, view.now);
  const state = stayState(minutes, view.plan);
  element.dataset.state = state;
  $(".walk-clock", element).textContent = clockSince(view.here.at, view.now);
  const said = { short: t("walk.left", { minutes: view.plan.stay_min - minutes }), enough: t("walk.enough", { minutes: view.plan.stay_min }), long: t("walk.too_long", { minutes: view.plan.stay_most_min }) }[state];
  // Said again only where it changes: a screen reader would count the seconds.
  const text = $(".walk-said", element);
  if (text.textContent !== said) text.textContent = said;
}

export function drawCard(view, act) {
  const { plan, walk, next, here, started } = view;
  const card = $("#card");
  const bar = $("#bar");
  card.dataset.state = view.phase;
  if (view.phase === "ended") {
    fill(card, h("p", { class: "walk-label" }, view.auto ? t("walk.auto_closed") : t("walk.ended", { done: view.done, planned: view.planned, minutes: number(view.minutes, lang(), 0) })), ...summary(view));
    fill(bar, view.auto && big("end-again", t("walk.end_again"), act.end, "check"));
  } else if (here) {
    const stop = walk.stops.find((one) => one.id === here.stop_id);
    fill(card, ...stopHead(stop, t("walk.at", { at: hourOf(here.at) })),
      h("div", { id: "timer", class: "walk-timer", data: { testid: "timer" } }, h("p", { class: "walk-clock", role: "timer" }), h("p", { class: "walk-said" })),
      here.is_outside && h("p", { class: "walk-flag" }, t("walk.outside")));
    fill(bar, big("leave", t("walk.leave"), act.leave, "next"), note(act));
    drawTimer(view);
  } else if (!started) {
    fill(card, h("p", { class: "walk-label" }, walk.name), ...summary(view), h("p", { class: "walk-second" }, t("walk.first")));
    fill(bar, big("start", t("walk.start"), act.start, "route"));
  } else if (next) {
    fill(card, ...stopHead(next, t("walk.next")), facts(view, next), next.why.length > 0 && why(next));
    fill(bar, big("arrived", t("walk.arrived"), () => act.arrive(next), "check"), two(quiet("skip", t("walk.skip"), () => act.skip(next)), note(act)));
  } else {
    fill(card, h("p", { class: "walk-label" }, t("walk.all_done")), ...summary(view));
    fill(bar, big("end-now", t("walk.end"), act.end, "check"), note(act));
  }
  bar.hidden = !bar.childElementCount;
  $("#end").textContent = view.auto ? t("walk.end_again") : t("walk.end");
  $("#end").hidden = (view.phase === "ended" && !view.auto) || (!next && !here && started);
  return plan;
}

function stateOf(view, stop) {
  const visit = view.visits.get(stop.id);
  if (!visit) return view.skipped[stop.id] ? t(`walk.reason.${view.skipped[stop.id]}`) : t("walk.eta", { at: stop.arrive });
  return [
    t("walk.at", { at: hourOf(visit.at) }), visit.minutes ? t("walk.minutes", { minutes: visit.minutes }) : "",
    visit.is_outside ? t("walk.outside") : "", visit.sent ? t("walk.sent") : t("walk.waits"),
  ].filter(Boolean).join(" · ");
}

export function drawList(view, act) {
  fill($("#stops"), view.walk.stops.map((stop) => {
    const visit = view.visits.get(stop.id);
    const current = stop.id === (view.here?.stop_id ?? (view.started ? view.next?.id : null));
    return h("li", {}, h("button", {
      type: "button", class: `walk-row${current ? " is-current" : ""}${visit ? " is-done" : ""}`, disabled: Boolean(visit) || Boolean(view.here) || view.phase !== "open",
      "aria-current": current ? "step" : undefined, data: { testid: `stop-${stop.position}`, sent: String(Boolean(visit?.sent)), outside: String(visit?.is_outside ?? "") },
      on: { click: () => act.choose(stop) },
    }, h("span", { class: "walk-row-number" }, visit ? icon("check") : String(stop.position)),
    h("span", { class: "walk-row-text" }, h("strong", {}, stop.title), h("span", {}, stateOf(view, stop)))));
  }));
}

/** Planned against done, and a reason for each stop where nobody was. Resolves to {stop id: reason}, or null. */
export function askReasons(view, only = null) {
  const dialog = $("#end-dialog");
  const missed = only ? [only] : missedStops(view.walk.stops, view.visits);
  const selects = missed.map((stop) => {
    const select = h("select", { id: `why-${stop.id}`, data: { testid: `reason-${stop.position}` } },
      h("option", { value: "" }, t("walk.no_reason")), view.plan.reasons.map((code) => h("option", { value: code, selected: view.skipped[stop.id] === code }, t(`walk.reason.${code}`))));
    return { stop, select };
  });
  return new Promise((resolve) => {
    const left = h("p", { class: "walk-second", role: "status" });
    const close = (answer) => {
      dialog.close();
      resolve(answer);
    };
    const confirm = big("end-confirm", only ? t("walk.skip") : t("walk.end_confirm"), () => close(Object.fromEntries(selects.map(({ stop, select }) => [stop.id, select.value]))), "check");
    const check = () => {
      const count = selects.filter(({ select }) => !select.value).length;
      confirm.disabled = count > 0;
      left.textContent = count && !only ? t("walk.reasons_left", { count }) : "";
    };
    const all = missed.length > 2 && h("select", { id: "why-all", data: { testid: "reason-all" }, on: { change: (event) => {
      for (const { select } of selects) select.value ||= event.target.value;
      event.target.value = "";
      check();
    } } }, h("option", { value: "" }, t("walk.no_reason")), view.plan.reasons.map((code) => h("option", { value: code }, t(`walk.reason.${code}`))));
    fill(dialog, h("h2", { id: "end-title" }, only ? t("walk.skip") : t("walk.end_title")),
      !only && h("p", { class: "walk-big-number", data: { testid: "end-figures" } }, t("walk.done", { done: view.done, planned: view.planned })),
      missed.length > 0 && h("ul", { class: "walk-missed" }, all && h("li", { class: "walk-all" }, h("label", { for: "why-all" }, t("walk.for_all")), all), selects.map(({ stop, select }) => h("li", {}, h("label", { for: select.id }, `${stop.position}. ${stop.title}`), select))),
      left, confirm, quiet("end-cancel", t("walk.cancel"), () => close(null)));
    for (const { select } of selects) select.addEventListener("change", check);
    dialog.addEventListener("cancel", () => resolve(null), { once: true });
    check();
    dialog.showModal();
  });
}
