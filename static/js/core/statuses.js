/** Statuses of groups on a day as the map's rows, and what differs between two days. Pure. */
import { addDays, answerAt, period } from "./periods.js";

const PLAIN = ["name", "kind", "stage", "stage_on", "stage_document", "stage_body", "is_pilot", "household_count", "resident_count", "last_reviewed_on"];

/** A row of `/api/statuses` as a feature; `day` is the one that it tells of. */
export function toFeature(status, day) {
  const properties = Object.fromEntries(PLAIN.map((name) => [name, status[name]]));
  for (const [code, { answer, on, document: doc }] of Object.entries(status.answers)) {
    Object.assign(properties, { [`${code}_answer`]: answer, [`${code}_on`]: on, [`${code}_document`]: doc });
  }
  // A row may hold days later than the one asked for.
  if (properties.last_reviewed_on > day) properties.last_reviewed_on = null;
  return { type: "Feature", id: status.group_id, day, properties, geometry: status.geometry };
}

/** Spans that follow one another with the same stage, document, body and name are one. */
export function mergeSpans(spans) {
  const merged = [];
  for (const span of spans) {
    const last = merged[merged.length - 1];
    const same = last && last.valid_to === span.valid_from && ["stage", "stage_document", "stage_body", "name"].every((key) => last[key] === span[key]);
    if (same) last.valid_to = span.valid_to;
    else merged.push({ ...span, renamed: Boolean(last) && last.name !== span.name });
  }
  return merged;
}

/** What a group came of and became: {way, changed_on, document, units: [{id, name, share, day to see it on}]}. */
export function relatives(lineage, id) {
  const found = new Map();
  for (const entry of lineage) {
    const into = entry.parent_id === id;
    const way = `${into ? "into" : "from"}_${entry.kind}`;
    const key = `${way} ${entry.changed_on}`;
    if (!found.has(key)) found.set(key, { way, changed_on: entry.changed_on, document: entry.document, units: [] });
    found.get(key).units.push({
      id: into ? entry.child_id : entry.parent_id, name: into ? entry.child_name : entry.parent_name, share: entry.household_share,
      day: into ? entry.changed_on : addDays(entry.changed_on, -1),
    });
  }
  return [...found.values()];
}

/** The pairs of `/api/group-lineages` that tell why a group came (`side` "child_id") or went ("parent_id"): kind and the others. */
export function cause(pairs, side, id) {
  const other = side === "child_id" ? "parent_id" : "child_id";
  const own = pairs.filter((pair) => pair[side] === id);
  if (!own.length) return null;
  const many = (key, value) => pairs.filter((pair) => pair[key] === value && pair.changed_on === own[0].changed_on).length > 1;
  const kind = many("child_id", own[0].child_id) ? "merge" : many("parent_id", own[0].parent_id) ? "split" : "rename";
  return { kind, changed_on: own[0].changed_on, others: own.map((pair) => pair[other]) };
}

/** How one criterion counts: its code, and whether the answer is of an earlier period. */
const counted = (properties, code, day) => {
  const [answer, on] = [properties[`${code}_answer`], properties[`${code}_on`]];
  return { code: answerAt({ answer, on }, day), stale: on && on < period(day)[0] ? answer : null };
};

/** What differs between two features of one group: {names, before, after} for name, stage, and `codes` that changed alike. */
export function differences(before, after, codes) {
  const found = ["name", "stage"].filter((name) => before.properties[name] !== after.properties[name])
    .map((name) => ({ names: [name], before: { code: before.properties[name] }, after: { code: after.properties[name] } }));
  for (const code of codes) {
    const [was, is] = [counted(before.properties, code, before.day), counted(after.properties, code, after.day)];
    if (was.code === is.code && was.stale === is.stale) continue;
    const alike = found.find(({ names: [first], before: b, after: a }) => codes.includes(first) && b.code === was.code && b.stale === was.stale && a.code === is.code && a.stale === is.stale);
    if (alike) alike.names.push(code);
    else found.push({ names: [code], before: was, after: is });
  }
  return found;
}
