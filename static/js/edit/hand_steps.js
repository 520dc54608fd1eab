/** Steps back and forth among moves that are not saved yet: `take()` says how things stand, `put(one)` puts them so. */
export function openHandSteps(take, put) {
  const past = [];
  const future = [];
  const turn = (from, to) => {
    const one = from.pop();
    if (!one) return;
    to.push(take());
    put(one);
  };
  return {
    remember() {
      past.push(take());
      future.length = 0;
    },
    undo: () => turn(past, future),
    redo: () => turn(future, past),
    can: () => ({ undo: past.length > 0, redo: future.length > 0 }),
  };
}
