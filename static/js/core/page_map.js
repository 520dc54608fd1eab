/** A map inside a work page: base map, border, panes, zoom to a box. What is drawn on it is the page's own business. */
import { configure as configureApi, get } from "./api.js";
import { openBasemap } from "./basemap.js";
import { makeCatalogue } from "./catalogue.js";
import { configure as configureClock } from "./clock.js";
import { openData } from "./data.js";
import { $, $$, icon } from "./dom.js";
import { configure as configureText, t } from "./i18n.js";
import { L, latLngBounds, makeMap } from "./leaflet.js";
import { currentTheme } from "./theme.js";
import { openOutside } from "../layers/outside.js";

/** The boot data of the page ({session, messages, lang, today}), with text, clock and requests made ready. */
export function readBoot() {
  const boot = JSON.parse($("#boot").textContent);
  configureText(boot);
  configureClock(boot);
  configureApi({ csrf_token: boot.session.csrf_token, offline: t("common.offline") });
  for (const slot of $$("[data-icon]")) slot.replaceChildren(icon(slot.dataset.icon));
  return boot;
}

/**
 * Open the map of the session's commune in `element`.
 *
 * `wheel`: the wheel zooms (where the page itself does not scroll); `cover()`: pixels at the bottom that something
 * covers. Answers {map, basemap, theme, session, catalogue, data, state, emit, on, zoomTo, fitCommune}, the parts that
 * `layers/*.js` and `core/draw.js` ask of an app.
 */
export async function openPageMap(element, boot, { wheel = false, cover = () => 0 } = {}) {
  const { session } = boot;
  const bus = new EventTarget();
  const map = makeMap(element, session.commune.bbox);
  const theme = currentTheme();
  const page = {
    boot, session, map, theme,
    state: { theme, drawing: false, visible: new Set() },
    emit: (type, detail) => bus.dispatchEvent(new CustomEvent(type, { detail })),
    on: (type, listener) => bus.addEventListener(type, (event) => listener(event.detail)),
    /** Bring [west, south, east, north] into the part of the map that nothing covers. */
    zoomTo(bbox, { maxZoom = 18, animate } = {}) {
      const edge = 24;
      map.fitBounds(latLngBounds(bbox), { paddingTopLeft: [edge, edge], paddingBottomRight: [edge, edge + cover()], maxZoom, animate });
    },
    fitCommune: () => page.zoomTo(session.commune.bbox, { animate: false }),
  };
  if (!wheel) map.scrollWheelZoom.disable();
  L.control.zoom({ position: "topright", zoomInTitle: t("map.zoom_in"), zoomOutTitle: t("map.zoom_out") }).addTo(map);
  L.control.scale({ imperial: false, maxWidth: 120, position: "bottomleft" }).addTo(map);
  page.fitCommune();
  map.setMinZoom(Math.max(9, map.getBoundsZoom(map.options.maxBounds)));
  page.catalogue = makeCatalogue(await get("/api/layers"));
  page.data = openData(page.catalogue);
  page.basemap = openBasemap(map, page.catalogue.baseTiles, theme);
  document.addEventListener("themechange", () => {
    page.theme = page.state.theme = currentTheme();
    page.basemap.setTheme(page.theme);
  });
  await openOutside(page);
  return page;
}
