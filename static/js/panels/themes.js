/** Colour the groups by a theme of /api/themes: the switch, and the legend with counts. The stage is the way back. */
import { get } from "../core/api.js";
import { announce, fill, h, toast } from "../core/dom.js";
import { number } from "../core/format.js";
import { lang, t } from "../core/i18n.js";
import { installClasses, swatch } from "../core/patterns.js";

/* Codes of themes stand apart from those of stages. */
const fillCode = (theme, code) => `t-${theme}-${code}`;

/** The answer of the server, ready to paint with. */
function ready({ id, title, classes, values }) {
  const known = new Map(classes.map((one) => [one.code, one]));
  const of = (group) => known.get(values[group]);
  installClasses(classes.map((one) => ({ ...one, code: fillCode(id, one.code) })));
  return {
    id, title, classes,
    fillOf: (group) => (of(group) ? `url(#fill-${fillCode(id, of(group).code)})` : "none"),
    colorOf: (group) => of(group)?.color || "transparent",
    titleOf: (group) => of(group)?.title || "",
    count: (code) => Object.values(values).filter((value) => value === code).length,
  };
}

function legend(theme) {
  return h("ul", { class: "legend", "data-testid": "theme-legend" }, theme.classes.map(({ code, title }) =>
    h("li", { class: "theme-row", data: { code } }, swatch(fillCode(theme.id, code)),
      h("span", { class: "legend-title", text: title }), h("span", { class: "legend-count", text: number(theme.count(code), lang()) }))));
}

export async function open(app, holder) {
  const { themes } = await get("/api/themes");
  if (!themes.length) return;
  const rows = h("div");
  const select = h("select", { id: "theme-select", "data-testid": "theme-select" },
    h("option", { value: "", text: t("map.theme_stage") }), themes.map(({ id, title }) => h("option", { value: id, text: title })));

  async function choose(id) {
    const theme = id ? ready(await get(`/api/themes/${id}`)) : null;
    if (select.value !== id) return;
    app.state.colouring = id;
    app.state.hidden.clear();
    app.emit("filter", {});
    app.emit("colouring", theme);
    fill(rows, theme && legend(theme));
    announce(theme ? theme.title : t("map.theme_stage"));
  }

  select.addEventListener("change", () => choose(select.value).catch((error) => toast(error.message, "warn")));
  fill(holder, h("div", { class: "form-row" }, h("label", { for: select.id, text: t("map.theme") }), select), rows);
  // A theme is of today: another day has its stages.
  const isPast = () => Boolean(app.state.asOf?.at || app.state.asOf?.knownAt);
  const follow = () => {
    holder.hidden = isPast();
    if (!isPast() || !select.value) return;
    select.value = "";
    choose("").catch(() => undefined);
  };
  app.on("as-of", follow);
  follow();
  const asked = isPast() ? "" : app.link.theme;
  if (asked && themes.some(({ id }) => id === asked)) {
    select.value = asked;
    await choose(asked);
  }
}
