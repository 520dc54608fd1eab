/** More groups than SVG bears: plain fills on a canvas. The keyboard has the table, which tells the same. */
import { contains, labelPoint } from "../core/geometry.js";
import { L, latLngs } from "../core/leaflet.js";
import { openHalo } from "./group_halo.js";
import { openGroupLabels } from "./group_labels.js";

export function openManyGroups(app, layer, features, fillOpacity) {
  const { map } = app;
  const { by, colors, color } = layer.style;
  const renderer = L.canvas({ pane: "status", padding: 0.3 }).addTo(map);
  renderer._container.setAttribute("aria-hidden", "true");
  const areas = new Map(features.map((feature) => [feature.id, {
    feature,
    point: labelPoint(feature.geometry, 6),
    area: L.polygon(latLngs(feature.geometry), {
      renderer, pane: "status", interactive: false, color: "#39415a", weight: 0.8, fillColor: colors[feature.properties[by]] || color,
    }),
  }]));
  const halo = openHalo(map, areas);
  const isHidden = (feature) => app.state.hidden.has(feature.properties[by]);
  app.labels = openGroupLabels(app, [...areas.values()], by);

  function refresh() {
    const shown = app.state.visible.has(layer.name);
    const opacity = fillOpacity(map.getZoom());
    for (const { feature, area } of areas.values()) {
      area.setStyle({ fillOpacity: isHidden(feature) ? 0 : opacity });
      if (shown !== map.hasLayer(area)) shown ? area.addTo(map) : area.remove();
    }
  }

  const again = () => {
    refresh();
    app.points.redraw();
  };
  map.on("zoomend", refresh);
  app.on("colouring", (theme) => {
    for (const [id, { area, feature }] of areas) {
      area.setStyle({ fillColor: theme ? theme.colorOf(id) : colors[feature.properties[by]] || color });
    }
  });
  app.on("filter", again);
  app.on("layers", again);
  app.on("selected", ({ layer: of, id }) => (of === layer.name ? halo.show(id, "chosen") : halo.hide("chosen")));
  app.on("deselected", () => halo.hide("chosen"));
  again();
  return {
    features, layer, setCounts: app.labels.setCounts, focus: () => undefined,
    /** The group at a place: a canvas has no elements to click. */
    at(latlng) {
      if (!app.state.visible.has(layer.name)) return null;
      const place = [latlng.lng, latlng.lat];
      const found = [...areas.values()].find(({ area, feature }) => area.getBounds().contains(latlng) && contains(feature.geometry, place));
      return found ? { layer: layer.name, id: found.feature.id } : null;
    },
  };
}
