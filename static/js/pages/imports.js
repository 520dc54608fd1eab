/** The import wizard: every step is a page of the server; here jobs move, and a choice shows at once what it makes. */
import { configure } from "../core/api.js";
import { $, $$ } from "../core/dom.js";
import { watchJobs } from "../core/jobs.js";

const boot = JSON.parse($("#boot").textContent);
configure(boot);
const PLACE = "import-place";

// A form that is on its way is not sent again.
for (const form of $$("form")) {
  form.addEventListener("submit", () => setTimeout(() => $$("button", form).forEach((button) => { button.disabled = true; })));
}

/** A choice is looked at by the server: who made it finds hand and eye where they were. */
for (const input of $$("[data-try], [data-look]")) {
  input.addEventListener("change", () => {
    sessionStorage.setItem(PLACE, JSON.stringify({ path: location.pathname, testid: input.dataset.testid, y: scrollY }));
    input.form.requestSubmit();
  });
}
function comeBack() {
  const place = JSON.parse(sessionStorage.getItem(PLACE) || "null");
  if (place?.path !== location.pathname || $("[data-job]")) return;
  sessionStorage.removeItem(PLACE);
  $(`[data-testid="${place.testid}"]`)?.focus({ preventScroll: true });
  scrollTo(0, place.y);
}
comeBack();

const sized = (bytes) => bytes < 1e6 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 })} MB`;

/** The zone that takes files by click, key or drop, and says which it has. */
function openFile(input, said) {
  input.parentElement.classList.add("is-live");
  const tell = () => {
    const files = [...input.files];
    const size = files.reduce((sum, file) => sum + file.size, 0);
    said.textContent = files.length ? said.dataset.one.replace("{name}", files.map((file) => file.name).join(", ")).replace("{size}", sized(size)) : "";
  };
  input.addEventListener("change", tell);
  for (const type of ["dragenter", "dragleave", "drop"]) {
    input.addEventListener(type, () => input.parentElement.classList.toggle("is-over", type === "dragenter"));
  }
  tell();
}

/** Send the file with its progress seen; the page that answers is shown as if the browser had sent it. */
function sendSeen(form, bar) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const request = new XMLHttpRequest();
    bar.hidden = false;
    request.upload.addEventListener("progress", ({ loaded, total }) => { bar.value = (100 * loaded) / total; });
    request.addEventListener("error", () => fail(boot.offline));
    request.addEventListener("load", () => {
      if (request.status < 400) return location.assign(request.responseURL);
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      return fail(page.querySelector("[data-testid=error]")?.textContent.trim() || `${boot.offline} (${request.status})`);
    });
    function fail(text) {
      bar.hidden = true;
      $$("button", form).forEach((button) => { button.disabled = false; });
      $("[data-testid=error]")?.remove();
      const note = document.createElement("div");
      Object.assign(note, { className: "problem", textContent: text });
      note.setAttribute("role", "alert");
      note.dataset.testid = "error";
      form.before(note);
      note.scrollIntoView({ block: "nearest" });
    }
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "text/html");
    request.send(new FormData(form));
  });
}
const upload = $("[data-testid=upload]");
if (upload) {
  openFile($("#file"), $("#file-chosen"));
  sendSeen(upload, $(".wizard-sending"));
}

// Not `reload`: that would ask whether to send a form again.
watchJobs(() => location.replace(location.pathname));
document.documentElement.dataset.ready = "1";
