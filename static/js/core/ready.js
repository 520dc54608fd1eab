/** Keeps `<html data-ready>`: "1" when nothing is being fetched or drawn. Tests and print wait for it. */
const QUIET_MS = 200;
let pending = 0;
let timer = 0;

/** Something started. */
export function begin() {
  pending += 1;
  clearTimeout(timer);
  document.documentElement.dataset.ready = "0";
}

/** Something ended. */
export function end() {
  pending = Math.max(0, pending - 1);
  if (pending) return;
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (!pending) document.documentElement.dataset.ready = "1";
  }, QUIET_MS);
}

/** Count a promise. */
export async function during(promise) {
  begin();
  try {
    return await promise;
  } finally {
    end();
  }
}

/** Count a Leaflet tile layer by its `loading` and `load` events. */
export function watchTiles(layer) {
  let busy = false;
  layer.on("loading", () => {
    if (!busy) begin();
    busy = true;
  });
  const done = () => {
    if (busy) end();
    busy = false;
  };
  layer.on("load", done);
  layer.on("remove", done);
}
