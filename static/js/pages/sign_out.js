/** Signing out wipes what this phone kept; where something was not sent yet, it is said, and can be sent before. */
import { configure } from "../core/api.js";
import { $ } from "../core/dom.js";
import { countLeft } from "../core/idb.js";
import { leftOutbox } from "../core/walk_deliver.js";

const form = $("form[data-sign-out]");
const dialog = $("#unsent");
let sure = false;

/** What patrols and what the map kept; the map alone can send the latter. */
const left = async (outbox) => (outbox ? (await outbox.everything()).length : 0) + await countLeft("edits").catch(() => 0);

async function waiting() {
  const outbox = await leftOutbox().catch(() => null);
  return { outbox, count: await left(outbox) };
}

const say = (name, count) => {
  $("#unsent-said").textContent = (dialog.dataset[name] || "").replace("{count}", String(count));
};

form?.addEventListener("submit", async (event) => {
  if (sure) return;
  event.preventDefault();
  const { count } = await waiting();
  if (!count) {
    sure = true;
    form.requestSubmit();
    return;
  }
  say("count", count);
  dialog.showModal();
});

$("#unsent-send")?.addEventListener("click", async (event) => {
  const button = event.currentTarget;
  button.disabled = true;
  configure({ csrf_token: form.elements.csrf_token.value });
  const { outbox } = await waiting();
  await outbox?.flush();
  const count = await left(outbox);
  button.disabled = false;
  if (count) {
    say("left", count);
    return;
  }
  sure = true;
  form.requestSubmit();
});

$("#unsent-wipe")?.addEventListener("click", () => {
  sure = true;
  form.requestSubmit();
});
$("#unsent-stay")?.addEventListener("click", () => dialog.close());
