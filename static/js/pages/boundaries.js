/** The check of boundaries: the list comes whole from the server; here the map, zoom to a fault, names beside it. */
import { $, $$, announce, h } from "../core/dom.js";
import { contains } from "../core/geometry.js";
import { t } from "../core/i18n.js";
import { L, latLngs } from "../core/leaflet.js";
import { openPageMap, readBoot } from "../core/page_map.js";

const CELLS = 16;

function draw(target, features, className) {
  for (const { geometry } of features) {
    if (!geometry.type.endsWith("Polygon")) continue;
    L.polygon(latLngs(geometry), { className, interactive: false }).addTo(target);
  }
}

/** A place of a group that is in sight and well inside it, for its name; null where none is. */
function nameSpot(map, geometry, fault) {
  const box = map.getBounds().pad(-0.08);
  const step = (low, high, i) => low + ((high - low) * (i + 0.5)) / CELLS;
  const spots = Array.from({ length: CELLS * CELLS }, (_, n) => [step(box.getWest(), box.getEast(), n % CELLS), step(box.getSouth(), box.getNorth(), Math.floor(n / CELLS))])
    .filter((spot) => contains(geometry, spot) && !contains(fault, spot));
  if (!spots.length) return null;
  const middle = [0, 1].map((axis) => spots.reduce((sum, spot) => sum + spot[axis], 0) / spots.length);
  const off = ([x, y]) => Math.hypot(x - middle[0], y - middle[1]);
  return spots.reduce((best, spot) => (off(spot) < off(best) ? spot : best));
}

async function start() {
  const boot = readBoot();
  const page = await openPageMap($("#map"), boot);
  const [west, south, east, north] = boot.session.commune.bbox;
  const groups = await page.data.load("groups", { bbox: [west, south, east, north].join(",") });
  draw(page.map, groups, "bounds-group");
  draw(page.map, boot.faults.features, "bounds-fault");
  for (const feature of boot.repair.features) draw(page.map, [feature], `bounds-${feature.id}`);
  const beside = L.layerGroup().addTo(page.map);
  const faults = new Map(boot.faults.features.map((feature) => [feature.id, feature]));

  /** Bring a fault near, with its groups outlined and named. */
  function show(key) {
    const { bbox, geometry, properties } = faults.get(key);
    for (const row of $$("[data-row]")) row.classList.toggle("is-chosen", row.dataset.row === key);
    page.zoomTo(bbox, { animate: false });
    beside.clearLayers();
    for (const group of groups.filter(({ id }) => properties.ids.includes(id))) {
      // Where a repair is shown, its old and new border say more.
      if (!boot.repair.features.length) draw(beside, [group], "bounds-beside");
      const spot = nameSpot(page.map, group.geometry, geometry);
      if (spot) L.marker([spot[1], spot[0]], { interactive: false, keyboard: false, icon: L.divIcon({ className: "bounds-name", html: h("span", { text: group.properties.name }), iconSize: null }) }).addTo(beside);
    }
  }
  for (const button of $$("[data-fault]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      show(button.dataset.fault);
      $("#map").scrollIntoView({ block: "nearest" });
      announce(t("boundary.zoomed"));
    });
  }
  if (faults.has(boot.chosen)) show(boot.chosen);
  document.documentElement.dataset.ready = "1";
}

start();
