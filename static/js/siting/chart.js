/** Small charts: scales and paths (pure), and the axes as SVG. The text beside a chart says the same. */
import { s } from "../core/dom.js";

export const scale = ([low, high], [from, to]) => (value) => from + ((value - low) / (high - low || 1)) * (to - from);

/** Round numbers from 0 to at least `high`, about `count` of them. */
export function ticks(high, count = 4) {
  if (!(high > 0)) return [0, 1];
  const rough = high / count;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].find((one) => one * size >= rough) * size;
  return Array.from({ length: Math.ceil(high / step - 1e-9) + 1 }, (_, i) => Number((i * step).toPrecision(12)));
}

/** A line through points; `steps`: a value stays until the next one. Points without a value are left out. */
export function path(points, x, y, { steps = false } = {}) {
  const known = points.filter(([, value]) => value !== null && Number.isFinite(value));
  return known.map(([at, value], i) => {
    const place = `${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
    if (!i) return `M${place}`;
    return steps ? `H${x(at).toFixed(1)}V${y(value).toFixed(1)}` : `L${place}`;
  }).join("");
}

/** The value of a curve of [at, value], ascending, at a place: that of the last point not after it. */
export function valueAt(points, at) {
  const found = points.filter(([one]) => one <= at + 1e-6).at(-1);
  return found ? found[1] : null;
}

const WIDTH = 420;
const HEIGHT = 210;
const EDGE = { left: 52, right: 14, top: 12, bottom: 40 };

/** Axes with round numbers. Answers {svg, x, y, plot, add(tag, props, text)}. */
export function axes({ title, highX, highY, textX, textY, titleX, css = "" }) {
  const [alongX, alongY] = [ticks(highX), ticks(highY)];
  const x = scale([0, alongX.at(-1)], [EDGE.left, WIDTH - EDGE.right]);
  const y = scale([0, alongY.at(-1)], [HEIGHT - EDGE.bottom, EDGE.top]);
  const svg = s("svg", { class: `siting-chart ${css}`, viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": title });
  const add = (tag, props, text) => {
    const element = s(tag, props, ...(text === undefined ? [] : [String(text)]));
    svg.append(element);
    return element;
  };
  for (const value of alongY) {
    add("line", { class: "chart-grid", x1: EDGE.left, x2: WIDTH - EDGE.right, y1: y(value), y2: y(value) });
    add("text", { class: "chart-text", x: EDGE.left - 6, y: y(value) + 4, "text-anchor": "end" }, textY(value));
  }
  for (const value of alongX) {
    const isLast = value === alongX.at(-1);
    add("text", { class: "chart-text", x: x(value) + (isLast ? EDGE.right : 0), y: HEIGHT - EDGE.bottom + 16, "text-anchor": isLast ? "end" : "middle" }, textX(value));
  }
  add("text", { class: "chart-title", x: (EDGE.left + WIDTH - EDGE.right) / 2, y: HEIGHT - 6, "text-anchor": "middle" }, titleX);
  return { svg, x, y, add, top: EDGE.top, bottom: HEIGHT - EDGE.bottom };
}
