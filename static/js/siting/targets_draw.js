/** What is to be covered: pieces of streets and places, by what covers them now. Painted on a canvas below the devices. */
import { L } from "../core/leaflet.js";

/* Width and dash tell the three apart without colour: dashed never, thin before, thick new. */
export const STATES = [
  { code: "never", weight: 2.2, dashArray: "3 6", light: "#b0246a", dark: "#ff8fc0" },
  { code: "before", weight: 3, dashArray: null, light: "#5b7391", dark: "#9db3cf" },
  { code: "planned", weight: 5.5, dashArray: null, light: "#00795c", dark: "#4fe0b4" },
];
/* From afar what is not covered steps back: it is nearly everything. */
const NEAR_ZOOM = 16.5;
const PLACE_PX = 6;
const PLACE_FAR_PX = 3.5;

export const colorOf = (state, theme) => (theme === "dark" ? state.dark : state.light);

export function openTargets(desk) {
  const { map, theme } = desk.page;
  const renderer = L.canvas({ pane: "outside", padding: 0.3 });
  const group = L.layerGroup().addTo(map);
  let near = false;

  function draw() {
    group.clearLayers();
    const digits = desk.cover[desk.time];
    near = map.getZoom() >= NEAR_ZOOM;
    STATES.forEach((state, code) => {
      const faint = !near && code === 0;
      const color = colorOf(state, theme);
      const common = { renderer, pane: "outside", interactive: false, color };
      const pieces = [];
      desk.targets.forEach(([, lon, lat, lon2, lat2], i) => {
        if (digits[i] !== String(code)) return;
        if (lon !== lon2 || lat !== lat2) pieces.push([[lat, lon], [lat2, lon2]]);
        else {
          L.circleMarker([lat, lon], {
            ...common, radius: near ? PLACE_PX : PLACE_FAR_PX, weight: faint ? 1 : 2, opacity: faint ? 0.7 : 1,
            fillColor: code ? color : theme === "dark" ? "#12161d" : "#ffffff", fillOpacity: code ? 0.9 : 0.75,
          }).addTo(group);
        }
      });
      const style = faint ? { weight: 1.4, opacity: 0.55 } : { weight: near ? state.weight : state.weight - 1, dashArray: state.dashArray, opacity: 0.9 };
      L.polyline(pieces, { ...common, ...style, lineCap: "butt", smoothFactor: 0.5 }).addTo(group).bringToBack();
    });
  }

  desk.on("cover", draw);
  desk.on("shown", draw);
  map.on("zoomend", () => { if (near !== map.getZoom() >= NEAR_ZOOM) draw(); });
  if (desk.targets) draw();
}
