/** A point in the hand: drag it or move it with arrow keys; a camera is turned, reached out and opened by its handles. */
import { h } from "../core/dom.js";
import { destination, distance_m, pixelsPerMetre } from "../core/geometry.js";
import { number } from "../core/format.js";
import { lang, t } from "../core/i18n.js";
import { L, svgRenderer } from "../core/leaflet.js";
import { bearing, moveByKey, sector, turned, turnByKey } from "../core/moves.js";
import { symbolCanvas } from "../panels/layer_symbol.js";
import { openHandSteps } from "./hand_steps.js";

const LEAST_REACH_PX = 64;
const AIM_BEYOND_PX = 30;
/* As the map draws a camera that nobody measured (core/geometry.js). */
const VIEW = ["azimuth_deg", "fov_deg", "range_m"];
const FOV_DEG = 90;
const RANGE_M = 30;
const round = (value) => Math.round(value * 10) / 10;

const isCircle = ({ kind, fov_deg: fov }) => kind === "ptz" || kind === "panoramic" || fov >= 360;

/** `onMove(point)` and `onView({azimuth_deg?, fov_deg?, range_m?})` are told while it moves. */
export function openHand(app, layer, { point, properties, onMove = () => {}, onView = () => {}, fixed = false }) {
  const { map } = app;
  const renderer = svgRenderer(map, "drawing");
  const group = L.layerGroup().addTo(map);
  const now = { point, ...properties };
  const wedge = L.polygon([], { renderer, pane: "drawing", interactive: false, className: "edit-wedge" });
  const stem = L.polyline([], { renderer, pane: "drawing", interactive: false, className: "edit-stem" });
  const handles = {};
  let dragged = null;
  const isCamera = layer.style.kind === "sector";
  const at = ([lon, lat]) => [lat, lon];
  const scale = () => pixelsPerMetre(now.point[1], map.getZoom());
  const fov = () => now.fov_deg ?? FOV_DEG;
  const range = () => now.range_m ?? RANGE_M;
  const reach_m = () => Math.max(range(), LEAST_REACH_PX / scale());

  function marker(name, face, [lon, lat], attributes, onDrag, onKey) {
    const made = L.marker([lat, lon], {
      pane: "drawing", draggable: !fixed, keyboard: true, autoPan: true, autoPanOnFocus: false, zIndexOffset: name === "place" ? 0 : 1000,
      icon: L.divIcon({ className: `edit-pin is-${name}`, html: face, iconSize: [44, 44], iconAnchor: [22, 22] }),
    }).addTo(group);
    const element = made.getElement();
    for (const [key, value] of Object.entries({ "data-testid": `hand-${name}`, ...attributes })) element.setAttribute(key, value);
    made.on("drag", ({ latlng }) => onDrag([latlng.lng, latlng.lat]));
    made.on("dragstart", () => {
      steps.remember();
      dragged = name;
    });
    made.on("dragend", () => {
      dragged = null;
      draw();
    });
    element.addEventListener("keydown", (event) => {
      if (!event.key.startsWith("Arrow") || fixed) return;
      event.preventDefault();
      event.stopPropagation();
      steps.remember();
      onKey(event.key, event.shiftKey);
    });
    handles[name] = made;
  }

  const steps = openHandSteps(() => Object.fromEntries(["point", ...VIEW].map((name) => [name, now[name] ?? null])), (one) => {
    setPoint(one.point);
    if (isCamera) setView(Object.fromEntries(VIEW.map((name) => [name, one[name]])));
  });

  function setView(values) {
    Object.assign(now, values);
    onView(values);
    draw();
  }
  function setPoint([lon, lat]) {
    now.point = [Number(lon.toFixed(7)), Number(lat.toFixed(7))];
    onMove(now.point);
    draw();
  }
  const step = (key, fine, small, large) => (["ArrowUp", "ArrowRight"].includes(key) ? 1 : -1) * (fine ? small : large);
  const slider = (name, max) => ({ role: "slider", "aria-label": t(`edit.hand_${name}`), "aria-valuemin": name === "aim" ? 0 : 1, "aria-valuemax": max, "aria-valuenow": 0 });
  const setFov = (value) => setView({ fov_deg: round(Math.max(1, Math.min(359, value))) });
  const setRange = (value) => setView({ range_m: round(Math.max(1, Math.min(1000, value))) });

  marker("place", h("span", { class: "edit-place" }, symbolCanvas(layer, properties)), point, { role: "button", "aria-label": t("edit.hand_place", { title: layer.title }) },
    setPoint, (key, fine) => setPoint(moveByKey(now.point, key, fine)));
  if (isCamera) {
    stem.addTo(group);
    wedge.addTo(group);
    const grip = (name) => h("span", { class: `edit-grip is-${name}` });
    marker("aim", grip("aim"), point, slider("aim", 359), (to) => setView({ azimuth_deg: bearing(now.point, to) }), (key, fine) => setView({ azimuth_deg: turnByKey(now.azimuth_deg ?? 0, key, fine) }));
    marker("range", grip("range"), point, slider("range", 1000), (to) => setRange(distance_m(now.point, to)),
      (key, fine) => setRange(Math.round(range()) + step(key, fine, 1, 5)));
    const open = (to) => {
      const off = Math.abs(((bearing(now.point, to) - (now.azimuth_deg ?? 0) + 540) % 360) - 180);
      setFov(2 * off);
    };
    for (const edge of ["left", "right"]) marker(edge, grip("edge"), point, slider("fov", 359), open, (key, fine) => setFov(Math.round(fov()) + step(key, fine, 1, 5)));
  }

  function put(name, place, value, unit, shown = true) {
    const made = handles[name];
    const element = made.getElement();
    element.hidden = !shown;
    element.tabIndex = shown ? 0 : -1;
    // The one under the finger goes with the finger.
    if (dragged !== name) made.setLatLng(at(place));
    if (value === undefined) return;
    element.setAttribute("aria-valuenow", String(Math.round(value)));
    element.setAttribute("aria-valuetext", `${number(value, lang(), 1)} ${unit}`);
  }

  function draw() {
    put("place", now.point);
    if (!isCamera) return;
    const [azimuth, circle, reach] = [now.azimuth_deg ?? 0, isCircle(now), reach_m()];
    wedge.setLatLngs(sector(now.point, azimuth, circle ? 360 : fov(), range()));
    const known = circle || (now.azimuth_deg !== null && now.azimuth_deg !== undefined);
    wedge.getElement()?.classList.toggle("is-unknown", !known);
    const aim = destination(now.point, azimuth, reach + AIM_BEYOND_PX / scale());
    stem.setLatLngs(circle ? [] : [at(now.point), at(aim)]);
    put("aim", aim, turned(azimuth, 0), "°", !circle);
    put("range", destination(now.point, azimuth, range()), range(), "m", range() * scale() >= LEAST_REACH_PX - 1);
    put("left", destination(now.point, azimuth - fov() / 2, reach), fov(), "°", !circle);
    put("right", destination(now.point, azimuth + fov() / 2, reach), fov(), "°", !circle);
  }
  map.on("zoomend", draw);
  draw();

  return {
    point: () => now.point,
    moveTo(place) {
      steps.remember();
      setPoint(place);
    },
    steps,
    setProperties(values) {
      Object.assign(now, values);
      const face = handles.place.getElement().querySelector(".edit-place");
      face.replaceChildren(symbolCanvas(layer, now));
      draw();
    },
    focus: () => handles.place.getElement().focus({ preventScroll: true }),
    remove() {
      map.off("zoomend", draw);
      group.remove();
      renderer.remove();
    },
  };
}
