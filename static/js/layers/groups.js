/** Residential groups, coloured by stage or by a theme, of today or of another day; the striped are not reviewed in the period. */
import { answersOf } from "../core/catalogue.js";
import { install } from "../core/patterns.js";
import { hasGap } from "../core/periods.js";
import { openFewGroups } from "./groups_few.js";
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
  /** A theme of another subject is no place for them. */
  app.showsGaps = () => app.state.marks && !app.state.colouring;
  const view = (today.length > MOST_IN_SVG ? openManyGroups : openFewGroups)(app, layer, fillOpacity);
  const { setCounts, focus, at, areas } = view;
  let theme = null;
  const groups = {
    layer, today, features: today, setCounts, focus, at,
    find: (id) => areas.get(id)?.feature,
    /** Draw other rows in their place: the groups of another day. */
    show(features) {
      groups.features = features;
      view.show(features);
      if (theme) view.paint(theme);
      app.emit("groups", {});
    },
  };
  view.show(today);
  const again = () => {
    view.refresh();
    app.points.redraw();
  };
  app.map.on("zoomend", view.refresh);
  // Colour by a theme (panels/themes.js); null: by stage.
  app.on("colouring", (chosen) => {
    theme = chosen;
    view.paint(theme);
  });
  ["filter", "layers", "marks", "groups"].forEach((type) => app.on(type, again));
  app.on("selected", ({ layer: of, id, feature }) => (of === name ? view.halo.show(id, "chosen", feature) : view.halo.hide("chosen")));
  app.on("deselected", () => view.halo.hide("chosen"));
  again();
  return groups;
}
