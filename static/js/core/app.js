/** What every part of the page shares: session, catalogue, map, state, and events between the parts. */
import { get } from "./api.js";
import { makeCatalogue } from "./catalogue.js";
import { today } from "./clock.js";
import { OVERVIEW_ZOOM } from "./clusters.js";
import { openData } from "./data.js";
import { $ } from "./dom.js";
import { latLngBounds, makeMap } from "./leaflet.js";
import { format, parse } from "./permalink.js";
import { recall, remember } from "./store.js";
import { currentTheme } from "./theme.js";

const HASH_WAIT_MS = 250;
/* Room for the buttons over the map, which stand at its right. */
const TOOLS_PX = 64;

/** `only`: the layers to show, whatever the link and the person chose before; `small`: a map in a page, with names from afar. */
export async function makeApp(boot, element, { print = false, only = null, small = false } = {}) {
  const bus = new EventTarget();
  const link = parse(location.hash);
  const { session } = boot;
  const map = makeMap(element, session.commune.bbox, { print });
  const app = {
    boot, session, map, link,
    print, small,
    /** What is known of the copy that this page is (core/carried.js), or null on the live page. */
    carried: boot.carried || null,
    dpr: print ? 3 : undefined,
    // A sheet of paper shows the whole commune: it is an overview at a larger scale too.
    overviewZoom: OVERVIEW_ZOOM + (print ? 1 : 0),
    state: { theme: print ? "light" : currentTheme(), visible: new Set(), hidden: new Set(link.hidden || []), off: new Set(link.off || []), selected: null, drawing: false, marks: link.marks ?? true, changed: new Set(), colouring: "" },
    /** The day that the groups are shown of: `state.asOf` ({at, knownAt, against}) or today. */
    day: () => app.state.asOf?.at || today(),
    emit: (type, detail) => bus.dispatchEvent(new CustomEvent(type, { detail })),
    on: (type, listener) => bus.addEventListener(type, (event) => listener(event.detail)),
  };

  document.addEventListener("themechange", () => {
    app.state.theme = currentTheme();
    app.basemap?.setTheme(app.state.theme);
    app.points?.redraw();
  });

  app.zoomTo = ([west, south, east, north], { gentle = false } = {}) => {
    const cover = app.sheet?.cover() || 0;
    const bounds = latLngBounds([west, south, east, north]);
    const edge = cover ? 12 : 24;
    const top = $("#as-of")?.offsetHeight || 0;
    const options = { paddingTopLeft: [edge, edge + top], paddingBottomRight: [TOOLS_PX, edge + cover], maxZoom: 17 };
    if (gentle && map.getBounds().contains(bounds) && map.getZoom() >= 13 && !cover) return;
    map.fitBounds(bounds, options);
  };
  app.fitCommune = () => app.zoomTo(session.commune.bbox);

  app.catalogue = makeCatalogue(await get("/api/layers"));
  app.data = openData(app.catalogue);
  startVisible(app, only);
  // All at once: the parts of the page find their rows on the way or here. Who shows a layer tells of its fault.
  for (const name of ["communes", ...app.state.visible]) {
    if (!app.catalogue.has(name)) continue;
    app.data.load(name, name === "communes" ? { bbox: session.commune.bbox.join(",") } : {}).catch(() => undefined);
  }

  /** A row that is here: of the groups the one of the day that is shown, or one that a comparison tells to be gone. */
  app.find = (name, id) => (name === "groups" && (app.groups?.find(id) || app.gone?.get(id))) || app.data.known(name).find((feature) => feature.id === id);
  /** Whether a row is of a class or state that a person has hidden: `state.off` holds `layer.code`. */
  app.isOff = (layer, feature) => app.state.off.has(`${layer.name}.${feature.properties[layer.style.by]}`);
  app.setVisible = async (layer, on) => {
    if (on === app.state.visible.has(layer.name)) return;
    if (on) app.state.visible.add(layer.name);
    else app.state.visible.delete(layer.name);
    remember("layers", [...app.state.visible]);
    app.emit("layers", {});
    await app.drawLayer(layer);
  };
  app.drawLayer = async (layer) => {
    if (layer.name === "groups") return;
    if (layer.name === "tasks") {
      await app.drawTasks();
      return;
    }
    const painter = ["point", "sector"].includes(layer.style.kind) ? app.points : app.vectors;
    if (app.state.visible.has(layer.name)) await painter.show(layer);
    else painter.hide(layer);
  };
  app.writeHash = () => {
    const { lat, lng } = map.getCenter();
    const { visible, hidden, off, selected, asOf, marks, colouring } = app.state;
    history.replaceState(null, "", format({ zoom: map.getZoom(), lat, lon: lng, layers: visible, hidden: [...hidden], off: [...off], selected, ...asOf, marks, theme: colouring }));
  };
  app.followHash = () => {
    let timer = 0;
    const later = () => {
      clearTimeout(timer);
      timer = setTimeout(app.writeHash, HASH_WAIT_MS);
    };
    map.on("moveend", later);
    ["layers", "filter", "off", "selected", "deselected", "as-of", "marks", "colouring"].forEach((type) => app.on(type, later));
  };
  return app;
}

/** The link decides, then what the person chose last, then the catalogue. */
function startVisible(app, only) {
  const known = app.catalogue.drawn;
  const chosen = only || app.link.layers || recall("layers");
  for (const layer of known) if (chosen ? chosen.includes(layer.name) : layer.style.visible) app.state.visible.add(layer.name);
  // No layer of the catalogue: what people have to do (layers/tasks.js).
  if (!only && !app.carried && chosen?.includes("tasks")) app.state.visible.add("tasks");
}
