/** Draw a point, a line or an area by hand, finger or keyboard. Resolves to a GeoJSON geometry, or null. */
import { h, icon } from "./dom.js";
import { t } from "./i18n.js";
import { L, svgRenderer } from "./leaflet.js";

const FEWEST = { point: 1, line: 2, polygon: 3 };
let current = null;

/** Give up the drawing that is under way. */
export function cancelDrawing() {
  current?.(null);
}

export function geometryOf(kind, points) {
  const coordinates = points.map((p) => [Number(p.lng.toFixed(7)), Number(p.lat.toFixed(7))]);
  if (kind === "point") return { type: "Point", coordinates: coordinates[0] };
  if (kind === "line") return { type: "LineString", coordinates };
  return { type: "Polygon", coordinates: [[...coordinates, coordinates[0]]] };
}

/** `snap(latlng)`: where a pointer's place comes to lie. */
export function draw(app, kind, { onChange = () => {}, snap = (latlng) => latlng } = {}) {
  cancelDrawing();
  const { map } = app;
  const points = [];
  const taken = [];
  const renderer = svgRenderer(map, "drawing");
  const group = L.layerGroup().addTo(map);
  const common = { renderer, pane: "drawing", interactive: false };
  const own = { ...common, className: "drawing" };
  const shape = (kind === "polygon" ? L.polygon([], own) : L.polyline([], { ...own, fill: false })).addTo(group);
  const ghost = L.polyline([], { ...common, className: "drawing-ghost" }).addTo(group);
  const dots = L.layerGroup().addTo(group);
  const bar = toolbar();
  let lastClick = { time: 0 };

  function refresh() {
    shape.setLatLngs(points);
    dots.clearLayers();
    points.forEach((p) => L.circleMarker(p, { ...common, radius: 5, className: "drawing-dot" }).addTo(dots));
    bar.done.disabled = points.length < FEWEST[kind];
    bar.back.disabled = points.length === 0;
    onChange(points.map((p) => [p.lng, p.lat]));
  }

  function add(latlng) {
    taken.length = 0;
    points.push(latlng);
    refresh();
    if (kind === "point") finish();
  }

  function undo() {
    if (points.length) taken.push(points.pop());
    refresh();
  }
  function redo() {
    if (taken.length) points.push(taken.pop());
    refresh();
  }

  /* A double click ends: its second click must not add a corner. */
  function onClick(event) {
    const now = performance.now();
    const near = lastClick.at && event.containerPoint.distanceTo(lastClick.at) < 8;
    if (now - lastClick.time < 350 && near) {
      finish();
      return;
    }
    lastClick = { time: now, at: event.containerPoint };
    add(snap(event.latlng));
  }

  const onMove = (event) => {
    if (!points.length || kind === "point") return;
    const closing = kind === "polygon" && points.length > 1 ? [points[0]] : [];
    ghost.setLatLngs([points[points.length - 1], snap(event.latlng), ...closing]);
  };

  function onKey(event) {
    const pressed = event.key.toLowerCase();
    if (event.ctrlKey || event.metaKey) {
      if (pressed === "y" || (pressed === "z" && event.shiftKey)) redo();
      else if (pressed === "z") undo();
      else return;
    } else if (event.key === "Escape") current(null);
    else if (event.key === "Enter" && event.target === map.getContainer()) finish();
    else if (event.key === "Backspace" && event.target === map.getContainer()) undo();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function finish() {
    if (points.length >= FEWEST[kind]) current(geometryOf(kind, points));
  }

  function toolbar() {
    const button = (name, text, click) => h("button", { type: "button", class: "chip-button", on: { click } }, icon(name), text);
    const hint = h("p", { class: "draw-hint", text: t(`map.draw_hint_${kind}`) });
    const readout = h("p", { class: "draw-readout", role: "status" });
    const centre = button("plus", t("map.draw_centre"), () => add(map.getCenter()));
    const back = button("undo", t("map.draw_undo"), undo);
    const done = button("eye", t("map.draw_done"), finish);
    done.replaceChildren(icon("check"), t("map.draw_done"));
    const stop = button("close", t("common.cancel"), () => current(null));
    const actions = h("div", { class: "draw-actions" }, centre, kind !== "point" && back, kind !== "point" && done, stop);
    const element = h("div", { class: "draw-bar", role: "group", "aria-label": t("map.drawing") }, hint, readout, actions);
    map.getContainer().append(element, h("div", { class: "draw-cross", "aria-hidden": "true" }));
    L.DomEvent.disableClickPropagation(element);
    return { element, back, done, readout };
  }

  return new Promise((resolve) => {
    current = (geometry) => {
      current = null;
      app.state.drawing = false;
      map.off("click", onClick).off("mousemove", onMove);
      document.removeEventListener("keydown", onKey, true);
      map.doubleClickZoom.enable();
      map.getContainer().classList.remove("is-drawing");
      map.getContainer().querySelector(".draw-cross")?.remove();
      bar.element.remove();
      group.remove();
      renderer.remove();
      resolve(geometry);
    };
    app.state.drawing = true;
    app.emit("drawing", {});
    map.doubleClickZoom.disable();
    map.on("click", onClick).on("mousemove", onMove);
    document.addEventListener("keydown", onKey, true);
    map.getContainer().classList.add("is-drawing");
    map.getContainer().focus({ preventScroll: true });
    refresh();
  });
}

/** Where the drawing says its length or area. */
export const drawReadout = () => document.querySelector(".draw-readout");
