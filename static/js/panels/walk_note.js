/** Noting a problem of a place: what, where, a few words, a photo. Kept first, sent when it can be. */
import { $, announce, fill, h, icon, toast } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { loadGuard, masked } from "../core/person_guard.js";
import { shrink } from "../core/photo.js";
import { newId } from "./walk_acts.js";
import { now, phone, save, view } from "./walk_phone.js";
import { put, sendAll } from "./walk_send.js";

const CATEGORIES = { light_out: "light", dark_street: "moon", gathering: "hotspot", syringes: "bang", other: "dots" };
const LONGEST = 500;
const OLD_POSITION_MS = 120_000;

/** Where a note may be: here, if the position is on, and the stops of the walk; the first is proposed. */
function places() {
  const seen = view();
  const found = phone.position && now() - phone.position.at < OLD_POSITION_MS ? [{ id: "me", text: t("walk.note.my_place"), ...phone.position }] : [];
  const current = seen.here?.stop_id ?? seen.next?.id;
  const stops = seen.walk.stops.map((stop) => ({ id: String(stop.id), text: `${stop.position}. ${stop.title}`, lon: stop.lon, lat: stop.lat }));
  return [...found, ...stops.filter((one) => one.id === String(current)), ...stops.filter((one) => one.id !== String(current))];
}

const choice = (name, value, text, glyph, checked) => h("label", { class: "walk-choice" },
  h("input", { type: "radio", name, value, checked, data: { testid: `note-${value}` } }), icon(glyph), h("span", {}, text));

/** Open the form; `old` is an item that the server refused. */
export function openNote(old = null) {
  const dialog = $("#note-dialog");
  const body = old?.body || {};
  const spots = places();
  let photo = body.photo || null;
  let guard = () => [];
  const words = h("textarea", { id: "note-words", rows: 3, maxLength: LONGEST, data: { testid: "note-words" } });
  words.value = body.note || "";
  const warn = h("div", { class: "walk-guard", role: "status", data: { testid: "note-guard" } });
  const where = h("select", { id: "note-where", data: { testid: "note-where" } }, body.lon !== undefined && h("option", { value: "same" }, t("walk.note.same_place")), spots.map((one) => h("option", { value: one.id }, one.text)));
  const picture = h("input", { id: "note-photo", type: "file", accept: "image/jpeg,image/png,image/webp,image/*", class: "walk-file", data: { testid: "note-photo" } });
  picture.setAttribute("capture", "environment");
  const pictureSaid = h("span", { class: "walk-second" }, photo ? t("walk.note.photo_there") : t("walk.note.photo_hint"));
  const go = h("button", { type: "submit", class: "walk-big", data: { testid: "note-send" } }, icon("check"), t("walk.note.send"));

  let said = "";
  const check = () => {
    const found = guard(words.value);
    const kind = dialog.querySelector("input[name=note-kind]:checked")?.value;
    go.disabled = found.length > 0 || !kind || (kind === "other" && !words.value.trim() && !photo);
    const text = found.map((one) => `${one.kind} ${one.start} ${one.words}`).join("|");
    // Drawn anew only where it changes: leaving the field would take the button away under the finger.
    if (text === said) return;
    said = text;
    if (!found.length) {
      fill(warn);
      return;
    }
    fill(warn, h("p", {}, h("strong", {}, t("walk.note.guard")), ` ${found.map((one) => `${t(`guard.${one.kind}`)}: “${one.words}”`).join("; ")}`),
      h("button", { type: "button", class: "walk-quiet", data: { testid: "note-mask" }, on: { click: () => {
        words.value = masked(words.value, found);
        check();
        words.focus();
      } } }, t("walk.note.mask")));
  };
  picture.addEventListener("change", async () => {
    const [file] = picture.files;
    try {
      photo = file ? await shrink(file, t("walk.note.photo_large")) : null;
      pictureSaid.textContent = photo ? t("walk.note.photo_there") : t("walk.note.photo_hint");
    } catch (error) {
      photo = null;
      picture.value = "";
      pictureSaid.textContent = error.message;
    }
    check();
  });
  words.addEventListener("input", check);
  const form = h("form", { class: "walk-note", on: {
    change: check,
    submit: async (event) => {
      event.preventDefault();
      const spot = where.value === "same" ? body : spots.find((one) => one.id === where.value);
      const id = old?.id || newId();
      await put("note", id, {
        client_id: id, team: phone.walk.team, category: form.elements["note-kind"].value, at: body.at || new Date(now()).toISOString(),
        lon: spot.lon, lat: spot.lat, note: words.value.trim() || null, photo,
      });
      dialog.close();
      toast(phone.offline ? t("walk.note.kept") : t("walk.note.thanks"));
      announce(t("walk.note.kept"));
      await save();
    },
  } },
  h("fieldset", { class: "walk-choices" }, h("legend", {}, t("walk.note.what")), Object.entries(CATEGORIES).map(([code, glyph]) => choice("note-kind", code, t(`patrol.note.${code}`), glyph, body.category === code))),
  h("label", { for: "note-where" }, t("walk.note.where")), where,
  h("label", { for: "note-words" }, t("walk.note.words")), words,
  h("p", { class: "hint" }, t("walk.note.no_person")), warn,
  h("label", { class: "walk-quiet walk-photo" }, picture, icon("camera"), h("span", {}, t("walk.note.photo"))), pictureSaid,
  go, h("button", { type: "button", class: "walk-quiet", data: { testid: "note-cancel" }, on: { click: () => dialog.close() } }, t("walk.cancel")));
  fill(dialog, h("h2", { id: "note-title" }, t("walk.note.title")), form);
  check();
  dialog.showModal();
  loadGuard().then((loaded) => {
    guard = loaded;
    check();
  });
}

/** Notes that the server would not take: mend or drop them. */
export async function drawRefused() {
  const box = $("#refused");
  const items = (await phone.outbox.items()).filter((item) => item.refused && item.kind === "note");
  box.hidden = !items.length;
  fill(box, h("h2", {}, t("walk.note.refused")), items.map((item) => h("div", { class: "walk-refused" }, h("p", {}, item.refused),
    h("button", { type: "button", class: "walk-quiet", data: { testid: "note-mend" }, on: { click: () => openNote(item) } }, t("walk.note.mend")),
    h("button", { type: "button", class: "walk-quiet", data: { testid: "note-drop" }, on: { click: async () => {
      await phone.stores.outbox.remove(item.id);
      await sendAll();
    } } }, t("walk.note.drop")))));
}
