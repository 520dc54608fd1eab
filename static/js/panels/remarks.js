/** What approved reviews of a group say in words, in its card; a group that says nothing has no such section. */
import { get } from "../core/api.js";
import { h } from "../core/dom.js";
import { date } from "../core/format.js";
import { t } from "../core/i18n.js";

const TITLES = { lesson: "review.lesson", obstacle: "review.obstacle", proposal: "review.proposal" };
const MOST = 2;

export async function fillRemarks(section, id) {
  section.hidden = true;
  const { remarks } = await get(`/api/groups/${id}/remarks`);
  if (!remarks.length) return section.remove();
  for (const one of remarks.slice(0, MOST)) {
    section.append(
      h("p", { class: "muted", text: `${t(`period.${one.kind}`)} ${date(one.starts_on)} – ${date(one.ends_on)}` }),
      h("dl", { class: "attributes" }, Object.entries(TITLES).filter(([name]) => one[name]).map(([name, title]) => h("div", {}, h("dt", { text: t(title) }), h("dd", { text: one[name] })))),
    );
  }
  section.hidden = false;
  return undefined;
}
