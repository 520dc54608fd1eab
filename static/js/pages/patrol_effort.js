/** The page of effort: its map, and tables that sort. The tables say it all without. */
import { $, $$, toast } from "../core/dom.js";
import { readBoot } from "../core/page_map.js";
import { during } from "../core/ready.js";
import { makeSortable } from "../core/sort_table.js";

const boot = readBoot();
for (const table of $$("table")) {
  if (table.querySelector("th[data-sort]")) makeSortable(table);
}
const element = $("#effort-map");
during(element ? import("../panels/patrol_effort_map.js").then((panel) => panel.openEffortMap(element, boot)) : Promise.resolve())
  .catch((error) => toast(error.message, "warn"));
