/** What a phone has to tell the server, kept until it was told: each item has a UUID, so that it may be sent again. */

// No network, signed out, too many at once: nothing gets through now.
const NOBODY = [0, 401, 429];
// Of these, and where the server is in trouble, the one item may be taken later.
const LATER = [408, 425, 428];

/** A word that was never used before. */
export const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/**
 * `store`: {all(), put(item), remove(id)} (IndexedDB, or a Map in tests); `send(item)` resolves when the server has it,
 * rejects with {status} otherwise (0: no network). Items are sent in order, one at a time. `item.changed` names what
 * the item tells: the same however often it is sent, another one once it is put again. `waits(item, stuck)`: whether
 * the item must wait for those that the server could not take now; `mine(item)`: whether it is this session's to send.
 */
export function openOutbox({ store, send, onChange = () => {}, waits = () => true, mine = () => true }) {
  let running = null;
  let asked = false;

  const everything = async () => (await store.all()).sort((a, b) => a.order - b.order);
  const items = async () => (await everything()).filter(mine);

  /** null: nothing gets through; else whether all went. */
  async function sendAll() {
    const stuck = [];
    for (const item of await items()) {
      if (item.refused) continue;
      if (stuck.length && waits(item, stuck)) {
        stuck.push(item);
        continue;
      }
      try {
        await send(item);
      } catch (error) {
        const { status } = error;
        if (NOBODY.includes(status)) return null;
        if (!(status >= 400 && status < 500) || LATER.includes(status)) {
          stuck.push(item);
          continue;
        }
        // This will never be taken; unless it was put again with something else to tell.
        const now = (await store.all()).find((one) => one.id === item.id);
        if (now && now.changed !== item.changed) asked = true;
        else await store.put({ ...item, refused: error.message || String(status) });
        onChange();
        continue;
      }
      // It may have been put again with more to tell while it was on its way.
      const now = (await store.all()).find((one) => one.id === item.id);
      if (!now || now.changed === item.changed) await store.remove(item.id);
      else asked = true;
      onChange();
    }
    return !stuck.length;
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
      } while (done !== null && asked);
      return Boolean(done);
    })();
    try {
      return await running;
    } finally {
      running = null;
    }
  }

  return {
    /** What this session may send, in order; `everything`: what others left on this phone too. */
    items,
    everything,
    flush,
    /** Keep an item; one of the same id is replaced, in its place in the order. */
    async put(item) {
      const old = (await store.all()).find((one) => one.id === item.id);
      await store.put({ ...item, order: old?.order ?? Date.now(), changed: newKey() });
      onChange();
    },
    async count() {
      return (await items()).filter((item) => !item.refused).length;
    },
  };
}
