/** The page of files: jobs move; the page is fetched again when one has ended. */
import { configure } from "../core/api.js";
import { $ } from "../core/dom.js";
import { watchJobs } from "../core/jobs.js";

configure(JSON.parse($("#boot").textContent));

// Not `reload`: that would ask whether to send a form again.
watchJobs(() => location.replace("/du-lieu/tai-ve"));
document.documentElement.dataset.ready = "1";
