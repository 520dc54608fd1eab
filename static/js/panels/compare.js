/** What differs between two days: a list in words, and outlines on the map. */
import { get } from "../core/api.js";
import { choiceTitle, criteria } from "../core/catalogue.js";
import { h, icon } from "../core/dom.js";
import { date, number } from "../core/format.js";
import { today } from "../core/clock.js";
import { lang, t } from "../core/i18n.js";
import { swatch } from "../core/patterns.js";
import { symbolOf } from "../core/stages.js";
import { cause, differences } from "../core/statuses.js";
import { drawChanges } from "../layers/changes.js";
import { fetchDay } from "./as_of.js";

const byId = (features) => new Map(features.map((feature) => [feature.id, feature]));

/** Ask for what differs between the day that is shown (`features` are of it) and `against`. */
export async function compare(app, { at, knownAt, against }, features) {
  const seen = at || today();
  const [from, to] = [seen, against].sort();
  const [other, { changes }, { groups: pairs }] = await Promise.all([
    fetchDay(against, knownAt), get("/api/status-changes", { from, to, known_at: knownAt }), get("/api/group-lineages"),
  ]);
  const here = byId(features.map((feature) => ({ ...feature, day: seen })));
  const there = byId(other);
  const [before, after] = seen === from ? [here, there] : [there, here];
  const between = pairs.filter((pair) => from < pair.changed_on && pair.changed_on <= to);
  const ids = changes.map((change) => change.group_id);
  const gone = new Map(ids.filter((id) => !here.has(id) && there.has(id)).map((id) => [id, there.get(id)]));
  const name = (id) => (after.get(id) || before.get(id))?.properties.name || t("compare.another");
  const words = makeWords(app, between, name);
  const rows = changes.map((change) => ({ change, before: before.get(change.group_id), after: after.get(change.group_id) }));
  return { ids, gone, show: (place) => show(app, place, { from, to, rows, words, gone }) };
}

function makeWords(app, pairs, name) {
  const { layer } = app.groups;
  const list = criteria(layer);
  const codes = list.map(({ answer }) => answer.name.replace(/_answer$/, ""));
  const stage = (code) => h("span", { class: "change-stage" }, swatch(code), icon(symbolOf(code)), h("span", { text: choiceTitle(layer, layer.style.by, code) }));
  const answer = (code, { code: value, stale }) => {
    const title = choiceTitle(layer, `${code}_answer`, value);
    return stale && stale !== value ? t("compare.stale", { answer: title, earlier: choiceTitle(layer, `${code}_answer`, stale) }) : title;
  };
  const line = (label, was, is) => h("li", {}, label && h("span", { class: "change-label", text: `${label}: ` }), was, h("span", { class: "change-arrow", "aria-label": t("compare.becomes"), role: "img" }, icon("next", "icon-small")), is);
  const one = (difference) => {
    const { names, before, after } = difference;
    const [what] = names;
    if (what === "name") return line(t("compare.name"), before.code, after.code);
    if (what === "stage") return line("", stage(before.code), stage(after.code));
    return line(t("map.criterion_short", { n: names.map((one) => codes.indexOf(one) + 1).join(", ") }), answer(what, before), answer(what, after));
  };
  const why = (side, id) => {
    const found = cause(pairs, side, id);
    if (!found) return t(side === "child_id" ? "compare.came" : "compare.went");
    const told = { names: found.others.map(name).join(", "), date: date(found.changed_on) };
    return side === "child_id" ? t(`compare.came_${found.kind}`, told) : t(`compare.went_${found.kind}`, told);
  };
  return ({ change, before, after }) => {
    if (!before) return [h("li", { text: why("child_id", change.group_id) }), after && h("li", {}, stage(after.properties.stage))];
    if (!after) return [h("li", { text: why("parent_id", change.group_id) })];
    const found = differences(before, after, codes).map(one);
    const verdict = (side) => t(`compare.verdict_${side.drug_free}`);
    if (change.before.drug_free !== change.after.drug_free) found.push(line(t("compare.verdict"), verdict(change.before), verdict(change.after)));
    return found.length ? found : [h("li", { text: t("compare.recorded") })];
  };
}

function show(app, place, { from, to, rows, words, gone }) {
  const drawn = drawChanges(app, rows.filter(({ change }) => !gone.has(change.group_id)).map((row) => row.change.group_id), [...gone.values()]);
  const layer = app.groups.layer.name;
  const item = (row) => {
    const { group_id: id, name } = row.change;
    const button = h("button", { type: "button", class: "change-name", text: name, data: { testid: `change-${id}` }, on: { click: () => {
      app.emit("select", { layer, id, from: "results" });
    } } });
    return h("li", { class: "change", data: { id } }, button, h("ul", { class: "change-words" }, words(row).filter(Boolean)));
  };
  const title = t("compare.title", { from: date(from), to: date(to) });
  place.replaceChildren(h("h2", { class: "section-title", text: title }),
    ...(rows.length
      ? [h("p", { class: "hint", "data-testid": "change-count", text: t("compare.count", { n: number(rows.length, lang()) }) }), h("ol", { class: "change-list", "data-testid": "changes" }, rows.map(item))]
      : [h("p", { class: "empty", "data-testid": "no-changes", text: t("compare.none", { from: date(from), to: date(to) }) })]));
  return drawn;
}
