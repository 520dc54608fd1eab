/** The order of a team's stops: dragged by the handle, moved with the arrow keys or its two buttons; saved by one press. */
import { $, $$, h } from "../core/dom.js";
import { t } from "../core/i18n.js";

/* A finger that rests is no drag. */
const DRAG_PX = 6;
/* So near to the edge of the screen the page goes along. */
const EDGE_PX = 90;
const SCROLL_PX = 9;

const rowsOf = (list) => $$("li[data-stop]", list);

/** Move `row` by so many places. The others go around it: what is moved in the document loses focus and pointer. */
function shift(row, by) {
  for (let left = Math.abs(by); left; left -= 1) {
    const other = by < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    if (by < 0) row.after(other);
    else row.before(other);
  }
}

/** `form`: the one that saves. One list is changed at a time: each save makes a new version of the plan. */
export function openOrder(lists, form) {
  let changed = null;
  let before = [];

  const said = h("p", { role: "status", data: { testid: "order-said" } });
  const bar = h("div", { class: "patrol-save" }, said,
    h("button", { type: "button", class: "button", text: t("patrol.order_save"), data: { testid: "order-save" }, on: { click: save } }),
    h("button", { type: "button", class: "button button-quiet", text: t("patrol.order_drop"), data: { testid: "order-drop" }, on: { click: restore } }));

  function show() {
    const rows = rowsOf(changed);
    rows.forEach((row, i) => {
      $(".patrol-number", row).textContent = String(i + 1);
      row.classList.toggle("is-moved", before[i] !== row);
      const [up, down] = $$(".patrol-move button", row);
      up.disabled = i === 0;
      down.disabled = i === rows.length - 1;
    });
    const isSame = rows.every((row, i) => row === before[i]);
    changed.classList.toggle("is-changed", !isSame);
    if (!isSame) return changed.after(bar);
    bar.remove();
    changed = null;
    return undefined;
  }

  function restore() {
    const list = changed;
    list.append(...before);
    show();
    $("[data-handle]", list)?.focus();
  }

  function save() {
    form.append(h("input", { type: "hidden", name: "do", value: `order|${changed.dataset.team}` }),
      h("input", { type: "hidden", name: "stops", value: rowsOf(changed).map((row) => row.dataset.stop).join(",") }));
    changed = null;
    form.requestSubmit();
  }

  /** Whether this list may be changed now: not while another one waits to be saved. */
  function mayMove(list) {
    if (changed && changed !== list) {
      said.textContent = t("patrol.order_first");
      bar.scrollIntoView({ block: "center" });
      return false;
    }
    return true;
  }

  function move(row, by) {
    const list = row.parentElement;
    if (!mayMove(list)) return;
    if (!changed) before = rowsOf(list);
    changed = list;
    shift(row, by);
    const place = rowsOf(list).indexOf(row) + 1;
    said.textContent = t("patrol.order_said", { name: row.dataset.name, place, count: before.length });
    show();
  }

  /** To where the finger is: past the middle of a neighbour is past it. */
  function follow(row, y) {
    const { previousElementSibling: up, nextElementSibling: down } = row;
    const middle = (one) => one.getBoundingClientRect().top + one.offsetHeight / 2;
    if (up && y < middle(up)) move(row, -1);
    else if (down?.dataset.stop && y > middle(down)) move(row, 1);
  }

  function openHandle(row) {
    const handle = $("[data-handle]", row);
    let held = null;
    const tick = () => {
      if (!held?.moving) return;
      if (held.y < EDGE_PX) scrollBy(0, -SCROLL_PX);
      else if (held.y > innerHeight - EDGE_PX) scrollBy(0, SCROLL_PX);
      follow(row, held.y);
      requestAnimationFrame(tick);
    };
    const drop = () => {
      row.classList.remove("is-held");
      // The click that follows a drag opens nothing.
      if (held?.moving) setTimeout(() => { held = null; });
      else held = null;
    };
    handle.addEventListener("pointerdown", (event) => {
      if (event.button || !mayMove(row.parentElement)) return;
      held = { from: event.clientY, y: event.clientY, moving: false };
      handle.setPointerCapture(event.pointerId);
    });
    handle.addEventListener("pointermove", (event) => {
      if (!held || !row.isConnected) return;
      held.y = event.clientY;
      if (held.moving || Math.abs(held.y - held.from) < DRAG_PX) return;
      held.moving = true;
      row.classList.add("is-held");
      $("details", row).open = false;
      tick();
    });
    for (const type of ["pointerup", "pointercancel"]) handle.addEventListener(type, drop);
    handle.addEventListener("click", (event) => held?.moving && event.preventDefault());
    handle.addEventListener("keydown", (event) => {
      const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (by) move(row, by);
      else if (event.key === "Escape" && changed) restore();
      else return;
      event.preventDefault();
    });
    $$(".patrol-move button", row).forEach((button, i) => button.addEventListener("click", (event) => {
      event.preventDefault();
      move(row, i ? 1 : -1);
      if (button.disabled) handle.focus();
    }));
  }

  for (const list of lists) rowsOf(list).forEach(openHandle);
  // Whatever else is sent would leave the new order behind: first this.
  document.addEventListener("submit", (event) => {
    if (!changed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    said.textContent = t("patrol.order_first");
    bar.scrollIntoView({ block: "center" });
  }, true);
  $(":target[data-handle]")?.focus();
}
