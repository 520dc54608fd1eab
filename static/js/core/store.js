/** What the browser remembers of the page: layers switched on, theme. Never data of the commune. */
const PREFIX = "bdby.";

export function recall(key, fallback = null) {
  try {
    const text = localStorage.getItem(PREFIX + key);
    return text === null ? fallback : JSON.parse(text);
  } catch {
    return fallback;
  }
}

export function remember(key, value) {
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    /* private window: the choice lasts as long as the page */
  }
}
