import assert from "node:assert/strict";
import test from "node:test";
import { area, collator, date, distance, fold, number, percent, readDate, readTime } from "../../static/js/core/format.js";

test("numbers are written the Vietnamese way", () => {
  assert.equal(number(1234567.5, "vi"), "1.234.567,5");
  assert.equal(number(1234567.5, "en"), "1,234,567.5");
});

test("a share has at most one decimal and a space before the sign", () => {
  assert.equal(percent(2 / 23, "vi"), "8,7\u00a0%");
  assert.equal(percent(0, "vi"), "0\u00a0%");
});

test("dates are dd/MM/yyyy whatever the browser thinks", () => {
  assert.equal(date("2026-01-05"), "05/01/2026");
  assert.equal(date(null), "");
  assert.equal(date("not a date"), "");
});

test("lengths and areas change their unit", () => {
  assert.equal(distance(4.26, "vi"), "4,3\u00a0m");
  assert.equal(distance(849.6, "vi"), "850\u00a0m");
  assert.equal(distance(1234, "vi"), "1,23\u00a0km");
  assert.equal(area(950, "vi"), "950\u00a0m²");
  assert.equal(area(25_000, "vi"), "2,5\u00a0ha");
  assert.equal(area(25_540_000, "vi"), "25,54\u00a0km²");
});

test("group 2 comes before group 10", () => {
  assert.deepEqual(["Tổ 10", "Tổ 2", "Tổ 1"].sort(collator.compare), ["Tổ 1", "Tổ 2", "Tổ 10"]);
});

test("folding takes diacritics away, also from đ and decomposed letters", () => {
  assert.equal(fold("Đường Trại Mũa"), "duong trai mua");
  assert.equal(fold("Trại Mũa".normalize("NFD")), "trai mua");
});

test("a day is read as people type it", () => {
  for (const text of ["23/11/2026", "23-11-2026", " 23.11.26 ", "23112026", "2026-11-23"]) assert.equal(readDate(text), "2026-11-23", text);
  assert.equal(readDate("3/1/2027"), "2027-01-03");
  assert.equal(readDate("29/2/2028"), "2028-02-29");
  for (const text of ["", "31/02/2026", "29/2/2027", "11/23/2026", "hôm nay", "23/11", "23/11/206"]) assert.equal(readDate(text), null, text);
});

test("a time is read as people type it", () => {
  for (const text of ["20:30", "20h30", "20g30", "20 giờ 30", "2030", " 20.30 "]) assert.equal(readTime(text), "20:30", text);
  for (const text of ["8", "8h", "8:00", "08:00", "800"]) assert.equal(readTime(text), "08:00", text);
  for (const text of ["", "24:00", "20:60", "tối", "8 PM"]) assert.equal(readTime(text), null, text);
});
