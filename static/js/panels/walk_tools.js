/** Position, codes from paper, theme. */
import { $, fill, icon, toast } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { cleanCode } from "../core/walk_state.js";
import { stopWatching, visit } from "./walk_acts.js";
import { draw, phone, view } from "./walk_phone.js";
import { drawCard } from "./walk_view.js";

const YEAR_S = 31_536_000;

/** The phone's place stays in the phone: only whether it is within the radius, and tens of metres, are told. */
export function openPosition() {
  $("#position-hint").textContent = t("walk.me", { radius: phone.plan.radius_m });
  $("#position").addEventListener("change", (event) => {
    if (!event.target.checked || !navigator.geolocation) {
      stopWatching();
      draw();
      return;
    }
    phone.watch = navigator.geolocation.watchPosition(({ coords, timestamp }) => {
      phone.position = { lon: coords.longitude, lat: coords.latitude, accuracy_m: coords.accuracy, at: timestamp };
      phone.map?.me.show(phone.position);
      const seen = view();
      if (!seen.here) drawCard(seen, phone.act);
    }, (error) => {
      // A phone that has lost its place for a while finds it again.
      phone.position = null;
      phone.map?.me.hide();
      if (error.code !== error.PERMISSION_DENIED) return;
      stopWatching();
      toast(t("walk.no_position"), "warn");
    }, { enableHighAccuracy: true, maximumAge: 10_000 });
  });
}

export function openCode() {
  $("#code-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const code = cleanCode($("#code").value);
    const stop = phone.walk.stops.find((one) => one.code === code);
    if (!stop) {
      toast(t("walk.code_unknown", { code: code || "–" }), "warn");
      return;
    }
    $("#code").value = "";
    if (!view().visits.has(stop.id)) await visit(stop, "code");
    toast(`${stop.position}. ${stop.title}: ${t("walk.done_short")}`);
  });
}

export function openTheme() {
  const button = $("[data-theme-next]");
  const root = document.documentElement;
  const other = () => (root.dataset.theme === "dark" ? "outdoor" : "dark");
  const show = () => {
    button.setAttribute("aria-label", other() === "dark" ? t("theme.dark") : t("theme.outdoor"));
    fill(button, icon(other() === "dark" ? "moon" : "sun"));
  };
  button.addEventListener("click", () => {
    root.dataset.theme = other();
    document.cookie = `theme=${root.dataset.theme}; path=/; max-age=${YEAR_S}; samesite=lax`;
    phone.map?.setTheme(root.dataset.theme);
    show();
  });
  show();
}
