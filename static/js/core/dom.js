/** Small helpers that build elements; text goes in by textContent only. */
import { GLYPHS, LINES } from "./symbols.js";

const SVG = "http://www.w3.org/2000/svg";

function assign(element, props) {
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "on") for (const [type, listener] of Object.entries(value)) element.addEventListener(type, listener);
    else if (key === "data") Object.assign(element.dataset, value);
    else if (key === "text") element.textContent = value;
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  return element;
}

/** h("button", {class: "x", on: {click}}, child, "text") */
export function h(tag, props = {}, ...children) {
  const element = assign(document.createElement(tag), props);
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** The same for SVG elements. */
export function s(tag, props = {}, ...children) {
  const element = assign(document.createElementNS(SVG, tag), props);
  element.append(...children);
  return element;
}

/** A symbol of the product's own set, hidden from screen readers. */
export function icon(name, className = "icon") {
  const filled = GLYPHS[name];
  const path = s("path", { d: filled || LINES[name] || "" });
  return s("svg", {
    class: `${className} ${filled ? "icon-fill" : "icon-line"}`, viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false",
  }, path);
}

/** Replace everything inside `element`. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

/** Run `action` once, `wait_ms` after the last call. */
export function debounce(action, wait_ms) {
  let timer = 0;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...values), wait_ms);
  };
}

/** Say something to screen readers. */
export function announce(text) {
  const region = $("#live");
  if (region) region.textContent = text;
}

let toastTimer = 0;
/** Show a short note over the map, and say it. */
export function toast(text, kind = "info") {
  const box = $("#toast");
  box.textContent = text;
  box.dataset.kind = kind;
  box.classList.add("is-on");
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => box.classList.remove("is-on"), 5000);
}
