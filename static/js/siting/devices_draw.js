/** Devices of the plan: a numbered button each, with the view that buildings leave of it; existing ones stay quiet. */
import { h, icon } from "../core/dom.js";
import { L, latLngs, svgRenderer } from "../core/leaflet.js";

/* From afar there would be nothing else to see. */
const STANDING_ZOOM = { cameras: 14.5, lights: 16 };
const FAR_ZOOM = 16;
const DRAG_END_MS = 500;
const GLYPH = { camera: "camera", lamp: "light" };

/** Existing cameras and lights, small and grey, in one canvas. */
export function drawStanding(page) {
  const renderer = L.canvas({ pane: "points", padding: 0.3 });
  const color = page.theme === "dark" ? "#8b98ab" : "#6b7280";
  for (const [name, radius] of [["lights", 2], ["cameras", 3.5]]) {
    if (!page.catalogue.has(name)) continue;
    const group = L.layerGroup();
    const fillIn = async () => {
      for (const { geometry } of await page.data.load(name)) {
        const [lon, lat] = geometry.coordinates;
        L.circleMarker([lat, lon], {
          renderer, pane: "points", interactive: false, radius, weight: 1, color: "#ffffff", fillColor: color, fillOpacity: 0.85,
        }).addTo(group);
      }
    };
    let filled = null;
    const show = () => {
      if (page.map.getZoom() < STANDING_ZOOM[name]) return group.remove();
      filled ||= fillIn().catch(() => { filled = null; });
      return group.addTo(page.map);
    };
    page.map.on("zoomend", show);
    show();
  }
}

/** Class names that style what a device is: kind, year (first, second, later), locked, refused, chosen. */
export function classesOf(desk, device) {
  const years = desk.plan.settings.budget.years;
  const at = Math.min(2, years.indexOf(device.year));
  return [
    `is-${device.kind}`, at < 0 ? "is-unpaid" : `is-year-${at}`,
    device.is_locked && "is-locked", device.is_forbidden && "is-forbidden", device.id === desk.chosen && "is-chosen",
  ].filter(Boolean).join(" ");
}

export function openDevices(desk) {
  const { map } = desk.page;
  const renderer = svgRenderer(map, "overlays");
  const views = L.layerGroup().addTo(map);
  const buttons = L.layerGroup().addTo(map);
  const markers = new Map();

  function view(device) {
    const shape = desk.views.get(device.id)?.geometry;
    if (!shape || device.is_forbidden) return;
    const path = L.polygon(latLngs(shape), {
      renderer, pane: "overlays", interactive: false, smoothFactor: 0.2, className: `siting-view ${classesOf(desk, device)}`,
    }).addTo(views);
    Object.assign(path.getElement().dataset, { view: device.id });
    if (device.id === desk.chosen) path.bringToFront();
  }

  function button(device) {
    const text = device.is_forbidden ? icon("cross") : h("span", { text: desk.number(device) });
    const face = h("span", { class: `siting-dot ${classesOf(desk, device)}` }, icon(GLYPH[device.kind]), text);
    const marker = L.marker([device.lat, device.lon], {
      pane: "drawing", keyboard: true, riseOnHover: true, autoPanOnFocus: false,
      zIndexOffset: device.id === desk.chosen ? 1000 : 0,
      icon: L.divIcon({ className: "siting-pin", html: face, iconSize: [44, 44], iconAnchor: [22, 44] }),
    }).addTo(buttons);
    const element = marker.getElement();
    element.setAttribute("aria-label", desk.label(device));
    element.setAttribute("aria-pressed", String(device.id === desk.chosen));
    Object.assign(element.dataset, { testid: `pin-${device.id}`, device: device.id });
    element.addEventListener("keydown", (event) => {
      if (event.key !== " ") return;
      event.preventDefault();
      desk.choose(device.id, "map");
    });
    marker.on("click", () => desk.choose(device.id, "map"));
    markers.set(device.id, marker);
  }

  /** One tab stop for all of them: the chosen one, else the first. */
  function tabStop() {
    const first = markers.get(desk.chosen) || [...markers.values()][0];
    for (const marker of markers.values()) marker.getElement().tabIndex = marker === first ? 0 : -1;
  }

  function draw() {
    const focused = Number(document.activeElement?.dataset?.device) || null;
    views.clearLayers();
    buttons.clearLayers();
    markers.clear();
    for (const device of desk.devices) {
      if (!desk.shown(device)) continue;
      view(device);
      button(device);
    }
    tabStop();
    if (focused) markers.get(focused)?.getElement().focus({ preventScroll: true });
    desk.emit("drawn");
  }

  desk.on("plan", draw);
  desk.on("shown", draw);
  desk.on("chosen", ({ device, from }) => {
    draw();
    if (device && from === "table" && !map.getBounds().pad(-0.1).contains([device.lat, device.lon])) map.panTo([device.lat, device.lon]);
    if (device && from === "table" && map.getZoom() < 16) map.setView([device.lat, device.lon], 17, { animate: false });
  });
  // Letting go after a drag is no click on the map.
  map.on("click", () => { if (!desk.page.state.drawing && performance.now() - desk.draggedAt > DRAG_END_MS) desk.choose(null); });
  const size = () => map.getContainer().classList.toggle("is-far", map.getZoom() < FAR_ZOOM);
  map.on("zoomend", size);
  size();
  draw();
  return {
    marker: (id) => markers.get(id),
    /** Draw another view of a device for a moment. */
    setView: (id, rings) => views.eachLayer((path) => {
      if (path.getElement()?.dataset.view === String(id)) path.setLatLngs(rings);
    }),
  };
}
