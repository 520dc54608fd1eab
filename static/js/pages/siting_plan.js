/** A siting plan on its page: map and panel in #plan-map; tables and forms around it come whole from the server. */
import { $, toast } from "../core/dom.js";
import { finePercent } from "../core/format.js";
import { lang, t } from "../core/i18n.js";
import { openPageMap, readBoot } from "../core/page_map.js";
import { during } from "../core/ready.js";
import { openTabs } from "../core/tabs.js";
import { currentTheme } from "../core/theme.js";
import { openAreas } from "../siting/areas.js";
import { makeBoard, yearKeys } from "../siting/board.js";
import { openCard } from "../siting/card.js";
import { openDesk } from "../siting/desk.js";
import { drawStanding, openDevices } from "../siting/devices_draw.js";
import { openEdits } from "../siting/edits.js";
import { openHandles } from "../siting/handles.js";
import { followServer } from "../siting/page_parts.js";
import { placeOnMap } from "../siting/place.js";
import { openProgress } from "../siting/progress.js";
import { openResults } from "../siting/results.js";
import { openTable } from "../siting/table.js";
import { openTargets } from "../siting/targets_draw.js";

const WIDE = "(min-width: 1001px)";

/** Devices, or where some are drawn; else the whole commune. */
function fit(desk) {
  const spots = desk.devices.map((one) => [one.lon, one.lat]);
  if (!spots.length) return desk.page.fitCommune();
  const [lons, lats] = [0, 1].map((k) => spots.map((spot) => spot[k]));
  const box = [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
  return desk.page.zoomTo(box, { animate: false, maxZoom: 17 });
}

function openTools(desk, edits, parts) {
  const add = (kind) => async () => {
    const [model] = desk.models(kind);
    if (!model) return toast(t(`siting.map.no_model_${kind}`), "warn");
    const point = await placeOnMap(desk);
    if (!point) return undefined;
    return edits.add({ kind, model: model.name, lon: point[0], lat: point[1], ...(kind === "camera" ? { azimuth_deg: 0 } : {}) });
  };
  parts.addCamera.addEventListener("click", add("camera"));
  parts.addLamp.addEventListener("click", add("lamp"));
  parts.undo.addEventListener("click", () => edits.undo());
  parts.fit.addEventListener("click", () => fit(desk));
  parts.time.addEventListener("change", (event) => desk.set({ time: event.target.value }));
  parts.years.addEventListener("change", () => desk.set({ year: parts.years.value ? Number(parts.years.value) : null }));
  const refresh = () => {
    for (const button of [parts.addCamera, parts.addLamp, parts.undo]) button.hidden = !desk.editable();
    const { years } = desk.plan.settings.budget;
    if (parts.years.childElementCount === years.length) return;
    parts.years.replaceChildren(new Option(t("siting.map.all_years"), ""), ...years.slice(0, -1).map((year) => new Option(t("siting.map.until_year", { year }), year)));
    parts.years.hidden = years.length < 2;
    parts.yearKeys.replaceChildren(...yearKeys(years));
  };
  desk.on("plan", refresh);
  desk.on("job", refresh);
  desk.on("undos", ({ count, label }) => {
    parts.undo.disabled = !count;
    parts.undo.title = label;
  });
  refresh();
}

/** What the moving device would add, beside the map. */
function openFloat(desk, parts) {
  desk.on("preview", ({ problem, is_inside: inside, adds_share: adds, weight_share: all, at }) => {
    const text = problem ? t(problem === "excluded" ? "siting.map.in_exclusion" : "siting.map.outside")
      : inside ? t("siting.map.inside") : t("siting.map.preview", { adds: finePercent(adds, lang()), all: finePercent(all, lang()) });
    parts.float.hidden = false;
    parts.float.textContent = at.kind === "camera" ? `${t("siting.map.degrees", { n: Math.round(at.azimuth_deg) })} · ${text}` : text;
    parts.float.classList.toggle("is-bad", Boolean(problem || inside));
  });
  for (const type of ["chosen", "cover"]) desk.on(type, () => { parts.float.hidden = true; });
}

async function start() {
  const boot = readBoot();
  document.documentElement.classList.add("has-script");
  const root = $("#plan-map");
  const parts = makeBoard(root, currentTheme());
  // Its colours were chosen when it was drawn.
  document.addEventListener("themechange", () => location.reload());
  const page = await openPageMap(parts.map, boot, { wheel: matchMedia(WIDE).matches });
  const desk = await openDesk(page, Number(root.dataset.plan), Boolean(boot.may_edit));
  const edits = openEdits(desk);
  fit(desk);
  openTargets(desk);
  const devices = openDevices(desk);
  openHandles(desk, devices, edits);
  openCard(desk, edits, parts.card);
  openResults(desk, edits, parts.results);
  openTable(desk, parts.devices);
  openAreas(desk, edits, parts.areas);
  const tabs = openTabs(parts.tabs, { chosen: "results", label: t("siting.map.tabs") });
  desk.on("chosen", ({ device, from }) => { if (device && from === "map" && matchMedia(WIDE).matches) tabs.open("devices"); });
  openTools(desk, edits, parts);
  openFloat(desk, parts);
  const progress = openProgress(desk, parts.progress);
  followServer(desk, root, progress);
  if (desk.plan.job_id) progress.watch(desk.plan.job_id);
  drawStanding(page);
  const second = $("[data-second]");
  if (second) await (await import("../siting/split.js")).openSplit(desk, Number(second.dataset.second), boot, second);
}

during(start()).catch((error) => toast(error.message, "warn"));
