/** Tables whose headings `th[data-sort]` sort: by `data-value` of the cells, else by their text. */
import { $$, h, icon } from "./dom.js";
import { collator } from "./format.js";
import { t } from "./i18n.js";

const valueOf = (row, column) => {
  const cell = row.cells[column];
  return cell.dataset.value === undefined ? cell.textContent.trim() : Number(cell.dataset.value);
};

const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : collator.compare(a, b));

export function makeSortable(table) {
  const body = table.tBodies[0];
  const heads = $$("th[data-sort]", table);
  for (const head of heads) {
    const name = head.textContent.trim();
    const column = head.cellIndex;
    const sort = () => {
      // Figures start with the smallest: what needs work stands first.
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = [...body.rows].sort((a, b) => compare(valueOf(a, column), valueOf(b, column)));
      body.append(...(down ? rows.reverse() : rows));
    };
    head.replaceChildren(h("button", { type: "button", class: "sort-button", title: t("coverage.sort", { name }), on: { click: sort } }, name, icon("sort", "icon icon-small")));
  }
}
