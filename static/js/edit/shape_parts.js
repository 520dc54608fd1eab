/** What a shape under a hand is made of: its pins, and what they snap to. */
import { h, icon } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { L } from "../core/leaflet.js";
import { partsOf, project, snap } from "./snap.js";
import { snapSources } from "./snap_sources.js";

export const exact = ([lon, lat]) => [Number(lon.toFixed(7)), Number(lat.toFixed(7))];

const NEAR_END_PX = 120;

/** The middle of an edge; where it is out of sight, a place near an end that is seen; none where the edge is not. */
export function middleInSight(map, p, q, long_px) {
  const place = (k) => [p[0] + k * (q[0] - p[0]), p[1] + k * (q[1] - p[1])];
  const seen = ([lon, lat]) => map.getBounds().contains([lat, lon]);
  return [place(0.5), place(NEAR_END_PX / long_px), place(1 - NEAR_END_PX / long_px)].find(seen);
}

/** A pin of a corner or of the middle of an edge: {made, element}. */
export function pin(handles, [lon, lat], kind, label, isChosen = false) {
  const made = L.marker([lat, lon], {
    pane: "drawing", draggable: true, keyboard: true, autoPan: true, autoPanOnFocus: false, zIndexOffset: kind === "corner" ? 500 : 0,
    icon: L.divIcon({ className: `edit-pin is-${kind} ${isChosen ? "is-chosen" : ""}`, html: h("span", {}), iconSize: [30, 30], iconAnchor: [15, 15] }),
  }).addTo(handles);
  const element = made.getElement();
  element.setAttribute("aria-label", label);
  element.dataset.testid = kind;
  return { made, element };
}

/** Where a moving corner comes to lie; what it snaps to gets a ring. */
export function openSnapper(app, group, style) {
  const { map } = app;
  const sources = snapSources(app);
  const mark = L.circleMarker([0, 0], { ...style, radius: 9, className: "edit-snap" });
  const pixel = ([lon, lat]) => map.latLngToLayerPoint([lat, lon]);
  let targets = null;
  return {
    pixel,
    hide: () => mark.remove(),
    /** Before a corner moves: all that is near, but for itself. */
    aim(from) {
      const box = map.getBounds().pad(0.1);
      targets = project(partsOf(sources()), pixel, { bbox: [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()], without: from });
    },
    at(latlng) {
      const found = snap(targets, map.latLngToLayerPoint(latlng));
      if (found) mark.setLatLng([found.lonlat[1], found.lonlat[0]]).addTo(group);
      else mark.remove();
      return exact(found ? found.lonlat : [latlng.lng, latlng.lat]);
    },
  };
}

/** The buttons beside the form: one step back, take out the chosen corner. */
export function shapeTools({ remove, undo }) {
  const chip = (name, symbol, click) => h("button", { type: "button", class: "chip-button", data: { testid: `shape-${name}` }, on: { click } }, icon(symbol), t(`edit.shape_${name}`));
  const hint = h("p", { class: "hint", hidden: true, role: "status", text: t("edit.nearer") });
  const removal = chip("remove", "trash", remove);
  const back = chip("undo", "undo", undo);
  return {
    element: h("div", { class: "edit-shape-tools" }, back, removal, hint),
    show({ many, chosen, past }) {
      hint.hidden = !many;
      removal.disabled = !chosen;
      back.disabled = !past.length;
    },
  };
}
