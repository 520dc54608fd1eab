/** The form of "Tại ngày…": a day, a moment of knowledge, a day to compare with. */
import { today } from "../core/clock.js";
import { h } from "../core/dom.js";
import { date } from "../core/format.js";
import { t } from "../core/i18n.js";
import { lookBacks, typedMoment, vietnamMoment } from "../core/periods.js";

/** `go({at, knownAt, against})` is asked for what was typed. */
export function makeForm(go) {
  const field = (id, type, extra = {}) => h("input", { id, type, "data-testid": id, ...extra });
  /* A browser in another language writes days its own way: the label says them in ours. */
  const echoes = [];
  const row = (input, label) => {
    const echo = h("b", { class: "echo" });
    echoes.push(() => { echo.textContent = input.type === "date" ? date(input.value) : ""; });
    input.addEventListener("input", echoes.at(-1));
    return h("div", { class: "form-row" }, h("label", { for: input.id }, label, " ", echo), input);
  };
  const last = today();
  const at = field("as-of-day", "date", { max: last });
  const against = field("compare-day", "date", { max: last });
  const known = field("as-of-known", "datetime-local");
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const details = h("details", { class: "known" }, h("summary", { "data-testid": "as-of-more", text: t("as_of.known_label") }),
    row(known, t("as_of.known_field")), h("p", { class: "hint", text: t("as_of.known_hint") }));
  const submit = h("button", { type: "submit", class: "button", "data-testid": "as-of-go", text: t("as_of.go") });

  function complain(text) {
    problem.textContent = text;
    problem.hidden = !text;
  }
  function ask() {
    const late = [at, against].some((input) => input.value && input.value > today());
    const bad = [at, against, known].some((input) => input.validity.badInput);
    const same = against.value && (at.value || today()) === against.value;
    complain(bad ? t("as_of.bad_day") : late ? t("as_of.too_late") : same ? t("as_of.same_day") : "");
    if (!problem.hidden) return;
    go({ at: at.value, knownAt: vietnamMoment(known.value) || undefined, against: against.value }).catch(() => undefined);
  }
  const quick = Object.entries(lookBacks(last)).map(([name, day]) => h("button", {
    type: "button", class: "chip-button", "data-testid": `as-of-${name}`, on: { click: () => {
      at.value = day;
      ask();
    } },
  }, h("span", {}, t(`as_of.${name}`), h("small", { text: date(day) }))));

  const element = h("form", { class: "form as-of-form", novalidate: true, "aria-label": t("as_of.title"), on: { submit: (event) => {
    event.preventDefault();
    ask();
  } } }, row(at, t("as_of.day")), h("div", { class: "as-of-quick" }, quick), row(against, t("as_of.against")), details, problem, h("div", { class: "form-actions" }, submit));
  return {
    element, complain,
    busy: (on) => element.setAttribute("aria-busy", String(on)),
    set(asked) {
      complain("");
      at.value = asked.at || "";
      against.value = asked.against || "";
      known.value = asked.knownAt ? typedMoment(asked.knownAt) : "";
      if (asked.knownAt) details.open = true;
      echoes.forEach((show) => show());
    },
  };
}
