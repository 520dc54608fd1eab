/** The life of a group: its stages with documents, and what it came of or became. Newest first. */
import { get } from "../core/api.js";
import { choiceTitle } from "../core/catalogue.js";
import { h, icon } from "../core/dom.js";
import { date, percent } from "../core/format.js";
import { lang, t } from "../core/i18n.js";
import { swatch } from "../core/patterns.js";
import { addDays } from "../core/periods.js";
import { symbolOf } from "../core/stages.js";
import { mergeSpans, relatives } from "../core/statuses.js";

function stageItem(layer, span, day) {
  const until = span.valid_to ? date(addDays(span.valid_to, -1)) : t("history.now");
  const shown = span.valid_from <= day && (!span.valid_to || day < span.valid_to);
  return h("li", { class: "life", "aria-current": shown ? "date" : null, data: { stage: span.stage } },
    h("span", { class: "life-mark" }, swatch(span.stage), icon(symbolOf(span.stage))),
    h("div", {}, h("p", { class: "life-stage", text: choiceTitle(layer, layer.style.by, span.stage) }),
      h("p", { class: "life-span", text: `${date(span.valid_from)} – ${until}` }),
      [span.stage_document, span.stage_body].filter(Boolean).map((text) => h("p", { class: "hint", text })),
      span.renamed && h("p", { class: "hint", text: t("history.named", { name: span.name }) })));
}

function relativeItem(relative, visit) {
  const names = relative.units.map((unit) => h("button", {
    type: "button", class: "text-button", data: { testid: `relative-${unit.id}` },
    text: relative.way.endsWith("split") ? `${unit.name} (${percent(unit.share, lang())})` : unit.name,
    on: { click: () => visit(unit.id, unit.day) },
  }));
  return h("li", { data: { way: relative.way } }, h("p", { text: t(`history.${relative.way}`, { date: date(relative.changed_on) }) }),
    h("div", { class: "relative-names" }, names), relative.document && h("p", { class: "hint", text: relative.document }));
}

/** Fill `section` with the life of a group as known at the moment that is shown. */
export async function showHistory(app, section, layer, id, day) {
  const { spans, lineage } = await get(`/api/groups/${id}/history`, { known_at: app.state.asOf?.knownAt });
  if (!section.isConnected) return;
  const visit = async (other, seen) => {
    // A page without "Tại ngày…" leads to the map.
    if (!app.time && !app.groups.find(other)) return location.assign(`/#&d=${seen}&g=groups.${other}`);
    if (!app.groups.find(other)) await (await app.time()).go({ at: seen });
    return app.emit("select", { layer: layer.name, id: other, from: "card" });
  };
  const found = relatives(lineage, id);
  section.append(
    h("ol", { class: "lives" }, mergeSpans(spans).reverse().map((span) => stageItem(layer, span, day))),
    ...(found.length ? [h("h3", { class: "section-title", text: t("history.lineage") }), h("ul", { class: "relatives", data: { testid: "lineage" } }, found.map((one) => relativeItem(one, visit)))] : []));
}
