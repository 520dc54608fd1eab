/** The side of the page while something is edited, and the bar over the map with undo and redo. */
import { $, fill, h, icon } from "../core/dom.js";
import { t } from "../core/i18n.js";

export function openPanel(app, changes, { onClose }) {
  const element = h("section", { id: "edit", class: "card edit-panel", hidden: true, "aria-labelledby": "edit-title", data: { testid: "edit-panel" } });
  $("#panel").append(element);
  const tool = $("[data-action=edit]");
  let guard = null;
  let restless = false;
  let leaving = null;

  const button = (name, symbol, click) => h("button", { type: "button", class: "icon-button", disabled: true, "aria-label": t(`edit.${name}`), title: t(`edit.${name}`), data: { testid: name }, on: { click } }, icon(symbol));
  // What is under the hand and not saved yet has steps of its own; they come before those that are saved.
  let own = null;
  let labels = { undo: "", redo: "" };
  const press = (name) => {
    if (!own) return changes[name]();
    own[name]();
    return showSteps();
  };
  const undo = button("undo", "undo", () => press("undo"));
  const redo = button("redo", "redo", () => press("redo"));
  const hint = h("p", { class: "edit-hint", role: "status", data: { testid: "edit-hint" } });
  const bar = h("div", { class: "edit-bar", role: "toolbar", "aria-label": t("edit.title"), hidden: true }, undo, redo, hint);
  app.map.getContainer().parentElement.append(bar);
  function showSteps() {
    const can = own ? own.can() : { undo: Boolean(labels.undo), redo: Boolean(labels.redo) };
    for (const [name, one] of [["undo", undo], ["redo", redo]]) {
      one.disabled = !can[name];
      one.title = own ? t(`edit.${name}_own`) : labels[name] ? t(`edit.${name}_what`, { what: labels[name] }) : t(`edit.${name}`);
      one.setAttribute("aria-label", one.title);
    }
    bar.hidden = !isOpen() && undo.disabled && redo.disabled;
  }
  app.on("edits", (told) => {
    labels = told;
    showSteps();
  });

  const isOpen = () => !element.hidden;
  function close() {
    if (!isOpen()) return;
    element.hidden = true;
    own = null;
    showSteps();
    restless = false;
    leaving?.();
    leaving = null;
    tool.setAttribute("aria-pressed", "false");
    fill(element);
    $("#panel-main").hidden = !$("#card").hidden;
    onClose();
  }

  /** Show parts under a heading. `dirty()`: whether leaving would lose something; `steps`: {undo, redo, can} of their own. */
  function show(title, parts, { symbol = null, back = null, dirty = null, onLeave = null, steps = null } = {}) {
    leaving?.();
    leaving = onLeave;
    guard = dirty;
    own = steps;
    const heading = h("h2", { id: "edit-title", class: "card-title edit-title", tabindex: "-1", text: title });
    const leave = h("button", { type: "button", class: "icon-button", "aria-label": t("common.close"), data: { testid: "edit-close" }, on: { click: () => calm() && close() } }, icon("close"));
    const before = back && h("button", { type: "button", class: "text-button", data: { testid: "edit-back" }, on: { click: () => calm() && back() } }, icon("back"), t("edit.title"));
    fill(element, h("div", { class: "card-head" }, before || h("p", { class: "card-layer" }, icon("edit"), h("span", { text: t("edit.title") })), leave),
      h("div", { class: "edit-head" }, symbol, heading), parts);
    element.hidden = false;
    bar.hidden = false;
    showSteps();
    element.scrollTop = 0;
    tool.setAttribute("aria-pressed", "true");
    $("#panel-main").hidden = true;
    $("#card").hidden = true;
    hint.textContent = "";
    if ($("#panel").dataset.height === "peek") app.sheet.setHeight("half");
    return heading;
  }

  /** Whether leaving loses nothing: asked once, a second time it is meant. */
  function calm() {
    if (!guard?.() || restless) {
      restless = false;
      return true;
    }
    restless = true;
    setTimeout(() => { restless = false; }, 6000);
    const note = h("p", { class: "problem", role: "alert", data: { testid: "unsaved" }, text: t("edit.unsaved") });
    element.querySelector(".problem[data-testid=unsaved]")?.remove();
    element.querySelector(".edit-head").after(note);
    element.scrollTop = 0;
    return false;
  }

  // A tab of the panel leaves the editing.
  $("#tabs").addEventListener("click", (event) => {
    if (!isOpen()) return;
    if (calm()) close();
    else event.stopPropagation();
  }, true);
  addEventListener("beforeunload", (event) => {
    if (isOpen() && guard?.()) event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (bar.hidden || !(event.ctrlKey || event.metaKey) || event.altKey || /INPUT|SELECT|TEXTAREA/.test(event.target.tagName)) return;
    const pressed = event.key.toLowerCase();
    if (pressed === "z") (event.shiftKey ? redo : undo).click();
    else if (pressed === "y") redo.click();
    else return;
    event.preventDefault();
  });

  return { element, bar, show, close, isOpen, showSteps, say: (text) => { hint.textContent = text; } };
}
