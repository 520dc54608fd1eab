/** One place decides what a click on the map means; and the small title under the pointer. */
import { choiceTitle, labelOf } from "./catalogue.js";
import { h } from "./dom.js";

export function openPicking(app) {
  const { map } = app;
  const element = map.getContainer();
  const tip = h("div", { class: "tip", "aria-hidden": "true" });
  element.append(tip);

  function pathData(event) {
    const { layer, id, title } = event.originalEvent.target.dataset || {};
    return layer ? { layer, id: Number(id), title } : app.groups?.at?.(event.latlng) || null;
  }

  map.on("click", (event) => {
    if (app.state.drawing) return;
    const hit = app.points.hit(event.containerPoint, event.originalEvent.pointerType === "touch" ? 12 : 4);
    if (hit?.cluster) app.points.zoomTo(hit);
    else if (hit) app.emit("select", { layer: hit.layer.name, id: hit.features[0].id, from: "map" });
    else {
      const path = pathData(event);
      if (path) app.emit("select", { ...path, from: "map" });
      else app.emit("deselect", {});
    }
  });

  function titleAt(event) {
    const hit = app.points.hit(event.containerPoint);
    if (hit?.cluster) return `${hit.layer.title}: ${hit.cluster.rows}`;
    if (hit) return `${hit.layer.title} · ${labelOf(hit.layer, hit.features[0])}`;
    const path = pathData(event);
    if (path?.title) return path.title;
    const layer = path && app.catalogue.get(path.layer);
    if (!layer) return "";
    const feature = app.find(path.layer, path.id);
    return feature ? `${labelOf(layer, feature)} · ${choiceTitle(layer, layer.style.by, feature.properties[layer.style.by])}` : "";
  }

  map.on("mousemove", (event) => {
    if (app.state.drawing || event.originalEvent.pointerType === "touch") return;
    const title = titleAt(event);
    element.classList.toggle("is-over", Boolean(title));
    tip.textContent = title;
    tip.classList.toggle("is-on", Boolean(title));
    const { x, y } = event.containerPoint;
    tip.style.transform = `translate(${Math.round(x + 14)}px, ${Math.round(y + 16)}px)`;
  });
  map.on("mouseout movestart", () => tip.classList.remove("is-on"));
}
