/** Open tasks on the map: one pin a place, with a sign where one is late; a click lists them with links. */
import { get } from "../core/api.js";
import { h, icon } from "../core/dom.js";
import { date } from "../core/format.js";
import { t } from "../core/i18n.js";
import { L } from "../core/leaflet.js";

const PIN_PX = 44;

/** Tasks that stand at one place, the latest first. */
function places(features) {
  const found = new Map();
  for (const feature of features) {
    const key = feature.geometry.coordinates.map((value) => value.toFixed(6)).join(",");
    if (!found.has(key)) found.set(key, []);
    found.get(key).push(feature);
  }
  return [...found.values()].map((all) => all.sort((a, b) => b.properties.days_late - a.properties.days_late));
}

/** One task as the map and the card tell it: link, day, holder, and whether it is late. */
export function taskRow({ id, title, holder, due_on: dueOn, days_late: late }) {
  return h("li", { class: "task-line", data: { testid: `map-task-${id}` } },
    h("a", { href: `/viec/${id}`, text: title }),
    h("p", { class: "muted" }, late ? h("strong", { class: "task-late", text: t("task.late", { days: late }) }) : t("task.due", { day: date(dueOn) }), ` · ${holder.title}`));
}

/** The sign of a task: what colour alone would not tell. */
export const taskSign = (isLate, className = "") => h("span", { class: `task-pin ${className}${isLate ? " is-late" : ""}`, "aria-hidden": "true" }, icon(isLate ? "bang" : "review"));

function pin(tasks) {
  const [first] = tasks;
  const late = first.properties.days_late > 0;
  const [lon, lat] = first.geometry.coordinates;
  const sign = taskSign(late);
  if (tasks.length > 1) sign.append(h("span", { class: "task-count", text: String(tasks.length) }));
  const alt = `${tasks.length > 1 ? `${tasks.length} · ` : ""}${t(late ? "map.task_late" : "map.task_open")}: ${first.properties.title}`;
  return L.marker([lat, lon], { icon: L.divIcon({ className: "task-place", iconSize: [PIN_PX, PIN_PX], html: sign }), alt, title: alt })
    .bindPopup(() => h("ul", { class: "task-lines" }, tasks.map((one) => taskRow({ id: one.id, ...one.properties }))), { closeButton: false, minWidth: 220, maxWidth: 280 });
}

export function open(app) {
  const group = L.layerGroup();
  let asked = null;
  return async (on) => {
    if (!on) return void group.remove();
    asked ||= get("/api/tasks", { state: "open", f: "geojson" }).catch((error) => {
      asked = null;
      throw error;
    });
    const { features } = await asked;
    if (!app.state.visible.has("tasks")) return;
    app.taskCount = features.length;
    group.clearLayers();
    for (const tasks of places(features)) {
      const marker = pin(tasks);
      group.addLayer(marker);
      // Leaflet names a picture so; ours is no picture.
      marker.on("add", () => marker.getElement().setAttribute("aria-label", marker.options.alt));
    }
    group.addTo(app.map);
    app.emit("tasks", {});
  };
}
