/** Stages of a group: symbols, and the counts of legend and headline. Pure. */
import { answerAt } from "./periods.js";

export const SYMBOLS = {
  maintained: "star", recognised: "check", building: "dots", proposed: "up", cleaning: "sparkle",
  lapsed: "bang", not_selected: "question",
};
/** Stages that count as reached; "proposed" is not one of them. */
export const REACHED = new Set(["recognised", "maintained"]);

export const symbolOf = (stage) => SYMBOLS[stage] || "point";

/** Groups per stage, a row for each choice of the catalogue, in its order, zero included. */
export function countStages(features, choices, by = "stage") {
  const counts = new Map(choices.map((choice) => [choice.code, 0]));
  for (const feature of features) {
    const code = feature.properties[by];
    counts.set(code, (counts.get(code) || 0) + 1);
  }
  return choices.map((choice) => ({ ...choice, count: counts.get(choice.code) || 0 }));
}

/** What the headline says. `kind` is the commonest kind of group. */
export function headline(features) {
  const reached = features.filter((f) => REACHED.has(f.properties.stage)).length;
  const villages = features.filter((f) => f.properties.kind === "village").length;
  return {
    reached,
    total: features.length,
    share: features.length ? reached / features.length : 0,
    kind: villages * 2 > features.length ? "village" : "residential_group",
  };
}

/** The computed answer of {answer, on} on a day: every criterion must be met, and reviewed within the evaluation period. */
export function criteriaVerdict(answers, day) {
  const codes = answers.map((answer) => answerAt(answer, day));
  if (codes.includes("not_met")) return "not_met";
  return codes.length > 0 && codes.every((code) => code === "met") ? "met" : "not_reviewed";
}
