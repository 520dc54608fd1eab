/** What a question found, drawn over the map, with the shape that was asked about. */
import { L, latLngs, svgRenderer } from "../core/leaflet.js";

export function openResults(app) {
  const { map } = app;
  const renderer = svgRenderer(map, "results");
  const group = L.layerGroup().addTo(map);
  const common = { renderer, pane: "results", interactive: false };

  const places = new Set();
  /* A ring round a symbol when near, a dot of its own on the overview. */
  const radius = () => (map.getZoom() < app.overviewZoom ? 6 : 12);
  map.on("zoomend", () => places.forEach((path) => path.setRadius(radius())));
  const clear = () => {
    group.clearLayers();
    places.clear();
  };

  function drawAsked(geometry, distance_m) {
    const className = "asked";
    if (geometry.type === "Point") {
      const [lon, lat] = geometry.coordinates;
      if (distance_m) L.circle([lat, lon], { ...common, radius: distance_m, className }).addTo(group);
      L.circleMarker([lat, lon], { ...common, radius: 5, className: "asked-point" }).addTo(group);
    } else if (geometry.type === "Polygon") L.polygon(latLngs(geometry), { ...common, className }).addTo(group);
    else L.polyline(latLngs(geometry), { ...common, fill: false, className }).addTo(group);
  }

  function drawFound(feature) {
    const { geometry } = feature;
    const className = "found";
    let path;
    if (geometry.type === "Point") {
      const [lon, lat] = geometry.coordinates;
      path = L.circleMarker([lat, lon], { ...common, radius: radius(), className });
      places.add(path);
    } else if (geometry.type.endsWith("Polygon")) path = L.polygon(latLngs(geometry), { ...common, className });
    else path = L.polyline(latLngs(geometry), { ...common, fill: false, className: "found found-line" });
    path.addTo(group);
    return path;
  }

  return {
    clear,
    show(features, asked, distance_m) {
      clear();
      if (asked) drawAsked(asked, distance_m);
      features.forEach(drawFound);
    },
    add: drawFound,
    layer: group,
  };
}
