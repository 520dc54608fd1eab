/** The solving while it runs: best and bound as two lines that meet, in words too; stop with the best, or throw away. */
import { ApiError, get, send } from "../core/api.js";
import { announce, fill, h, icon, toast } from "../core/dom.js";
import { number, percent } from "../core/format.js";
import { lang, t } from "../core/i18n.js";
import { axes, path } from "./chart.js";
import { addMoment } from "./moments.js";

const EVERY_MS = 600;
const SAID_EVERY = 8;
const OPEN = new Set(["queued", "running"]);
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

export function openProgress(desk, element) {
  let history = [];
  let looks = 0;

  const shown = (value) => {
    if (value === null || value === undefined) return "–";
    return desk.full ? percent(value / desk.full, lang()) : number(value, lang(), 0);
  };

  function chart() {
    if (!history.length) return null;
    const last = history.at(-1);
    // From now on it stands still until something better is found.
    const lines = [1, 2].map((k) => history.map((moment) => [moment[0], moment[k]]));
    const highY = Math.max(...history.map(([, best, bound]) => Math.max(best, bound ?? 0)));
    const { svg, x, y, add } = axes({
      title: t("siting.map.progress_alt"), css: "is-progress", highX: Math.max(1, last[0]), highY,
      textX: (value) => number(value, lang(), 1), textY: shown, titleX: t("siting.map.seconds"),
    });
    add("path", { class: "chart-bound", d: path(lines[1], x, y, { steps: true }) });
    add("path", { class: "chart-line", d: path(lines[0], x, y, { steps: true }) });
    for (const [k, css] of [[1, "chart-here"], [2, "chart-bound-end"]]) if (last[k] !== null) add("circle", { class: css, cx: x(last[0]), cy: y(last[k]), r: 4.5 });
    return svg;
  }

  const ask = (method, path, button) => async () => {
    button().disabled = true;
    try {
      await send(method, path);
    } catch (error) {
      // It has ended meanwhile; the next look says so.
      if (error.status !== 409 && error.status !== 404) toast(error.message, "warn");
    }
  };

  function draw(job) {
    const find = (name) => () => element.querySelector(`[data-testid="${name}"]`);
    const { detail } = job;
    const words = detail && detail.best !== null ? t("siting.map.progress_text", {
      seconds: number(detail.seconds, lang(), 0), best: shown(detail.best), bound: shown(detail.bound), cameras: detail.cameras, lamps: detail.lamps,
    }) : job.text;
    if (!element.firstChild) {
      fill(element, h("h2", { text: t("job.siting") }),
        h("p", { "data-testid": "progress-state" }), h("progress", { max: 100, "aria-label": t("job.siting") }),
        h("div", { class: "siting-progress-chart", "data-testid": "progress-chart" }),
        h("p", { class: "siting-keys" }, h("span", {}, h("i", { class: "key-line" }), t("siting.map.key_best")), h("span", {}, h("i", { class: "key-bound" }), t("siting.map.key_bound"))),
        h("p", { "data-testid": "progress-text" }),
        h("div", { class: "siting-actions" },
          h("button", { type: "button", class: "button", "data-testid": "finish", on: { click: ask("POST", `${desk.base}/finish`, find("finish")) } }, icon("check"), t("siting.map.finish")),
          h("button", { type: "button", class: "button button-quiet", "data-testid": "throw-away", on: { click: () => throwAway(job.id) } }, t("siting.map.throw_away"))));
    }
    find("progress-state")().textContent = job.text;
    find("progress-text")().textContent = words;
    find("finish")().disabled = job.state !== "running" || job.wants_finish || !detail;
    element.querySelector("progress").value = job.progress;
    const svg = chart();
    if (svg) fill(find("progress-chart")(), svg);
    if (looks % SAID_EVERY === 0) announce(words);
    looks += 1;
  }

  async function throwAway(jobId) {
    // A job that keeps its best is cancelled twice: the first time it is asked to end.
    for (let i = 0; i < 2; i += 1) {
      const job = await send("DELETE", `/api/jobs/${jobId}`).catch(() => null);
      if (!job || !OPEN.has(job.state)) return;
    }
  }

  async function watch(jobId) {
    desk.job = jobId;
    history = [];
    looks = 0;
    element.replaceChildren();
    element.hidden = false;
    desk.emit("job", { running: true });
    let job = null;
    for (;;) {
      try {
        job = await get(`/api/jobs/${jobId}`);
        history = addMoment(history, job.detail);
        draw(job);
        if (!OPEN.has(job.state)) break;
      } catch (error) {
        if (error instanceof ApiError && !error.status) await pause(EVERY_MS);
        else break;
      }
      await pause(EVERY_MS);
    }
    desk.job = null;
    element.hidden = true;
    await desk.load();
    desk.emit("job", { running: false });
    if (job && job.state !== "done") toast(job.text, "warn");
    else toast(desk.plan.bound_text);
    announce(desk.plan.bound_text);
  }

  return {
    watch,
    async solve() {
      try {
        const job = await send("POST", `${desk.base}/solve`);
        await watch(job.id);
      } catch (error) {
        toast(error.message, "warn");
      }
    },
  };
}
