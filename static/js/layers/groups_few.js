/** Groups up to a ward's number: SVG areas filled with colour and pattern; named buttons for the keyboard. */
import { choiceTitle, labelOf } from "../core/catalogue.js";
import { labelPoint, neighbour } from "../core/geometry.js";
import { t } from "../core/i18n.js";
import { L, latLngs, svgRenderer } from "../core/leaflet.js";
import { UNREVIEWED } from "../core/patterns.js";
import { openHalo } from "./group_halo.js";
import { openGroupLabels } from "./group_labels.js";

/* Most outlines are the same from day to day. */
const labelPlaces = new Map();
function placeOf(geometry) {
  const key = JSON.stringify(geometry.coordinates);
  if (!labelPlaces.has(key)) labelPlaces.set(key, labelPoint(geometry));
  return labelPlaces.get(key);
}

export function openFewGroups(app, layer, fillOpacity) {
  const { map } = app;
  const { by } = layer.style;
  const renderer = svgRenderer(map, "status", layer.title);
  const areas = new Map(); // id -> {area, mark, feature, point}
  const halo = openHalo(map, areas);
  app.labels = openGroupLabels(app, areas, by);

  function add(feature) {
    const common = { renderer, pane: "status", fillOpacity: 1 };
    const code = feature.properties[by];
    const shape = latLngs(feature.geometry);
    const area = L.polygon(shape, { ...common, fillColor: `url(#fill-${code})`, color: "#3a4152", weight: 1, className: "group" }).addTo(map);
    const gap = app.hasGap(feature);
    const mark = gap ? L.polygon(shape, { ...common, fillColor: `url(#fill-${UNREVIEWED})`, stroke: false, interactive: false, className: "review-gap" }).addTo(map) : null;
    areas.set(feature.id, { id: feature.id, area, mark, feature, point: placeOf(feature.geometry) });
    describe(area.getElement(), feature, code, gap);
    area.on("mouseover", () => halo.show(feature.id, "hover"));
    area.on("mouseout", () => halo.hide("hover"));
  }

  /** What a group is named for those who hear the map: its class of the theme, or its stage and whether a review misses. */
  function name(path, feature, gap, theme) {
    const what = theme ? theme.titleOf(feature.id) : choiceTitle(layer, by, feature.properties[by]);
    path.setAttribute("aria-label", t(gap && !theme ? "map.group_button_gap" : "map.group_button", { name: labelOf(layer, feature), stage: what }));
  }

  function describe(path, feature, code, gap) {
    Object.assign(path.dataset, { layer: layer.name, id: feature.id, stage: code });
    path.setAttribute("role", "button");
    name(path, feature, gap, null);
    path.setAttribute("tabindex", "-1");
    path.addEventListener("keydown", (event) => onKey(event, feature.id));
    path.addEventListener("focus", () => focused(feature.id));
    path.addEventListener("blur", () => halo.hide("focus"));
  }

  function onKey(event, id) {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      app.emit("select", { layer: layer.name, id, from: "keyboard" });
    } else if (event.key.startsWith("Arrow")) {
      event.preventDefault();
      event.stopPropagation();
      const next = neighbour([...areas.values()].filter((p) => !isHidden(p)), areas.get(id), event.key);
      if (next) next.area.getElement().focus({ preventScroll: true });
    }
  }

  function focused(id) {
    const { area, point } = areas.get(id);
    rove(id);
    // A pointer is where the eye is already: moving the map under it would put the next corner of a drawing elsewhere.
    if (!area.getElement().matches(":focus-visible")) return;
    halo.show(id, "focus");
    const at = map.latLngToContainerPoint([point[1], point[0]]);
    if (!L.bounds([40, 40], map.getSize().subtract([40, 40])).contains(at)) map.panTo([point[1], point[0]]);
  }

  /** One tab stop for all groups: the one used last. */
  function rove(id) {
    for (const [other, { area }] of areas) area.getElement().setAttribute("tabindex", other === id ? "0" : "-1");
  }

  const isHidden = ({ feature }) => app.state.hidden.has(feature.properties[by]);

  return {
    areas, halo, setCounts: app.labels.setCounts,
    show(features) {
      halo.clear();
      for (const { area, mark } of areas.values()) [area, mark].forEach((path) => path?.remove());
      areas.clear();
      features.forEach(add);
      if (features.length) rove(features[0].id);
    },
    paint(theme) {
      for (const { id, area, mark, feature } of areas.values()) {
        area.setStyle({ fillColor: theme ? theme.fillOf(id) : `url(#fill-${feature.properties[by]})` });
        name(area.getElement(), feature, Boolean(mark), theme);
      }
    },
    refresh() {
      map.getPane("status").style.setProperty("--status-fill", String(fillOpacity(map.getZoom())));
      const visible = app.state.visible.has(layer.name);
      for (const item of areas.values()) {
        const path = item.area.getElement();
        path.classList.toggle("is-filtered", isHidden(item));
        path.classList.toggle("is-off", !visible);
        item.mark?.getElement().classList.toggle("is-off", !visible || !app.showsGaps() || isHidden(item));
      }
    },
    focus: (id) => areas.get(id)?.area.getElement().focus({ preventScroll: true }),
  };
}
