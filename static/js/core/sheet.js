/** The panel: tabs, and on a phone a sheet that rests at three heights. */
import { $, $$ } from "./dom.js";

export const isPhone = () => matchMedia("(max-width: 760px)").matches;
/* As in layout.css. */
const PEEK_PX = 116;
const HALF = 0.54;
const HEIGHTS = ["peek", "half", "full"];

export function openSheet(app) {
  const panel = $("#panel");
  const grip = $("#grip");
  const tabs = $$("#tabs [role=tab]");

  function setHeight(name) {
    panel.dataset.height = name;
    grip.setAttribute("aria-expanded", String(name !== "peek"));
    app.emit("sheet", { height: name });
  }

  /** Show one of the tabs. Panels are loaded the first time. */
  async function show(name, { raise = true, focus = false } = {}) {
    for (const tab of tabs) {
      const on = tab.dataset.panel === name;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      $(`#panel-${tab.dataset.panel}`).hidden = !on;
      if (on && focus) tab.focus();
    }
    $("#card").hidden = true;
    $("#panel-main").hidden = false;
    if (raise && panel.dataset.height === "peek") setHeight("half");
    await app.openPanel(name);
  }

  tabs.forEach((tab, i) => {
    tab.addEventListener("click", () => {
      const again = tab.getAttribute("aria-selected") === "true" && $("#card").hidden;
      if (isPhone() && again && panel.dataset.height !== "peek") setHeight("peek");
      else show(tab.dataset.panel);
    });
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      show(tabs[(i + step + tabs.length) % tabs.length].dataset.panel, { focus: true });
    });
  });

  let start = null;
  grip.addEventListener("click", () => {
    if (start?.moved) return;
    setHeight(HEIGHTS[(HEIGHTS.indexOf(panel.dataset.height) + 1) % HEIGHTS.length]);
  });
  grip.addEventListener("pointerdown", (event) => {
    start = { y: event.clientY, height: panel.offsetHeight, moved: false };
    grip.setPointerCapture(event.pointerId);
  });
  grip.addEventListener("pointermove", (event) => {
    if (!start || !isPhone() || !event.buttons) return;
    const dy = start.y - event.clientY;
    if (Math.abs(dy) > 6) start.moved = true;
    if (start.moved) panel.style.height = `${start.height + dy}px`;
  });
  grip.addEventListener("pointerup", () => {
    if (!start?.moved) return;
    const share = panel.offsetHeight / window.innerHeight;
    panel.style.height = "";
    setHeight(share < 0.3 ? "peek" : share < 0.68 ? "half" : "full");
  });

  return {
    show, setHeight,
    /** Pixels of the map that the sheet covers, for fitting. */
    cover: () => {
      if (!isPhone()) return 0;
      // The height it is moving to, not the one of this moment.
      return panel.dataset.height === "peek" ? PEEK_PX : panel.parentElement.offsetHeight * HALF;
    },
  };
}
