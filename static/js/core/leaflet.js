/** The bridge to Leaflet: the only module that reads `window.L`, and how the map is made. */
export const L = window.L;

/** Panes from the bottom up; the order keeps streets readable over the fill of the stages. */
export const PANES = {
  base: 200, status: 300, streets: 340, outside: 360, overlays: 380, outline: 400,
  points: 450, results: 470, labels: 480, drawing: 600,
};

const SILENT = new Set(["base", "outside", "streets", "outline", "labels"]);

export const latLngBounds = ([west, south, east, north]) => L.latLngBounds([south, west], [north, east]);

/** Make the map of a commune in `element`. */
export function makeMap(element, bbox, { print = false } = {}) {
  const bounds = latLngBounds(bbox);
  const calm = print || matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(element, {
    attributionControl: false, zoomControl: false, maxBoundsViscosity: 0.9, maxZoom: 19, minZoom: 9,
    zoomSnap: print ? 0.1 : 0.25, zoomDelta: 1, wheelPxPerZoomLevel: 90, zoomAnimation: !calm, fadeAnimation: !calm, markerZoomAnimation: !calm,
    inertia: !calm, bounceAtZoomLimits: false, doubleClickZoom: !print, keyboard: true,
  });
  for (const [name, zIndex] of Object.entries(PANES)) {
    const pane = map.createPane(name);
    pane.style.zIndex = String(zIndex);
    if (SILENT.has(name)) pane.style.pointerEvents = "none";
  }
  map.getPane("status").style.pointerEvents = "auto";
  // A person may look a little over the border, not wander off.
  if (!print) map.setMaxBounds(bounds.pad(0.75));
  return map;
}

/** An SVG renderer of a pane. With a title it is a group of controls, without one it is decoration. */
export function svgRenderer(map, pane, title = "") {
  const renderer = L.svg({ pane, padding: 0.5 }).addTo(map);
  const root = renderer._container;
  if (title) {
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", title);
  } else root.setAttribute("aria-hidden", "true");
  return renderer;
}

/** Rings or lines of GeoJSON as Leaflet wants them. */
export function latLngs(geometry) {
  const depth = { LineString: 0, MultiLineString: 1, Polygon: 1, MultiPolygon: 2 }[geometry.type];
  return L.GeoJSON.coordsToLatLngs(geometry.coordinates, depth);
}
