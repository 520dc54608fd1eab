/** Line and area layers other than the groups: key routes, industrial zones, walls. */
import { labelOf } from "../core/catalogue.js";
import { L, latLngs, svgRenderer } from "../core/leaflet.js";

export function openVectors(app) {
  const { map } = app;
  const shown = new Map();
  const renderer = svgRenderer(map, "overlays");

  function lines(layer, feature) {
    const { color, width, dash } = layer.style;
    const points = latLngs(feature.geometry);
    const common = { renderer, pane: "overlays", lineCap: "round", lineJoin: "round" };
    const casing = L.polyline(points, { ...common, weight: width + 4, interactive: false, className: "line-casing" });
    const grip = L.polyline(points, { ...common, color, weight: Math.max(16, width), className: "line-grip" });
    const line = L.polyline(points, {
      ...common, color, weight: width, dashArray: dash || null, interactive: false, className: "line-own",
    });
    return [casing, line, grip];
  }

  function area(layer, feature) {
    const { color, width, dash } = layer.style;
    return [L.polygon(latLngs(feature.geometry), {
      renderer, pane: "overlays", color, weight: width, dashArray: dash || null, fillColor: color, fillOpacity: 0.14,
    })];
  }

  return {
    async show(layer) {
      const features = await app.data.load(layer.name);
      if (!app.state.visible.has(layer.name) || shown.has(layer.name)) return;
      const group = L.layerGroup().addTo(map);
      for (const feature of features) {
        for (const path of (layer.style.kind === "line" ? lines : area)(layer, feature)) {
          path.addTo(group);
          const element = path.getElement();
          if (!path.options.interactive) continue;
          Object.assign(element.dataset, { layer: layer.name, id: feature.id, title: labelOf(layer, feature) });
        }
      }
      shown.set(layer.name, group);
    },
    hide(layer) {
      shown.get(layer.name)?.remove();
      shown.delete(layer.name);
    },
  };
}
