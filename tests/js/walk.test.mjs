import assert from "node:assert/strict";
import test from "node:test";
import { openOutbox } from "../../static/js/core/outbox.js";
import { waits } from "../../static/js/core/walk_deliver.js";
import { nextDay } from "../../static/js/panels/patrol_hours.js";
import { cleanCode, clockSince, hourOf, metresBetween, minutesSince, momentOf, nextStop, placeOf, stayState, visitsOf } from "../../static/js/core/walk_state.js";

function memory() {
  const rows = new Map();
  return { rows, all: async () => [...rows.values()], put: async (item) => rows.set(item.id, item), remove: async (id) => rows.delete(id) };
}

const failing = (status) => () => Promise.reject(Object.assign(new Error(`status ${status}`), { status }));

test("items are sent in order, one at a time, and go once the server has them", async () => {
  const store = memory();
  const sent = [];
  let busy = 0;
  const outbox = openOutbox({ store, send: async (item) => {
    busy += 1;
    assert.equal(busy, 1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    sent.push(item.id);
    busy -= 1;
  } });
  for (const id of ["c", "a", "b"]) {
    await outbox.put({ id });
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const flushes = await Promise.all([outbox.flush(), outbox.flush(), outbox.flush()]);
  assert.deepEqual(flushes, [true, true, true]);
  assert.deepEqual(sent, ["c", "a", "b"], "three flushes at once send each once");
  assert.equal(store.rows.size, 0);
});

test("without a network everything stays, and goes out later", async () => {
  const store = memory();
  let send = failing(0);
  const outbox = openOutbox({ store, send: (item) => send(item) });
  await outbox.put({ id: "a" });
  assert.equal(await outbox.flush(), false);
  assert.equal(await outbox.count(), 1);
  for (const status of [401, 428, 429, 500, 503]) {
    send = failing(status);
    assert.equal(await outbox.flush(), false, String(status));
    assert.equal(await outbox.count(), 1);
  }
  send = async () => undefined;
  assert.equal(await outbox.flush(), true);
  assert.equal(await outbox.count(), 0);
});

test("what the server will never take is kept, said, and holds up nothing", async () => {
  const store = memory();
  const outbox = openOutbox({ store, send: (item) => (item.id === "bad" ? failing(422)() : Promise.resolve()) });
  await outbox.put({ id: "bad" });
  await outbox.put({ id: "good" });
  assert.equal(await outbox.flush(), true);
  assert.deepEqual([...store.rows.keys()], ["bad"]);
  assert.equal(store.rows.get("bad").refused, "status 422");
  assert.equal(await outbox.count(), 0);
});

test("an item that was put again while it was on its way is sent again", async () => {
  const store = memory();
  const sent = [];
  const outbox = openOutbox({ store, send: async (item) => {
    sent.push(item.minutes);
    if (item.minutes === 0) await outbox.put({ id: "a", minutes: 12 });
  } });
  await outbox.put({ id: "a", minutes: 0 });
  assert.equal(await outbox.flush(), true);
  assert.deepEqual(sent, [0, 12]);
  assert.equal(store.rows.size, 0);
});

const PLAN = { radius_m: 100, farthest_m: 2000, stay_min: 10, stay_most_min: 15 };
const STOP = { lon: 106.65, lat: 20.83 };
const at = (metres, more = {}) => ({ lon: STOP.lon, lat: STOP.lat + metres / 111_195, accuracy_m: 5, at: 1000, ...more });

test("only outside or not, and tens of metres, leave the phone", () => {
  assert.ok(Math.abs(metresBetween(STOP, at(740)) - 740) < 2);
  assert.deepEqual(placeOf(STOP, at(43), PLAN, 1000), { is_outside: false, distance_m: 40 });
  assert.deepEqual(placeOf(STOP, at(743), PLAN, 1000), { is_outside: true, distance_m: 740 });
  assert.deepEqual(placeOf(STOP, at(9000), PLAN, 1000), { is_outside: true, distance_m: 2000 });
  assert.equal(placeOf(STOP, at(140, { accuracy_m: 60 }), PLAN, 1000).is_outside, false, "a rough position is no proof");
  assert.equal(placeOf(STOP, at(340, { accuracy_m: 5000 }), PLAN, 1000).is_outside, true);
  assert.deepEqual(placeOf(STOP, null, PLAN, 1000), { is_outside: null, distance_m: null });
  assert.deepEqual(placeOf(STOP, at(10), PLAN, 200_000), { is_outside: null, distance_m: null }, "an old position is none");
});

test("the next stop is the chosen one, else the first that is neither done nor skipped", () => {
  const stops = [{ id: 1 }, { id: 2 }, { id: 3 }];
  const done = new Map([[1, {}]]);
  assert.equal(nextStop(stops, done).id, 2);
  assert.equal(nextStop(stops, done, { skipped: { 2: "no_time" } }).id, 3);
  assert.equal(nextStop(stops, done, { skipped: { 2: "no_time" }, chosen: 2 }).id, 2);
  assert.equal(nextStop(stops, done, { chosen: 1 }).id, 2);
  assert.equal(nextStop(stops, new Map(stops.map((stop) => [stop.id, {}]))), null);
});

test("what the phone knows lies over what the server knew", () => {
  const server = [{ stop_id: 1, device_at: "2026-11-23T20:00:00Z", minutes: 12, is_outside: false, distance_m: 20 }];
  const found = visitsOf({ visits: server }, { visits: { 1: { at: "x", minutes: 0, sent: false }, 2: { at: "y", minutes: 3, sent: false } } });
  assert.equal(found.get(1).minutes, 12);
  assert.equal(found.get(1).sent, true);
  assert.equal(found.get(2).sent, false);
});

test("times and codes as people read and type them", () => {
  const begin = "2026-11-23T13:14:00Z";
  const now = Date.parse("2026-11-23T13:24:05Z");
  assert.equal(clockSince(begin, now), "10:05");
  assert.equal(clockSince(begin, now + 3_600_000), "1:10:05");
  assert.equal(clockSince(begin, now - 3_600_000), "00:00");
  assert.equal(minutesSince(begin, now), 10);
  assert.deepEqual([9, 10, 14, 15].map((m) => stayState(m, PLAN)), ["short", "enough", "enough", "long"]);
  assert.equal(momentOf(begin), "20:14, 23/11/2026");
  assert.equal(cleanCode(" 6sw-drf "), "6SWDRF");
});

test("an item keeps its key while it tells the same, and never has an old one again", async () => {
  const store = memory();
  const keys = [];
  let send = failing(0);
  const outbox = openOutbox({ store, send: (item) => {
    keys.push(item.changed);
    return send(item);
  } });
  await outbox.put({ id: "a", minutes: null });
  await outbox.flush();
  await outbox.flush();
  assert.equal(keys[0], keys[1]);
  send = async () => undefined;
  await outbox.flush();
  await outbox.put({ id: "a", minutes: 12 });
  await outbox.flush();
  assert.deepEqual([keys.length, new Set(keys).size], [4, 2], "sent and gone: put again it is something new");
});

test("one that the server cannot take now holds up only what must come after it", async () => {
  const store = memory();
  const sent = [];
  const outbox = openOutbox({ store, waits, send: async (item) => {
    if (item.id === "bad") return failing(500)();
    if (item.id === "used") return failing(409)();
    return sent.push(item.id);
  } });
  for (const [id, kind, plan_id] of [["bad", "visit", 1], ["used", "visit", 2], ["v", "visit", 1], ["n", "note", 1], ["end-1", "end", 1], ["end-2", "end", 2]]) await outbox.put({ id, kind, plan_id });
  for (const item of store.rows.values()) item.order = [...store.rows.keys()].indexOf(item.id);
  assert.equal(await outbox.flush(), false);
  assert.deepEqual(sent, ["v", "n", "end-2"]);
  assert.deepEqual([...store.rows.keys()], ["bad", "used", "end-1"]);
  assert.equal(store.rows.get("used").refused, "status 409");
});

test("what is not this session's is neither sent nor counted nor thrown away", async () => {
  const store = memory();
  const sent = [];
  const outbox = openOutbox({ store, send: async (item) => sent.push(item.id), mine: (item) => item.commune_id === 1 });
  await outbox.put({ id: "theirs", commune_id: 2 });
  await outbox.put({ id: "ours", commune_id: 1 });
  assert.equal(await outbox.count(), 1);
  assert.equal(await outbox.flush(), true);
  assert.deepEqual(sent, ["ours"]);
  assert.deepEqual((await outbox.everything()).map((item) => item.id), ["theirs"]);
});

test("an hour after midnight is read as 00, and a shift's end belongs to the next day", () => {
  assert.equal(hourOf("2026-11-23T17:10:00Z"), "00:10");
  assert.equal(momentOf("2026-12-31T17:00:00Z"), "00:00, 01/01/2027");
  assert.equal(clockSince("2026-11-23T16:52:00Z", Date.parse("2026-11-23T17:12:05Z")), "20:05");
  assert.equal(nextDay("2026-12-31", "22:00", "02:00"), "01/01/2027");
  assert.equal(nextDay("2028-02-28", "22:00", "22:00"), "29/02/2028");
  for (const [day, start, end] of [["2026-11-23", "20:00", "23:00"], ["2026-11-23", "20:00", "00:00"], ["", "22:00", "02:00"], ["2026-11-23", "", "02:00"], ["2026-13-45", "22:00", "02:00"]]) {
    assert.equal(nextDay(day, start, end), null);
  }
});
