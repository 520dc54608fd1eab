/** Residential groups up to a ward's number: SVG areas filled by stage with colour and pattern; named buttons for the keyboard. */
import { choiceTitle, labelOf } from "../core/catalogue.js";
import { labelPoint, neighbour } from "../core/geometry.js";
import { t } from "../core/i18n.js";
import { L, latLngs, svgRenderer } from "../core/leaflet.js";
import { install } from "../core/patterns.js";
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
  const { map } = app;
  const by = layer.style.by;
  install(layer);
  const features = await app.data.load(name);
  if (features.length > MOST_IN_SVG) return openManyGroups(app, layer, features, fillOpacity);
  const renderer = svgRenderer(map, "status", layer.title);
  const places = [];
  const areas = new Map();

  for (const feature of features) {
    const code = feature.properties[by];
    const area = L.polygon(latLngs(feature.geometry), {
      renderer, pane: "status", fillColor: `url(#fill-${code})`, fillOpacity: 1, color: "#3a4152", weight: 1, className: "group",
    });
    const point = labelPoint(feature.geometry);
    places.push({ id: feature.id, point });
    areas.set(feature.id, { area, feature, point });
    area.addTo(map);
    describe(area.getElement(), feature, code);
    area.on("mouseover", () => halo.show(feature.id, "hover"));
    area.on("mouseout", () => halo.hide("hover"));
  }

  function describe(path, feature, code) {
    const stage = choiceTitle(layer, by, code);
    Object.assign(path.dataset, { layer: name, id: feature.id, stage: code });
    path.setAttribute("role", "button");
    path.setAttribute("aria-label", t("map.group_button", { name: labelOf(layer, feature), stage }));
    path.setAttribute("tabindex", "-1");
    path.addEventListener("keydown", (event) => onKey(event, feature.id));
    path.addEventListener("focus", () => focused(feature.id));
    path.addEventListener("blur", () => halo.hide("focus"));
  }

  function onKey(event, id) {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      app.emit("select", { layer: name, id, from: "keyboard" });
    } else if (event.key.startsWith("Arrow")) {
      event.preventDefault();
      event.stopPropagation();
      const next = neighbour(places.filter((p) => !isHidden(p.id)), areas.get(id), event.key);
      if (next) areas.get(next.id).area.getElement().focus({ preventScroll: true });
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

  const isHidden = (id) => app.state.hidden.has(areas.get(id).feature.properties[by]);
  const halo = openHalo(map, areas);
  app.labels = openGroupLabels(app, [...areas.values()], by);

  function refresh() {
    map.getPane("status").style.setProperty("--status-fill", String(fillOpacity(map.getZoom())));
    for (const [id, { area }] of areas) {
      const path = area.getElement();
      const visible = app.state.visible.has(name);
      path.classList.toggle("is-filtered", isHidden(id));
      path.classList.toggle("is-off", !visible);
    }
  }

  /** Colour by a theme (panels/themes.js); null: by stage. */
  function paint(theme) {
    for (const [id, { area, feature }] of areas) {
      const code = feature.properties[by];
      area.setStyle({ fillColor: theme ? theme.fillOf(id) : `url(#fill-${code})` });
      const what = theme ? theme.titleOf(id) : choiceTitle(layer, by, code);
      area.getElement().setAttribute("aria-label", t("map.group_button", { name: labelOf(layer, feature), stage: what }));
    }
  }

  map.on("zoomend", refresh);
  if (places.length) rove(features[0].id);
  const again = () => {
    refresh();
    app.points.redraw();
  };
  app.on("filter", again);
  app.on("layers", again);
  app.on("colouring", paint);
  app.on("selected", ({ layer: of, id }) => (of === name ? halo.show(id, "chosen") : halo.hide("chosen")));
  app.on("deselected", () => halo.hide("chosen"));
  again();
  return {
    features, layer, points: places, setCounts: app.labels.setCounts,
    focus: (id) => areas.get(id)?.area.getElement().focus({ preventScroll: true }),
  };
}
