/** The map page: starts the parts and joins them. */
import { configure as configureApi, send } from "../core/api.js";
import { makeApp } from "../core/app.js";
import { configure as configureClock } from "../core/clock.js";
import { openBasemap } from "../core/basemap.js";
import { $, $$, icon, toast } from "../core/dom.js";
import { bounds } from "../core/geometry.js";
import { configure as configureText, t } from "../core/i18n.js";
import { countLeft } from "../core/idb.js";
import { openPicking } from "../core/pick.js";
import { during } from "../core/ready.js";
import { openSheet } from "../core/sheet.js";
import { openThemes } from "../core/theme.js";
import { openTools } from "../core/tools.js";
import { openGroups } from "../layers/groups.js";
import { openOutside } from "../layers/outside.js";
import { openPoints } from "../layers/points.js";
import { openResults } from "../layers/results.js";
import { openVectors } from "../layers/vectors.js";
import * as card from "../panels/card.js";
import { open as openSearch } from "../panels/search.js";

const PANELS = {
  overview: () => import("../panels/overview.js"),
  layers: () => import("../panels/layers.js"),
  table: () => import("../panels/table.js"),
  query: () => import("../panels/query.js"),
};

/** Bring what was chosen out from under the sheet. */
function uncover(app, feature) {
  const cover = app.sheet.cover();
  if (!cover) return;
  const [west, south, east, north] = bounds(feature.geometry);
  const { x, y } = app.map.latLngToContainerPoint([(south + north) / 2, (west + east) / 2]);
  const size = app.map.getSize();
  const free = size.y - cover;
  if (y > free - 30 || y < 30 || x < 30 || x > size.x - 70) app.map.panBy([x - size.x / 2 + 20, y - free / 2]);
}

function openSelection(app) {
  const view = card.open(app);
  app.on("select", (what) => view.show(what).catch((error) => toast(error.message, "warn")));
  app.on("selected", (what) => {
    app.state.selected = { layer: what.layer, id: what.id };
    app.points.redraw();
    uncover(app, what.feature);
  });
  app.on("deselect", () => {
    if (!app.state.selected) return;
    app.state.selected = null;
    $("#card").hidden = true;
    $("#panel-main").hidden = false;
    app.points.redraw();
    app.emit("deselected", {});
  });
}

/** Each panel is fetched and opened once. */
function openPanels(app) {
  const opened = new Set();
  app.openPanel = async (name) => {
    if (opened.has(name)) return;
    opened.add(name);
    (await during(PANELS[name]())).open(app);
  };
}

/** "Tại ngày…" is fetched when it is asked for, by a button or by the link. */
async function openTime(app) {
  let parts = null;
  app.time = () => (parts ||= during(import("../panels/as_of.js")).then(({ open }) => open(app)));
  const { at, knownAt, against } = app.link;
  if (at || knownAt || against) await (await app.time()).go({ at, knownAt, against });
}

/** Editing is fetched when one who may edit asks for it. */
function openEditing(app) {
  let parts = null;
  app.editing = () => (parts ||= during(import("./map_edit.js").then(({ open }) => open(app))));
}

/** Tasks are fetched when they are switched on. */
function openTasks(app) {
  let parts = null;
  app.drawTasks = async () => {
    const on = app.state.visible.has("tasks");
    if (!on && !parts) return;
    parts ||= during(import("../layers/tasks.js").then(({ open }) => open(app)));
    await during((await parts)(on));
  };
}

function startView(app) {
  const { zoom, lat, lon } = app.link;
  // A link to another commune, or a mistyped one, shows the whole commune.
  if (zoom !== undefined && app.map.options.maxBounds.contains([lat, lon])) app.map.setView([lat, lon], zoom, { animate: false });
  else app.fitCommune();
  app.map.setMinZoom(Math.max(9, app.map.getBoundsZoom(app.map.options.maxBounds)));
}

async function start() {
  const boot = JSON.parse($("#boot").textContent);
  configureText(boot);
  configureClock(boot);
  configureApi({ csrf_token: boot.session.csrf_token, offline: t("common.offline") });
  for (const slot of $$("[data-icon]")) slot.replaceChildren(icon(slot.dataset.icon));
  const paper = new URLSearchParams(location.search).get("print");
  if (paper) {
    await (await import("./print.js")).start(boot);
    return;
  }
  if (navigator.serviceWorker?.controller) boot.carried = await (await import("../core/carried.js")).openCarried(boot.session);
  const app = await makeApp(boot, $("#map"));
  app.sheet = openSheet(app);
  startView(app);
  openThemes();
  app.basemap = openBasemap(app.map, app.catalogue.baseTiles, app.state.theme);
  app.points = openPoints(app);
  app.vectors = openVectors(app);
  app.results = openResults(app);
  app.signOut = async () => {
    if (app.mayLeave && !(await app.mayLeave())) return;
    await send("DELETE", "/api/session");
    // Who signs out leaves nothing on the phone.
    indexedDB.deleteDatabase("patrol");
    location.assign("/dang-nhap");
  };
  app.carry = async () => (await import("./map_carry.js")).openCarry(app);
  openPicking(app);
  openSelection(app);
  openEditing(app);
  openTasks(app);
  openTools(app);
  openSearch(app);
  openPanels(app);
  const border = openOutside(app);
  app.groups = await openGroups(app);
  const tell = (promise) => promise.catch((error) => toast(error.message, "warn"));
  await tell(openTime(app));
  await Promise.all([border, app.sheet.show(app.carried ? "layers" : "overview", { raise: false }), app.drawTasks(), ...app.catalogue.drawn.map(app.drawLayer)].map(tell));
  if (app.link.selected) app.emit("select", { ...app.link.selected, from: "link" });
  app.followHash();
  if (app.carried) (await import("./map_carry.js")).tellCarried(app);
  // What was surveyed without a network is sent when its owner comes back, whether they edit or not.
  if ($("[data-action=edit]") && (app.carried || await countLeft("edits").catch(() => 0))) await app.editing();
}

during(start()).catch((error) => toast(error.message, "warn"));
