/** Menus are <details>, which open by themselves; they close on a choice, on Escape and on a press elsewhere. */
import { $, $$ } from "./dom.js";

export function openMenus() {
  for (const details of $$("details.menu")) {
    const close = () => {
      details.open = false;
    };
    document.addEventListener("click", (event) => !details.contains(event.target) && close());
    details.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !details.open) return;
      close();
      $("summary", details).focus();
    });
    for (const button of $$("button, a", details)) button.addEventListener("click", close);
  }
}
