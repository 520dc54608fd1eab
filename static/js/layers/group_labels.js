/** Names of the groups with the symbol of their stage; only the symbol when far; none on top of another. */
import { labelOf } from "../core/catalogue.js";
import { h, icon } from "../core/dom.js";
import { number } from "../core/format.js";
import { contains } from "../core/geometry.js";
import { lang } from "../core/i18n.js";
import { L } from "../core/leaflet.js";
import { inkOn, UNREVIEWED } from "../core/patterns.js";
import { boxAt, overlap } from "../core/placement.js";
import { symbolOf } from "../core/stages.js";

const NAME_ZOOM = 13;
/* Paper is read closer; a map in a page has nothing but its groups, and a name may reach over their borders. */
const CLOSE_NAME_ZOOM = 11;
const SPILL = 0.55;
/* On the overview the names are small. */
const SIZES = { far: { letter: 6.1, symbol: 20, half: 9 }, near: { letter: 6.9, symbol: 24, half: 11 } };
const OUTDOOR = 1.14;
const MARK_PX = 18;
/* A name steps aside for a place that is drawn there. */
const SHIFTS_PX = [0, -20, 20, -34, 34, -50, 50].map((dy) => [0, dy]);
/* Where there is little room to the sides as well, the nearest first. */
const SMALL_SHIFTS_PX = [0, -12, 12, -24, 24].flatMap((dx) => [0, -10, 10, -20, 20, -30, 30].map((dy) => [dx, dy]))
  .sort((a, b) => Math.hypot(...a) - Math.hypot(...b));

export function openGroupLabels(app, areas, by) {
  const { map } = app;
  const layer = app.catalogue.get("groups");
  const group = L.layerGroup().addTo(map);
  const nameZoom = app.print || app.small ? CLOSE_NAME_ZOOM : NAME_ZOOM;
  let counts = null;

  /* "Tổ dân phố 8" is "Tổ 8" on the map, "Tổ dân phố Cầu Tre" is "Cầu Tre". */
  const name = (feature) => labelOf(layer, feature).replace(/^(Tổ dân phố|TDP)\s+(số\s+)?(?=\d)/i, "Tổ ").replace(/^(Tổ dân phố|TDP|Thôn)\s+/i, "");

  /* As in map.css. */
  function sizes(far) {
    const { letter, symbol, half } = far ? SIZES.far : SIZES.near;
    const grow = app.state.theme === "outdoor" ? OUTDOOR : 1;
    return { letter: letter * grow, symbol, half: half * grow };
  }

  const inside = (feature, x, y) => {
    const { lat, lng } = map.layerPointToLatLng([x, y]);
    return contains(feature.geometry, [lng, lat]);
  };

  const marked = (feature) => app.showsGaps() && feature.properties[by] !== "not_selected" && app.hasGap(feature);

  function element(feature, withName, far) {
    const code = feature.properties[by];
    const mark = h("span", { class: "label-symbol", data: { stage: code } }, icon(symbolOf(code)));
    const color = layer.style.colors[code] || layer.style.color;
    Object.assign(mark.style, { backgroundColor: color, color: inkOn(color) });
    const parts = [mark];
    // "?" is the symbol of that stage already.
    if (marked(feature)) parts.push(h("span", { class: "label-mark", data: { mark: UNREVIEWED } }, icon("question")));
    if (app.state.changed.has(feature.id)) parts.push(h("span", { class: "label-mark", data: { mark: "changed" } }, icon("swap")));
    if (withName) parts.push(h("span", { class: "label-name", text: name(feature) }));
    if (counts) parts.push(h("span", { class: "label-count", text: number(counts.get(feature.id) ?? 0, lang(), 0) }));
    return h("div", { class: `group-label ${far ? "is-far" : ""}` }, ...parts);
  }

  /** Names are drawn from the widest group down, while there is room beside the boxes `busy`. Returns their boxes. */
  function place(busy) {
    group.clearLayers();
    if (!app.state.visible.has("groups")) return [];
    const zoom = map.getZoom();
    const far = zoom < app.overviewZoom;
    const size = sizes(far);
    const taken = [];
    const view = map.getBounds().pad(0.25);
    const sized = [...areas.values()]
      .filter(({ feature, area }) => !app.state.hidden.has(feature.properties[by]) && view.intersects(area.getBounds()))
      .map((item) => {
        const b = item.area.getBounds();
        const width = map.latLngToLayerPoint(b.getSouthEast()).x - map.latLngToLayerPoint(b.getNorthWest()).x;
        return { ...item, width };
      })
      .sort((a, b) => b.width - a.width);
    for (const { feature, point, width } of sized) {
      const marks = MARK_PX * (Number(marked(feature)) + Number(app.state.changed.has(feature.id)));
      const wanted = name(feature).length * size.letter + size.symbol + marks + (counts ? 30 : 0);
      const named = zoom >= nameZoom && width > wanted * (app.small ? SPILL : 1);
      // On the overview the fill alone tells the stage of a narrow group.
      if (!named && !counts && (far || width < 40)) continue;
      const at = map.latLngToLayerPoint([point[1], point[0]]);
      const half = named ? wanted / 2 : (counts ? 26 : size.half) + marks / 2;
      const boxes = (app.small ? SMALL_SHIFTS_PX : SHIFTS_PX)
        .map(([dx, dy]) => ({ x: at.x + dx, y: at.y + dy, moved: dx || dy, ...boxAt(at.x + dx, at.y + dy, half, size.half) }))
        .filter((box) => !taken.some((other) => overlap(box, other)) && (!box.moved || inside(feature, box.x, box.y)));
      if (!boxes.length) continue;
      const free = boxes.find((one) => !busy.some((other) => overlap(one, other)));
      // A number that was asked for may lie over a place; a name or symbol waits for a nearer look.
      if (!free && !counts) continue;
      const box = free || boxes[0];
      taken.push(box);
      const html = element(feature, named, far);
      L.marker(map.layerPointToLatLng([box.x, box.y]), {
        pane: "labels", interactive: false, keyboard: false,
        icon: L.divIcon({ className: "group-label-anchor", html, iconSize: [0, 0] }),
      }).addTo(group);
    }
    return taken;
  }

  return {
    place,
    /** Show a number behind each name; null takes them away. */
    setCounts(values) {
      counts = values;
      app.points.redraw();
    },
  };
}
