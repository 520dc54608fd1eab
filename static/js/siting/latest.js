/** Ask while a hand still moves: one question under way at a time, then only the newest; an old answer is dropped. Pure. */

/** `ask(value)` gives a promise; `show(answer, value)` only hears of answers that no `cancel()` has overtaken. */
export function makeLatest(ask, show, onError = () => {}) {
  let waiting = null;
  let busy = false;
  let round = 0;

  async function run() {
    busy = true;
    while (waiting) {
      const { value } = waiting;
      const own = round;
      waiting = null;
      try {
        const answer = await ask(value);
        if (own === round) show(answer, value);
      } catch (error) {
        if (own === round) onError(error);
      }
    }
    busy = false;
  }

  return {
    push(value) {
      waiting = { value };
      if (!busy) run();
    },
    /** Nothing that was asked before is shown any more. */
    cancel() {
      waiting = null;
      round += 1;
    },
  };
}
