/** What a broken rule is called: only those that editing can meet, since a page sends the words that its scripts name. */
import { t } from "../core/i18n.js";

const RULES = {
  required: () => t("rule.required"), text: () => t("rule.text"), number: () => t("rule.number"), whole: () => t("rule.whole"),
  range: () => t("rule.range"), choice: () => t("rule.choice"), date: () => t("rule.date"), past: () => t("rule.past"),
  geometry_invalid: () => t("rule.geometry_invalid"), geometry_too_large: () => t("rule.geometry_too_large"), too_many: () => t("rule.too_many"),
  overlap: () => t("rule.overlap"), gap: () => t("rule.gap"), junction: () => t("rule.junction"), no_corner: () => t("rule.no_corner"),
  not_cut: () => t("rule.not_cut"), sliver: () => t("rule.sliver"),
};

/** The sentence of a rule; one that is not known stands for itself. */
export const ruleText = (rule) => RULES[rule]?.() || rule;
