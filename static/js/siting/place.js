/** Points and areas drawn on the map, with the drawing tools of the product. */
import { draw } from "../core/draw.js";
import { toast } from "../core/dom.js";

const asApp = (desk) => ({ map: desk.page.map, state: desk.page.state, emit: desk.page.emit });

/** A clicked place as [lon, lat], or null. Works by keyboard: arrows move the map, a button takes its middle. */
export async function placeOnMap(desk, hint) {
  if (hint) toast(hint);
  return (await draw(asApp(desk), "point"))?.coordinates || null;
}

/** A drawn polygon, or null. */
export const areaOnMap = (desk) => draw(asApp(desk), "polygon");
