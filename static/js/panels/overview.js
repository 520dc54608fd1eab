/** Overview: the headline from the data, and the legend with counts that is also the filter. */
import { choiceTitle, field } from "../core/catalogue.js";
import { $, fill, h, icon } from "../core/dom.js";
import { number, percent } from "../core/format.js";
import { lang, t } from "../core/i18n.js";
import { barPart, swatch } from "../core/patterns.js";
import { during } from "../core/ready.js";
import { countStages, headline, symbolOf } from "../core/stages.js";

/** "Đạt 2/23 tổ dân phố không ma túy (8,7 %)". */
export function headlineText(features) {
  const { reached, total, share, kind } = headline(features);
  if (!total) return t("map.no_groups");
  return t(`map.headline_${kind}`, { reached: number(reached, lang()), total: number(total, lang()), share: percent(share, lang()) });
}

function meter(features) {
  const { reached, total, share, kind } = headline(features);
  return h("div", { class: "headline" },
    h("p", { class: "headline-figure", "aria-hidden": "true" },
      h("span", { class: "headline-reached", text: number(reached, lang()) }),
      h("span", { class: "headline-total", text: `/${number(total, lang())}` }),
      h("span", { class: "headline-share", text: percent(share, lang()) })),
    h("p", { class: "headline-text", "data-testid": "headline", text: headlineText(features), data: { kind } }));
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

export function open(app) {
  const { features, layer } = app.groups;
  const by = layer.style.by;
  const choices = field(layer, by).choices;
  const rows = countStages(features, choices, by);
  const { hidden } = app.state;

  const toggle = (code) => {
    if (hidden.has(code)) hidden.delete(code);
    else hidden.add(code);
    app.emit("filter", {});
  };

  const row = ({ code, title, count }) => {
    const off = hidden.has(code);
    return h("li", {},
      h("button", {
        type: "button", class: "legend-row", "aria-pressed": String(!off), data: { stage: code, testid: `legend-${code}` },
        on: { click: () => toggle(code) },
      }, swatch(code), h("span", { class: "legend-symbol" }, icon(symbolOf(code))),
      h("span", { class: "legend-title", text: title }),
      h("span", { class: "legend-count", text: number(count, lang()) })));
  };

  const legend = h("ul", { class: "legend" });
  const all = h("button", {
    type: "button", class: "text-button", text: t("map.show_all"), on: { click: () => {
      hidden.clear();
      app.emit("filter", {});
    } },
  });
  const render = () => {
    const focused = document.activeElement?.dataset?.stage;
    fill(legend, rows.map(row));
    all.hidden = hidden.size === 0;
    if (focused) legend.querySelector(`[data-stage="${focused}"]`)?.focus();
  };

  const household = features.reduce((sum, f) => sum + (f.properties.household_count || 0), 0);
  const residents = features.reduce((sum, f) => sum + (f.properties.resident_count || 0), 0);
  const fact = (value, label) => h("div", { class: "fact" }, h("dt", { text: label }), h("dd", { text: value }));

  const stages = h("div", {},
    h("div", { class: "section-head" }, h("h2", { class: "section-title", text: t("map.legend_title") }), all),
    h("p", { class: "hint", text: t("map.legend_hint") }), legend);
  const themes = h("div", { class: "themes" });
  fill($("#panel-overview"),
    meter(features), stageBar(rows, features.length), themes, stages,
    h("h2", { class: "section-title", text: t("map.facts_title") }),
    h("dl", { class: "facts" },
      fact(number(features.length, lang()), layer.title),
      household ? fact(number(household, lang()), field(layer, "household_count")?.title || "") : null,
      residents ? fact(number(residents, lang()), field(layer, "resident_count")?.title || "") : null,
      fact(t("map.not_computed"), t("map.camera_coverage"))),
    h("p", { class: "hint", text: t("map.no_persons") }));
  render();
  app.on("filter", render);
  app.on("colouring", (theme) => {
    stages.hidden = Boolean(theme);
  });
  // After the first drawing: most visits need no theme.
  during(import("./themes.js")).then((panel) => panel.open(app, themes)).catch(() => undefined);
}

export const stageTitle = (layer, code) => choiceTitle(layer, layer.style.by, code);
