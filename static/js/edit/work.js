/** One thing being made or changed: its place in the hand, its form, the way to save it. */
import { labelOf } from "../core/catalogue.js";
import { fill, h, icon, toast } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { symbolCanvas } from "../panels/layer_symbol.js";
import { tellConflict } from "./conflict.js";
import { openForm } from "./form.js";
import { freePart } from "./free.js";
import { openHand } from "./hand.js";
import { openNear } from "./near.js";
import { photoField, sendPhotoAfter } from "./photos.js";
import { openPlaceFields } from "./place_fields.js";
import { openShape } from "./shape.js";
import { keepWork, storeWork } from "./store_work.js";

const VIEW = ["azimuth_deg", "fov_deg", "range_m", "kind", "state"];
/* What the next one of a row of lamps is likely to share. */
const shared = (layer, values) => Object.fromEntries(Object.entries(values).filter(([name, value]) => {
  const f = layer.fields.find((one) => one.name === name);
  return f && value !== null && (f.choices?.length || ["int", "float"].includes(f.type)) && name !== "azimuth_deg";
}));

export function openWork(tools, { layer, geometry, properties, feature, mode = "edit", pole = null }) {
  const { app, changes, panel } = tools;
  const isPoint = geometry.type === "Point";
  const base = { geometry, properties: feature ? { ...properties } : {} };
  let shape = geometry;
  let dirty = !feature;
  let busy = false;

  app.state.drawing = true;
  app.state.held = { layer: layer.name, ids: feature ? [feature.id] : [] };
  if (feature && isPoint) app.drawLayer(layer);

  const title = feature ? labelOf(layer, feature) : pole ? t("edit.new_view", { pole: pole.code }) : t("edit.adding", { title: layer.title });
  const known = pole ? app.data.known(layer.name).filter((f) => f.properties.pole_code === pole.code || f.id === pole.first.id).map((f) => f.id) : [];
  const near = isPoint ? openNear(layer, { ignore: [...(feature ? twins(app, layer, feature) : []), ...known], onOpen: (found) => tools.edit(layer, found.id) }) : null;
  const form = openForm(layer, properties, { onInput(values) {
    dirty = true;
    if (isPoint && VIEW.some((name) => name in values)) hand.setProperties(values);
  } });
  let steps = [];
  const moved = (next, all = []) => {
    shape = next;
    steps = all;
    dirty = true;
    panel.showSteps();
  };
  const places = isPoint ? openPlaceFields(app, geometry.coordinates, (point) => hand.moveTo(point)) : null;
  const hand = isPoint
    ? openHand(app, layer, {
      point: geometry.coordinates, properties, fixed: Boolean(pole),
      onMove(point) {
        moved({ type: "Point", coordinates: point });
        places.set(point);
        near.ask(point);
      },
      onView(values) {
        dirty = true;
        panel.showSteps();
        for (const [name, value] of Object.entries(values)) form.set(name, value);
      },
    })
    : openShape(app, geometry, { onChange: moved, neighbours: () => (layer.name === "groups" ? app.groups.features.filter((f) => f.id !== feature?.id).map((f) => f.geometry) : []) });

  const photo = layer.checked_field ? photoField(() => { dirty = true; }) : null;
  const problems = h("div", { class: "edit-problems", "aria-live": "assertive", data: { testid: "edit-problems" } });
  const tell = (...parts) => {
    fill(problems, parts.length ? h("div", { class: "problem" }, parts) : null);
    if (parts.length) problems.scrollIntoView({ block: "nearest" });
  };

  /** No network: what was surveyed stays on this phone until there is one. */
  async function keepForLater() {
    await keepWork(tools, { layer, feature, base, shape, values: form.read(), pole, photo: photo?.value() || null, title });
    dirty = false;
    tools.menu();
  }

  /** What was moved by hand lies upon others now: what is free of it, with one press. */
  async function tellUpon(error) {
    const free = await freePart(shape).then((found) => found.geometry, () => null);
    const take = () => tools.start({ layer, geometry: free, properties: Object.fromEntries(Object.entries(form.read() || properties).filter(([, value]) => value !== null)), feature: null });
    tell(h("p", { text: error.message }), free && h("button", { type: "button", class: "button", data: { testid: "free-take" }, on: { click: take } }, icon("cut"), t("edit.free_take")));
  }

  function refused(error) {
    if (error.status === 0 && tools.drafts && layer.name !== "groups") return keepForLater();
    if (error.status === 412) return tellConflict(tools, layer, feature, tell, () => save());
    if (error.code === "group_overlap" && !feature) return tellUpon(error);
    const faults = error.params?.faults;
    if (!faults) return tell(h("p", { text: error.message }));
    const others = form.tell(faults);
    return tell(h("p", { text: others.length ? others.join("; ") : t("edit.see_fields") }));
  }

  async function save(more = false) {
    const values = form.read();
    if (!values || busy) return;
    busy = true;
    element.setAttribute("aria-busy", "true");
    tell();
    try {
      const saved = await storeWork(tools, { layer, feature, base, shape, steps, values, pole, title });
      dirty = false;
      if (photo?.value()) await sendPhotoAfter(layer, saved.id, photo.value()).catch((error) => toast(t("edit.photo_failed", { why: error.message }), "warn"));
      if (more) tools.add(layer, { properties: shared(layer, values) });
      else tools.select(layer, saved.id);
    } catch (error) {
      await refused(error);
    } finally {
      busy = false;
      element.removeAttribute("aria-busy");
    }
  }

  const cancel = () => (feature ? tools.select(layer, feature.id) : tools.menu());
  const actions = h("div", { class: "edit-foot" },
    h("button", { type: "submit", class: "button", data: { testid: "save" } }, icon("check"), t("edit.save")),
    !feature && isPoint && !pole && h("button", { type: "button", class: "button button-quiet", data: { testid: "save-more" }, on: { click: () => save(true) } }, t("edit.save_more")),
    h("button", { type: "button", class: "button button-quiet", text: t("common.cancel"), data: { testid: "edit-cancel" }, on: { click: cancel } }));
  const element = h("form", { class: "edit-form", novalidate: true, on: { submit: (event) => {
    event.preventDefault();
    save();
  } } }, problems, near?.element, h("p", { class: "hint", text: t(isPoint ? (layer.style.kind === "sector" ? "edit.hand_hint_camera" : "edit.hand_hint") : layer.name === "groups" && feature ? "edit.border_hint" : "edit.shape_hint") }),
  isPoint ? null : hand.controls, form.element, photo?.element, places?.element, actions);
  const heading = panel.show(title, element, { symbol: symbolCanvas(layer, properties), back: tools.menu, dirty: () => dirty, steps: hand.steps });
  if (near) near.ask(geometry.coordinates);
  if (mode === "move") hand.focus();
  else heading.focus({ preventScroll: true });

  return {
    end() {
      hand.remove();
      const { held } = app.state;
      app.state.held = null;
      app.state.drawing = false;
      if (held?.ids.length && isPoint) app.drawLayer(layer);
    },
  };
}

/** The thing itself and the other views of its pole: no near-duplicates of it. */
function twins(app, layer, { id, properties: { pole_code: pole } }) {
  return [id, ...(pole ? app.data.known(layer.name).filter((f) => f.properties.pole_code === pole).map((f) => f.id) : [])];
}
