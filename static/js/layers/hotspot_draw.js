/** Statistics of reports on the map: one answer of /api/hotspot-stats at a time, and the rows of its legend. */
import { L, latLngs, svgRenderer } from "../core/leaflet.js";

const SHARES = [0.9, 0.75, 0.5, 0.25];
const band = (share) => `hot-band-${SHARES.indexOf(share)}`;
const MORAN = { high_high: "hot-cell is-hot", high_low: "hot-cell is-lone", low_low: "hot-cell is-cold", low_high: "hot-cell is-gap" };

/** Class of a shape by its layer and properties. */
const CLASS = {
  density: ({ share }) => `hot-band ${band(share)}`,
  "street-density": ({ share }) => `hot-street ${band(share)}`,
  clusters: () => "hot-cluster",
  "gi-star": ({ kind }) => `hot-cell is-${kind}`,
  "local-moran": ({ kind }) => MORAN[kind],
  "near-repeat": () => "hot-link",
};

/** [class of the key, message key, values] of a layer's legend, the strongest first. */
export function legendRows(layer, answer) {
  if (!answer.features.length) return [];
  if (layer === "density" || layer === "street-density") {
    const shares = answer.features.map((one) => one.properties.share).reverse();
    return shares.map((share) => [CLASS[layer]({ share }), `hotstat.legend_${layer.replace("-", "_")}`, { share: share * 100 }]);
  }
  if (layer === "gi-star") return [["hot-cell is-hot", "hotstat.legend_hot"], ["hot-cell is-cold", "hotstat.legend_cold"]];
  if (layer === "local-moran") return Object.entries(MORAN).map(([kind, className]) => [className, `hotstat.legend_${kind}`]);
  return layer === "clusters" ? [["hot-cluster", "hotstat.legend_cluster"]] : [["hot-link", "hotstat.legend_link"]];
}

function place(feature, layer, common) {
  const { geometry, properties } = feature;
  const options = { ...common, className: CLASS[layer](properties) };
  if (geometry.type === "Point") return L.circleMarker([geometry.coordinates[1], geometry.coordinates[0]], { ...options, radius: 7 });
  if (geometry.type.endsWith("LineString")) return L.polyline(latLngs(geometry), options);
  return L.polygon(latLngs(geometry), options);
}

/** Draws answers in place of one another; `choose(index)` marks one shape. */
export function openDrawing(page) {
  const renderer = svgRenderer(page.map, "overlays");
  const group = L.layerGroup().addTo(page.map);
  let shapes = [];
  return {
    show(layer, answer) {
      group.clearLayers();
      const common = { renderer, pane: "overlays", interactive: false, smoothFactor: 0.3 };
      shapes = answer.features.map((feature) => place(feature, layer, common).addTo(group));
      if (layer !== "clusters") return;
      answer.features.forEach((feature, at) => {
        const number = Object.assign(document.createElement("span"), { textContent: String(feature.properties.number) });
        L.marker(shapes[at].getBounds().getCenter(), { interactive: false, keyboard: false, pane: "labels", icon: L.divIcon({ className: "cov-label", iconSize: null, html: number }) }).addTo(group);
      });
    },
    choose(at) {
      shapes.forEach((shape, k) => shape.getElement()?.classList.toggle("is-chosen", k === at));
      return shapes[at]?.getBounds();
    },
  };
}
