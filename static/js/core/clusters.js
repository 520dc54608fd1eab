/** Points of a layer as sites (one per pole or place) and clusters of sites. */
import Supercluster from "../../vendor/supercluster/supercluster.js";

/** Below this zoom the stages are the message: places are few large clusters. */
export const OVERVIEW_ZOOM = 15;
/** From this zoom a site stands alone: camera views need their own place. */
export const SITE_ZOOM = 16;

const FAR_RADIUS_PX = 96;
const NEAR_RADIUS_PX = 34;

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

function build(all, radius_px) {
  const index = new Supercluster({
    radius: radius_px, extent: 256, maxZoom: SITE_ZOOM - 1, minPoints: 2,
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
  return index;
}

/** An index of sites; clusters know how many rows they hold and how many of them are broken. */
export function makeIndex(features, { far_px = FAR_RADIUS_PX, near_px = NEAR_RADIUS_PX } = {}) {
  const all = sites(features);
  const made = new Map();
  const index = (zoom) => {
    const radius_px = zoom < OVERVIEW_ZOOM ? far_px : near_px;
    if (!made.has(radius_px)) made.set(radius_px, build(all, radius_px));
    return made.get(radius_px);
  };
  return {
    sites: all,
    /** What to draw inside [w, s, e, n] at a zoom: {lon, lat, site} or {lon, lat, rows, broken, opensAt}. */
    visible(bbox, zoom) {
      const level = zoom < OVERVIEW_ZOOM ? Math.round(zoom) : Math.floor(zoom);
      const found = index(zoom);
      return found.getClusters(bbox, level).map(({ geometry, properties }) => {
        const [lon, lat] = geometry.coordinates;
        if (properties.site) return { lon, lat, site: properties.site };
        const { rows, broken, cluster_id: id } = properties;
        return { lon, lat, rows, broken, opensAt: () => found.getClusterExpansionZoom(id) };
      });
    },
  };
}
