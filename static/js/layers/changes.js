/** Outlines of groups that changed between two days: beads for those that are here, dashes for those that are not. */
import { L, latLngs, svgRenderer } from "../core/leaflet.js";

export function drawChanges(app, ids, gone) {
  const { map } = app;
  const renderer = svgRenderer(map, "outline");
  const group = L.layerGroup().addTo(map);
  const outline = (geometry, kind, id) => {
    for (const part of ["casing", "line"]) {
      const path = L.polygon(latLngs(geometry), { renderer, pane: "outline", fill: false, interactive: false, className: `change-outline change-${kind} change-${part}` }).addTo(group);
      path.getElement().dataset.changed = id;
    }
  };
  for (const id of ids) {
    const feature = app.groups.find(id);
    if (feature) outline(feature.geometry, "here", id);
  }
  for (const feature of gone) outline(feature.geometry, "gone", feature.id);
  return { close: () => {
    group.remove();
    renderer.remove();
  } };
}
