/* Finds personal data in Vietnamese text while it is typed: the steps of gis_app/analysis/person_guard.py over the same
   rules, person_guard.json. A test runs both over one table of sentences; what cannot be found is written there. */
import { get } from "./api.js";
import { Names } from "./guard_names.js";
import { prepare } from "./guard_words.js";

/* (text) -> [{kind, start, end, words}], places in UTF-16 units as the browser counts. */
export function makeGuard(rules) {
  const ready = prepare(rules);
  return (text) => new Names(text, ready).read();
}

let loading;

/* The guard of this page, loaded once; where the rules cannot be had it finds nothing, and the server still reads. */
export function loadGuard() {
  loading ||= get(new URL("person_guard.json", import.meta.url).href)
    .then(makeGuard)
    .catch(() => {
      loading = undefined;
      return () => [];
    });
  return loading;
}

/* The text with every finding replaced. */
export function masked(text, found, sign = "…") {
  return [...found].reverse().reduce((kept, { start, end }) => kept.slice(0, start) + sign + kept.slice(end), text);
}
