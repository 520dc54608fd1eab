/** Sections `[data-tab]` of an element as tabs: without this script they stand one below the other. */
import { $, $$, h } from "./dom.js";

/** `chosen`: the tab to open first; `onOpen(name)` follows every change. */
export function openTabs(element, { chosen = "", label = "", onOpen = () => {} } = {}) {
  const panels = $$("[data-tab]", element);
  const bar = h("div", { class: "tab-bar", role: "tablist", "aria-label": label });
  const tabs = new Map();

  function open(name, focus = false) {
    for (const panel of panels) {
      const on = panel.dataset.tab === name;
      const tab = tabs.get(panel.dataset.tab);
      panel.hidden = !on;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      if (on && focus) tab.focus();
      // Sideways alone: the page stays where it is.
      if (on) bar.scrollLeft = tab.offsetLeft - bar.offsetLeft - (bar.clientWidth - tab.clientWidth) / 2;
    }
    onOpen(name);
  }

  function onKey(event) {
    const names = [...tabs.keys()];
    const at = names.indexOf(event.currentTarget.dataset.opens);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const next = step ? names[(at + step + names.length) % names.length] : { Home: names[0], End: names.at(-1) }[event.key];
    if (!next) return;
    event.preventDefault();
    open(next, true);
  }

  for (const panel of panels) {
    const name = panel.dataset.tab;
    const heading = $("h2", panel);
    panel.id ||= `tab-panel-${name}`;
    panel.setAttribute("role", "tabpanel");
    heading.classList.add("sr-only");
    const tab = h("button", {
      type: "button", role: "tab", class: "tab", "aria-controls": panel.id,
      data: { opens: name, testid: `tab-${name}` }, on: { click: () => open(name), keydown: onKey },
    }, heading.textContent);
    tabs.set(name, tab);
    bar.append(tab);
  }
  element.prepend(bar);
  open(tabs.has(chosen) ? chosen : panels[0].dataset.tab);
  return { open };
}
