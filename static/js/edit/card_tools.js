/** What a card offers to those who may edit: change, move, check on site, another view, delete. */
import { labelOf } from "../core/catalogue.js";
import { today } from "../core/clock.js";
import { fill, h, icon, toast } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { photoButton, sendPhotoAfter, showPhotos } from "./photos.js";

export function openCardTools(tools) {
  const { app, changes } = tools;

  async function remove(layer, feature) {
    const what = t("edit.deleted", { name: labelOf(layer, feature) });
    try {
      await changes.load(layer, feature.id);
      await changes.remove(layer, feature, what);
      app.emit("deselect", {});
      tools.menu();
      toast(t("edit.deleted_undo", { what }));
    } catch (error) {
      toast(error.status === 412 ? t("edit.undo_conflict") : error.message, "warn");
    }
  }

  /** Asked where it stands, without a window over everything. */
  function askRemove(slot, layer, feature) {
    const buttons = [...slot.children];
    const back = () => fill(slot, buttons);
    const yes = h("button", { type: "button", class: "chip-button is-bad", data: { testid: "delete-yes" }, on: { click: () => remove(layer, feature) } }, icon("trash"), t("edit.delete_yes"));
    fill(slot, h("p", { class: "edit-sure", role: "alert", text: t("edit.delete_sure", { name: labelOf(layer, feature) }) }), yes,
      h("button", { type: "button", class: "chip-button", text: t("common.cancel"), data: { testid: "delete-no" }, on: { click: back } }));
    yes.focus();
  }

  /** "Đã kiểm tại chỗ": the day of today, in one step that can be undone; kept for later without a network. */
  async function verify(layer, feature, photo = null) {
    const name = layer.checked_field;
    const properties = { [name]: today() };
    try {
      const fresh = await changes.load(layer, feature.id);
      await changes.change(layer, feature.id, { properties }, { properties: { [name]: fresh.properties[name] } }, t("edit.verified", { name: labelOf(layer, feature) }));
      if (photo) await sendPhotoAfter(layer, feature.id, photo);
      toast(t("edit.verified_done"));
      return true;
    } catch (error) {
      if (error.status !== 0 || !tools.drafts) {
        toast(error.message, "warn");
        return false;
      }
      const base = { properties: { [name]: feature.properties[name] } };
      await tools.drafts.change(layer, feature.id, { type: "Feature", properties }, { photo, base, label: labelOf(layer, feature) });
      return true;
    }
  }

  /** A camera behind a tree or a sign covers nothing until somebody says that the view is free again. */
  async function block(layer, feature) {
    const fresh = await changes.load(layer, feature.id);
    const before = fresh.properties.obstructed_on;
    const was = { properties: { obstructed_on: before } };
    const what = t(before ? "edit.view_free" : "edit.view_blocked", { name: labelOf(layer, feature) });
    try {
      await changes.change(layer, feature.id, { properties: { obstructed_on: before ? null : today() } }, was, what);
      toast(what);
      return true;
    } catch (error) {
      toast(error.message, "warn");
      return false;
    }
  }

  /** The tools of a card. */
  function offer(slot, layer, feature) {
    const isGroup = layer.name === "groups";
    const groups = () => import("./groups.js");
    const again = () => app.emit("select", { layer: layer.name, id: feature.id, from: "edit" });
    const photos = h("div", { class: "card-photos" });
    const chip = (name, symbol, click) => h("button", { type: "button", class: "chip-button", data: { testid: `card-${name}` }, on: { click } }, icon(symbol), t(`edit.card_${name}`));
    fill(slot,
      chip("edit", "edit", () => tools.edit(layer, feature.id)),
      chip(layer.geometry === "POINT" ? "move" : isGroup ? "border" : "reshape", layer.geometry === "POINT" ? "move" : "polygon", () => tools.edit(layer, feature.id, "move")),
      layer.checked_field && chip("verify", "check", async () => (await verify(layer, feature)) && again()),
      layer.checked_field && photoButton(t("edit.verify_photo"), "card-photo", async (photo) => (await verify(layer, feature, photo)) && again()),
      layer.fields.some((f) => f.name === "obstructed_on") && chip(feature.properties.obstructed_on ? "free" : "blocked", "camera", async () => (await block(layer, feature)) && again()),
      layer.style.kind === "sector" && chip("view", "plus", () => addView(layer, feature)),
      isGroup && chip("cut", "cut", () => groups().then(({ cutGroup }) => cutGroup(tools, layer, feature))),
      isGroup && chip("join", "join", () => groups().then(({ joinGroups }) => joinGroups(tools, layer, feature))),
      chip("delete", "trash", () => askRemove(slot, layer, feature)), photos);
    if (layer.checked_field) showPhotos(photos, layer, feature.id);
  }

  /** Another view on the pole of a camera; a pole without a code gets one, in the same step. */
  async function addView(layer, feature) {
    const pole = feature.properties.pole_code || `Cột ${labelOf(layer, feature)}`.slice(0, 60);
    const { ownership, height_m, state, pixel_width } = feature.properties;
    const { fov_deg, range_m, azimuth_deg } = feature.properties;
    const properties = { pole_code: pole, ownership, height_m, state, pixel_width, fov_deg, range_m, azimuth_deg: azimuth_deg === null ? null : (azimuth_deg + 90) % 360 };
    const given = Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== null && value !== undefined));
    tools.start({ layer, geometry: feature.geometry, properties: given, feature: null, pole: { code: pole, first: feature } });
  }

  return { offer, verify };
}
