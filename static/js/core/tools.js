/** The buttons over the map: zoom, whole commune, where am I, measure, full screen, link, print. */
import { $, $$, toast } from "./dom.js";
import { t } from "./i18n.js";
import { L } from "./leaflet.js";
import { openMenus } from "./menus.js";

function locate(app) {
  const group = L.layerGroup().addTo(app.map);
  return () => {
    if (!navigator.geolocation) {
      toast(t("map.locate_none"), "warn");
      return;
    }
    toast(t("map.locating"));
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      const at = [coords.latitude, coords.longitude];
      group.clearLayers();
      if (!app.map.options.maxBounds.contains(at)) {
        toast(t("map.locate_outside"), "warn");
        return;
      }
      const common = { pane: "results", interactive: false };
      L.circle(at, { ...common, radius: coords.accuracy, className: "me-accuracy" }).addTo(group);
      L.circleMarker(at, { ...common, radius: 7, className: "me" }).addTo(group);
      app.map.setView(at, Math.max(app.map.getZoom(), 16));
      toast(t("map.located", { metres: Math.round(coords.accuracy) }));
    }, () => toast(t("map.locate_refused"), "warn"), { enableHighAccuracy: true, timeout: 15_000, maximumAge: 30_000 });
  };
}

async function copyLink(app) {
  app.writeHash();
  const text = location.href;
  try {
    await navigator.clipboard.writeText(text);
    toast(t("map.link_copied"));
  } catch {
    // Without a secure context there is no clipboard: the address bar holds the link.
    toast(t("map.link_in_bar"));
  }
}

function fullScreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen?.().catch(() => toast(t("map.fullscreen_refused"), "warn"));
}

export function openTools(app) {
  const measure = async (kind) => (await import("../panels/measure.js")).open(app, kind);
  const actions = {
    "zoom-in": () => app.map.zoomIn(),
    "zoom-out": () => app.map.zoomOut(),
    home: () => app.fitCommune(),
    locate: locate(app),
    "measure-line": () => measure("line"),
    "measure-area": () => measure("polygon"),
    edit: async () => (await app.editing()).toggle(),
    fullscreen: fullScreen,
    link: () => copyLink(app),
    print: () => {
      app.writeHash();
      location.assign(`/?print=A4&o=landscape${location.hash}`);
    },
    carry: () => app.carry(),
    "sign-out": () => app.signOut(),
  };
  for (const button of $$("[data-action]")) button.addEventListener("click", () => actions[button.dataset.action]?.());
  $("#note-close").addEventListener("click", () => {
    $("#note").hidden = true;
    app.results.clear();
  });
  app.on("drawing", () => { $("#note").hidden = true; });
  const limits = () => {
    $("[data-action=zoom-in]").disabled = app.map.getZoom() >= app.map.getMaxZoom();
    $("[data-action=zoom-out]").disabled = app.map.getZoom() <= app.map.getMinZoom();
  };
  app.map.on("zoomend", limits);
  // The other language opens the same view.
  for (const link of $$("a[data-keep-view]")) link.addEventListener("click", () => { link.hash = location.hash; });
  L.control.scale({ imperial: false, maxWidth: 120, position: "bottomleft" }).addTo(app.map);
  openMenus();
}
