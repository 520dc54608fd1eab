/** The chosen device under a hand: drag it, turn it by its handle, or do both with arrow keys. The figures follow. */
import { get } from "../core/api.js";
import { debounce, h, icon } from "../core/dom.js";
import { destination } from "../core/geometry.js";
import { t } from "../core/i18n.js";
import { L, latLngs, svgRenderer } from "../core/leaflet.js";
import { bearing, moveByKey, sector, turnByKey } from "../core/moves.js";
import { makeLatest } from "./latest.js";

/* After the last key the place is saved; a person presses it several times. */
const SAVE_MS = 700;
const LEAST_REACH_PX = 56;

const NAMES = ["lon", "lat", "azimuth_deg"];
const changesOf = (device, now) => Object.fromEntries(NAMES.filter((name) => device[name] !== null && device[name] !== now[name]).map((name) => [name, now[name]]));
/* The place goes as a pair. */
const whole = (changes, now) => ("lon" in changes || "lat" in changes ? { ...changes, lon: now.lon, lat: now.lat } : changes);

export function openHandles(desk, devices, edits) {
  const { map } = desk.page;
  const renderer = svgRenderer(map, "results");
  const layer = L.layerGroup().addTo(map);
  const ghost = L.polygon([], { renderer, pane: "results", interactive: false, className: "siting-ghost" });
  const stem = L.polyline([], { renderer, pane: "results", interactive: false, className: "siting-stem" });
  let now = null;
  let aim = null;

  const latest = makeLatest(
    (at) => get(`${desk.base}/preview`, { lon: at.lon, lat: at.lat, azimuth: at.azimuth_deg ?? "", kind: at.kind, model: at.model, device: at.id }),
    (answer, at) => {
      devices.setView(at.id, answer.polygon ? latLngs(answer.polygon) : []);
      desk.emit("preview", { ...answer, at });
    },
    () => undefined,
  );

  const reach = () => {
    const wide = map.getBounds().getNorth() - map.getBounds().getSouth();
    const least = (LEAST_REACH_PX / map.getSize().y) * wide * 111_200;
    return Math.max(least, (desk.views.get(now.id)?.properties.reach_m || 0) * 0.6);
  };

  /** Show `now`: at once as a plain sector, and as the buildings cut it when the server has answered. */
  function show() {
    const point = [now.lon, now.lat];
    const model = desk.model(now);
    if (now.kind === "camera" && model) {
      ghost.setLatLngs(sector(point, now.azimuth_deg, model.fov_deg, desk.views.get(now.id)?.properties.reach_m || 30)).addTo(layer);
      const [lon, lat] = destination(point, now.azimuth_deg, reach());
      stem.setLatLngs([[now.lat, now.lon], [lat, lon]]);
      aim.setLatLng([lat, lon]);
      const text = t("siting.map.degrees", { n: Math.round(now.azimuth_deg) });
      aim.getElement()?.setAttribute("aria-valuenow", String(Math.round(now.azimuth_deg)));
      aim.getElement()?.setAttribute("aria-valuetext", text);
    }
    devices.marker(now.id)?.setLatLng([now.lat, now.lon]);
    latest.push({ ...now });
    desk.emit("moving", now);
  }

  function save(label) {
    const device = now && desk.device(now.id);
    if (!device) return;
    const changes = changesOf(device, now);
    ghost.remove();
    if (!Object.keys(changes).length) return;
    latest.cancel();
    edits.change(device, whole(changes, now), label);
  }
  function dropped(label) {
    desk.draggedAt = performance.now();
    save(label);
  }
  const saveLater = debounce(save, SAVE_MS);

  function onKey(event, step, label) {
    const changed = step(event.key, event.shiftKey);
    if (!changed) return;
    event.preventDefault();
    event.stopPropagation();
    Object.assign(now, changed);
    show();
    saveLater(label);
  }

  function makeAim() {
    const face = h("span", { class: "siting-aim" }, icon("swap"));
    aim = L.marker([now.lat, now.lon], {
      pane: "drawing", draggable: true, keyboard: true, zIndexOffset: 2000, autoPanOnFocus: false,
      icon: L.divIcon({ className: "siting-pin", html: face, iconSize: [44, 44], iconAnchor: [22, 22] }),
    }).addTo(layer);
    const element = aim.getElement();
    const values = { role: "slider", "aria-label": t("siting.map.aim"), "aria-valuemin": 0, "aria-valuemax": 359, "data-testid": "aim" };
    for (const [name, value] of Object.entries(values)) element.setAttribute(name, value);
    aim.on("drag", (event) => {
      const { lat, lng } = event.latlng;
      now.azimuth_deg = bearing([now.lon, now.lat], [lng, lat]);
      show();
    });
    aim.on("dragend", () => dropped(t("siting.map.turned")));
    element.addEventListener("keydown", (event) => onKey(event, (key, fine) => {
      const azimuth = turnByKey(now.azimuth_deg, key, fine);
      return azimuth === null ? null : { azimuth_deg: azimuth };
    }, t("siting.map.turned")));
  }

  function place() {
    const marker = devices.marker(now.id);
    if (!marker) return;
    marker.dragging.enable();
    marker.on("drag", (event) => {
      const { lat, lng } = event.latlng;
      Object.assign(now, { lon: Number(lng.toFixed(7)), lat: Number(lat.toFixed(7)) });
      show();
    });
    marker.on("dragend", () => dropped(t("siting.map.moved")));
    marker.getElement().addEventListener("keydown", (event) => onKey(event, (key, fine) => {
      const point = moveByKey([now.lon, now.lat], key, fine);
      return point && { lon: point[0], lat: point[1] };
    }, t("siting.map.moved")));
  }

  /** After each drawing anew: the handles of the device that is chosen, if it may be changed. */
  function attach() {
    const device = desk.chosen && desk.device(desk.chosen);
    const focused = document.activeElement?.dataset?.testid === "aim";
    latest.cancel();
    layer.clearLayers();
    aim = null;
    now = null;
    if (!device || !desk.editable() || device.is_forbidden || !desk.shown(device)) return;
    now = { id: device.id, kind: device.kind, model: device.model, lon: device.lon, lat: device.lat, azimuth_deg: device.azimuth_deg };
    place();
    if (device.kind !== "camera") return;
    stem.addTo(layer);
    makeAim();
    const [lon, lat] = destination([now.lon, now.lat], now.azimuth_deg, reach());
    stem.setLatLngs([[now.lat, now.lon], [lat, lon]]);
    aim.setLatLng([lat, lon]);
    aim.getElement().setAttribute("aria-valuenow", String(Math.round(now.azimuth_deg)));
    aim.getElement().setAttribute("aria-valuetext", t("siting.map.degrees", { n: Math.round(now.azimuth_deg) }));
    if (focused) aim.getElement().focus({ preventScroll: true });
  }
  desk.on("drawn", attach);
  map.on("zoomend", attach);
  attach();
}
