/** What a phone has to tell the server, kept until it was told: each item has a UUID, so that it may be sent again. */

/**
 * `store`: {all(), put(item), remove(id)} (IndexedDB, or a Map in tests); `send(item)` resolves when the server has it,
 * rejects with {status} otherwise (0: no network). Items are sent in order, one at a time.
 */
export function openOutbox({ store, send, onChange = () => {} }) {
  let running = null;
  let asked = false;

  async function items() {
    return (await store.all()).sort((a, b) => a.order - b.order);
  }

  async function sendAll() {
    for (const item of await items()) {
      if (item.refused) continue;
      try {
        await send(item);
      } catch (error) {
        // No network, signed out, too many at once, a server in trouble: later. Anything else will never be taken.
        const never = error.status >= 400 && error.status < 500 && ![401, 408, 409, 425, 428, 429].includes(error.status);
        if (!never) return false;
        await store.put({ ...item, refused: error.message || String(error.status) });
        onChange();
        continue;
      }
      // It may have been put again with more to tell while it was on its way.
      const now = (await store.all()).find((one) => one.id === item.id);
      if (!now || now.changed === item.changed) await store.remove(item.id);
      else asked = true;
      onChange();
    }
    return true;
  }

  async function flush() {
    if (running) {
      asked = true;
      return running;
    }
    running = (async () => {
      let done;
      do {
        asked = false;
        done = await sendAll();
      } while (done && asked);
      return done;
    })();
    try {
      return await running;
    } finally {
      running = null;
    }
  }

  return {
    items,
    flush,
    /** Keep an item; one of the same id is replaced, in its place in the order. */
    async put(item) {
      const old = (await store.all()).find((one) => one.id === item.id);
      const at = Date.now();
      await store.put({ ...item, order: old?.order ?? at, changed: (old?.changed ?? 0) + 1 });
      onChange();
    },
    async count() {
      return (await store.all()).filter((item) => !item.refused).length;
    },
  };
}
