/** The check of boundaries: the list comes whole from the server; here the map, and zoom to a fault. */
import { $, $$, announce } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { L, latLngs } from "../core/leaflet.js";
import { openPageMap, readBoot } from "../core/page_map.js";

function draw(page, features, className) {
  for (const { geometry } of features) {
    if (!geometry.type.endsWith("Polygon")) continue;
    L.polygon(latLngs(geometry), { className, interactive: false }).addTo(page.map);
  }
}

async function start() {
  const boot = readBoot();
  const page = await openPageMap($("#map"), boot);
  const [west, south, east, north] = boot.session.commune.bbox;
  draw(page, await page.data.load("groups", { bbox: [west, south, east, north].join(",") }), "bounds-group");
  draw(page, boot.faults.features, "bounds-fault");
  for (const feature of boot.repair.features) draw(page, [feature], `bounds-${feature.id}`);
  if (boot.repair.features.length) page.zoomTo(boot.repair.features[0].bbox, { animate: false });
  const places = new Map(boot.faults.features.map((feature) => [feature.id, feature.bbox]));
  for (const button of $$("[data-fault]")) {
    button.addEventListener("click", () => {
      page.zoomTo(places.get(button.dataset.fault), { animate: false });
      $("#map").scrollIntoView({ block: "nearest" });
      announce(t("boundary.zoomed"));
    });
  }
  document.documentElement.dataset.ready = "1";
}

start();
