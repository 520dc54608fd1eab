/** The review form keeps itself: every change goes into the draft, so a reload or a lost network loses nothing. */
import { configure, send } from "../core/api.js";

const WAIT_MS = 800;
/* These may stay empty; the others are counts of persons, and an empty one is being typed. */
const OPTIONAL = ["communication_count", "pledge_household_count"];

const form = document.querySelector("#review");
const note = document.querySelector("#saved");
let timer = 0;
let saving = Promise.resolve();

function values() {
  const found = {};
  for (const [name, value] of new FormData(form)) {
    if (name === "csrf_token" || name === "version") continue;
    found[name] = value === "" ? null : value;
  }
  for (const name of Object.keys(found)) {
    if (found[name] === null && name.endsWith("_count") && !OPTIONAL.includes(name)) delete found[name];
  }
  return found;
}

async function save() {
  const body = await send("PATCH", form.dataset.autosave, values(), { version: form.elements.version.value });
  form.elements.version.value = String(body.version);
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    saving = saving.then(save).then(
      () => { note.textContent = note.dataset.saved; },
      (error) => { note.textContent = `${note.dataset.failed} ${error.message}`; },
    );
  }, WAIT_MS);
}

configure({ csrf_token: form.elements.csrf_token.value, offline: note.dataset.failed });
form.addEventListener("input", later);
form.addEventListener("submit", async (event) => {
  // The version that the form names must be the one that the last keeping made.
  event.preventDefault();
  clearTimeout(timer);
  await saving;
  const send = document.createElement("input");
  Object.assign(send, { type: "hidden", name: "send", value: event.submitter?.value ?? "0" });
  form.append(send);
  form.submit();
});
document.documentElement.dataset.ready = "1";
