/** What the plan does: before and after by class of target, by day and night; the curve of money; what one more adds. */
import { get } from "../core/api.js";
import { fill, h, icon, toast } from "../core/dom.js";
import { finePercent, number, percent } from "../core/format.js";
import { lang, t } from "../core/i18n.js";
import { axes, path, valueAt } from "./chart.js";

const VND_PER_MILLION = 1_000_000;
const share = (part, whole) => (whole > 0 ? part / whole : null);
const text = (value) => (value === null ? "–" : percent(value, lang()));

function bar(before, after) {
  const [a, b] = [before ?? 0, after ?? 0].map((one) => Math.min(1, Math.max(0, one)));
  const meter = h("span", { class: "siting-bar", "aria-hidden": "true" }, h("i", { class: "is-after" }), h("i", { class: "is-before" }));
  meter.firstChild.style.width = `${b * 100}%`;
  meter.lastChild.style.width = `${Math.min(a, b) * 100}%`;
  return meter;
}

function bars({ before, after }, classes) {
  const rows = classes.filter((code) => code in after.classes).flatMap((code) => ["day", "night"].map((time) => {
    const [old, now] = [before, after].map((one) => share(one.classes[code]?.[time], one.classes[code]?.amount));
    return h("tr", { class: time === "day" ? "is-first" : "" },
      time === "day" && h("th", { scope: "rowgroup", rowspan: 2, text: t(`siting.class.${code}`) }),
      h("td", { text: t(`siting.map.short_${time}`) }),
      h("td", { class: "siting-bar-cell" }, bar(old, now)),
      h("td", { class: "is-number", text: text(old) }),
      h("td", { class: "is-number" }, h("strong", { text: text(now) })));
  }));
  const heads = ["target", "time", "", "before", "after"].map((name) =>
    (name ? h("th", { scope: "col", class: name === "before" || name === "after" ? "is-number" : "", text: t(`siting.map.head_${name}`) }) : h("td", { class: "siting-bar-cell" })));
  return h("table", { class: "siting-table siting-bars", "data-testid": "bars" }, h("thead", {}, h("tr", {}, heads)), h("tbody", {}, rows));
}

function curve(desk, full) {
  const points = desk.plan.curve;
  const { total_vnd: spent, budget_vnd: budget } = desk.plan.figures.spending;
  const million = (vnd) => number(vnd / VND_PER_MILLION, lang(), 0);
  const here = share(desk.plan.figures.after.weight, full);
  const highY = Math.max(...points.map(([, weight]) => weight / full), here);
  const chart = axes({
    title: t("siting.map.curve_alt", { budget: million(budget), share: text(here) }), css: "is-curve",
    highX: Math.max(points.at(-1)[0], budget), highY, textX: million, textY: (value) => percent(value, lang()), titleX: t("siting.map.curve_x"),
  });
  const { x, y, add } = chart;
  add("path", { class: "chart-line", d: path(points.map(([cost, weight]) => [cost, weight / full]), x, y) });
  add("line", { class: "chart-budget", x1: x(budget), x2: x(budget), y1: chart.top, y2: chart.bottom });
  const right = x(budget) > 300;
  add("text", { class: "chart-text is-strong", x: x(budget) + (right ? -6 : 6), y: chart.bottom - 8, "text-anchor": right ? "end" : "start" }, t("siting.map.budget_at", { n: million(budget) }));
  add("circle", { class: "chart-here", cx: x(spent), cy: y(here), r: 6 });
  const marks = [0.5, 1, 1.5, 2].map((times) => [budget * times, valueAt(points, budget * times)]).filter(([cost, weight]) => weight !== null && cost <= points.at(-1)[0] + 1);
  return [chart.svg, h("p", { class: "hint", "data-testid": "curve-text", text: marks.map(([cost, weight]) =>
    t("siting.map.curve_point", { cost: million(cost), share: text(weight / full) })).join(" · ") })];
}

export function openResults(desk, edits, element) {
  let more = null;

  async function ask() {
    try {
      more = await get(`${desk.base}/marginal`);
    } catch (error) {
      toast(error.message, "warn");
      return;
    }
    draw();
  }

  function offer(kind, full) {
    const one = more[kind];
    if (!one) return h("li", { text: t(`siting.map.more_none_${kind}`) });
    const show = () => desk.page.map.setView([one.lat, one.lon], 18, { animate: false });
    const { weight, ...values } = one;
    if (kind === "lamp") delete values.azimuth_deg;
    return h("li", { class: "siting-line" },
      h("span", { text: t(`siting.map.more_${kind}`, { share: finePercent(weight / full, lang()) }) }),
      h("button", { type: "button", class: "text-button", "data-testid": `more-show-${kind}`, text: t("siting.map.show_place"), on: { click: show } }),
      desk.editable() && h("button", { type: "button", class: "text-button", "data-testid": `more-add-${kind}`, text: t("siting.map.add_here"), on: { click: () => { show(); edits.add({ kind, ...values }); } } }));
  }

  function draw() {
    const { figures } = desk.plan;
    const heading = h("h2", { class: "sr-only", text: t("siting.map.tab_results") });
    if (!figures) return fill(element, heading, h("p", { class: "empty", text: t("siting.map.no_figures") }));
    const full = figures.after.full_weight;
    const now = share(figures.after.weight, full);
    return fill(element, heading,
      h("p", { class: "siting-lead", "data-testid": "lead" }, t("siting.map.lead", { before: text(share(figures.before.weight, full)), after: text(now) })),
      h("p", { class: "hint", text: t("siting.map.weight_hint") }),
      bars(figures, desk.classes),
      desk.plan.curve.length > 1 && [h("h3", { text: t("siting.map.curve") }), ...curve(desk, full)],
      h("p", { class: "hint", text: t("siting.promise") }),
      desk.mayEdit() && [h("h3", { text: t("siting.map.more") }),
        more ? h("ul", { class: "siting-lines", "data-testid": "more" }, ["camera", "lamp"].map((kind) => offer(kind, full)))
          : h("button", { type: "button", class: "chip-button", "data-testid": "ask-more", on: { click: ask } }, icon("plus"), t("siting.map.ask_more"))]);
  }
  desk.on("plan", () => {
    more = null;
    draw();
  });
  draw();
}
