/** Measure a distance or an area. */
import { $, announce } from "../core/dom.js";
import { cancelDrawing, draw, drawReadout } from "../core/draw.js";
import { area, distance } from "../core/format.js";
import { area_m2, length_m } from "../core/geometry.js";
import { lang, t } from "../core/i18n.js";

/** `kind` is "line" or "polygon"; a second call ends it. */
export async function open(app, kind) {
  if (app.state.measuring) {
    cancelDrawing();
    if (app.state.measuring === kind) return;
  }
  app.state.measuring = kind;
  const say = (points) => {
    const text = kind === "line"
      ? t("map.measured_length", { value: distance(length_m(points), lang()) })
      : t("map.measured_area", { value: area(area_m2(points), lang()), length: distance(length_m([...points, points[0] || [0, 0]]), lang()) });
    const readout = drawReadout();
    if (readout) readout.textContent = points.length > 1 ? text : "";
    return text;
  };
  const geometry = await draw(app, kind, { onChange: say });
  app.state.measuring = null;
  if (!geometry) {
    app.results.clear();
    return;
  }
  const points = kind === "line" ? geometry.coordinates : geometry.coordinates[0].slice(0, -1);
  const text = say(points);
  app.results.show([], geometry);
  const note = $("#note");
  note.hidden = false;
  $("#note-text").textContent = text;
  announce(text);
}
