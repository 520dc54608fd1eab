/** Light, dark (night patrol) and outdoor (sunlight). The server reads the cookie, so nothing flashes. */
import { THEMES } from "./base_theme.js";
import { $$ } from "./dom.js";

const YEAR_S = 31_536_000;

export function currentTheme() {
  const match = /(?:^|; )theme=(\w+)/.exec(document.cookie);
  return THEMES.includes(match?.[1]) ? match[1] : "light";
}

export function openThemes(app) {
  const apply = (theme) => {
    document.documentElement.dataset.theme = theme;
    app.state.theme = theme;
    for (const button of $$("[data-set-theme]")) button.setAttribute("aria-pressed", String(button.dataset.setTheme === theme));
  };
  for (const button of $$("[data-set-theme]")) {
    button.addEventListener("click", () => {
      const theme = button.dataset.setTheme;
      document.cookie = `theme=${theme}; path=/; max-age=${YEAR_S}; samesite=lax`;
      apply(theme);
      app.basemap.setTheme(theme);
      app.points.redraw();
      document.dispatchEvent(new CustomEvent("themechange"));
    });
  }
  apply(currentTheme());
}
