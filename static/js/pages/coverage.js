/** The page of coverage: figures come whole from the server; here the map, tabs, sorting, zoom to a gap. */
import { $, $$, announce, fill, h, s, toast } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { watchJobs } from "../core/jobs.js";
import { openPageMap, readBoot } from "../core/page_map.js";
import { during } from "../core/ready.js";
import { makeSortable } from "../core/sort_table.js";
import { openTabs } from "../core/tabs.js";
import { drawDevices, drawGaps, drawShares, legendRows } from "../layers/coverage_draw.js";
import { speakerCircles } from "../layers/speaker_circles.js";

const TAB = "coverage.tab";
const VIEW = /^#(\d+(?:\.\d+)?)\/(-?\d+\.\d+)\/(-?\d+\.\d+)$/;

const box = (className) => s("svg", { class: "cov-key", viewBox: "0 0 28 18", "aria-hidden": "true", focusable: "false" }, s("rect", { x: 1, y: 1, width: 26, height: 16, rx: 3, class: className }));
const shade = ({ color }) => s("svg", { class: "cov-key", viewBox: "0 0 28 18", "aria-hidden": "true", focusable: "false" }, s("rect", { x: 0.5, y: 0.5, width: 27, height: 17, rx: 3, fill: color, class: "swatch-box" }));

function drawLegend(asked) {
  const rows = [["cov-view is-verified", "coverage.legend_view"], ["cov-view is-assumed", "coverage.legend_assumed"], ["cov-dark-key", "coverage.legend_gap"]];
  if (!asked.working_only && !asked.verified_only) rows.splice(2, 0, ["cov-view is-broken", "coverage.legend_broken"]);
  if (asked.time === "night") rows.push(["cov-lit-key", "coverage.legend_lit"]);
  fill($("#legend"),
    h("p", { class: "cov-legend-title" }, t("coverage.legend_groups")),
    h("ul", { class: "cov-classes" }, legendRows().map((row) => h("li", {}, shade(row), row.text))),
    h("ul", { class: "cov-keys" }, rows.map(([name, key]) => h("li", {}, box(name), t(key)))),
    h("p", { class: "hint" }, t("coverage.legend_zoom")));
}

/** A toggle asks the server again; the map comes back where it was. */
function openForm(page) {
  const form = $("#asked");
  const view = () => {
    const { lat, lng } = page.map.getCenter();
    return `#${page.map.getZoom()}/${lat.toFixed(5)}/${lng.toFixed(5)}`;
  };
  form.addEventListener("change", () => {
    form.action = `${form.getAttribute("action").split("#")[0]}${view()}`;
    form.requestSubmit();
  });
}

function startView(page) {
  const match = VIEW.exec(location.hash);
  if (match && page.map.options.maxBounds.contains([Number(match[2]), Number(match[3])])) {
    page.map.setView([Number(match[2]), Number(match[3])], Number(match[1]), { animate: false });
  }
}

function openGaps(page, gaps) {
  const drawn = drawGaps(page, gaps);
  for (const button of $$("[data-gap]")) {
    const gap = gaps[Number(button.dataset.gap)];
    button.addEventListener("click", () => {
      page.zoomTo(gap.bbox, { animate: false });
      drawn.choose(Number(button.dataset.gap));
      for (const other of $$("[data-gap]")) other.classList.toggle("is-chosen", other === button);
      announce(t("coverage.zoom", { name: gap.title }));
      $("#map").scrollIntoView({ block: "nearest" });
    });
  }
}

function openSpots(page) {
  for (const button of $$(".cov-spot")) {
    const at = [Number(button.dataset.lat), Number(button.dataset.lon)];
    button.addEventListener("click", () => {
      page.map.setView(at, 18, { animate: false });
      $("#map").scrollIntoView({ block: "nearest" });
    });
  }
}

function remembered() {
  if (new URLSearchParams(location.search).has("from")) return "compare";
  return sessionStorage.getItem(TAB) || "gaps";
}

async function start() {
  const boot = readBoot();
  document.documentElement.classList.add("has-script");
  let circles = null;
  const showCircles = () => circles?.show(sessionStorage.getItem(TAB) === "speakers");
  const onOpen = (name) => {
    sessionStorage.setItem(TAB, name);
    showCircles();
  };
  openTabs($("#tabs"), { chosen: remembered(), label: t("coverage.tabs"), onOpen });
  $$(".cov-table").forEach(makeSortable);
  drawLegend(boot.asked);
  watchJobs(() => location.reload());
  const page = await openPageMap($("#map"), boot, { wheel: matchMedia("(min-width: 1001px)").matches });
  startView(page);
  openForm(page);
  openGaps(page, boot.gaps);
  openSpots(page);
  circles = speakerCircles(page, boot.speakers);
  showCircles();
  drawDevices(page, boot.asked);
  await drawShares(page, boot.groups);
}

during(start()).catch((error) => toast(error.message, "warn"));
