/** The symbol of a layer as the map draws it, for switcher, card and lists. */
import { colorOf, lettersOf, variantOf } from "../core/catalogue.js";
import { s } from "../core/dom.js";
import { swatch } from "../core/patterns.js";
import { marker } from "../layers/points_draw.js";

const SIZE = 24;

function line(layer, properties) {
  const { dash, width, kind } = layer.style;
  const color = colorOf(layer, properties);
  const shape = kind === "line"
    ? s("path", { d: "M2 12H22", stroke: color, "stroke-width": Math.min(width, 4), "stroke-dasharray": dash ? "7 4" : "none" })
    : s("rect", { x: 3, y: 5, width: 18, height: 14, rx: 2, fill: color, "fill-opacity": 0.2, stroke: color, "stroke-width": 1.6, "stroke-dasharray": dash ? "4 3" : "none" });
  return s("svg", { class: "symbol", viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" }, shape);
}

/** A light circle: how far something of that colour reaches. */
export const ring = (color) => s("svg", { class: "symbol", viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" },
  s("circle", { cx: 12, cy: 12, r: 10, fill: color, "fill-opacity": 0.12, stroke: color, "stroke-width": 1.2 }));

/** A small picture of a feature with these properties. */
export function symbolCanvas(layer, properties) {
  const { patterns, colors } = layer.style;
  if (Object.keys(patterns || {}).length) return swatch(colors.recognised ? "recognised" : Object.keys(colors)[0], "swatch");
  if (!["point", "sector"].includes(layer.style.kind)) return line(layer, properties);
  const ratio = window.devicePixelRatio || 1;
  const canvas = document.createElement("canvas");
  canvas.className = "symbol";
  canvas.setAttribute("aria-hidden", "true");
  canvas.width = SIZE * ratio;
  canvas.height = SIZE * ratio;
  const paint = () => {
    const dark = document.documentElement.dataset.theme === "dark";
    const ctx = canvas.getContext("2d");
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.clearRect(0, 0, SIZE, SIZE);
    marker(ctx, SIZE / 2, SIZE / 2, 8, {
      color: colorOf(layer, properties), section: layer.section, icon: layer.style.icon, letters: lettersOf(layer, properties),
      variant: variantOf(layer, properties), state: properties.state, count: 1,
    }, { paper: dark ? "#171c24" : "#ffffff", text: dark ? "#eef2f7" : "#1d2433", dark });
  };
  paint();
  document.addEventListener("themechange", paint);
  return canvas;
}
