/** The evaluation period, 15 December to 14 December (analysis/status.py has the same rules). Days are YYYY-MM-DD. Pure. */
const FIRST = "12-15";
const LAST = "12-14";
const DAY_MS = 86_400_000;

/** First and last day of the period that holds a day. */
export function period(day) {
  const year = Number(day.slice(0, 4)) + (day.slice(5, 10) >= FIRST ? 1 : 0);
  return [`${year - 1}-${FIRST}`, `${year}-${LAST}`];
}

/** The answer of a criterion as it counts on a day: one of another period, of a later day, or without a day is none. */
export function answerAt({ answer, on }, day) {
  const known = on && on.slice(0, 10) >= period(day)[0] && on.slice(0, 10) <= day;
  return known && answer ? answer : "not_reviewed";
}

/** Whether a criterion has no answer that counts on a day. */
export const hasGap = (answers, day) => answers.some((answer) => answerAt(answer, day) === "not_reviewed");

export const addDays = (day, days) => new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);

/** The day in Vietnam at a moment. */
export const vietnamDay = (now_ms) => new Date(now_ms + 7 * 3_600_000).toISOString().slice(0, 10);

/** "2026-07-01T14:05", as a person in Vietnam types it, as a moment; null where it is none. */
export function vietnamMoment(text) {
  const typed = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(text || "") ? new Date(`${text}:00+07:00`) : null;
  return typed && !Number.isNaN(typed.getTime()) ? typed.toISOString() : null;
}

/** A moment as a person in Vietnam types it. */
export const typedMoment = (iso) => new Date(Date.parse(iso) + 7 * 3_600_000).toISOString().slice(0, 16);

/** Days to look back to: end of last month, end of last quarter, first day of the period. */
export function lookBacks(today) {
  const monthStart = `${today.slice(0, 7)}-01`;
  const month = Number(today.slice(5, 7));
  const quarterStart = `${today.slice(0, 4)}-${String(month - ((month - 1) % 3)).padStart(2, "0")}-01`;
  return { month: addDays(monthStart, -1), quarter: addDays(quarterStart, -1), period: period(today)[0] };
}
