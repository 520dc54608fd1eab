/** Residential groups up to a ward's number: SVG areas filled by stage with colour and pattern; named buttons for the keyboard. */
import { answersOf, choiceTitle, labelOf } from "../core/catalogue.js";
import { labelPoint, neighbour } from "../core/geometry.js";
import { t } from "../core/i18n.js";
import { L, latLngs, svgRenderer } from "../core/leaflet.js";
import { install, UNREVIEWED } from "../core/patterns.js";
import { hasGap } from "../core/periods.js";
import { openHalo } from "./group_halo.js";
import { openGroupLabels } from "./group_labels.js";
import { openManyGroups } from "./groups_many.js";

/* Above this many areas SVG is slow. */
const MOST_IN_SVG = 500;
/* The fill gives way to the streets as a person comes closer. */
const FILL_OPACITY = [[15, 0.8], [15.5, 0.66], [16, 0.56], [17, 0.4], [99, 0.24]];

const fillOpacity = (zoom) => FILL_OPACITY.find(([limit]) => zoom < limit)[1];

export async function openGroups(app, name = "groups") {
  const layer = app.catalogue.get(name);
  if (!layer) return null;
  install(layer);
  const today = await app.data.load(name);
  /** Whether a criterion was not reviewed in the period of the day that is shown. */
  app.hasGap = (feature) => hasGap(answersOf(layer, feature.properties), app.day());
  const view = (today.length > MOST_IN_SVG ? openManyGroups : openFewGroups)(app, layer, fillOpacity);
  const { setCounts, focus, at, areas } = view;
  const groups = {
    layer, today, features: today, setCounts, focus, at,
    find: (id) => areas.get(id)?.feature,
    /** Draw other rows in their place: the groups of another day. */
    show(features) {
      groups.features = features;
      view.show(features);
      app.emit("groups", {});
    },
  };
  view.show(today);
  const again = () => {
    view.refresh();
    app.points.redraw();
  };
  app.map.on("zoomend", view.refresh);
  ["filter", "layers", "marks", "groups"].forEach((type) => app.on(type, again));
  app.on("selected", ({ layer: of, id, feature }) => (of === name ? view.halo.show(id, "chosen", feature) : view.halo.hide("chosen")));
  app.on("deselected", () => view.halo.hide("chosen"));
  again();
  return groups;
}

/* Most outlines are the same from day to day. */
const labelPlaces = new Map();
function placeOf(geometry) {
  const key = JSON.stringify(geometry.coordinates);
  if (!labelPlaces.has(key)) labelPlaces.set(key, labelPoint(geometry));
  return labelPlaces.get(key);
}

function openFewGroups(app, layer) {
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

  function describe(path, feature, code, gap) {
    const stage = choiceTitle(layer, by, code);
    Object.assign(path.dataset, { layer: layer.name, id: feature.id, stage: code });
    path.setAttribute("role", "button");
    path.setAttribute("aria-label", t(gap ? "map.group_button_gap" : "map.group_button", { name: labelOf(layer, feature), stage }));
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
    if (area.getElement().matches(":focus-visible")) halo.show(id, "focus");
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
    refresh() {
      map.getPane("status").style.setProperty("--status-fill", String(fillOpacity(map.getZoom())));
      const visible = app.state.visible.has(layer.name);
      for (const item of areas.values()) {
        const path = item.area.getElement();
        path.classList.toggle("is-filtered", isHidden(item));
        path.classList.toggle("is-off", !visible);
        item.mark?.getElement().classList.toggle("is-off", !visible || !app.state.marks || isHidden(item));
      }
    },
    focus: (id) => areas.get(id)?.area.getElement().focus({ preventScroll: true }),
  };
}
