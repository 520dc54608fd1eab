/** The view in the address: `#z/lat/lon&l=groups,cameras&g=groups.12&h=lapsed&t=units`. Pure. */

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
export function format({ zoom, lat, lon, layers = [], hidden = [], selected = null, theme = "" }) {
  const parts = [`#${Math.round(zoom * 100) / 100}/${lat.toFixed(5)}/${lon.toFixed(5)}`];
  if (layers) parts.push(`l=${[...layers].sort().join(",")}`);
  if (hidden.length) parts.push(`h=${[...hidden].sort().join(",")}`);
  if (selected) parts.push(`g=${selected.layer}.${selected.id}`);
  if (theme) parts.push(`t=${theme}`);
  return parts.join("&");
}
