/** Fills of the stages: colour and pattern together, so that neither has to carry the meaning alone. */
import { s } from "./dom.js";

const SIZE = 8;
/* What is not reviewed in the period: stripes the other way. */
const GAP_SIZE = 20;
const GAP = "M-4 -4 24 24M-4 16 4 24M16 -4 24 4";
/* Each pattern: size of the tile, strokes as path data, dots as circles. Ink is light on dark colours. */
const PATTERNS = {
  solid: { size: SIZE },
  dots: { size: SIZE, dots: [[2, 2, 1.15], [6, 6, 1.15]] },
  diagonal: { size: SIZE, path: "M-2 10 10-2M-2 2 2-2M6 10 10 6", width: 1.1 },
  cross: { size: SIZE, path: "M0 0 8 8M8 0 0 8", width: 1 },
  sparse: { size: 14, path: "M-2 16 16-2", width: 0.9 },
  lines: { size: 6, path: "M0 3H6", width: 1.1 },
  grid: { size: SIZE, path: "M0 4H8M4 0V8", width: 0.9 },
};

/** Relative luminance of #rrggbb (WCAG 2). Pure. */
export function luminance(hex) {
  const [r, g, b] = [1, 3, 5].map((i) => {
    const c = parseInt(hex.slice(i, i + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Black or white, whichever reads better on a colour. */
export const inkOn = (hex) => (luminance(hex) > 0.3 ? "#1d2433" : "#ffffff");

function pattern(id, color, name) {
  const { size, path, width, dots = [] } = PATTERNS[name] || PATTERNS.solid;
  const ink = inkOn(color);
  const strength = ink === "#ffffff" ? 0.6 : 0.42;
  const marks = dots.map(([cx, cy, r]) => s("circle", { cx, cy, r, fill: ink, "fill-opacity": strength + 0.1 }));
  if (path) marks.push(s("path", { d: path, stroke: ink, "stroke-width": width, "stroke-opacity": strength, fill: "none" }));
  return s("pattern", { id, width: size, height: size, patternUnits: "userSpaceOnUse" },
    s("rect", { width: size, height: size, fill: color }), ...marks);
}

export const UNREVIEWED = "unreviewed";

/* Light with a dark core: they show on every fill, whatever its pattern. */
const STRIPES = [{ stroke: "#ffffff", "stroke-width": 4, "stroke-opacity": 0.9 }, { stroke: "#1d2433", "stroke-width": 1.3, "stroke-opacity": 1 }];
const unreviewed = () => s("pattern", { id: `fill-${UNREVIEWED}`, width: GAP_SIZE, height: GAP_SIZE, patternUnits: "userSpaceOnUse" },
  ...STRIPES.map((stripe) => s("path", { d: GAP, ...stripe })));

/** The same stripes for a canvas. */
export function unreviewedFill() {
  const tile = document.createElement("canvas");
  Object.assign(tile, { width: GAP_SIZE, height: GAP_SIZE });
  const ctx = tile.getContext("2d");
  for (const stripe of STRIPES) {
    Object.assign(ctx, { strokeStyle: stripe.stroke, lineWidth: stripe["stroke-width"], globalAlpha: stripe["stroke-opacity"] });
    ctx.stroke(new Path2D(GAP));
  }
  return ctx.createPattern(tile, "repeat");
}

const hold = (...patterns) => document.body.append(
  s("svg", { class: "pattern-defs", width: 0, height: 0, "aria-hidden": "true", focusable: "false" }, s("defs", {}, ...patterns)));

/** Put patterns into the page, once each: classes are {code, color, pattern}; `url(#fill-<code>)` paints with them. */
export function installClasses(classes) {
  const fresh = classes.filter(({ code }) => !document.getElementById(`fill-${code}`));
  if (!fresh.length) return;
  hold(...fresh.map((one) => pattern(`fill-${one.code}`, one.color, one.pattern)));
}

/** The patterns of a layer's codes. */
export function install(layer) {
  const { colors, patterns } = layer.style;
  installClasses(Object.keys(colors).map((code) => ({ code, color: colors[code], pattern: patterns?.[code] })));
  if (!document.getElementById(`fill-${UNREVIEWED}`)) hold(unreviewed());
}

/** A piece of a bar painted like one code; it stretches without stretching the pattern. */
export const barPart = (code) => s("svg", { class: "bar-part", "aria-hidden": "true", focusable: "false" },
  s("rect", { width: "100%", height: "100%", fill: `url(#fill-${code})` }));

/** A legend swatch of one code. */
export function swatch(code, className = "swatch") {
  return s("svg", { class: className, viewBox: "0 0 28 20", "aria-hidden": "true", focusable: "false" },
    s("rect", { x: 0.5, y: 0.5, width: 27, height: 19, rx: 4, fill: `url(#fill-${code})`, class: "swatch-box" }));
}
