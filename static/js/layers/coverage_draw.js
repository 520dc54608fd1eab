/** Coverage on the map: groups by their share, views of cameras, lit areas, dark parts. */
import { get } from "../core/api.js";
import { debounce } from "../core/dom.js";
import { percent } from "../core/format.js";
import { labelPoint } from "../core/geometry.js";
import { lang, t } from "../core/i18n.js";
import { L, latLngs, svgRenderer } from "../core/leaflet.js";
import { installClasses } from "../core/patterns.js";

/* Lightness falls as the share grows, so the order holds in grey too. */
export const CLASSES = [
  { code: "cov-0", from: 0, to: 0.02, color: "#f4ead0" },
  { code: "cov-1", from: 0.02, to: 0.05, color: "#c5d9b4" },
  { code: "cov-2", from: 0.05, to: 0.1, color: "#79b8a8" },
  { code: "cov-3", from: 0.1, to: 0.25, color: "#3987a0" },
  { code: "cov-4", from: 0.25, to: 1.01, color: "#24507f" },
];
export const classOf = (share) => CLASSES.find((one) => share < one.to) || CLASSES.at(-1);

/* Where a view is large enough to be told from its neighbour. */
const VIEWS_ZOOM = 15;
const LIGHTS_ZOOM = 16;
const RANKS = { 1: "is-broken", 2: "is-assumed", 3: "is-verified" };

/** Labels that would lie on one another give way; the table has them all. */
function thinOut(labels) {
  const taken = [];
  for (const label of labels) {
    const element = label.getElement();
    element.hidden = false;
    const box = element.firstElementChild.getBoundingClientRect();
    element.hidden = taken.some((other) => box.left < other.right + 2 && box.right > other.left - 2 && box.top < other.bottom + 2 && box.bottom > other.top - 2);
    if (!element.hidden) taken.push(box);
  }
}

/** Groups filled by the share of their streets that is seen, with the figure on them. */
export async function drawShares(page, shares) {
  const { map } = page;
  installClasses(CLASSES.map((one) => ({ ...one, pattern: "solid" })));
  const renderer = svgRenderer(map, "status");
  const features = await page.data.load("groups");
  const areas = new Map();
  const labels = [];
  for (const feature of features) {
    const share = shares[feature.id];
    const known = share !== null && share !== undefined;
    const area = L.polygon(latLngs(feature.geometry), {
      renderer, pane: "status", fillOpacity: 1, interactive: false, color: "#3a4152", weight: 1,
      fillColor: known ? classOf(share).color : "#ffffff", className: "cov-group",
    }).addTo(map);
    area.getElement().dataset.id = feature.id;
    areas.set(feature.id, area);
    const [lon, lat] = labelPoint(feature.geometry);
    labels.push(L.marker([lat, lon], {
      interactive: false, keyboard: false, pane: "labels",
      icon: L.divIcon({ className: "cov-label", iconSize: null, html: Object.assign(document.createElement("span"), { textContent: known ? percent(share, lang()) : "–" }) }),
    }).addTo(map));
  }
  const later = () => {
    thinOut(labels);
    // Near by, what cameras see is the matter.
    map.getPane("status").classList.toggle("is-near", map.getZoom() >= VIEWS_ZOOM + 0.75);
  };
  map.on("zoomend viewreset", later);
  later();
  return areas;
}

/** Views and lit areas of what is on the screen, once it is near enough. */
export function drawDevices(page, asked) {
  const { map } = page;
  const least = asked.verified_only ? 3 : asked.working_only ? 2 : 1;
  const views = L.layerGroup().addTo(map);
  const lights = L.layerGroup().addTo(map);
  const viewRenderer = svgRenderer(map, "overlays");
  const lightRenderer = L.canvas({ pane: "outside", padding: 0.3 });
  let turn = 0;

  function view({ geometry, properties }) {
    if (properties.rank < least) return;
    const path = L.polygon(latLngs(geometry), {
      renderer: viewRenderer, pane: "overlays", interactive: false, smoothFactor: 0.3, className: `cov-view ${RANKS[properties.rank]}`,
    }).addTo(views);
    Object.assign(path.getElement().dataset, { camera: properties.camera_id, fov: properties.fov_deg, lon: properties.lon, lat: properties.lat });
  }

  function light({ geometry, properties }) {
    if (properties.rank < least) return;
    const common = { renderer: lightRenderer, pane: "outside", interactive: false, stroke: false, fillColor: "#f2b705", fillOpacity: 0.28 };
    if (geometry.type === "Point") L.circle([properties.lat, properties.lon], { ...common, radius: properties.radius_m }).addTo(lights);
    else L.polygon(latLngs(geometry), common).addTo(lights);
  }

  async function refresh() {
    const own = ++turn;
    const zoom = map.getZoom();
    const bbox = map.getBounds().pad(0.1).toBBoxString();
    const [seen, lit] = await Promise.all([
      zoom >= VIEWS_ZOOM ? get("/api/coverage/views", { bbox, level: asked.level }) : null,
      zoom >= LIGHTS_ZOOM && asked.time === "night" ? get("/api/coverage/lights", { bbox }) : null,
    ]);
    // A later move has asked again.
    if (own !== turn) return;
    views.clearLayers();
    lights.clearLayers();
    lit?.features.forEach(light);
    seen?.features.forEach(view);
  }

  const later = debounce(() => refresh().catch(() => undefined), 150);
  map.on("moveend", later);
  later();
  return { refresh };
}

/** The dark parts of the list; the chosen one stands out. */
export function drawGaps(page, gaps) {
  const { map } = page;
  const renderer = svgRenderer(map, "results");
  const drawn = gaps.map((gap) => {
    const group = L.layerGroup().addTo(map);
    const common = { renderer, pane: "results", interactive: false };
    const layer = L.geoJSON(gap.geometry, {
      style: () => ({ ...common, className: "cov-dark" }),
      pointToLayer: (_feature, at) => L.circleMarker(at, { ...common, radius: 7, className: "cov-dark is-place" }),
      interactive: false, pane: "results",
    });
    layer.eachLayer((path) => {
      Object.assign(path.options, common);
      path.addTo(group);
    });
    return group;
  });
  return {
    choose(index) {
      drawn.forEach((group, i) => group.eachLayer((path) => path.getElement?.()?.classList.toggle("is-chosen", i === index)));
      drawn[index]?.eachLayer((path) => path.bringToFront?.());
    },
  };
}

/** What the colours mean. */
export const legendRows = () => [
  ...CLASSES.map((one) => ({ code: one.code, color: one.color, text: t("coverage.class_range", { low: Math.round(one.from * 100), high: Math.min(100, Math.round(one.to * 100)) }) })),
];
