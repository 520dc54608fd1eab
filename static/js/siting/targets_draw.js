/** What is to be covered: pieces of streets and places, by what covers them now. Painted on a canvas below the devices. */
import { L } from "../core/leaflet.js";

/* Width and dash tell the three apart without colour: dashed never, thin before, thick new. */
export const STATES = [
  { code: "never", weight: 2.5, dashArray: "2 5", light: "#b0246a", dark: "#ff8fc0" },
  { code: "before", weight: 3, dashArray: null, light: "#5b7391", dark: "#9db3cf" },
  { code: "planned", weight: 5.5, dashArray: null, light: "#00795c", dark: "#4fe0b4" },
];
const PLACE_PX = 6;

export const colorOf = (state, theme) => (theme === "dark" ? state.dark : state.light);

export function openTargets(desk) {
  const { map, theme } = desk.page;
  const renderer = L.canvas({ pane: "outside", padding: 0.3 });
  const group = L.layerGroup().addTo(map);

  function draw() {
    group.clearLayers();
    const digits = desk.cover[desk.time];
    STATES.forEach((state, code) => {
      const color = colorOf(state, theme);
      const common = { renderer, pane: "outside", interactive: false, color };
      const pieces = [];
      desk.targets.forEach(([, lon, lat, lon2, lat2], i) => {
        if (digits[i] !== String(code)) return;
        if (lon !== lon2 || lat !== lat2) pieces.push([[lat, lon], [lat2, lon2]]);
        else {
          L.circleMarker([lat, lon], {
            ...common, radius: PLACE_PX, weight: code ? 2 : 2.5, dashArray: code ? null : "3 3",
            fillColor: code ? color : "#ffffff", fillOpacity: code ? 0.9 : 0.75,
          }).addTo(group);
        }
      });
      const { weight, dashArray } = state;
      L.polyline(pieces, { ...common, weight, dashArray, lineCap: "butt", opacity: 0.9, smoothFactor: 0.5 }).addTo(group).bringToBack();
    });
  }

  desk.on("cover", draw);
  desk.on("shown", draw);
  if (desk.targets) draw();
}
