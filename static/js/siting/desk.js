/** A siting plan on its page: what the server says of it, what is chosen and shown, and events between the parts. */
import { get, send } from "../core/api.js";
import { announce } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { unpack } from "./moments.js";

export async function openDesk(page, planId, mayEdit) {
  const base = `/api/siting-plans/${planId}`;
  const desk = {
    page, base, id: planId,
    plan: null, devices: [], views: new Map(), targets: null, classes: [], cover: { day: "", night: "" },
    chosen: null, time: "day", year: null, job: null, draggedAt: -1000,
    emit: page.emit, on: page.on,
    editable: () => mayEdit && desk.plan.state !== "assigned" && !desk.job,
    mayEdit: () => mayEdit && desk.plan.state !== "assigned",
    device: (id) => desk.devices.find((one) => one.id === id),
    model: (device) => desk.plan.settings.models.find((one) => one.kind === device.kind && one.name === device.model),
    models: (kind) => desk.plan.settings.models.filter((one) => one.kind === kind),
  };

  /** The number that the table, the map and the proposal print. */
  desk.number = (device) => desk.devices.filter((one) => !one.is_forbidden).indexOf(device) + 1;
  desk.label = (device) => t("siting.map.device_label", { kind: t(`siting.kind.${device.kind}`), n: desk.number(device) || "–" });
  /** Devices up to the year that is shown; those that nobody pays are in none. */
  desk.shown = (device) => desk.year === null || (device.year !== null && device.year <= desk.year);

  function takePlan(plan) {
    desk.plan = { ...desk.plan, ...plan };
    if (plan.devices) desk.devices = plan.devices;
    if (desk.chosen && !desk.device(desk.chosen)) desk.chosen = null;
  }

  async function loadViews() {
    const { features } = await get(`${base}/views`);
    desk.views = new Map(features.map((one) => [one.id, one]));
  }

  /** What covers each target now; their places only the first time and after other settings. */
  desk.loadCover = async (shapes = false) => {
    const found = await get(`${base}/targets`, { shapes: shapes ? 1 : 0, year: desk.year });
    desk.cover = { day: found.day, night: found.night };
    desk.full = found.full_weight;
    if (!found.targets) {
      // Another person's settings: as many digits as targets, or all is read anew.
      if (desk.targets.length !== found.day.length) return desk.loadCover(true);
    } else Object.assign(desk, { targets: unpack(found), classes: found.classes });
    desk.emit("cover");
    return undefined;
  };

  desk.load = async ({ shapes = true } = {}) => {
    const [plan] = await Promise.all([get(base), loadViews()]);
    takePlan(plan);
    desk.emit("plan");
    await desk.loadCover(shapes);
  };

  /** Take the answer to an edit of one device: {device, view, plan}. */
  desk.take = ({ device, view, plan }, goneId = null) => {
    if (goneId) {
      desk.devices = desk.devices.filter((one) => one.id !== goneId);
      desk.views.delete(goneId);
    }
    if (device) {
      const at = desk.devices.findIndex((one) => one.id === device.id);
      if (at < 0) desk.devices.push(device);
      else desk.devices[at] = device;
      desk.views.set(device.id, { id: device.id, geometry: view.polygon, properties: { ...view, kind: device.kind } });
    }
    const adds = plan.figures?.adds || {};
    for (const one of desk.devices) if (String(one.id) in adds) one.adds_weight = adds[one.id];
    takePlan(plan);
    desk.emit("plan");
    return desk.loadCover();
  };

  desk.choose = (id, from = "") => {
    if (desk.chosen === id) return;
    desk.chosen = id;
    const device = id && desk.device(id);
    desk.emit("chosen", { device, from });
    if (device) announce(t("siting.map.chosen", { name: desk.label(device) }));
  };
  desk.set = (values) => {
    Object.assign(desk, values);
    desk.emit("shown");
    if ("year" in values) desk.loadCover().catch(() => undefined);
  };
  desk.saveSettings = async (settings) => {
    takePlan(await send("PATCH", base, { settings }, { version: desk.plan.version }));
    desk.emit("plan");
    await desk.loadCover(true);
  };
  await desk.load();
  return desk;
}
