/** The pages of patrol: the map of a shift, jobs move, a form that is on its way is not sent again. */
import { configure } from "../core/api.js";
import { $, $$, toast } from "../core/dom.js";
import { configure as configureText } from "../core/i18n.js";
import { watchJobs } from "../core/jobs.js";
import { during } from "../core/ready.js";

const boot = $("#boot");
for (const part of boot ? [configure, configureText] : []) part(JSON.parse(boot.textContent));

for (const form of $$("form")) {
  form.addEventListener("submit", () => setTimeout(() => $$("button").forEach((button) => { button.disabled = true; })));
}

// Not `reload`: that would ask whether to send a form again.
if (boot) watchJobs(() => location.replace(location.pathname));
const map = $("#patrol-map");
const depots = $$("select[data-depot]");
const day = boot && $("#end-day");
const hours = day ? import("../panels/patrol_hours.js").then((panel) => panel.watchHours(day.closest("form"), day)) : Promise.resolve();
// Only a page with a shift loads what draws maps.
const drawn = boot && map?.dataset.plan ? import("../panels/patrol_map.js").then((panel) => panel.openPatrolMap(map)) : Promise.resolve();
const asked = boot && depots.length ? import("../panels/patrol_depot.js").then((panel) => panel.openDepots(depots)) : Promise.resolve();
const lists = $$("ol[data-team]");
const order = boot && lists.length ? import("../panels/patrol_order.js").then((panel) => panel.openOrder(lists, $("#order"))) : Promise.resolve();
during(Promise.all([drawn, asked, hours, order])).catch((error) => toast(error.message, "warn"));
