/** The corners of a line or area under a hand: drag, put in, take out, by pointer or keyboard; they snap to what is near. */
import { t } from "../core/i18n.js";
import { L, latLngs, svgRenderer } from "../core/leaflet.js";
import { moveByKey } from "../core/moves.js";
import { chainsOf, samePlace, withCorner, withInserted } from "./rings.js";
import { exact, middleInSight, openSnapper, pin, shapeTools } from "./shape_parts.js";

const MOST_HANDLES = 250;
const MIDDLE_PX = 44;

/**
 * `onChange(geometry, steps)`: after each edit, with all steps [{from, to}]; a corner that was put in comes from the
 * middle of its edge. `neighbours()`: geometries that are seen to follow the same corners.
 */
export function openShape(app, geometry, { onChange, neighbours = () => [] }) {
  const { map } = app;
  const renderer = svgRenderer(map, "drawing");
  const group = L.layerGroup().addTo(map);
  const handles = L.layerGroup().addTo(map);
  const isArea = geometry.type.endsWith("Polygon");
  const style = { renderer, pane: "drawing", interactive: false };
  const ghosts = L.layerGroup().addTo(group);
  const outline = (isArea ? L.polygon : L.polyline)(latLngs(geometry), { ...style, className: "drawing edit-shape" }).addTo(group);
  const past = [];
  const future = [];
  let now = geometry;
  let chosen = null;

  const snapper = openSnapper(app, group, style);

  function preview(shape, from, to) {
    outline.setLatLngs(latLngs(shape));
    ghosts.clearLayers();
    for (const other of neighbours()) {
      const moved = withCorner(other, from, to);
      if (moved !== other) L.polygon(latLngs(moved), { ...style, className: "edit-neighbour" }).addTo(ghosts);
    }
  }

  function commit(next, step) {
    future.length = 0;
    past.push({ geometry: now, step });
    chosen = step.to;
    snapper.hide();
    show(next);
  }

  function show(next) {
    now = next;
    outline.setLatLngs(latLngs(now));
    ghosts.clearLayers();
    draw();
    onChange(now, past.map((one) => one.step));
  }

  function takeOut(corner) {
    const next = withCorner(now, corner, null);
    if (chainsOf(next).chains.flat().length === chainsOf(now).chains.flat().length) return;
    commit(next, { from: corner, to: null });
  }

  function cornerHandle(corner, number) {
    const { made, element } = pin(handles, corner, "corner", t("edit.corner", { n: number }), isChosen(corner));
    let to = corner;
    made.on("dragstart", () => snapper.aim(corner));
    made.on("drag", ({ latlng }) => {
      to = snapper.at(latlng);
      preview(withCorner(now, corner, to), corner, to);
    });
    made.on("dragend", () => commit(withCorner(now, corner, to), { from: corner, to }));
    made.on("click", () => { chosen = corner; draw(); });
    element.addEventListener("keydown", (event) => {
      const next = moveByKey(corner, event.key, event.shiftKey);
      if (next) commit(withCorner(now, corner, next), { from: corner, to: next });
      else if (event.key === "Delete" || event.key === "Backspace") takeOut(corner);
      else return;
      event.preventDefault();
      event.stopPropagation();
      handles.eachLayer((one) => one.getElement().classList.contains("is-chosen") && one.getElement().focus({ preventScroll: true }));
    });
  }

  function middleHandle(p, q) {
    const long = snapper.pixel(p).distanceTo(snapper.pixel(q));
    if (long < MIDDLE_PX) return;
    const middle = middleInSight(map, p, q, long);
    if (!middle) return;
    const { made, element } = pin(handles, middle, "middle", t("edit.middle"));
    let to = middle;
    const put = (place) => commit(withInserted(now, p, q, place), { from: middle, to: place });
    made.on("dragstart", () => snapper.aim(middle));
    made.on("drag", ({ latlng }) => {
      to = snapper.at(latlng);
      outline.setLatLngs(latLngs(withInserted(now, p, q, to)));
    });
    made.on("dragend", () => put(to));
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation();
      put(exact(middle));
    });
  }

  const isChosen = (place) => chosen !== null && samePlace(chosen, place);
  function draw() {
    handles.clearLayers();
    const box = map.getBounds();
    const { chains, closed } = chainsOf(now);
    const inSight = chains.flat().filter(([lon, lat]) => box.contains([lat, lon])).length;
    tools.show({ many: inSight > MOST_HANDLES, chosen, past });
    if (inSight > MOST_HANDLES) return;
    let number = 0;
    for (const chain of chains) {
      chain.forEach((corner, i) => {
        number += 1;
        const next = chain[i + 1] ?? (closed ? chain[0] : null);
        const seen = box.contains([corner[1], corner[0]]);
        if (seen) cornerHandle(corner, number);
        if (next && (seen || box.contains([next[1], next[0]]))) middleHandle(corner, next);
      });
    }
  }

  /** One step back or forth among the edits of this shape, before any of them is saved. */
  function turn(from, to) {
    const one = from.pop();
    if (!one) return;
    to.push({ geometry: now, step: one.step });
    chosen = null;
    show(one.geometry);
  }
  const undo = () => turn(past, future);
  const tools = shapeTools({ remove: () => chosen && takeOut(chosen), undo });
  map.on("moveend", draw);
  draw();

  return {
    controls: tools.element,
    steps: { undo, redo: () => turn(future, past), can: () => ({ undo: past.length > 0, redo: future.length > 0 }) },
    focus: () => handles.getLayers()[0]?.getElement().focus({ preventScroll: true }),
    remove() {
      map.off("moveend", draw);
      handles.remove();
      group.remove();
      renderer.remove();
    },
  };
}
