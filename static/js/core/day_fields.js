/**
 * Days as 23/11/2026 and times as 20:00 whatever the browser's language: a text field to type in, before the browser's
 * own, which keeps the name and the value that is sent, and opens its calendar.
 */
import { $, $$, h, icon } from "./dom.js";
import { date, readDate, readTime } from "./format.js";

const KINDS = {
  date: { read: readDate, show: date },
  time: { read: readTime, show: (value) => value.slice(0, 5) },
};

function dress(own, words) {
  const { read, show } = KINDS[own.type];
  const text = h("input", {
    id: `${own.id}-typed`, type: "text", inputmode: "numeric", autocomplete: "off", maxlength: 16, placeholder: words[`${own.type}Shape`],
    required: own.required, "aria-describedby": own.getAttribute("aria-describedby"),
  });
  const judge = () => {
    const limit = own.validity.rangeUnderflow ? words.dayEarly.replace("{day}", show(own.min)) : words.dayLate.replace("{day}", show(own.max));
    const unread = text.value.trim() && !own.value;
    text.setCustomValidity(unread ? words[`${own.type}Fault`] : own.validity.rangeUnderflow || own.validity.rangeOverflow ? limit : "");
  };
  const take = () => {
    text.value = show(own.value);
    judge();
  };
  const types = ["input", "change"];
  let typing = false;
  text.addEventListener("change", () => {
    own.value = read(text.value) ?? "";
    if (own.value) text.value = show(own.value);
    judge();
    typing = true;
    for (const type of types) own.dispatchEvent(new Event(type, { bubbles: true }));
    typing = false;
  });
  // What was typed and cannot be read stays to be mended, though the browser's own field is empty then.
  for (const type of types) own.addEventListener(type, () => typing || take());
  own.form?.addEventListener("reset", () => setTimeout(take));
  const box = h("span", { class: `day-field is-${own.type}` }, text, own.type === "date" && icon("calendar"));
  own.replaceWith(box);
  box.append(own);
  for (const label of [...own.labels]) label.htmlFor = text.id;
  Object.assign(own, { required: false, tabIndex: -1, ariaHidden: "true" });
  take();
}

/** Every day and time inside `root`. */
export function dressDays(root = document) {
  const words = $("#day-words").dataset;
  for (const own of $$('input[type="date"], input[type="time"]', root)) dress(own, words);
}
