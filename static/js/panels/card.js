/** The card of one feature: title, stage and criteria where there are any, and what is known, by the catalogue. */
import { choiceTitle, criteria, field, labelOf, valueText } from "../core/catalogue.js";
import { commentCounts, commentDot } from "../core/comments.js";
import { $, announce, fill, h, icon } from "../core/dom.js";
import { date, distance } from "../core/format.js";
import { bounds } from "../core/geometry.js";
import { lang, t } from "../core/i18n.js";
import { swatch } from "../core/patterns.js";
import { criteriaVerdict, symbolOf } from "../core/stages.js";
import { symbolCanvas } from "./layer_symbol.js";

const ANSWER_SYMBOL = { met: "check", not_met: "cross", not_reviewed: "question" };

function stageChip(layer, p) {
  const code = p[layer.style.by];
  return h("div", { class: "stage-chip", data: { stage: code, testid: "stage-chip" } }, swatch(code),
    icon(symbolOf(code)), h("span", { text: choiceTitle(layer, layer.style.by, code) }),
    p.is_pilot && h("span", { class: "chip", text: field(layer, "is_pilot").title }));
}

function criterion({ answer, on, document: doc }, p) {
  const value = p[answer.name];
  const facts = [date(p[on]), p[doc]].filter(Boolean).join(" · ");
  return h("li", { class: "criterion", data: { answer: value } },
    h("span", { class: "criterion-mark" }, icon(ANSWER_SYMBOL[value] || "question")),
    h("div", {},
      h("p", { class: "criterion-title", text: answer.title }),
      h("p", { class: "criterion-answer" }, h("strong", { text: valueText(answer, value, lang(), t) }),
        h("span", { text: facts || t("map.no_document") }))));
}

function criteriaBlock(layer, p) {
  const list = criteria(layer);
  if (!list.length) return null;
  const verdict = criteriaVerdict(list.map(({ answer }) => p[answer.name]));
  return h("section", { class: "card-section" },
    h("h3", { class: "section-title", text: t("map.criteria_title") }),
    h("ol", { class: "criteria" }, list.map((c) => criterion(c, p))),
    h("p", { class: "verdict", data: { verdict }, text: t(`map.verdict_${verdict}`) }));
}

/** Columns that the card tells elsewhere. */
function told(layer) {
  const names = new Set([layer.label, layer.style.patterns && Object.keys(layer.style.patterns).length ? layer.style.by : ""]);
  for (const { answer, on, document: doc } of criteria(layer)) [answer.name, on, doc].forEach((name) => names.add(name));
  return names;
}

function attributes(layer, p) {
  const skip = told(layer);
  const rows = layer.fields.filter((f) => !skip.has(f.name)).map((f) => [f, valueText(f, p[f.name], lang(), t)]).filter(([, text]) => text);
  if (p.external_id && layer.label !== "external_id") rows.push([{ name: "external_id", title: t("map.code") }, p.external_id]);
  return h("dl", { class: "attributes" }, rows.map(([f, text]) =>
    h("div", { data: { field: f.name } }, h("dt", { text: f.title }),
      h("dd", {}, f.name === "state" && p.state !== "working" ? h("span", { class: "state-chip", data: { state: p.state }, text }) : text))));
}

/** The other views on the same pole. */
function siblings(app, layer, feature) {
  const pole = feature.properties.pole_code;
  if (!pole) return null;
  const views = app.data.known(layer.name).filter((f) => f.properties.pole_code === pole);
  if (views.length < 2) return null;
  return h("section", { class: "card-section" },
    h("h3", { class: "section-title", text: t("map.views_on_pole", { n: views.length }) }),
    h("div", { class: "view-list" }, views.map((f) => h("button", {
      type: "button", class: "view-button", "aria-pressed": String(f.id === feature.id),
      on: { click: () => app.emit("select", { layer: layer.name, id: f.id, from: "card" }) },
    }, symbolCanvas(layer, f.properties), labelOf(layer, f)))));
}

/** The group's page: comments, tasks, who is in charge. */
function groupPage(id) {
  const link = h("a", { class: "chip-button", href: `/to/${id}`, "data-testid": "group-page", text: t("map.comments_none") });
  commentCounts().then((counts) => {
    const n = counts.get(id);
    if (n) fill(link, commentDot(n), t("map.comments_none"));
  });
  return link;
}

function coverage() {
  const row = (key) => h("div", {}, h("dt", { text: t(key) }), h("dd", { class: "muted", text: t("map.not_computed") }));
  return h("section", { class: "card-section" }, h("h3", { class: "section-title", text: t("map.coverage_title") }),
    h("dl", { class: "attributes" }, row("map.camera_coverage"), row("map.light_coverage")));
}

export function open(app) {
  const card = $("#card");
  let back = null;

  function close() {
    card.hidden = true;
    $("#panel-main").hidden = false;
    app.emit("deselect", {});
    if (back?.isConnected) back.focus({ preventScroll: true });
  }

  async function show({ layer: name, id, from }) {
    const layer = app.catalogue.get(name);
    if (!layer) return;
    const feature = await app.data.one(name, id);
    if (!card.contains(document.activeElement)) back = document.activeElement;
    const p = feature.properties;
    const title = h("h2", { class: "card-title", tabindex: "-1", id: "card-title", text: labelOf(layer, feature) });
    const closeButton = h("button", { type: "button", class: "icon-button", "aria-label": t("common.close"), on: { click: close } }, icon("close"));
    const zoom = h("button", { type: "button", class: "chip-button", on: { click: () => app.zoomTo(bounds(feature.geometry)) } }, icon("zoom"), t("map.zoom_to"));
    const isGroup = criteria(layer).length > 0;
    fill(card,
      h("div", { class: "card-head" }, h("p", { class: "card-layer" }, !isGroup && symbolCanvas(layer, p), h("span", { text: layer.title })), closeButton),
      title, isGroup && stageChip(layer, p),
      p.distance_m !== undefined && h("p", { class: "muted", text: t("map.at_distance", { distance: distance(p.distance_m, lang()) }) }),
      h("div", { class: "card-actions" }, zoom, isGroup && groupPage(id)),
      isGroup && criteriaBlock(layer, p), attributes(layer, p), isGroup && coverage(), siblings(app, layer, feature));
    card.hidden = false;
    card.scrollTop = 0;
    $("#panel-main").hidden = true;
    if ($("#panel").dataset.height === "peek") app.sheet.setHeight("half");
    announce(`${layer.title}: ${labelOf(layer, feature)}`);
    if (from !== "map") title.focus({ preventScroll: true });
    app.emit("selected", { layer: name, id, feature });
  }

  card.addEventListener("keydown", (event) => event.key === "Escape" && close());
  return { show, close };
}
