/** Line and area layers other than the groups: key routes, industrial zones, walls. */
import { colorOf, labelOf, lettersOf } from "../core/catalogue.js";
import { h } from "../core/dom.js";
import { L, latLngs, svgRenderer } from "../core/leaflet.js";

/* A line gives way to the stages on the overview: its width as a share of the full one. */
const FULL_ZOOM = 16;
const THINNEST = 0.4;
const share = (zoom) => Math.max(THINNEST, Math.min(1, 1 - (FULL_ZOOM - zoom) * 0.3));

const scaled = (dash, part) => String(dash).split(/[ ,]+/).map((length) => Number(length) * part).join(" ");

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
    casing.thin = (part) => casing.setStyle({ weight: width * part + 1 + 3 * part });
    line.thin = (part) => line.setStyle({ weight: width * part, dashArray: dash ? scaled(dash, part) : null });
    return [casing, line, grip];
  }

  function area(layer, feature) {
    const { width, dash } = layer.style;
    const color = colorOf(layer, feature.properties);
    const shape = L.polygon(latLngs(feature.geometry), {
      renderer, pane: "overlays", color, weight: width, dashArray: dash || null, fillColor: color, fillOpacity: 0.14,
    });
    const letters = lettersOf(layer, feature.properties);
    if (!letters) return [shape];
    // Colour alone does not say the class.
    const html = h("span", { class: "area-letters", text: letters });
    return [shape, L.marker(shape.getBounds().getCenter(), { interactive: false, keyboard: false, icon: L.divIcon({ className: "", html, iconSize: null }) })];
  }

  const thin = (group) => group.eachLayer((path) => path.thin?.(share(map.getZoom())));
  map.on("zoomend", () => shown.forEach(thin));

  return {
    async show(layer) {
      const features = await app.data.load(layer.name);
      if (!app.state.visible.has(layer.name)) return;
      shown.get(layer.name)?.remove();
      const group = L.layerGroup().addTo(map);
      for (const feature of features.filter((one) => !app.isOff(layer, one))) {
        for (const path of (layer.style.kind === "line" ? lines : area)(layer, feature)) {
          path.addTo(group);
          const element = path.getElement();
          if (!path.options.interactive) continue;
          Object.assign(element.dataset, { layer: layer.name, id: feature.id, title: labelOf(layer, feature) });
        }
      }
      thin(group);
      shown.set(layer.name, group);
    },
    hide(layer) {
      shown.get(layer.name)?.remove();
      shown.delete(layer.name);
    },
  };
}
