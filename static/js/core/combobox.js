/** A text field with a list of suggestions (WAI-ARIA combobox). Options: {group, label, detail, icon, value}. */
import { announce, debounce, fill, h, icon } from "./dom.js";
import { t } from "./i18n.js";

const WAIT_MS = 180;

export function combobox({ id, label, placeholder, find, choose, least = 1, className = "" }) {
  const list = h("ul", { class: "combo-list", role: "listbox", id: `${id}-list`, "aria-label": label, hidden: true });
  const input = h("input", {
    class: "combo-input", id, type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", placeholder,
    "aria-label": label, "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": `${id}-list`,
  });
  const clear = h("button", { type: "button", class: "combo-clear", "aria-label": t("common.clear"), hidden: true }, icon("close"));
  const root = h("div", { class: `combo ${className}` }, icon("search", "combo-icon"), input, clear, list);
  let options = [];
  let active = -1;
  let turn = 0;

  const isOpen = () => !list.hidden;
  function close() {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function mark(index) {
    active = index;
    list.querySelectorAll("[role=option]").forEach((item, i) => {
      item.setAttribute("aria-selected", String(i === index));
      if (i === index) {
        input.setAttribute("aria-activedescendant", item.id);
        item.scrollIntoView({ block: "nearest" });
      }
    });
  }

  function pick(index) {
    const option = options[index];
    if (!option) return;
    input.value = option.label;
    close();
    choose(option);
  }

  function item(option, i) {
    return h("li", {
      role: "option", id: `${id}-${i}`, class: "combo-option", "aria-selected": "false",
      on: { mousedown: (event) => event.preventDefault(), click: () => pick(i), mousemove: () => active !== i && mark(i) },
    }, option.icon, h("span", { class: "combo-text" },
      h("span", { class: "combo-label", text: option.label }), option.detail && h("span", { class: "combo-detail", text: option.detail })));
  }

  function show(found) {
    options = found;
    const rows = [];
    found.forEach((option, i) => {
      if (option.group && option.group !== found[i - 1]?.group) {
        rows.push(h("li", { role: "presentation", class: "combo-group", text: option.group }));
      }
      rows.push(item(option, i));
    });
    if (!found.length) rows.push(h("li", { role: "option", "aria-disabled": "true", "aria-selected": "false", class: "combo-empty", text: t("search.none") }));
    fill(list, rows);
    list.hidden = false;
    active = -1;
    input.setAttribute("aria-expanded", "true");
    announce(found.length ? t("search.count", { n: found.length }) : t("search.none"));
  }

  const ask = debounce(async () => {
    const text = input.value.trim();
    turn += 1;
    const mine = turn;
    if (text.length < least) return close();
    const found = await find(text).catch(() => []);
    if (mine === turn && document.activeElement === input) show(found);
    return undefined;
  }, WAIT_MS);

  input.addEventListener("input", () => {
    clear.hidden = !input.value;
    ask();
  });
  input.addEventListener("focus", () => input.value && ask());
  input.addEventListener("blur", close);
  clear.addEventListener("click", () => {
    input.value = "";
    clear.hidden = true;
    close();
    input.focus();
  });
  input.addEventListener("keydown", (event) => {
    const last = options.length - 1;
    if (event.key === "ArrowDown") isOpen() ? mark(active >= last ? 0 : active + 1) : ask();
    else if (event.key === "ArrowUp" && isOpen()) mark(active <= 0 ? last : active - 1);
    else if (event.key === "Enter" && isOpen()) pick(active < 0 ? 0 : active);
    else if (event.key === "Escape" && isOpen()) close();
    else return;
    event.preventDefault();
  });
  return { root, input, close };
}
