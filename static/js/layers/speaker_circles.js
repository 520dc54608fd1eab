/** How far loudspeakers are heard, as circles; those whose range nobody knows are points alone. */
import { L, svgRenderer } from "../core/leaflet.js";

export function speakerCircles(page, speakers) {
  const { map } = page;
  const renderer = svgRenderer(map, "results");
  const common = { renderer, pane: "results", interactive: false };
  const group = L.layerGroup();
  for (const one of speakers) {
    const at = [one.lat, one.lon];
    const state = one.state === "working" ? "" : " is-broken";
    if (one.range_m && one.state === "working") L.circle(at, { ...common, radius: one.range_m, className: "cov-heard" }).addTo(group);
    L.circleMarker(at, { ...common, radius: 5, className: `cov-speaker${state}` }).addTo(group);
  }
  return { show: (on) => (on ? group.addTo(map) : group.remove()) };
}
