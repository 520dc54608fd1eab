/** What a field lacks, said in the page's language: the browser says it in its own. */
import { number } from "./format.js";

/** The sentence of a field's fault, or "" where its own or the browser's must do. `words` as in _field_words.html. */
export function faultOf({ validity, type, tagName, min, max }, words, lang) {
  const chosen = tagName === "SELECT" || type === "radio";
  const limits = { min: number(Number(min), lang), max: number(Number(max), lang) };
  const put = (text) => text.replace(/\{(min|max)\}/g, (_, name) => limits[name]);
  if (validity.valueMissing) return type === "checkbox" ? words.tick : type === "file" ? words.file : chosen ? words.choose : words.needed;
  if (validity.badInput) return words.number;
  if (validity.rangeUnderflow || validity.rangeOverflow) return put(min && max ? words.between : min ? words.least : words.most);
  if (validity.stepMismatch) return words.step;
  return validity.patternMismatch || validity.tooShort ? words.shape : "";
}

/** Say the faults of every form of the page, also of those that come later. */
export function sayFaults(root = document) {
  const words = document.getElementById("field-words").dataset;
  const lang = document.documentElement.lang;
  const told = new Set();
  root.addEventListener("invalid", ({ target }) => {
    const text = target.validity.customError ? "" : faultOf(target, words, lang);
    if (!text) return;
    target.setCustomValidity(text);
    told.add(target);
  }, true);
  // Before the browser judges again, which it does after a click on "send"; a page may fill a field without an "input".
  const forget = () => {
    for (const field of told) field.setCustomValidity("");
    told.clear();
  };
  for (const type of ["input", "click"]) root.addEventListener(type, forget, true);
}
