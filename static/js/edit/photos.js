/** Photos of what is looked at on site: taken with the form or with "đã kiểm tại chỗ", shown on the card. */
import { get, send } from "../core/api.js";
import { fill, h, icon, toast } from "../core/dom.js";
import { date } from "../core/format.js";
import { t } from "../core/i18n.js";
import { newKey } from "../core/outbox.js";
import { shrink } from "../core/photo.js";

/** A button that takes a photo; `onPhoto(base64)`. */
export function photoButton(text, testid, onPhoto) {
  const input = h("input", { type: "file", accept: "image/jpeg,image/png,image/webp,image/*", class: "sr-only", data: { testid } });
  input.setAttribute("capture", "environment");
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (!file) return;
    try {
      await onPhoto(await shrink(file, t("edit.photo_large")));
    } catch (error) {
      toast(error.message, "warn");
    }
    input.value = "";
  });
  return h("label", { class: "chip-button edit-photo" }, input, icon("camera"), h("span", { text }));
}

/** The field of a form: {element, value()}. */
export function photoField(onChange) {
  let photo = null;
  const said = h("p", { class: "hint", role: "status", text: t("edit.photo_hint"), data: { testid: "photo-said" } });
  const button = photoButton(t("edit.photo_take"), "photo", (taken) => {
    photo = taken;
    said.textContent = t("edit.photo_there");
    onChange();
  });
  return { element: h("div", { class: "edit-photo-field" }, h("p", { class: "edit-photo-title", text: t("edit.photo") }), button, said), value: () => photo };
}

/** Send a photo of a row; `id` is its number for as long as it takes. */
export const sendPhoto = (layer, row, photo, id = newKey()) =>
  send("POST", `${layer.features}/${row}/photos`, { client_id: id, photo }, { key: `photo-${id}` });

/** As `sendPhoto` after the row was written: a photo that is refused takes nothing back. */
export async function sendPhotoAfter(layer, row, photo, id) {
  try {
    await sendPhoto(layer, row, photo, id);
  } catch (error) {
    if (error.status === 0 || error.status >= 500) throw error;
    toast(t("edit.photo_failed", { why: error.message }), "warn");
  }
}

/** The photos of a row on its card, newest first. */
export async function showPhotos(slot, layer, row) {
  const answer = await get(`${layer.features}/${row}/photos`).catch(() => null);
  if (!answer || !slot.isConnected) return;
  fill(slot, answer.photos.map((one) => h("a", { href: one.url, target: "_blank", rel: "noopener", data: { testid: "photo-shown" } },
    h("img", { src: one.url, loading: "lazy", alt: t("edit.photo_of", { date: date(one.kept_on) }) }))));
}
