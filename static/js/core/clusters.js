/** Points of a layer as sites (one per pole or place) and clusters of sites. */
import Supercluster from "../../vendor/supercluster/supercluster.js";

/** From this zoom a site stands alone: camera views need their own place. */
export const SITE_ZOOM = 16;

/** Join rows that share a pole (`pole_code` and place), else one site per row. Pure. */
export function sites(features) {
  const byKey = new Map();
  for (const feature of features) {
    const [lon, lat] = feature.geometry.coordinates;
    const pole = feature.properties.pole_code;
    const key = pole ? `${pole}@${lon.toFixed(5)},${lat.toFixed(5)}` : `#${feature.id}`;
    if (!byKey.has(key)) byKey.set(key, { lon, lat, features: [] });
    byKey.get(key).features.push(feature);
  }
  return [...byKey.values()];
}

/** An index of sites; clusters know how many rows they hold and how many of them are broken. */
export function makeIndex(features, { radius_px = 74 } = {}) {
  const all = sites(features);
  const index = new Supercluster({
    radius: radius_px, maxZoom: SITE_ZOOM - 1, minPoints: 2,
    map: ({ site }) => ({
      rows: site.features.length,
      broken: site.features.filter((f) => f.properties.state === "broken").length,
    }),
    reduce: (sum, part) => {
      sum.rows += part.rows;
      sum.broken += part.broken;
    },
  });
  index.load(all.map((site) => ({
    type: "Feature", geometry: { type: "Point", coordinates: [site.lon, site.lat] }, properties: { site },
  })));
  return {
    sites: all,
    /** What to draw inside [w, s, e, n] at a zoom: {lon, lat, site} or {lon, lat, rows, broken, id}. */
    visible(bbox, zoom) {
      return index.getClusters(bbox, Math.floor(zoom)).map(({ geometry, properties }) => {
        const [lon, lat] = geometry.coordinates;
        if (properties.site) return { lon, lat, site: properties.site };
        return { lon, lat, rows: properties.rows, broken: properties.broken, id: properties.cluster_id };
      });
    },
    expansionZoom: (id) => index.getClusterExpansionZoom(id),
  };
}
