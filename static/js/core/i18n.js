/** Messages of the boot data. A missing key shows itself, so that tests find it. */
let messages = {};
let language = "vi";

export function configure(boot) {
  messages = boot.messages || {};
  language = boot.lang || "vi";
}

export const lang = () => language;

/** The message with `{name}` replaced. */
export function t(key, params = {}) {
  const text = messages[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in params ? String(params[name]) : whole));
}
