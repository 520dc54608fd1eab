/** What a card tells of a hotspot or a business besides its columns: the way to its register, its checks. */
import { get } from "../core/api.js";
import { h } from "../core/dom.js";
import { date } from "../core/format.js";
import { t } from "../core/i18n.js";

const CHECKS = ["admin", "data", "patrol", "supervisor"];
/* Layer -> who may open its register, where that is, and what the link says. */
const REGISTERS = {
  hotspots: [["admin", "data", "patrol", "planner"], "/diem-nong/so/", "hotspot.register"],
  venues: [CHECKS, "/du-lieu/co-so/", "map.venue_checks"],
};
const MOST = 3;

async function fillChecks(section, id) {
  const { checks } = await get(`/api/venues/${id}/checks`);
  if (!checks.length) section.append(h("p", { class: "hint", text: t("venue_check.never") }));
  section.append(h("dl", { class: "attributes" }, checks.slice(0, MOST).map((one) =>
    h("div", {}, h("dt", { text: date(one.checked_on) }), h("dd", { text: one.title })))));
}

/** Parts of a card as groups have them; `later(testid, title, tell)` makes a section that is asked for. */
export function placeParts(app, layer, id, later) {
  const [roles, address, title] = REGISTERS[layer.name] || [[]];
  if (!roles.includes(app.session.role)) return { head: [], actions: [], body: [], rest: [] };
  const link = h("a", { class: "chip-button", href: `${address}${id}`, data: { testid: "register-link" }, text: t(title) });
  const checks = layer.name === "venues" ? later("venue-checks", t("map.venue_checks"), (section) => fillChecks(section, id)) : null;
  return { head: [], actions: [link], body: [], rest: [checks] };
}
