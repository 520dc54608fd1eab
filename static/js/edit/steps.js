/** What was done in this session: one step after another, back and forth. */
import { announce, toast } from "../core/dom.js";
import { t } from "../core/i18n.js";

const MOST = 50;

export function openSteps(app) {
  const done = [];
  const undone = [];
  let last = Promise.resolve();

  const tell = () => app.emit("edits", { undo: done.at(-1)?.label || "", redo: undone.at(-1)?.label || "" });

  /** One after another: the version that an edit names must be the one that the edit before made. */
  function inTurn(action) {
    const run = last.then(action);
    last = run.catch(() => undefined);
    return run;
  }

  /** Do a step and remember it. `step`: {label, act(), revert()}. */
  const run = (step) => inTurn(async () => {
    const result = await step.act();
    done.push(step);
    if (done.length > MOST) done.shift();
    undone.length = 0;
    tell();
    return result;
  });

  async function swap(from, to, act, message) {
    const step = from.at(-1);
    if (!step) return;
    try {
      const feature = await step[act]();
      from.pop();
      to.push(step);
      app.emit("edited", { feature });
      toast(t(message, { what: step.label }));
      announce(t(message, { what: step.label }));
    } catch (error) {
      const text = error.status === 412 || error.status === 404 ? t("edit.undo_conflict") : error.message;
      if ([403, 404, 409, 412, 422].includes(error.status)) from.pop();
      toast(text, "warn");
      announce(text);
    }
    tell();
  }

  return {
    run,
    undo: () => inTurn(() => swap(done, undone, "revert", "edit.undone")),
    redo: () => inTurn(() => swap(undone, done, "act", "edit.redone")),
  };
}
