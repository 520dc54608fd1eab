/** The card of one feature: title, stage and criteria where there are any, and what is known, by the catalogue. */
import { answersOf, choiceTitle, criteria, field, isAssumed, labelOf, valueText } from "../core/catalogue.js";
import { today } from "../core/clock.js";
import { commentCounts, commentDot } from "../core/comments.js";
import { coverageSection } from "../core/coverage.js";
import { $, announce, fill, h, icon } from "../core/dom.js";
import { date, distance } from "../core/format.js";
import { bounds } from "../core/geometry.js";
import { lang, t } from "../core/i18n.js";
import { swatch } from "../core/patterns.js";
import { hasGap } from "../core/periods.js";
import { during } from "../core/ready.js";
import { symbolOf } from "../core/stages.js";
import { criteriaBlock, personsBlock, toldHere } from "./criteria.js";
import { symbolCanvas } from "./layer_symbol.js";
import { placeParts } from "./place_parts.js";

/* Who may propose a stage and who fills in reviews; the server decides again. */
const PROPOSERS = ["admin", "data", "committee"];
const REVIEWERS = ["admin", "data"];

function stageChip(layer, p) {
  const code = p[layer.style.by];
  return h("div", { class: "stage-chip", data: { stage: code, testid: "stage-chip" } }, swatch(code),
    icon(symbolOf(code)), h("span", { text: choiceTitle(layer, layer.style.by, code) }),
    p.is_pilot && h("span", { class: "chip", text: field(layer, "is_pilot").title }));
}

const gapChip = () => h("span", { class: "chip chip-gap", data: { testid: "gap-chip" } }, icon("question"), h("span", { text: t("map.gap") }));

/** Columns that the card tells elsewhere. */
function told(layer) {
  const names = new Set([layer.label, layer.style.patterns && Object.keys(layer.style.patterns).length ? layer.style.by : ""]);
  if (criteria(layer).length) toldHere(layer).forEach((name) => names.add(name));
  return names;
}

function attributes(layer, p) {
  const skip = told(layer);
  const rows = layer.fields.filter((f) => !skip.has(f.name)).map((f) => [f, valueText(f, p[f.name], lang(), t)]).filter(([, text]) => text);
  if (isAssumed(layer, p)) rows.push([field(layer, layer.checked_field), h("span", { class: "state-chip", data: { testid: "assumed" }, text: t("map.assumed") })]);
  if (p.external_id && layer.label !== "external_id") rows.push([{ name: "external_id", title: t("map.code") }, p.external_id]);
  return h("dl", { class: "attributes" }, rows.map(([f, text]) =>
    h("div", { data: { field: f.name } }, h("dt", { text: f.title }),
      h("dd", {}, f.name === "state" && p.state !== "working" ? h("span", { class: "state-chip", data: { state: p.state }, text }) : text))));
}

/** The other views on the same pole. */
function siblings(app, layer, feature) {
  const { pole_code: pole } = feature.properties;
  const views = pole ? app.data.known(layer.name).filter((f) => f.properties.pole_code === pole) : [];
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

/** What a person may do about the group: about the present one only. */
function steps(app, id) {
  const link = (roles, href, name, text) => roles.includes(app.session.role) && h("a", { class: "chip-button", href: `${href}?group=${id}`, data: { testid: name } }, icon(name), text);
  return [link(PROPOSERS, "/de-nghi", "propose", t("map.propose_stage")), link(REVIEWERS, "/du-lieu", "review", t("map.fill_review"))];
}

/** A section that is asked for when the card is read. */
function later(testid, title, tell) {
  const section = h("section", { class: "card-section", data: { testid } }, h("h3", { class: "section-title", text: title }));
  during(tell(section)).catch((error) => section.append(h("p", { class: "hint", text: error.message })));
  return section;
}

/** A group as the card tells it: on the day that its row is of. */
function groupParts(app, layer, feature) {
  const day = feature.day || today();
  const past = Boolean(feature.day);
  const { properties: p, id } = feature;
  // A search finds groups that were not there on the day that is shown.
  const absent = !past && app.state.asOf?.at && !app.groups.find(id);
  const note = past ? t("as_of.card", { date: date(day) }) : absent ? t("as_of.absent", { date: date(app.state.asOf.at) }) : "";
  return {
    head: [h("div", { class: "chips" }, stageChip(layer, p), hasGap(answersOf(layer, p), day) && gapChip()), note && h("p", { class: "as-of-note", data: { testid: "card-day" } }, icon("calendar"), h("span", { text: note }))],
    actions: past ? [] : [groupPage(id), ...steps(app, id)],
    body: [criteriaBlock(layer, p, day), personsBlock(layer, p)],
    rest: [past ? null : coverageSection(id),
      past ? null : later("group-tasks", t("map.tasks_title"), (section) => import("./tasks.js").then(({ fillTasks }) => fillTasks(app, section, id))),
      past ? null : later("group-remarks", t("review.remarks_title"), (section) => import("./remarks.js").then(({ fillRemarks }) => fillRemarks(section, id))),
      later("history", t("history.title"), (section) => import("./history.js").then(({ showHistory }) => showHistory(app, section, layer, id, day)))],
  };
}

/** Editing, checking on site, deleting: for those who may, of what stands today. */
function editing(app, layer, feature) {
  if (!app.editing || !layer.editable || feature.day || app.state.asOf) return null;
  const slot = h("div", { class: "card-actions", data: { testid: "edit-actions" } });
  app.editing().then((editor) => editor.offer(slot, layer, feature)).catch((error) => slot.append(h("p", { class: "hint", text: error.message })));
  return slot;
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
    const feature = app.find(name, id) || await app.data.one(name, id);
    if (!card.contains(document.activeElement)) back = document.activeElement;
    const { properties: p } = feature, isGroup = criteria(layer).length > 0;
    const title = h("h2", { class: "card-title", tabindex: "-1", id: "card-title", text: labelOf(layer, feature) });
    const closeButton = h("button", { type: "button", class: "icon-button", "aria-label": t("common.close"), on: { click: close } }, icon("close"));
    const zoom = h("button", { type: "button", class: "chip-button", on: { click: () => app.zoomTo(bounds(feature.geometry)) } }, icon("zoom"), t("map.zoom_to"));
    const own = isGroup ? groupParts(app, layer, feature) : placeParts(app, layer, id, later);
    fill(card,
      h("div", { class: "card-head" }, h("p", { class: "card-layer" }, !isGroup && symbolCanvas(layer, p), h("span", { text: layer.title })), closeButton),
      title, own.head,
      p.distance_m !== undefined && h("p", { class: "muted", text: t("map.at_distance", { distance: distance(p.distance_m, lang()) }) }),
      h("div", { class: "card-actions" }, zoom, own.actions), editing(app, layer, feature),
      own.body, attributes(layer, p), own.rest, siblings(app, layer, feature));
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
