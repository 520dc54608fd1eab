/** Tasks in the panels: the row of the layer switcher, and the section of a group's card. */
import { get } from "../core/api.js";
import { announce, fill, h } from "../core/dom.js";
import { number } from "../core/format.js";
import { lang, t } from "../core/i18n.js";
import { taskRow, taskSign } from "../layers/tasks.js";

const MAKERS = ["admin", "committee", "data", "planner"];
const MOST = 5;
const LAYER = { name: "tasks" };

/** The switch of the tasks, as layers have one. */
export function taskSwitch(app) {
  const { visible } = app.state;
  const input = h("input", { type: "checkbox", id: "layer-tasks", class: "layer-check", "data-testid": "layer-tasks" });
  const count = h("span", { class: "layer-count" });
  const line = h("div", { class: "layer-row" },
    h("label", { class: "layer-label", for: input.id }, taskSign(false, "is-small"), h("span", { class: "layer-title", text: t("map.tasks") })),
    count, h("span", { class: "switch" }, input, h("span", { class: "switch-track", "aria-hidden": "true" })));
  const key = h("ul", { class: "layer-key" }, [false, true].map((late) =>
    h("li", {}, taskSign(late, "is-small"), h("span", { text: t(late ? "map.task_late" : "map.task_open") }))));
  const show = () => {
    input.checked = visible.has("tasks");
    key.hidden = !input.checked;
    if (app.taskCount !== undefined) count.textContent = number(app.taskCount, lang(), 0);
  };
  input.addEventListener("change", async () => {
    line.classList.add("is-busy");
    try {
      await app.setVisible(LAYER, input.checked);
      announce(t(input.checked ? "map.layer_on" : "map.layer_off", { title: t("map.tasks") }));
    } finally {
      line.classList.remove("is-busy");
    }
  });
  show();
  app.on("layers", show);
  app.on("tasks", show);
  return h("section", { class: "layer-section" }, h("h2", { class: "section-title", text: t("map.tasks_title") }),
    h("ul", { class: "layer-list" }, h("li", { class: "layer-item" }, line, key)));
}

/** Open tasks on a group, the first few; and the way to give one. */
export async function fillTasks(app, section, id) {
  const { tasks } = await get("/api/tasks", { group_id: id, state: "open", limit: MOST + 1 });
  section.append(tasks.length
    ? h("ul", { class: "task-lines", data: { testid: "card-tasks" } }, tasks.slice(0, MOST).map(taskRow))
    : h("p", { class: "muted", data: { testid: "card-tasks" }, text: t("map.tasks_none") }));
  const links = h("p", { class: "card-actions" });
  fill(links, tasks.length > MOST && h("a", { class: "chip-button", href: `/viec?to=${id}&tt=open`, text: t("map.tasks_all") }),
    MAKERS.includes(app.session.role) && h("a", { class: "chip-button", href: `/viec/moi?to=${id}`, data: { testid: "card-task-new" }, text: t("map.task_new") }));
  if (links.childNodes.length) section.append(links);
}
