/** More groups than SVG bears: plain fills on a canvas. The keyboard has the table, which tells the same. */
import { contains, labelPoint } from "../core/geometry.js";
import { L, latLngs } from "../core/leaflet.js";
import { unreviewedFill } from "../core/patterns.js";
import { openHalo } from "./group_halo.js";
import { openGroupLabels } from "./group_labels.js";

export function openManyGroups(app, layer, fillOpacity) {
  const { map } = app;
  const { by, colors, color } = layer.style;
  const renderer = L.canvas({ pane: "status", padding: 0.3 }).addTo(map);
  renderer._container.setAttribute("aria-hidden", "true");
  const areas = new Map();
  const halo = openHalo(map, areas);
  app.labels = openGroupLabels(app, areas, by);

  const stripes = unreviewedFill();
  const colorOf = (feature) => colors[feature.properties[by]] || color;
  const common = { renderer, pane: "status", interactive: false };

  function add(feature) {
    const shape = latLngs(feature.geometry);
    const area = L.polygon(shape, { ...common, color: "#39415a", weight: 0.8, fillColor: colorOf(feature) });
    const mark = app.hasGap(feature) ? L.polygon(shape, { ...common, stroke: false, fillColor: stripes, fillOpacity: 1 }) : null;
    areas.set(feature.id, { id: feature.id, feature, area, mark, point: labelPoint(feature.geometry, 6) });
  }

  const draw = (path, on) => {
    if (path && on !== map.hasLayer(path)) on ? path.addTo(map) : path.remove();
  };

  return {
    areas, halo, setCounts: app.labels.setCounts, focus: () => undefined,
    show(features) {
      halo.clear();
      for (const { area, mark } of areas.values()) [area, mark].forEach((path) => path?.remove());
      areas.clear();
      features.forEach(add);
    },
    paint(theme) {
      for (const { id, area, feature } of areas.values()) area.setStyle({ fillColor: theme ? theme.colorOf(id) : colorOf(feature) });
    },
    refresh() {
      const shown = app.state.visible.has(layer.name);
      const opacity = fillOpacity(map.getZoom());
      for (const { feature, area, mark } of areas.values()) {
        const hidden = app.state.hidden.has(feature.properties[by]);
        area.setStyle({ fillOpacity: hidden ? 0 : opacity });
        draw(area, shown);
        draw(mark, shown && !hidden && app.showsGaps());
      }
    },
    /** The group at a place: a canvas has no elements to click. */
    at(latlng) {
      if (!app.state.visible.has(layer.name)) return null;
      const place = [latlng.lng, latlng.lat];
      const found = [...areas.values()].find(({ area, feature }) => area.getBounds().contains(latlng) && contains(feature.geometry, place));
      return found ? { layer: layer.name, id: found.feature.id } : null;
    },
  };
}
