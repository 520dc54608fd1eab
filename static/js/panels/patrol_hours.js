/** A shift may go over midnight: the form says on which day it then ends. */
import { t } from "../core/i18n.js";

/** dd/MM/yyyy of the day after that of `day` (YYYY-MM-DD) where the end is not after the start, else null. */
export function nextDay(day, start, end) {
  if (!/^\d{4}-\d\d-\d\d$/.test(day) || !start || !end || end > start || end === "00:00") return null;
  const next = new Date(Date.parse(day) + 86_400_000);
  return Number.isNaN(next.getTime()) ? null : next.toISOString().slice(0, 10).split("-").reverse().join("/");
}

export function watchHours(form, hint) {
  const usual = hint.textContent;
  const value = (name) => form.elements[name].value.slice(0, 10);
  const show = () => {
    const day = nextDay(value("shift_on"), value("start"), value("end"));
    hint.textContent = day ? t("patrol.end_next_day", { end: value("end"), day }) : usual;
  };
  for (const name of ["shift_on", "start", "end"]) form.elements[name].addEventListener("input", show);
  show();
}
