/** A place where a team starts or ends, taken from a map in a dialog; the list of the form gets it as one more choice. */
import { h, icon } from "../core/dom.js";
import { cancelDrawing, draw } from "../core/draw.js";
import { t } from "../core/i18n.js";
import { openPageMap, readBoot } from "../core/page_map.js";

export const spotText = ([lon, lat]) => `${lon.toFixed(6)},${lat.toFixed(6)}`;

/** Choose a place for a select: it is added to every list of places on the page, and chosen in this one. */
export function takeSpot(select, coordinates, selects) {
  const value = spotText(coordinates);
  for (const one of selects) {
    if (![...one.options].some((option) => option.value === value)) one.append(h("option", { value }, `${t("patrol.depot.point")} ${value}`));
  }
  select.value = value;
  select.dispatchEvent(new Event("change", { bubbles: true }));
}

/** Ask for a place; null where the dialog was closed. */
async function ask(boot, label) {
  const canvas = h("div", { class: "map patrol-canvas", role: "application", "aria-label": t("patrol.depot_help") });
  const close = h("button", { type: "button", class: "icon-button depot-close", "aria-label": t("common.close"), data: { testid: "depot-close" } }, icon("close"));
  const dialog = h("dialog", { class: "depot-dialog", "aria-label": label, data: { testid: "depot-dialog" } }, h("p", { class: "depot-head" }, h("strong", {}, label), close), h("p", { class: "hint" }, t("patrol.depot_help")), canvas);
  document.body.append(dialog);
  dialog.showModal();
  const closed = new Promise((resolve) => { dialog.addEventListener("close", () => resolve(null)); });
  close.addEventListener("click", () => dialog.close());
  try {
    const page = await openPageMap(canvas, boot, { wheel: true });
    const shape = await Promise.race([draw(page, "point"), closed]);
    return shape ? shape.coordinates : null;
  } finally {
    cancelDrawing();
    dialog.remove();
  }
}

/** A button beside every list of places that asks on the map. */
export function openDepots(selects) {
  const boot = readBoot();
  for (const select of selects) {
    const label = `${t("patrol.depot_pick")}: ${select.labels[0].textContent}`;
    const button = h("button", { type: "button", class: "text-button", "aria-label": label, data: { testid: `${select.dataset.testid}-pick` } }, t("patrol.depot_pick"));
    button.addEventListener("click", async () => {
      const spot = await ask(boot, label);
      if (spot) takeSpot(select, spot, selects);
      button.focus();
    });
    select.after(button);
  }
}

