/** The page of a siting plan without its map: jobs move, a form that is on its way is not sent again. */
import { configure } from "../core/api.js";
import { $, $$ } from "../core/dom.js";
import { watchJobs } from "../core/jobs.js";

configure(JSON.parse($("#boot").textContent));

for (const form of $$("form")) {
  form.addEventListener("submit", () => setTimeout(() => $$("button", form).forEach((button) => { button.disabled = true; })));
}

// Not `reload`: that would ask whether to send a form again.
watchJobs(() => location.replace(location.pathname));
document.documentElement.dataset.ready = "1";
