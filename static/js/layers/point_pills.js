/** Clusters of all layers as quiet pills among the names of the groups and never on them; lone places as dots. */
import { number } from "../core/format.js";
import { lang } from "../core/i18n.js";
import { placeClusters } from "../core/placement.js";
import { badge, marker } from "./points_draw.js";

const DOT_PX = 3;
const GAP_PX = 2;
const PILL_HEIGHT = 18;
const PILL_FONT = '600 11px "Be Vietnam Pro", sans-serif';

function pillWidth(ctx, text) {
  ctx.font = PILL_FONT;
  return ctx.measureText(text).width + 27;
}

/** Returns its width. */
function pill(ctx, x, y, spec, text, ink) {
  const width = pillWidth(ctx, text);
  const left = x - width / 2;
  ctx.beginPath();
  ctx.roundRect(left, y - PILL_HEIGHT / 2, width, PILL_HEIGHT, PILL_HEIGHT / 2);
  ctx.fillStyle = ink.paper;
  ctx.fill();
  ctx.strokeStyle = spec.color;
  ctx.lineWidth = 1;
  ctx.stroke();
  marker(ctx, left + 9.5, y, spec.section === "security" ? 5.6 : 6.6, { ...spec, state: "", variant: 0, count: 0 }, ink);
  ctx.fillStyle = ink.text;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  ctx.fillText(text, left + 19, y + 0.8);
  if (spec.broken) badge(ctx, left + width - 3, y - PILL_HEIGHT / 2, "cross", "#c92a2a", ink.paper);
  return width;
}

/** Places of all layers as things to place; a lone place is a dot. `all` holds {layer, found}. */
function wanted(ctx, all) {
  return all.flatMap(({ layer, found }) => {
    const rows = found.map((item) => item.rows ?? item.site.features.length);
    const widest = pillWidth(ctx, number(rows.reduce((sum, n) => sum + n, 0), lang(), 0));
    return found.map((item, i) => {
      const common = { kind: layer.name, layer, item, x: item.x, y: item.y, rows: rows[i] };
      if (item.site) return { ...common, broken: 0, single: true, halfWidth: DOT_PX + GAP_PX, halfHeight: DOT_PX + GAP_PX };
      return { ...common, broken: item.broken, halfWidth: widest / 2 + GAP_PX, halfHeight: PILL_HEIGHT / 2 + GAP_PX };
    });
  });
}

/** Paint what `all` holds beside the boxes `taken`; faults are told when near. Returns what can be hit. */
export function paintPills(ctx, all, taken, ink, { isChosen, near = false }) {
  return placeClusters(wanted(ctx, all), taken).map(({ layer, item, x, y, rows, broken }) => {
    const spec = { color: layer.style.color, section: layer.section, icon: layer.style.icon, broken: near && broken > 0 };
    if (item.site) {
      const { features } = item.site;
      marker(ctx, x, y, DOT_PX, { ...spec, selected: features.some((f) => isChosen(layer, f)) }, ink);
      return { x, y, r: DOT_PX + 3, layer, features };
    }
    const width = pill(ctx, x, y, spec, number(rows, lang(), 0), ink);
    return { x, y, r: width / 2, layer, cluster: { ...item, rows, broken } };
  });
}
