/** What cameras see and lamps light of the streets, on the map; asked once a page, and never in the way. */
import { get } from "./api.js";
import { h } from "./dom.js";
import { percent } from "./format.js";
import { lang, t } from "./i18n.js";
import { during } from "./ready.js";

let asked = null;

/** Figures of the commune and of each group by id, by day; none where the answer fails or nothing is computed yet. */
function figures() {
  asked ||= get("/api/coverage/groups")
    .then((answer) => answer.computed_at ? { commune: answer.commune, groups: new Map(answer.groups.map((one) => [one.group_id, one])) } : null)
    .catch(() => null);
  return asked;
}

function text(street, share, verified) {
  const value = street?.[share] ?? null;
  if (value === null) return t("map.not_computed");
  return t("map.coverage_share", { share: percent(value, lang()), verified: percent(street[verified], lang()) });
}

/** The section of a group's card. */
export function coverageSection(id) {
  const row = (key, testid) => h("div", {}, h("dt", { text: t(key) }), h("dd", { class: "muted", data: { testid }, text: t("map.not_computed") }));
  const seen = row("map.camera_coverage", "card-seen");
  const lit = row("map.light_coverage", "card-lit");
  during(figures().then((found) => {
    const street = found?.groups.get(id)?.street;
    seen.lastChild.textContent = text(street, "share", "verified_share");
    lit.lastChild.textContent = text(street, "lit_share", "lit_verified_share");
  }));
  return h("section", { class: "card-section" }, h("h3", { class: "section-title", text: t("map.coverage_title") }), h("dl", { class: "attributes" }, seen, lit));
}

/** Write the commune's share into the figure of a fact, where it is known. */
export function fillSeen(fact) {
  during(figures().then((found) => {
    const share = found?.commune.street.share ?? null;
    if (share !== null) fact.lastChild.textContent = percent(share, lang());
  }));
  return fact;
}
