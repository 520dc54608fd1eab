/** Light, dark (night patrol) and outdoor (sunlight). The server reads the cookie, so nothing flashes. */
import { THEMES } from "./base_theme.js";
import { $$ } from "./dom.js";

const YEAR_S = 31_536_000;

export function currentTheme() {
  const match = /(?:^|; )theme=(\w+)/.exec(document.cookie);
  return THEMES.includes(match?.[1]) ? match[1] : "light";
}

/** The buttons of a menu. What draws by itself hears `themechange`; without scripts they are a form. */
export function openThemes() {
  const buttons = $$("[data-set-theme]");
  const mark = (theme) => {
    document.documentElement.dataset.theme = theme;
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.setTheme === theme));
  };
  for (const button of buttons) {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      const theme = button.dataset.setTheme;
      document.cookie = `theme=${theme}; path=/; max-age=${YEAR_S}; samesite=lax`;
      mark(theme);
      document.dispatchEvent(new CustomEvent("themechange"));
    });
  }
  mark(currentTheme());
}
