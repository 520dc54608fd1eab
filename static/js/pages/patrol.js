/** The pages of patrol: the map, jobs move, a form that is on its way is not sent again. */
import { $, $$, toast } from "../core/dom.js";
import { watchJobs } from "../core/jobs.js";
import { readBoot } from "../core/page_map.js";
import { during } from "../core/ready.js";
import { startPatrolMap } from "../panels/patrol_map.js";

const boot = $("#boot") && readBoot();

for (const form of $$("form")) {
  form.addEventListener("submit", () => setTimeout(() => $$("button").forEach((button) => { button.disabled = true; })));
}

// Not `reload`: that would ask whether to send a form again.
if (boot) watchJobs(() => location.replace(location.pathname));
during(startPatrolMap(boot)).catch((error) => toast(error.message, "warn"));
