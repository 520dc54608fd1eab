/** The map of a shift: three alternatives, stops with points, pin and drop, areas to avoid. The lists say it all too. */
import { get, send } from "../core/api.js";
import { draw } from "../core/draw.js";
import { fill, h, icon, toast } from "../core/dom.js";
import { number } from "../core/format.js";
import { lang, t } from "../core/i18n.js";
import { L, latLngs, svgRenderer } from "../core/leaflet.js";
import { openPageMap, readBoot } from "../core/page_map.js";
import { drawStops, drawWays } from "../layers/patrol_draw.js";

const points = (value) => number(value, lang(), 1);

/** Buttons that send the forms of the page: what is wrong is said where the forms say it. */
const mark = (stop, what) => h("button", {
  type: "submit", form: "marks", name: "do", value: `${what}|${stop.key}`, class: "chip-button", data: { testid: `map-${what}` },
}, t(`patrol_map.${what}`));

function drawCard(box, stop, isDraft) {
  fill(box,
    h("p", {}, h("strong", {}, stop.title), ` · ${t("patrol_map.points", { points: points(stop.points) })} · ${stop.code}`),
    h("ul", { class: "patrol-reasons" }, stop.reasons.map((one) => h("li", {}, `${one.text} (${points(one.points)})`))),
    isDraft && h("p", { class: "row-actions" }, mark(stop, stop.is_pinned ? "unpin" : "pin"), mark(stop, stop.is_dropped ? "undrop" : "drop")));
}

/** Stops as an alternative has them: with the number of its route, else with their points. */
function marksOf(plan, shown) {
  const place = new Map();
  for (const route of plan.routes.filter((one) => one.alternative === shown)) {
    route.stops.forEach((stop, index) => place.set(stop.id, { team: route.team, number: index + 1 }));
  }
  return plan.stops.map((stop) => {
    const on = place.get(stop.id);
    const classes = [on ? `team-${on.team}` : "is-spare", stop.is_pinned ? "is-pinned" : "", stop.is_dropped ? "is-dropped" : ""];
    return { ...stop, text: on ? String(on.number) : points(stop.points), className: classes.join(" "), zIndex: on ? 500 : 0 };
  });
}

function legend(plan, shown) {
  const teams = plan.settings.teams.map((team, index) => h("li", {}, h("span", { class: `map-key team-${index + 1}`, "aria-hidden": "true" }), team.name));
  if (!plan.routes.some((route) => route.alternative === shown)) teams.length = 0;
  return h("ul", { class: "map-keys" }, teams,
    h("li", {}, h("span", { class: "map-key is-spare", "aria-hidden": "true" }), t("patrol_map.spare")),
    plan.settings.avoid.length > 0 && h("li", {}, h("span", { class: "map-key is-avoid", "aria-hidden": "true" }), t("patrol_map.avoid")));
}

async function saveAvoid(plan, avoid) {
  const path = `/api/patrol-plans/${plan.id}`;
  await send("PATCH", path, { avoid }, { version: plan.version });
  await send("POST", `${path}/solve`, {});
  location.replace(`/tuan-tra/${plan.id}`);
}

const asPart = (promise) => promise.catch((error) => toast(error.message, "warn"));

function avoidTools(page, plan) {
  const add = h("button", { type: "button", class: "chip-button", data: { testid: "draw-avoid" }, on: { click: () => asPart((async () => {
    const area = await draw(page, "polygon");
    if (area) await saveAvoid(plan, [...plan.settings.avoid, area]);
  })()) } }, icon("polygon"), t("patrol_map.draw_avoid"));
  const remove = plan.settings.avoid.map((_area, index) => h("button", {
    type: "button", class: "chip-button", data: { testid: `remove-avoid-${index + 1}` },
    on: { click: () => asPart(saveAvoid(plan, plan.settings.avoid.filter((_one, at) => at !== index))) },
  }, icon("close"), t("patrol_map.remove_avoid", { number: index + 1 })));
  return [add, ...remove];
}

function drawAvoid(page, plan) {
  const renderer = svgRenderer(page.map, "overlays");
  plan.settings.avoid.forEach((area) => L.polygon(latLngs(area), { renderer, pane: "overlays", interactive: false, className: "map-avoid" }).addTo(page.map));
}

/** Alternatives one after the other; the others stay as thin dashes. */
function alternatives(plan, show) {
  const numbers = [...new Set(plan.routes.map((route) => route.alternative))];
  if (numbers.length < 2) return null;
  const buttons = numbers.map((one) => h("button", { type: "button", class: "chip-button", data: { testid: `show-${one}` }, on: { click: () => show(one) } }, t("patrol_map.alternative", { number: one })));
  return { group: h("div", { class: "map-choice", role: "group", "aria-label": t("patrol_map.alternatives") }, buttons), press: (shown) => buttons.forEach((button, index) => button.setAttribute("aria-pressed", String(numbers[index] === shown))) };
}

/** The lists of the page stay as they are where no map could be had. */
export async function openPatrolMap(element) {
  const boot = readBoot();
  const plan = await get(`/api/patrol-plans/${element.dataset.plan}`);
  const isDraft = plan.state === "draft" && !plan.job_id;
  const canvas = h("div", { id: "map", class: "map patrol-canvas", role: "application", "aria-label": t("patrol_map.help") });
  const tools = h("div", { class: "map-tools" });
  const keys = h("div", { data: { testid: "map-legend" } });
  const card = h("div", { class: "map-card", role: "status", data: { testid: "map-card" } }, h("p", { class: "hint" }, t("patrol_map.hint")));
  fill(element, tools, canvas, keys, card);
  const page = await openPageMap(canvas, boot);
  let drawn = [];

  const show = (shown) => {
    drawn.forEach((group) => group.remove());
    const own = plan.routes.filter((route) => route.alternative === shown);
    const others = isDraft ? plan.routes.filter((route) => route.alternative !== shown) : [];
    drawn = [
      drawWays(page, others, { className: "is-other" }), drawWays(page, own),
      drawStops(page, marksOf(plan, shown), { onClick: (stop) => drawCard(card, stop, isDraft) }),
    ];
    choice?.press(shown);
    fill(keys, legend(plan, shown));
  };
  const choice = isDraft ? alternatives(plan, show) : null;
  fill(tools, choice?.group, isDraft ? avoidTools(page, plan) : null);
  tools.hidden = !tools.childElementCount;
  drawAvoid(page, plan);
  show(plan.chosen || 1);
  if (plan.stops.length) {
    const [lons, lats] = [plan.stops.map((stop) => stop.lon), plan.stops.map((stop) => stop.lat)];
    page.zoomTo([Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)], { maxZoom: 17, animate: false });
  }
  return page;
}
