/** On a phone the long parts of a work page begin folded, but for the one that the address names. */
import { $$ } from "./dom.js";

export function openFolds() {
  const phone = matchMedia("(max-width: 760px)");
  const fold = () => $$("details.fold").forEach((part) => {
    part.open = !phone.matches || part.querySelector(":target") !== null;
  });
  phone.addEventListener("change", fold);
  fold();
}
