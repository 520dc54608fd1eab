/** Names of the groups with the symbol of their stage; only the symbol when far; none on top of another. */
import { labelOf } from "../core/catalogue.js";
import { h, icon } from "../core/dom.js";
import { number } from "../core/format.js";
import { contains } from "../core/geometry.js";
import { lang } from "../core/i18n.js";
import { L } from "../core/leaflet.js";
import { inkOn } from "../core/patterns.js";
import { symbolOf } from "../core/stages.js";

const NAME_ZOOM = 14;
/* Paper is read closer. */
const PRINT_NAME_ZOOM = 11;
const LETTER_PX = 6.9;
/* A name steps aside for a place that is drawn there. */
const SHIFTS_PX = [0, -20, 20, -34, 34];

const overlap = (a, b) => a.left < b.right && a.right > b.left && a.top < b.bottom && a.bottom > b.top;

export function openGroupLabels(app, areas, by) {
  const { map } = app;
  const layer = app.catalogue.get("groups");
  const group = L.layerGroup().addTo(map);
  const nameZoom = app.print ? PRINT_NAME_ZOOM : NAME_ZOOM;
  let counts = null;

  /* "Tổ dân phố 8" is "Tổ 8" on the map, "Tổ dân phố Cầu Tre" is "Cầu Tre". */
  const name = (feature) => labelOf(layer, feature).replace(/^(Tổ dân phố|TDP)\s+(số\s+)?(?=\d)/i, "Tổ ").replace(/^(Tổ dân phố|TDP|Thôn)\s+/i, "");

  const inside = (feature, x, y) => {
    const { lat, lng } = map.layerPointToLatLng([x, y]);
    return contains(feature.geometry, [lng, lat]);
  };

  function element(feature, withName) {
    const code = feature.properties[by];
    const mark = h("span", { class: "label-symbol", data: { stage: code } }, icon(symbolOf(code)));
    const color = layer.style.colors[code] || layer.style.color;
    Object.assign(mark.style, { backgroundColor: color, color: inkOn(color) });
    const parts = [mark];
    if (withName) parts.push(h("span", { class: "label-name", text: name(feature) }));
    if (counts) parts.push(h("span", { class: "label-count", text: number(counts.get(feature.id) ?? 0, lang(), 0) }));
    return h("div", { class: "group-label" }, ...parts);
  }

  /** Names are drawn from the widest group down, while there is room. */
  function refresh() {
    group.clearLayers();
    if (!app.state.visible.has("groups")) return;
    const zoom = map.getZoom();
    const taken = [];
    const busy = app.points.drawn().map(({ x, y, r, cluster }) => ({ left: x - r, right: x + r, top: y - (cluster ? 11 : r), bottom: y + (cluster ? 11 : r) }));
    const view = map.getBounds().pad(0.1);
    const sized = areas
      .filter(({ feature, area }) => !app.state.hidden.has(feature.properties[by]) && view.intersects(area.getBounds()))
      .map((item) => {
        const b = item.area.getBounds();
        const width = map.latLngToLayerPoint(b.getSouthEast()).x - map.latLngToLayerPoint(b.getNorthWest()).x;
        return { ...item, width };
      })
      .sort((a, b) => b.width - a.width);
    for (const { feature, point, width } of sized) {
      const wanted = name(feature).length * LETTER_PX + 24 + (counts ? 30 : 0);
      const named = zoom >= nameZoom && width > wanted;
      if (!named && !counts && zoom < nameZoom) continue;
      if (!named && !counts && width < 40) continue;
      const at = map.latLngToLayerPoint([point[1], point[0]]);
      const half = named ? wanted / 2 : counts ? 26 : 11;
      const boxes = SHIFTS_PX.map((dy) => ({ dy, left: at.x - half, right: at.x + half, top: at.y + dy - 11, bottom: at.y + dy + 11 }))
        .filter((box) => !taken.some((other) => overlap(box, other)) && (!box.dy || inside(feature, at.x, at.y + box.dy)));
      if (!boxes.length) continue;
      const free = boxes.find((one) => !busy.some((other) => overlap(one, other)));
      // A name may lie over a place, a mere symbol may not: the fill tells the stage already.
      if (!free && !named && !counts) continue;
      const box = free || boxes[0];
      taken.push(box);
      const html = element(feature, named);
      L.marker(map.layerPointToLatLng([at.x, at.y + box.dy]), {
        pane: "labels", interactive: false, keyboard: false,
        icon: L.divIcon({ className: "group-label-anchor", html, iconSize: [0, 0] }),
      }).addTo(group);
    }
  }

  return {
    refresh,
    /** Show a number behind each name; null takes them away. */
    setCounts(values) {
      counts = values;
      refresh();
    },
  };
}
