/** What devices reach, painted under the markers: camera views and lit discs. */
import { glyph } from "./points_draw.js";

const TAU = Math.PI * 2;

/** A camera's view; `v` comes from geometry.view(), `scale` is pixels a metre; `assumed`: nobody has looked on site. */
export function cameraView(ctx, x, y, v, scale, { color, state, selected, assumed }, ink) {
  const r = Math.max(v.range_m * scale, 14);
  ctx.beginPath();
  if (v.shape === "sector") {
    ctx.moveTo(x, y);
    ctx.arc(x, y, r, v.start, v.end);
    ctx.closePath();
  } else ctx.arc(x, y, v.shape === "unknown" ? Math.min(r, 26) : r, 0, TAU);
  if (state === "working" && v.shape !== "unknown") {
    const glow = ctx.createRadialGradient(x, y, 0, x, y, r);
    glow.addColorStop(0, `${color}${assumed ? "4d" : "99"}`);
    glow.addColorStop(1, `${color}${assumed ? "1a" : "2b"}`);
    ctx.fillStyle = glow;
    ctx.fill();
  }
  ctx.setLineDash(state === "working" && v.shape !== "unknown" && !assumed ? [] : [4, 3]);
  ctx.strokeStyle = color;
  ctx.lineWidth = selected ? 3 : 1.25;
  ctx.stroke();
  ctx.setLineDash([]);
  if (v.shape === "unknown") question(ctx, x + Math.min(r, 26) * 0.72, y + Math.min(r, 26) * 0.72, color, ink);
}

function question(ctx, x, y, color, ink) {
  ctx.beginPath();
  ctx.arc(x, y, 7, 0, TAU);
  ctx.fillStyle = ink.paper;
  ctx.strokeStyle = color;
  ctx.lineWidth = 1.2;
  ctx.fill();
  ctx.stroke();
  glyph(ctx, "question", x, y, 10, ink.dark ? ink.text : color);
}

/** How far loudspeakers that work are heard: light circles, the chosen one's firmer; without a known range, none. */
export function heardCircles(ctx, features, color, { place, scale, isChosen }) {
  for (const f of features) {
    const { range_m, state } = f.properties;
    if (!range_m || state !== "working") continue;
    const [lon, lat] = f.geometry.coordinates;
    const { x, y } = place({ lon, lat });
    ctx.beginPath();
    ctx.arc(x, y, range_m * scale(lat), 0, TAU);
    ctx.fillStyle = `${color}${isChosen(f) ? "2e" : "14"}`;
    ctx.fill();
    ctx.strokeStyle = `${color}${isChosen(f) ? "" : "8c"}`;
    ctx.lineWidth = isChosen(f) ? 2.5 : 1;
    ctx.stroke();
  }
}

/** What a lamp lights; a ring of dashes where nobody has looked on site. */
export function litDisc(ctx, x, y, r, color, state, assumed) {
  if (state !== "working") return;
  const glow = ctx.createRadialGradient(x, y, 0, x, y, r);
  glow.addColorStop(0, `${color}${assumed ? "59" : "8c"}`);
  glow.addColorStop(0.6, `${color}${assumed ? "2e" : "47"}`);
  glow.addColorStop(1, `${color}00`);
  ctx.beginPath();
  ctx.arc(x, y, r, 0, TAU);
  ctx.fillStyle = glow;
  ctx.fill();
  if (!assumed) return;
  ctx.setLineDash([3, 3]);
  ctx.strokeStyle = `${color}b3`;
  ctx.lineWidth = 1;
  ctx.stroke();
  ctx.setLineDash([]);
}
