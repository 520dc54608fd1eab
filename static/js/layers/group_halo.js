/** Outlines of groups over the streets. */
import { L, latLngs, svgRenderer } from "../core/leaflet.js";

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
    clear: () => Object.keys(drawn).forEach(hide),
    /** `feature`: one that is not drawn itself. */
    show(id, kind, feature = null) {
      hide(kind);
      const found = areas.get(id)?.feature || feature;
      if (!found) return;
      const line = (part) => L.polygon(latLngs(found.geometry), {
        renderer, pane: "outline", fill: false, interactive: false, className: `halo halo-${kind} halo-${part}`,
      }).addTo(map);
      drawn[kind] = [line("casing"), line("line")];
    },
  };
}
