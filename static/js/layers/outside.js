/** The border of the commune, and a veil over what lies outside. */
import { L, latLngs, svgRenderer } from "../core/leaflet.js";

const WORLD = [[-85, -180], [-85, 180], [85, 180], [85, -180]];

export async function openOutside(app, name = "communes") {
  if (!app.catalogue.has(name)) return;
  const { commune } = app.session;
  const features = await app.data.load(name, { bbox: commune.bbox.join(",") });
  const own = features.find((f) => f.id === commune.id || f.properties.code === commune.code);
  if (!own) return;
  const parts = latLngs(own.geometry);
  const polygons = own.geometry.type === "Polygon" ? [parts] : parts;
  const renderer = svgRenderer(app.map, "outside");
  const common = { renderer, pane: "outside", interactive: false };
  L.polygon([WORLD, ...polygons.map((rings) => rings[0])], { ...common, stroke: false, className: "veil" }).addTo(app.map);
  L.polygon(polygons, { ...common, fill: false, className: "border-casing" }).addTo(app.map);
  L.polygon(polygons, { ...common, fill: false, className: "border-line" }).addTo(app.map);
}
