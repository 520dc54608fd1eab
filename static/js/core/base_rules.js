/** Paint and label rules of the base map for protomaps-leaflet. */
import {
  CenteredTextSymbolizer, exp, LineLabelSymbolizer, LineSymbolizer, PolygonSymbolizer,
} from "../../vendor/protomaps/protomaps.js";
import { MAJOR, palette, ROADS } from "./base_theme.js";

const FONT = '"Be Vietnam Pro", sans-serif';
const ZOOMS = [11, 13, 15, 17, 19];
/* Casings are thinner under the zooms where the stages are the message. */
const FAR_CASING = 0.5;
const width = (sizes, extra = 0) => exp(1.4, ZOOMS.map((z, i) => [z, sizes[i] ? sizes[i] + (z > 15 ? extra : extra * FAR_CASING) : 0]));
const ofClass = (name) => (zoom, feature) => feature.props.class === name;

/** Areas and buildings: they lie under the fill of the stages. */
export function groundRules(theme) {
  const c = palette(theme);
  return [
    { dataLayer: "landuse", symbolizer: new PolygonSymbolizer({
      fill: (zoom, feature) => c[feature.props.class] || c.residential, perFeature: true }) },
    { dataLayer: "water_areas", symbolizer: new PolygonSymbolizer({ fill: c.water }) },
    { dataLayer: "waterways", symbolizer: new LineSymbolizer({
      color: c.waterway, lineCap: "round", lineJoin: "round", width: exp(1.4, [[11, 0.6], [15, 2.2], [19, 12]]) }) },
    { dataLayer: "buildings", minzoom: 15, symbolizer: new PolygonSymbolizer({
      fill: c.building, stroke: c.buildingEdge, width: (zoom) => (zoom >= 16 ? 0.7 : 0) }) },
  ];
}

/** Streets and neighbours' borders: they lie over the fill of the stages. */
export function streetRules(theme) {
  const c = palette(theme);
  const classes = Object.keys(ROADS).reverse();
  const line = (name, options) => ({
    dataLayer: "roads", filter: ofClass(name), minzoom: ROADS[name][0] ? 9 : ROADS[name][1] ? 13 : 15,
    symbolizer: new LineSymbolizer({ lineCap: "round", lineJoin: "round", ...options }),
  });
  const thin = new Set(["track", "path"]);
  const casings = classes.filter((name) => !thin.has(name)).map((name) => line(name, {
    color: MAJOR.has(name) ? c.majorCasing : c.casing, width: width(ROADS[name], 1.5) }));
  const paths = classes.filter((name) => thin.has(name)).map((name) => line(name, {
    color: c.path, width: width(ROADS[name]), dash: [4, 3], lineCap: "butt", dashColor: c.path, dashWidth: 1.5 }));
  const fills = classes.filter((name) => !thin.has(name)).map((name) => line(name, {
    color: MAJOR.has(name) ? c.major : c.road, width: width(ROADS[name]) }));
  const neighbours = { dataLayer: "neighbours", symbolizer: new LineSymbolizer({ color: c.neighbour, width: 1, dash: [6, 4] }) };
  return [...paths, ...casings, ...fills, neighbours];
}

const REPEAT_PX = 600;
/** The sea is in every tile; its name is not. */
const once = (symbolizer) => ({
  place(layout, geometry, feature) {
    const labels = symbolizer.place(layout, geometry, feature);
    labels?.forEach((label) => Object.assign(label, { deduplicationKey: feature.props.name, deduplicationDistance: REPEAT_PX }));
    return labels;
  },
});

/** Names: of streets along their line, of water, of the neighbours. */
export function labelRules(theme) {
  const c = palette(theme);
  const bold = theme === "outdoor";
  const street = (filter, minzoom, size) => ({
    dataLayer: "road_names", minzoom, filter,
    symbolizer: new LineLabelSymbolizer({
      font: (zoom) => `${bold ? 600 : 400} ${size(zoom)}px ${FONT}`, fill: c.label, stroke: c.halo,
      width: bold ? 4.5 : 3.5, position: 2, repeatDistance: 420, maxLabelChars: 40 }),
  });
  const large = exp(1, [[13, 10.5], [16, 12.5], [19, 14]]);
  const small = exp(1, [[15, 9.5], [17, 11], [19, 13]]);
  const area = (dataLayer, minzoom, fill, font) => ({ dataLayer, minzoom, symbolizer: once(new CenteredTextSymbolizer({
    font, fill, stroke: c.halo, width: 1.5, lineHeight: 1.3, maxLineChars: 16 })) });
  const minor = new Set(["tertiary", "residential"]);
  const trunk = new Set(["motorway", "trunk", "primary", "secondary"]);
  return [
    street((z, f) => trunk.has(f.props.class), 13, large),
    street((z, f) => minor.has(f.props.class), 16, large),
    area("water_names", 13, c.waterLabel, `italic 400 12px ${FONT}`),
    area("park_names", 15, c.placeLabel, `400 11px ${FONT}`),
    street((z, f) => !minor.has(f.props.class) && !trunk.has(f.props.class), 17, small),
  ];
}
