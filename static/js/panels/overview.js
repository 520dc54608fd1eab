/** Overview: the headline from the data, and the legend with counts that is also the filter. */
import { field } from "../core/catalogue.js";
import { fillSeen } from "../core/coverage.js";
import { $, fill, h, icon } from "../core/dom.js";
import { date, number, percent } from "../core/format.js";
import { lang, t } from "../core/i18n.js";
import { barPart, swatch, UNREVIEWED } from "../core/patterns.js";
import { during } from "../core/ready.js";
import { countStages, headline, symbolOf } from "../core/stages.js";
import { periodText } from "./criteria.js";

/** "Đạt 2/23 tổ dân phố không ma túy (8,7 %) · mục tiêu 2026: 5/23"; the target is that of today. */
export function headlineText(app) {
  const { features } = app.groups;
  const { reached, total, share, kind } = headline(features);
  if (!total) return t("map.no_groups");
  const said = t(`map.headline_${kind}`, { reached: number(reached, lang()), total: number(total, lang()), share: percent(share, lang()) });
  return app.boot.target && !app.state.asOf ? `${said} · ${app.boot.target}` : said;
}

function meter(app) {
  const { reached, total, share, kind } = headline(app.groups.features);
  return h("div", { class: "headline" },
    h("p", { class: "headline-figure", "aria-hidden": "true" },
      h("span", { class: "headline-reached", text: number(reached, lang()) }),
      h("span", { class: "headline-total", text: `/${number(total, lang())}` }),
      h("span", { class: "headline-share", text: percent(share, lang()) })),
    h("p", { class: "headline-text", "data-testid": "headline", text: headlineText(app), data: { kind } }));
}

/** A bar of the stages, each as long as its share. */
function stageBar(rows, total) {
  const parts = [];
  for (const row of rows.filter((r) => r.count)) {
    const holder = barPart(row.code);
    holder.style.flexGrow = String(row.count / total);
    parts.push(holder);
  }
  return h("div", { class: "stage-bar", "aria-hidden": "true" }, parts);
}

/** Rows that say how many groups stand where, and which of them are drawn. */
function openLegend(app) {
  const { layer } = app.groups;
  const { hidden } = app.state;
  const toggle = (code) => {
    if (!hidden.delete(code)) hidden.add(code);
    app.emit("filter", {});
  };
  const row = ({ code, title, count }) => h("li", {},
    h("button", {
      type: "button", class: "legend-row", "aria-pressed": String(!hidden.has(code)), data: { stage: code, testid: `legend-${code}` },
      on: { click: () => toggle(code) },
    }, swatch(code), h("span", { class: "legend-symbol" }, icon(symbolOf(code))),
    h("span", { class: "legend-title", text: title }),
    h("span", { class: "legend-count", text: number(count, lang()) })));

  const legend = h("ul", { class: "legend" });
  const all = h("button", {
    type: "button", class: "text-button", text: t("map.show_all"), on: { click: () => {
      hidden.clear();
      app.emit("filter", {});
    } },
  });
  const gaps = openGapSwitch(app);
  return {
    parts: [
      h("div", { class: "section-head" }, h("h2", { class: "section-title", text: t("map.legend_title") }), all),
      h("p", { class: "hint", text: t("map.legend_hint") }), legend, gaps.element,
    ],
    render() {
      const focused = document.activeElement?.dataset?.stage;
      fill(legend, countStages(app.groups.features, field(layer, layer.style.by).choices, layer.style.by).map(row));
      all.hidden = hidden.size === 0;
      if (focused) legend.querySelector(`[data-stage="${focused}"]`)?.focus();
      gaps.render();
    },
  };
}

/** "? chưa rà soát kỳ này": how many, and whether the map says so. */
function openGapSwitch(app) {
  const input = h("input", { type: "checkbox", id: "gap-switch", class: "layer-check", "data-testid": "gap-switch", on: { change: () => {
    app.state.marks = input.checked;
    app.emit("marks", {});
  } } });
  const count = h("span", { class: "legend-count", "data-testid": "gap-count" });
  const hint = h("p", { class: "hint", "data-testid": "legend-period" });
  const label = h("label", { class: "layer-label", for: input.id }, swatch(UNREVIEWED, "swatch"), h("span", { class: "legend-symbol" }, icon("question")), h("span", { class: "legend-title", text: t("map.gap_legend") }));
  const element = h("div", { class: "gap-legend" }, h("div", { class: "layer-row" }, label, count, h("span", { class: "switch" }, input, h("span", { class: "switch-track", "aria-hidden": "true" }))), hint);
  return { element, render() {
    input.checked = app.state.marks;
    count.textContent = number(app.groups.features.filter(app.hasGap).length, lang());
    hint.textContent = periodText(app.day());
  } };
}

/** The button that opens "Tại ngày…"; what is behind it is fetched then. */
function openTime(app) {
  const place = h("div", { id: "time-place", hidden: true });
  const button = h("button", { type: "button", class: "chip-button", "data-testid": "as-of", "aria-expanded": "false", "aria-controls": place.id, on: { click: () => show(place.hidden) } }, icon("calendar"), t("as_of.open"));
  async function show(on) {
    button.setAttribute("aria-expanded", String(on));
    place.hidden = !on;
    if (on && !place.childElementCount) place.append((await app.time()).element);
  }
  const follow = () => app.state.asOf && show(true);
  app.on("as-of", follow);
  follow();
  return [h("div", { class: "time-row" }, button), place];
}

function factList(app) {
  const { features, layer } = app.groups;
  const sum = (name) => features.reduce((total, f) => total + (f.properties[name] || 0), 0);
  const fact = (value, label) => h("div", { class: "fact" }, h("dt", { text: label }), h("dd", { text: value }));
  const sums = ["household_count", "resident_count"].map((name) => sum(name) && fact(number(sum(name), lang()), field(layer, name)?.title || ""));
  return h("dl", { class: "facts" }, fact(number(features.length, lang()), layer.title), ...sums.filter(Boolean), fillSeen(fact(t("map.not_computed"), t("map.camera_coverage"))));
}

export function open(app) {
  const { layer } = app.groups;
  const by = layer.style.by;
  const [head, facts] = [h("div"), h("div")];
  const legend = openLegend(app);
  const render = () => {
    const { features } = app.groups;
    const { at } = app.state.asOf || {};
    fill(head, at && h("p", { class: "headline-day", text: t("as_of.on_day", { date: date(at) }) }),
      meter(app), stageBar(countStages(features, field(layer, by).choices, by), features.length));
    fill(facts, factList(app));
    legend.render();
  };
  const stages = h("div", {}, legend.parts);
  const themes = h("div", { class: "themes" });
  fill($("#panel-overview"), head, ...openTime(app), themes, stages,
    h("h2", { class: "section-title", text: t("map.facts_title") }), facts,
    h("p", { class: "hint", text: t("map.no_persons") }));
  render();
  app.on("filter", legend.render);
  app.on("marks", legend.render);
  app.on("as-of", render);
  app.on("colouring", (theme) => {
    stages.hidden = Boolean(theme);
  });
  // After the first drawing: most visits need no theme.
  during(import("./themes.js")).then((panel) => panel.open(app, themes)).catch(() => undefined);
}

