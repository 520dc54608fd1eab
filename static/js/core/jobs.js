/** Jobs under way on a page (templates/_jobs.html): moves the bars, cancels without leaving the page. */
import { ApiError, get, send } from "./api.js";
import { $, $$ } from "./dom.js";

const EVERY_MS = 700;
const OPEN = new Set(["queued", "running"]);

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function show(row, job) {
  const bar = $("progress", row);
  if (job.state === "queued") bar.removeAttribute("value");
  else bar.value = job.progress;
  const text = $("[data-job-text]", row);
  // Said again only where it changed: a screen reader would repeat it at every look.
  if (text.textContent !== job.text) text.textContent = job.text;
}

async function follow(row) {
  const path = `/api/jobs/${row.dataset.job}`;
  for (;;) {
    try {
      const job = await get(path);
      show(row, job);
      if (!OPEN.has(job.state)) return job;
    } catch (error) {
      // Gone or forbidden: the page is asked again. No answer at all: look again later.
      if (!(error instanceof ApiError) || error.status) return null;
    }
    await pause(EVERY_MS);
  }
}

/** Follow every job of the page; `onEnd(job)` once for each, null where it cannot be seen any more. */
export function watchJobs(onEnd) {
  for (const row of $$("[data-job]")) {
    $("form", row)?.addEventListener("submit", async (event) => {
      event.preventDefault();
      $("button", row).disabled = true;
      try {
        show(row, await send("DELETE", `/api/jobs/${row.dataset.job}`));
      } catch {
        /* It has ended meanwhile; the next look says how. */
      }
    });
    follow(row).then(onEnd);
  }
}
