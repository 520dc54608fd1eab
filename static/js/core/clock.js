/** Today in Vietnam by the server's clock: that of a desk may be wrong, and a page may stay open past midnight. */
import { addDays, vietnamDay } from "./periods.js";

let server = { day: null, loaded: null };

export function configure({ today: day }) {
  server = { day, loaded: vietnamDay(Date.now()) };
}

export function today() {
  const here = vietnamDay(Date.now());
  if (!server.day) return here;
  return addDays(server.day, Math.round((Date.parse(here) - Date.parse(server.loaded)) / 86_400_000));
}
