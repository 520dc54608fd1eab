/** One draft on this device: no photo, no point of a map or a satellite, gone with the receipt, by "Xóa khỏi máy", and after a week. */
const KEY = "tip-draft";
const WEEK_MS = 7 * 24 * 3600 * 1000;
const NAMES = ["subject", "device_number", "precision", "road_id", "landmark", "text", "to"];

/** A random number of version 4, also where the page came without TLS. */
export function makeId(fill = (bytes) => crypto.getRandomValues(bytes)) {
  const bytes = fill(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

export function wipeDraft(store = localStorage) {
  store.removeItem(KEY);
}

function read(store, now) {
  try {
    const kept = JSON.parse(store.getItem(KEY));
    if (kept && now - kept.at < WEEK_MS) return kept;
  } catch {
    // Something else under this name.
  }
  store.removeItem(KEY);
  return null;
}

/** Fill the form with the draft of this device, if it is of this village, and keep what is typed. */
export function openDraft(form, kept = () => {}, store = localStorage, now = Date.now()) {
  const old = read(store, now);
  const same = old && old.values.to === form.elements.to.value;
  let id = old && same ? old.id : makeId();
  let waiting = false;
  const untouched = !form.elements.text.value && !form.elements.subject.value;
  if (same && untouched) {
    for (const name of NAMES) if (name !== "to" && old.values[name]) form.elements[name] && (form.elements[name].value = old.values[name]);
    kept();
  }
  function keep(wait = waiting) {
    waiting = wait === true;
    const values = Object.fromEntries(NAMES.map((name) => [name, form.elements[name]?.value ?? ""]));
    store.setItem(KEY, JSON.stringify({ id, at: Date.now(), values }));
    if (!waiting) kept();
  }
  form.addEventListener("change", () => keep());
  let timer;
  form.elements.text.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => keep(), 800);
  });
  return {
    get id() { return id; },
    keep,
    isWaiting: () => waiting,
    wipe() {
      clearTimeout(timer);
      wipeDraft(store);
      waiting = false;
      id = makeId();
    },
  };
}
