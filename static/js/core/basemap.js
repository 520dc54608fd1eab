/** The base map: our own vector tiles, drawn below and above the fill of the stages from one request a tile. */
import { leafletLayer } from "../../vendor/protomaps/protomaps.js";
import { groundRules, labelRules, streetRules } from "./base_rules.js";
import { palette } from "./base_theme.js";
import { watchTiles } from "./ready.js";
import { prepareTile } from "./tile_names.js";

const SAMPLE = "Tổ dân phố Trần Phú ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹđ";

/** Canvas text does not wait for web fonts: load each weight with Vietnamese letters first. */
const fonts = () => Promise.all([400, 600].map((weight) => document.fonts.load(`${weight} 12px "Be Vietnam Pro"`, SAMPLE)))
  .catch(() => undefined);

export function openBasemap(map, url, theme, { dpr } = {}) {
  const tasks = [fonts()];
  const common = { url, maxDataZoom: 15, attribution: "", tasks, lang: "vi", updateWhenIdle: false, keepBuffer: 3, dpr };
  if (dpr) common.devicePixelRatio = dpr;
  let layers = [];

  const draw = (name) => {
    layers.forEach((layer) => layer.remove());
    const ground = leafletLayer({ ...common, pane: "base", paintRules: groundRules(name), backgroundColor: palette(name).paper });
    const streets = leafletLayer({ ...common, pane: "streets", paintRules: streetRules(name), labelRules: labelRules(name) });
    // One cache for both: a tile is fetched and read once.
    streets.views = ground.views;
    for (const view of ground.views.values()) {
      const source = view.tileCache.source;
      view.tileCache.source = { get: async (coords, size) => prepareTile(await source.get(coords, size)) };
    }
    layers = [ground, streets];
    layers.forEach(watchTiles);
    layers.forEach((layer) => layer.addTo(map));
  };
  draw(theme);
  return { setTheme: draw };
}
