/** Outlines of groups over the streets. */
import { L, svgRenderer } from "../core/leaflet.js";

/** Outlines of the hovered, focused and chosen group, over the streets. */
export function openHalo(map, areas) {
  const renderer = svgRenderer(map, "outline");
  const drawn = {};
  const hide = (kind) => {
    drawn[kind]?.forEach((line) => line.remove());
    delete drawn[kind];
  };
  return {
    hide,
    show(id, kind) {
      hide(kind);
      const found = areas.get(id);
      if (!found) return;
      const line = (part) => L.polygon(found.area.getLatLngs(), {
        renderer, pane: "outline", fill: false, interactive: false, className: `halo halo-${kind} halo-${part}`,
      }).addTo(map);
      drawn[kind] = [line("casing"), line("line")];
    },
  };
}
