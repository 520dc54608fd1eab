/** More groups than SVG bears: plain fills on a canvas. The keyboard has the table, which tells the same. */
import { contains, labelPoint } from "../core/geometry.js";
import { L, latLngs } from "../core/leaflet.js";
import { openHalo } from "./group_halo.js";
import { openGroupLabels } from "./group_labels.js";

/* A canvas has no patterns: what is not reviewed is pale within a broken line. */
const PALE = 0.4;

export function openManyGroups(app, layer, fillOpacity) {
  const { map } = app;
  const { by, colors, color } = layer.style;
  const renderer = L.canvas({ pane: "status", padding: 0.3 }).addTo(map);
  renderer._container.setAttribute("aria-hidden", "true");
  const areas = new Map();
  const halo = openHalo(map, areas);
  app.labels = openGroupLabels(app, areas, by);

  const add = (feature) => areas.set(feature.id, {
    id: feature.id,
    feature,
    gap: app.hasGap(feature),
    point: labelPoint(feature.geometry, 6),
    area: L.polygon(latLngs(feature.geometry), {
      renderer, pane: "status", interactive: false, color: "#39415a", weight: 0.8, fillColor: colors[feature.properties[by]] || color,
    }),
  });

  return {
    areas, halo, setCounts: app.labels.setCounts, focus: () => undefined,
    show(features) {
      halo.clear();
      for (const { area } of areas.values()) area.remove();
      areas.clear();
      features.forEach(add);
    },
    refresh() {
      const shown = app.state.visible.has(layer.name);
      const opacity = fillOpacity(map.getZoom());
      for (const { feature, area, gap } of areas.values()) {
        const marked = gap && app.state.marks;
        const hidden = app.state.hidden.has(feature.properties[by]);
        area.setStyle({ fillOpacity: hidden ? 0 : opacity * (marked ? PALE : 1), dashArray: marked ? "4 4" : null });
        if (shown !== map.hasLayer(area)) shown ? area.addTo(map) : area.remove();
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
