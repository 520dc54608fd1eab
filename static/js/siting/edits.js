/** Every change of a plan goes through here: If-Match, a plain sentence when it fails, and undo. */
import { send } from "../core/api.js";
import { announce, toast } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { asNew, before } from "./moves.js";

const MOST_UNDO = 30;

export function openEdits(desk) {
  const undos = [];
  let last = Promise.resolve();

  /** Why it failed, in words: what stands in the way comes first. */
  function explain(error) {
    if (error.status === 412) return t("siting.map.conflict");
    if (error.code === "bad_siting_device") {
      const rule = error.params?.faults?.[0]?.rule ?? error.faults?.[0]?.rule;
      if (rule === "excluded") return t("siting.map.in_exclusion");
      if (rule === "outside") return t("siting.map.outside");
    }
    return error.message;
  }

  async function guard(action) {
    try {
      return await action();
    } catch (error) {
      toast(explain(error), "warn");
      announce(explain(error));
      // What stands on the server is shown again; an edit that lost is not kept in sight.
      await desk.load().catch(() => undefined);
      return null;
    }
  }

  /** One after another: the version that a change names must be the one that the change before made. */
  function inTurn(action) {
    last = last.then(() => guard(action));
    return last;
  }

  const path = (id) => `${desk.base}/devices/${id}`;
  function remember(label, undo) {
    undos.push({ label, undo });
    if (undos.length > MOST_UNDO) undos.shift();
    desk.emit("undos", { count: undos.length, label });
  }
  /* A device that was deleted and put back has another id. */
  const ids = new Map();
  const now = (id) => (ids.has(id) ? now(ids.get(id)) : id);

  async function patch(id, values) {
    const device = desk.device(now(id));
    if (!device) return null;
    await desk.take(await send("PATCH", path(device.id), values, { version: device.version }));
    return desk.device(device.id);
  }
  async function create(values) {
    const answer = await send("POST", `${desk.base}/devices`, values);
    await desk.take(answer);
    return answer.device;
  }
  async function remove(id) {
    const device = desk.device(now(id));
    if (!device) return;
    await desk.take(await send("DELETE", path(device.id), undefined, { version: device.version }), device.id);
    desk.choose(null);
  }

  return {
    change: (device, values, label) => inTurn(async () => {
      const old = before(device, values);
      const made = await patch(device.id, values);
      remember(label, () => patch(device.id, old));
      return made;
    }),
    add: (values) => inTurn(async () => {
      const made = await create(values);
      remember(t("siting.map.added"), () => remove(made.id));
      desk.choose(made.id, "add");
      return made;
    }),
    remove: (device) => inTurn(async () => {
      const body = asNew(device);
      await remove(device.id);
      remember(t("siting.map.deleted"), async () => ids.set(device.id, (await create(body)).id));
      announce(t("siting.map.deleted"));
    }),
    settings: (change, label) => inTurn(async () => {
      const old = desk.plan.settings;
      await desk.saveSettings(change(structuredClone(old)));
      remember(label, () => desk.saveSettings(old));
    }),
    undo: () => inTurn(async () => {
      const one = undos.pop();
      desk.emit("undos", { count: undos.length, label: undos.at(-1)?.label || "" });
      if (!one) return;
      await one.undo();
      toast(t("siting.map.undone", { what: one.label }));
      announce(t("siting.map.undone", { what: one.label }));
    }),
  };
}
