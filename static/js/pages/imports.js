/** The import wizard: every step is a page of the server; here jobs move, and a choice shows at once what it makes. */
import { configure } from "../core/api.js";
import { $, $$ } from "../core/dom.js";
import { watchJobs } from "../core/jobs.js";

configure(JSON.parse($("#boot").textContent));

// A form that is on its way is not sent again.
for (const form of $$("form")) {
  form.addEventListener("submit", () => setTimeout(() => $$("button", form).forEach((button) => { button.disabled = true; })));
}

const look = $("[value='try']");
for (const input of $$("[data-try]")) {
  input.addEventListener("change", () => look.form.requestSubmit(look));
}
const again = $("[value='look']");
for (const input of $$(".wizard-columns select[name^='field:']")) {
  input.addEventListener("change", () => again.form.requestSubmit(again));
}

// Not `reload`: that would ask whether to send a form again.
watchJobs(() => location.replace(location.pathname));
document.documentElement.dataset.ready = "1";
