/** Small stores of IndexedDB: what waits to be sent, where a team is in its walk, what was surveyed. Wiped at sign-out. */
const NAME = "patrol";
const STORES = ["outbox", "walks", "edits"];

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 2);
    request.onupgradeneeded = () => STORES.filter((store) => !request.result.objectStoreNames.contains(store))
      .forEach((store) => request.result.createObjectStore(store, { keyPath: "id" }));
    request.onsuccess = () => {
      // The service worker deletes the database at sign-out: let it.
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
}

function ask(db, store, mode, act) {
  return new Promise((resolve, reject) => {
    const transaction = db.transaction(store, mode);
    const request = act(transaction.objectStore(store));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });
}

/** How many items of a store this phone has; where it has no stores, asking makes none. */
export async function countLeft(name) {
  const there = await globalThis.indexedDB?.databases?.().catch(() => []);
  return there?.some((one) => one.name === NAME) ? (await (await openStore(name)).all()).length : 0;
}

/** {all, get, put, remove} of one store. */
export async function openStore(name) {
  const db = await open();
  return {
    all: () => ask(db, name, "readonly", (store) => store.getAll()),
    get: (id) => ask(db, name, "readonly", (store) => store.get(id)),
    put: (item) => ask(db, name, "readwrite", (store) => store.put(item)),
    remove: (id) => ask(db, name, "readwrite", (store) => store.delete(id)),
  };
}
