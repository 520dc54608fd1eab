/** The tip form with scripts: work in place of the question, the guard while typing, a draft on the device, the map. */
import { openDraft } from "../tips/draft.js";
import { coarsen, setSpot } from "../tips/places.js";
import { dressFiles } from "../core/files.js";
import { loadGuard } from "../core/person_guard.js";

const form = document.querySelector('[data-testid="tip-form"]');
const boot = JSON.parse(document.getElementById("tip-boot").textContent);
const by = (name) => document.querySelector(`[data-testid="${name}"]`);
const say = (name, values = {}) => Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, value), boot.messages[name]);
const tell = (text) => { by("said").textContent = text; };

for (const part of document.querySelectorAll("[data-needs-script]")) part.hidden = false;
dressFiles();
const draft = openDraft(form, () => tell(say("draft_kept")));
form.elements.client_id.value = draft.id;

/* Work, while the person reads. The question stays until it is done. */
let worker;
let asked = 0;
function work({ nonce, bits }) {
  worker?.terminate();
  asked = bits;
  worker = new Worker(new URL("../tips/work.js", import.meta.url));
  const done = new Promise((resolve, reject) => {
    worker.addEventListener("message", (event) => resolve(event.data), { once: true });
    worker.addEventListener("error", reject, { once: true });
  });
  worker.postMessage({ nonce, bits, id: draft.id });
  return done;
}
let ready = work({ nonce: form.dataset.nonce, bits: Number(form.dataset.bits) }).then((counter) => {
  form.elements.proof.value = counter;
  by("question").hidden = true;
}).catch(() => {});

/* The guard looks at words and never sends them. */
const text = form.elements.text;
let guard = () => [];
async function look() {
  const found = guard(text.value);
  const warn = by("warn");
  warn.hidden = found.length === 0;
  warn.textContent = found.length ? say("found", { words: found.map((one) => `“${one.words}”`).join(", ") }) : "";
}
text.addEventListener("focus", async () => { guard = await loadGuard(); look(); }, { once: true });
text.addEventListener("input", () => { look(); });

/* Where: only if pressed. */
by("locate")?.addEventListener("click", () => {
  tell(say("locating"));
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      setSpot(form, coords.longitude, coords.latitude);
      tell(say(form.elements.precision.value === "cell" ? "here_cell" : "here"));
      draft.keep();
    },
    () => tell(say("no_location")),
    { enableHighAccuracy: false, timeout: 15000 },
  );
});

by("landmark")?.addEventListener("change", () => { form.elements.spot.value = ""; });
/* The middle of a cell is no point, nor does a point become a cell unseen. */
for (const radio of form.elements.precision) {
  radio.addEventListener("change", () => {
    form.elements.spot.value = "";
    map?.clear();
    if (map) map.pick(kindOf());
  });
}

let map;
const kindOf = () => (["point", "cell"].includes(form.elements.precision.value) ? form.elements.precision.value : "street");
async function openMap(kind) {
  const button = by("open-map");
  const said = by("map-said");
  by("map").hidden = false;
  button.setAttribute("aria-expanded", "true");
  try {
    map ||= await (await import("../tips/map.js")).openMap(by("map"), form, { say, said: (words) => { said.textContent = words; }, changed: draft.keep });
    map.pick(kind);
  } catch {
    by("map").hidden = true;
    said.textContent = say("map_failed");
  }
}
by("open-map").addEventListener("click", () => openMap(kindOf()));
by("pick-device").addEventListener("click", () => openMap("device"));

by("wipe").addEventListener("click", () => {
  draft.wipe();
  form.reset();
  form.elements.spot.value = "";
  tell(say("wiped"));
});

/* The network is asked first, so that a dead spot loses nothing; then the form goes as any form does. Its number makes
   one tip of all sendings. */
const OPENED = Date.now();
const FRESH_MS = 6 * 3600 * 1000;
const needsMore = (renewed) => renewed.bits > asked || Date.now() - OPENED > FRESH_MS;
let again;
async function send(button) {
  clearTimeout(again);
  coarsen(form);
  draft.keep(true);
  tell(say(form.dataset.again ? "more" : form.elements.proof.value || form.elements.answer.value ? "sending" : "working"));
  let renewed;
  try {
    const answer = await fetch(`/tin/${encodeURIComponent(form.dataset.box)}/moi`, { cache: "no-store", credentials: "omit" });
    renewed = answer.ok ? await answer.json() : null;
  } catch {
    tell(say("waiting"));
    return;
  }
  if (!renewed) {
    tell(say("later"));
    again = setTimeout(() => send(button), 15000);
    return;
  }
  if (needsMore(renewed) && !form.elements.answer.value) {
    if (form.elements.proof.value) tell(say("more"));
    form.elements.token.value = renewed.token;
    ready = work(renewed).then((counter) => { form.elements.proof.value = counter; });
  }
  await ready;
  if (button?.name) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: button.name, value: button.value }));
  form.submit();
}
form.addEventListener("submit", (event) => {
  event.preventDefault();
  send(event.submitter);
});
/* Others were quicker and the hour asks for more work now: what was sent is in the form again, and goes by itself. */
if (form.dataset.again) {
  tell(say("more"));
  ready.then(() => send(null));
}
window.addEventListener("online", () => { if (draft.isWaiting()) send(null); });
