/** The view in the address: `#z/lat/lon&l=groups,cameras&g=groups.12&h=lapsed`; `f` what is hidden
 *  of layers of points, as layer.code; `t` the theme that colours, `d` the day that is seen, `k` the moment of which it was
 *  known, `c` the day it is compared with, `r=0` without the marks of what is not reviewed. Pure. */
const DAY = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/;


/** Read a hash; parts that make no sense are left out. */
export function parse(hash) {
  const [place = "", ...rest] = String(hash || "").replace(/^#/, "").split("&");
  const state = {};
  const [zoom, lat, lon] = place.split("/").map(Number);
  if (place.split("/").length === 3 && zoom >= 0 && zoom <= 22 && Math.abs(lat) <= 90 && Math.abs(lon) <= 180) {
    Object.assign(state, { zoom, lat, lon });
  }
  for (const part of rest) {
    const [key, value = ""] = part.split("=");
    const text = decode(value);
    if (key === "l") state.layers = text.split(",").filter((name) => /^[a-z_]+$/.test(name));
    if (key === "h") state.hidden = text.split(",").filter((code) => /^[a-z_]+$/.test(code));
    if (key === "f") state.off = text.split(",").filter((one) => /^[a-z_]+\.[^.;:&|<>"]+$/.test(one));
    if (key === "d" && DAY.test(text)) state.at = text;
    if (key === "k" && MOMENT.test(text) && !Number.isNaN(Date.parse(text))) state.knownAt = text;
    if (key === "c" && DAY.test(text)) state.against = text;
    if (key === "r" && text === "0") state.marks = false;
    if (key === "t" && /^[a-z_]+$/.test(text)) state.theme = text;
    const chosen = /^([a-z_]+)\.(\d+)$/.exec(text);
    if (key === "g" && chosen) state.selected = { layer: chosen[1], id: Number(chosen[2]) };
  }
  return state;
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

/** Write a hash; the same state gives the same text. */
export function format({ zoom, lat, lon, layers = [], hidden = [], off = [], selected = null, theme = "", at, knownAt, against, marks = true }) {
  const parts = [`#${Math.round(zoom * 100) / 100}/${lat.toFixed(5)}/${lon.toFixed(5)}`];
  if (layers) parts.push(`l=${[...layers].sort().join(",")}`);
  if (hidden.length) parts.push(`h=${[...hidden].sort().join(",")}`);
  if (off.length) parts.push(`f=${[...off].sort().map(encodeURIComponent).join(",")}`);
  if (selected) parts.push(`g=${selected.layer}.${selected.id}`);
  if (theme) parts.push(`t=${theme}`);
  if (at) parts.push(`d=${at}`);
  if (knownAt) parts.push(`k=${encodeURIComponent(knownAt)}`);
  if (against) parts.push(`c=${against}`);
  if (!marks) parts.push("r=0");
  return parts.join("&");
}
