/** The map of a walk: the team's way, numbered stops, the phone. The walk goes on where no map could be had. */
import { openPageMap } from "../core/page_map.js";
import { drawMe, drawStops, drawWays } from "../layers/patrol_draw.js";

export async function openWalkMap(element, boot) {
  const page = await openPageMap(element, boot);
  page.map.dragging.enable();
  const me = drawMe(page);
  let drawn = [];
  let shown = null;

  function fit(walk) {
    const all = [...walk.stops.map((stop) => [stop.lon, stop.lat]), ...(walk.geometry?.coordinates || [])];
    if (!all.length) return;
    const lons = all.map(([lon]) => lon);
    const lats = all.map(([, lat]) => lat);
    page.zoomTo([Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)], { maxZoom: 17, animate: false });
  }

  return {
    page,
    setTheme: (theme) => page.basemap.setTheme(theme),
    draw(view) {
      drawn.forEach((group) => group.remove());
      const current = view.here?.stop_id ?? view.next?.id;
      const stops = view.walk.stops.map((stop) => ({
        lon: stop.lon, lat: stop.lat, text: String(stop.position), title: stop.title, zIndex: stop.id === current ? 1000 : 0,
        className: `team-${view.walk.team}${view.visits.has(stop.id) ? " is-done" : ""}${stop.id === current ? " is-current" : ""}`,
      }));
      drawn = [drawWays(page, [view.walk]), drawStops(page, stops)];
      if (shown !== view.walk.team) fit(view.walk);
      shown = view.walk.team;
    },
    show(stop) {
      page.map.setView([stop.lat, stop.lon], Math.max(16, page.map.getZoom()), { animate: false });
    },
    me,
  };
}
