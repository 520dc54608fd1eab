/** The page of reports: days only where the kind has none of its own; jobs move; the list is fetched again at the end. */
import { configure } from "../core/api.js";
import { $, $$ } from "../core/dom.js";
import { watchJobs } from "../core/jobs.js";

configure(JSON.parse($("#boot").textContent));

const period = $("#period");
if (period) {
  const days = $("[data-own-days]");
  const adjust = () => {
    const own = !period.value.includes(":");
    days.hidden = !own;
    for (const input of $$("input", days)) {
      input.required = own;
      input.disabled = !own;
    }
  };
  period.addEventListener("change", adjust);
  adjust();
}

// A form that is on its way is not sent again.
for (const form of $$("form")) {
  form.addEventListener("submit", () => setTimeout(() => $$("button", form).forEach((button) => { button.disabled = true; })));
}

// Not `reload`: that would ask whether to send a form again.
watchJobs(() => location.replace("/bao-cao"));
document.documentElement.dataset.ready = "1";
