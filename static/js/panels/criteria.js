/** The three criteria of a group as they count on a day, what they give together, and the counts of persons apart. */
import { answersOf, criteria, field, valueText } from "../core/catalogue.js";
import { h, icon } from "../core/dom.js";
import { date } from "../core/format.js";
import { lang, t } from "../core/i18n.js";
import { answerAt, period } from "../core/periods.js";
import { criteriaVerdict } from "../core/stages.js";

const ANSWER_SYMBOL = { met: "check", not_met: "cross", not_reviewed: "question" };
/* Police officers of the unit alone get these columns at all. */
const PERSONS = ["exempt_count", "other_count"];

/** Columns that this module tells. */
export const toldHere = (layer) => [...criteria(layer).flatMap(({ answer, on, document: doc }) => [answer.name, on, doc]), ...PERSONS];

function criterion({ answer, on, document: doc }, p, day) {
  const value = p[answer.name];
  const counts = answerAt({ answer: value, on: p[on] }, day);
  const facts = [date(p[on]), p[doc]].filter(Boolean).join(" · ");
  // An answer of an earlier period is told as such, and counts for nothing.
  const earlier = counts !== value && p[on] && p[on] < period(day)[0];
  const lines = counts === "not_reviewed"
    ? [h("strong", { text: t("map.not_reviewed_in_period") }), earlier && h("span", { text: t("map.earlier_answer", { answer: valueText(answer, value, lang(), t), facts }) })]
    : [h("strong", { text: valueText(answer, counts, lang(), t) }), h("span", { text: facts || t("map.no_document") })];
  return h("li", { class: "criterion", data: { answer: counts } },
    h("span", { class: "criterion-mark" }, icon(ANSWER_SYMBOL[counts] || "question")),
    h("div", {}, h("p", { class: "criterion-title", text: answer.title }), h("p", { class: "criterion-answer" }, ...lines.filter(Boolean))));
}

export const periodText = (day) => t("map.period", Object.fromEntries(period(day).map((one, i) => [i ? "last" : "first", date(one)])));

export function criteriaBlock(layer, p, day) {
  const list = criteria(layer);
  if (!list.length) return null;
  const verdict = criteriaVerdict(answersOf(layer, p), day);
  return h("section", { class: "card-section" },
    h("h3", { class: "section-title", text: t("map.criteria_title") }),
    h("p", { class: "hint", data: { testid: "period" }, text: periodText(day) }),
    h("ol", { class: "criteria" }, list.map((c) => criterion(c, p, day))),
    h("p", { class: "verdict", data: { verdict, testid: "verdict" } }, icon(ANSWER_SYMBOL[verdict]), h("span", { text: t(`map.verdict_${verdict}`) })));
}

/** Counts of persons, exempt and not, each for itself; they decide nothing. */
export function personsBlock(layer, p) {
  const rows = PERSONS.map((name) => field(layer, name)).filter((f) => f && p[f.name] !== null && p[f.name] !== undefined);
  if (!rows.length) return null;
  return h("section", { class: "card-section", data: { testid: "persons" } },
    h("h3", { class: "section-title", text: t("map.persons_title") }),
    h("dl", { class: "facts" }, rows.map((f) => h("div", { class: "fact", data: { field: f.name } }, h("dt", { text: f.title }), h("dd", { text: valueText(f, p[f.name], lang(), t) })))),
    h("p", { class: "hint", text: t("map.persons_hint") }));
}
