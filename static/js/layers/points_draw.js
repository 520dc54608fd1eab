/** How one place is painted on the canvas. */
import { glyphPath } from "../core/symbols.js";

const TAU = Math.PI * 2;
/* The shape tells the subject, so that colour is not alone. */
const SHAPES = { devices: "circle", security: "diamond", information: "hexagon", places: "square" };

function outline(ctx, shape, x, y, r) {
  ctx.beginPath();
  if (shape === "diamond") {
    const d = r * 1.22;
    ctx.moveTo(x, y - d);
    ctx.lineTo(x + d, y);
    ctx.lineTo(x, y + d);
    ctx.lineTo(x - d, y);
    ctx.closePath();
  } else if (shape === "hexagon") {
    for (let i = 0; i < 6; i += 1) {
      ctx.lineTo(x + r * 1.1 * Math.cos((i * TAU) / 6), y + r * 1.1 * Math.sin((i * TAU) / 6));
    }
    ctx.closePath();
  } else if (shape === "square") ctx.roundRect(x - r * 0.92, y - r * 0.92, r * 1.84, r * 1.84, r * 0.35);
  else ctx.arc(x, y, r, 0, TAU);
}

export function glyph(ctx, name, x, y, size, color) {
  ctx.save();
  ctx.translate(x - size / 2, y - size / 2);
  ctx.scale(size / 24, size / 24);
  ctx.fillStyle = color;
  ctx.fill(glyphPath(name), "evenodd");
  ctx.restore();
}

/** A small round mark at the edge of a symbol. */
export function badge(ctx, x, y, name, color, paper) {
  ctx.beginPath();
  ctx.arc(x, y, 5.5, 0, TAU);
  ctx.fillStyle = color;
  ctx.strokeStyle = paper;
  ctx.lineWidth = 1.5;
  ctx.fill();
  ctx.stroke();
  glyph(ctx, name, x, y, 6.5, "#ffffff");
}

/** One or two letters where other layers have a symbol. */
function letter(ctx, text, x, y, r, color) {
  ctx.font = `700 ${Math.round(r * (text.length > 1 ? 0.92 : 1.15))}px "Be Vietnam Pro", sans-serif`;
  ctx.fillStyle = color;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillText(text, x, y + r * 0.06);
}

/** One place. `spec`: color, section, icon or letters, variant, state, count, selected; `r` in pixels. */
export function marker(ctx, x, y, r, spec, ink) {
  const shape = SHAPES[spec.section] || "circle";
  const { color, state } = spec;
  const hollow = state === "proposed" || state === "removed" || spec.variant === 2;
  if (spec.selected) {
    outline(ctx, shape, x, y, r + 4);
    ctx.fillStyle = ink.select;
    ctx.fill();
  }
  outline(ctx, shape, x, y, r + 1.5);
  ctx.fillStyle = ink.paper;
  ctx.fill();
  outline(ctx, shape, x, y, r);
  ctx.fillStyle = hollow ? ink.paper : color;
  ctx.fill();
  if (hollow || spec.variant === 1) {
    ctx.setLineDash(state === "proposed" ? [3, 2] : []);
    outline(ctx, shape, x, y, spec.variant === 1 ? r - 2 : r - 0.75);
    ctx.strokeStyle = spec.variant === 1 ? ink.paper : color;
    ctx.lineWidth = spec.variant === 1 ? 1 : 1.6;
    ctx.stroke();
    ctx.setLineDash([]);
  }
  if (r < 6.5) {
    if (state === "broken") glyph(ctx, "cross", x, y, r * 1.3, "#ffffff");
    return;
  }
  if (spec.letters) letter(ctx, spec.letters, x, y, r, "#ffffff");
  else glyph(ctx, spec.icon, x, y, r * 1.22, hollow ? (ink.dark && state !== "removed" ? ink.text : color) : "#ffffff");
  if (state === "broken") badge(ctx, x + r * 0.78, y - r * 0.78, "cross", "#c92a2a", ink.paper);
  if (state === "proposed") badge(ctx, x + r * 0.78, y - r * 0.78, "add", "#7048e8", ink.paper);
  if (state === "removed") badge(ctx, x + r * 0.78, y - r * 0.78, "bar", "#5c636a", ink.paper);
  if (spec.count > 1) number(ctx, x + r * 0.85, y + r * 0.85, spec.count, ink);
}

function number(ctx, x, y, value, ink) {
  ctx.font = '700 10px "Be Vietnam Pro", sans-serif';
  ctx.beginPath();
  ctx.arc(x, y, 6.5, 0, TAU);
  ctx.fillStyle = ink.paper;
  ctx.strokeStyle = ink.text;
  ctx.lineWidth = 1.2;
  ctx.fill();
  ctx.stroke();
  ctx.fillStyle = ink.text;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillText(String(value), x, y + 0.5);
}
