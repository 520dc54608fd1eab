/** The committee's page: the stage map in it, the year slider, a group's card. The page itself comes whole from the server. */
import { configure as configureApi } from "../core/api.js";
import { makeApp } from "../core/app.js";
import { configure as configureClock } from "../core/clock.js";
import { openBasemap } from "../core/basemap.js";
import { $, $$, icon, toast } from "../core/dom.js";
import { configure as configureText, t } from "../core/i18n.js";
import { openPicking } from "../core/pick.js";
import { during } from "../core/ready.js";
import { openGroups } from "../layers/groups.js";
import { openOutside } from "../layers/outside.js";
import { openPoints } from "../layers/points.js";
import * as card from "../panels/card.js";

/** Every year is in the page; the slider shows one. */
function openYears() {
  const slider = $("#nam");
  document.documentElement.classList.add("has-script");
  const show = () => {
    $("#nam-text").textContent = slider.value;
    for (const panel of $$("[data-year]")) panel.hidden = panel.dataset.year !== slider.value;
    const address = new URL(location.href);
    address.searchParams.set("nam", slider.value);
    history.replaceState(null, "", address);
  };
  slider.addEventListener("input", show);
}

function openSelection(app) {
  const view = card.open(app);
  const rows = new Map($$("[data-group]").map((row) => [Number(row.dataset.group), row]));
  const choose = (id) => rows.forEach((row, own) => row.classList.toggle("is-chosen", own === id));
  app.on("select", (what) => view.show(what).catch((error) => toast(error.message, "warn")));
  app.on("selected", ({ layer, id }) => {
    app.state.selected = { layer, id };
    choose(id);
  });
  app.on("deselect", () => {
    if (!app.state.selected) return;
    app.state.selected = null;
    $("#card").hidden = true;
    $("#panel-main").hidden = false;
    choose(0);
    app.emit("deselected", {});
  });
  for (const [id, row] of rows) {
    row.querySelector(".group-link").addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      app.emit("select", { layer: "groups", id, from: "table" });
    });
  }
}

async function start() {
  const boot = JSON.parse($("#boot").textContent);
  configureText(boot);
  configureClock(boot);
  configureApi({ csrf_token: boot.session.csrf_token, offline: t("common.offline") });
  for (const slot of $$("[data-icon]")) slot.replaceChildren(icon(slot.dataset.icon));
  openYears();
  const app = await makeApp(boot, $("#map"), { only: ["groups"], small: true });
  app.fitCommune();
  // The page scrolls under the wheel; the map zooms by its own keys and by pinching.
  app.map.scrollWheelZoom.disable();
  app.map.setMinZoom(Math.max(9, app.map.getBoundsZoom(app.map.options.maxBounds)));
  app.basemap = openBasemap(app.map, app.catalogue.baseTiles, app.state.theme);
  app.points = openPoints(app);
  openPicking(app);
  openSelection(app);
  const border = openOutside(app);
  app.groups = await openGroups(app);
  await border;
}

during(start()).catch((error) => toast(error.message, "warn"));
