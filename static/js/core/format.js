/** Numbers, dates and measures as a Vietnamese (or English) reader expects them. Pure. */
const NBSP = "\u00a0";
const locales = { vi: "vi-VN", en: "en-GB" };

/** 1.234.567,5 in Vietnamese, 1,234,567.5 in English. */
export function number(value, lang = "vi", digits = 2) {
  return new Intl.NumberFormat(locales[lang] || locales.vi, { maximumFractionDigits: digits }).format(value);
}

/** 8,7 % with at most one decimal. */
export function percent(share, lang = "vi") {
  return `${number(share * 100, lang, 1)}${NBSP}%`;
}

/** 0,24 %: a small part of a large whole, with two decimals. */
export function finePercent(share, lang = "vi") {
  const least = 0.0001;
  return `${share > 0 && share < least ? `<${NBSP}` : ""}${number((share > 0 ? Math.max(share, least) : share) * 100, lang, 2)}${NBSP}%`;
}

/** dd/MM/yyyy, forced: the short date of `vi-VN` gives 5/1/26. */
export function date(value) {
  const match = /^(\d{4})-(\d{2})-(\d{2})/.exec(value || "");
  return match ? `${match[3]}/${match[2]}/${match[1]}` : "";
}

/** 2026-11-23 of what people type for a day: 23/11/2026, 23-11-26, 23112026; null where it is none. */
export function readDate(text) {
  const iso = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text.trim());
  const typed = /^(\d{1,2})[\s/.-]+(\d{1,2})[\s/.-]+(\d{4}|\d{2})$/.exec(text.trim()) || /^(\d{2})(\d{2})(\d{4})$/.exec(text.trim());
  if (!iso && !typed) return null;
  const [year, month, day] = iso ? iso.slice(1) : [typed[3].padStart(4, "20"), typed[2].padStart(2, "0"), typed[1].padStart(2, "0")];
  const found = `${year}-${month}-${day}`;
  const at = new Date(`${found}T00:00:00Z`);
  // 31/02 would become 03/03.
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(found) ? found : null;
}

/** 20:00 of 20:00, 20h, 20 giờ 30, 2030; null where it is no time of the day. */
export function readTime(text) {
  const typed = /^(\d{1,2})(?:\s*(?:[:.hg]|giờ)\s*(\d{2})?)?$/i.exec(text.trim()) || /^(\d{1,2})(\d{2})$/.exec(text.trim());
  const [hour, minute] = typed ? [Number(typed[1]), Number(typed[2] || 0)] : [24, 0];
  return hour < 24 && minute < 60 ? `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}` : null;
}

/** Metres below one kilometre, kilometres above. */
export function distance(metres, lang = "vi") {
  if (metres < 10) return `${number(metres, lang, 1)}${NBSP}m`;
  if (Math.round(metres) < 1000) return `${number(Math.round(metres), lang, 0)}${NBSP}m`;
  return `${number(metres / 1000, lang, metres < 10_000 ? 2 : 1)}${NBSP}km`;
}

/** m², hectares, km². */
export function area(square_metres, lang = "vi") {
  if (square_metres < 10_000) return `${number(Math.round(square_metres), lang, 0)}${NBSP}m²`;
  if (square_metres < 1_000_000) return `${number(square_metres / 10_000, lang, 2)}${NBSP}ha`;
  return `${number(square_metres / 1_000_000, lang, 2)}${NBSP}km²`;
}

/** Tổ 2 before Tổ 10, with Vietnamese letters in their order. */
export const collator = new Intl.Collator("vi", { numeric: true });

/** Lower case without diacritics, for matching in the browser. */
export function fold(text) {
  return String(text || "").normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[đĐ]/g, "d").toLowerCase();
}
