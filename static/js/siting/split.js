/** Two plans on one map with a divider: keyboard, finger or mouse move it; on a phone a choice of A or B does. */
import { h } from "../core/dom.js";
import { $ } from "../core/dom.js";
import { lang, t } from "../core/i18n.js";
import { number } from "../core/format.js";
import { openPageMap } from "../core/page_map.js";
import { openDesk } from "./desk.js";
import { openDevices } from "./devices_draw.js";
import { openTargets } from "./targets_draw.js";

const NARROW = "(max-width: 760px)";
const START = 50;

/** Both maps show the same place, whichever is moved. */
function together(a, b) {
  let busy = false;
  const follow = (from, to) => () => {
    if (busy) return;
    busy = true;
    to.setView(from.getCenter(), from.getZoom(), { animate: false });
    busy = false;
  };
  a.on("move", follow(a, b));
  b.on("move", follow(b, a));
}

function controls(names, onShare, onPlan) {
  const slider = h("input", {
    type: "range", min: 0, max: 100, step: 1, value: START, class: "siting-split-slider", "aria-label": t("siting.map.split_slider"), "data-testid": "split",
    on: { input: () => onShare(Number(slider.value)) },
  });
  const choice = h("fieldset", { class: "siting-choice siting-split-choice" }, h("legend", { class: "sr-only", text: t("siting.map.split_choice") }),
    names.map((name, i) => h("label", {}, h("input", { type: "radio", name: "split-plan", value: i, checked: i === 0, "data-testid": `split-${"ab"[i]}`, on: { change: () => onPlan(i) } }), h("span", { text: `${"AB"[i]}. ${name}` }))));
  return { slider, choice };
}

export async function openSplit(first, secondId, boot, section) {
  const frame = h("div", { class: "siting-frame siting-split", "data-testid": "split-map" });
  const maps = ["a", "b"].map((name) => h("div", { class: `map siting-map is-${name}`, role: "region" }));
  const line = h("div", { class: "siting-split-line", "aria-hidden": "true" });
  frame.append(...maps, line);
  section.append(h("h3", { text: t("siting.map.split_title") }), frame);

  const pages = [];
  for (const map of maps) pages.push(await openPageMap(map, boot));
  const desks = [await openDesk(pages[0], first.id, false), await openDesk(pages[1], secondId, false)];
  desks.forEach((desk, i) => {
    maps[i].setAttribute("aria-label", t(i ? "siting.map.split_b" : "siting.map.split_a", { name: desk.plan.name }));
    openTargets(desk);
    openDevices(desk);
  });
  const { map } = first.page;
  pages[0].map.setView(map.getCenter(), map.getZoom(), { animate: false });
  together(pages[0].map, pages[1].map);
  pages[1].map.setView(map.getCenter(), map.getZoom(), { animate: false });

  const names = desks.map((desk) => desk.plan.name);
  function share(percent) {
    maps[1].style.clipPath = `inset(0 0 0 ${percent}%)`;
    line.style.left = `${percent}%`;
    slider.setAttribute("aria-valuetext", t("siting.map.split_text", { share: number(percent, lang(), 0), first: names[0] }));
    // What is hidden by the divider must not be reached by the tabulator either.
    maps[0].inert = percent === 0;
    maps[1].inert = percent === 100;
  }
  const { slider, choice } = controls(names, share, (i) => share(i ? 0 : 100));
  frame.before(choice);
  frame.append(
    h("p", { class: "siting-split-name is-a", text: `A. ${names[0]}` }), h("p", { class: "siting-split-name is-b", text: `B. ${names[1]}` }), slider);
  const narrow = matchMedia(NARROW);
  const start = () => {
    if (narrow.matches) share($("input:checked", choice).value === "1" ? 0 : 100);
    else share(Number(slider.value));
  };
  narrow.addEventListener("change", start);
  start();
  // One choice of day or night, and the newest edit, for all three maps.
  first.on("shown", () => desks.forEach((desk) => desk.set({ time: first.time })));
  first.on("cover", () => desks[0].load().catch(() => undefined));
}
