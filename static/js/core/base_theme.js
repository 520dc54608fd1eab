/** Colours of the base map in the three themes: quiet, so that data carries the colour. Pure. */

export const THEMES = ["light", "dark", "outdoor"];

const light = {
  paper: "#f3f1ec", residential: "#f0ede7", park: "#dbe8d2", farmland: "#eef0df", forest: "#d3e2c8",
  industrial: "#eae6e8", commercial: "#f3ece5", cemetery: "#dfe5d8", beach: "#f5ecd5", square: "#efebe2",
  water: "#bfd7e6", waterway: "#a9c8dd", building: "#e0dbd2", buildingEdge: "#cfc9be",
  road: "#ffffff", casing: "#cfc8bc", major: "#fdf1d3", majorCasing: "#d9c18d", path: "#b9b0a2",
  label: "#4b4740", halo: "#ffffff", waterLabel: "#3f6f8f", neighbour: "#8d97a5", placeLabel: "#6c7480",
};
const dark = {
  paper: "#12161d", residential: "#161b23", park: "#16261f", farmland: "#181f1a", forest: "#14241b",
  industrial: "#1b1a22", commercial: "#1d1b1e", cemetery: "#17211d", beach: "#242117", square: "#1a1f27",
  water: "#0c2335", waterway: "#12314a", building: "#222936", buildingEdge: "#303a4a",
  road: "#3a4453", casing: "#0d1117", major: "#575040", majorCasing: "#14120d", path: "#3a4350",
  label: "#c9d2dd", halo: "#10141a", waterLabel: "#7fb2d6", neighbour: "#566274", placeLabel: "#8c98a8",
};
const outdoor = {
  ...light,
  paper: "#ffffff", residential: "#ffffff", park: "#c3e3b2", forest: "#b0d79c", farmland: "#eff3d4",
  water: "#86bfe4", waterway: "#5a9fce", building: "#d9d9d9", buildingEdge: "#8a8a8a",
  road: "#ffffff", casing: "#5c5c5c", major: "#ffe9a8", majorCasing: "#7a5a00", path: "#6b6b6b",
  label: "#000000", halo: "#ffffff", waterLabel: "#0b4a75", neighbour: "#444444", placeLabel: "#333333",
};

const palettes = { light, dark, outdoor };
export const palette = (theme) => palettes[theme] || light;

/** Road widths in pixels at zooms 11, 13, 15, 17, 19, from the widest class to the narrowest. */
export const ROADS = {
  motorway: [2, 4, 8, 15, 30], trunk: [1.6, 3.4, 7.5, 14, 28], primary: [1.3, 3, 6.5, 13, 26],
  secondary: [1, 2.4, 5.5, 11, 23], tertiary: [0.6, 1.5, 3.4, 9.4, 20], residential: [0.3, 0.7, 1.5, 7, 17],
  alley: [0, 0.3, 0.7, 3.8, 11], track: [0, 0.3, 1, 2.4, 4], path: [0, 0, 0.8, 1.8, 3],
};
export const MAJOR = new Set(["motorway", "trunk", "primary"]);
