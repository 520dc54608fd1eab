/** Shifts on the map: ways of the teams, stops with their numbers. */
import { L, latLngs, svgRenderer } from "../core/leaflet.js";

/** A number in a circle of the team's colour; `element` can be asked for classes later. */
export function stopIcon(text, className) {
  const span = Object.assign(document.createElement("span"), { textContent: text });
  return L.divIcon({ className: `map-stop ${className}`, iconSize: null, html: span });
}

/** The ways, [{team, geometry}], with a casing below; answers the group. */
export function drawWays(page, ways, { className = "" } = {}) {
  const group = L.layerGroup().addTo(page.map);
  page.patrolRenderer ??= svgRenderer(page.map, "results");
  const common = { renderer: page.patrolRenderer, pane: "results", interactive: false, smoothFactor: 0.5 };
  for (const kind of ["patrol-casing", "patrol-way"]) {
    for (const way of ways) {
      if (!way.geometry?.coordinates?.length) continue;
      L.polyline(latLngs(way.geometry), { ...common, className: `${kind} team-${way.team} ${className}` }).addTo(group);
    }
  }
  return group;
}

/** Numbered stops, [{lon, lat, text, className}]; `onClick` for mouse and finger: a list has the same for the keyboard. */
export function drawStops(page, stops, { onClick = null } = {}) {
  const group = L.layerGroup().addTo(page.map);
  for (const stop of stops) {
    const marker = L.marker([stop.lat, stop.lon], {
      icon: stopIcon(stop.text, stop.className), pane: "labels", interactive: Boolean(onClick), keyboard: false,
      title: onClick ? stop.title : "", zIndexOffset: stop.zIndex || 0,
    }).addTo(group);
    if (onClick) marker.on("click", () => onClick(stop));
  }
  return group;
}

/** Where the phone is, and how exactly it knows. */
export function drawMe(page) {
  const dot = L.marker([0, 0], { icon: L.divIcon({ className: "patrol-me", iconSize: null }), pane: "labels", interactive: false, keyboard: false });
  return {
    show({ lat, lon }) {
      dot.setLatLng([lat, lon]).addTo(page.map);
    },
    hide: () => dot.remove(),
  };
}
