/** What corners snap to: the groups, the border of the commune, the streets in sight. */
import { get } from "../core/api.js";

const STREETS_ZOOM = 15;
const MOST_STREETS = 2000;

/** A function that answers the geometries that are here; streets come in the background. */
export function snapSources(app) {
  let streets = [];
  let asked = "";
  const border = app.data.known("communes").filter((f) => f.id === app.session.commune.id);

  async function fetchStreets() {
    const roads = app.catalogue.get("roads");
    if (!roads || app.map.getZoom() < STREETS_ZOOM) return;
    const bbox = app.map.getBounds().pad(0.1).toBBoxString();
    if (bbox === asked) return;
    asked = bbox;
    const answer = await get(roads.features, { bbox, limit: MOST_STREETS }).catch(() => null);
    if (answer) streets = answer.features;
  }
  fetchStreets();
  return () => {
    fetchStreets();
    return [...(app.groups?.features || []), ...border, ...streets].map((f) => f.geometry);
  };
}
