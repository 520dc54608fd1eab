/** `?print=A4|A3&o=landscape|portrait`: one sheet of paper in millimetres with a live map inside. */
import { makeApp } from "../core/app.js";
import { openBasemap } from "../core/basemap.js";
import { field } from "../core/catalogue.js";
import { $, fill, h, icon } from "../core/dom.js";
import { date, number } from "../core/format.js";
import { lang, t } from "../core/i18n.js";
import { L, latLngBounds } from "../core/leaflet.js";
import { swatch, UNREVIEWED } from "../core/patterns.js";
import { countStages, symbolOf } from "../core/stages.js";
import { openGroups } from "../layers/groups.js";
import { openOutside } from "../layers/outside.js";
import { openPoints } from "../layers/points.js";
import { openVectors } from "../layers/vectors.js";
import { periodText } from "../panels/criteria.js";
import { symbolCanvas } from "../panels/layer_symbol.js";
import { headlineText } from "../panels/overview.js";

const PAPERS = ["A4", "A3"];
const TURNS = ["landscape", "portrait"];

function toolbar(paper, turn) {
  const link = (p, o) => h("a", {
    class: "chip-button", href: `/?print=${p}&o=${o}${location.hash}`, "aria-current": p === paper && o === turn ? "true" : null,
    text: t("print.paper", { paper: p, turn: t(`print.${o}`) }),
  });
  return h("div", { class: "print-bar", role: "toolbar", "aria-label": t("print.title") },
    h("a", { class: "chip-button", href: `/${location.hash}` }, icon("back"), t("print.back")),
    PAPERS.flatMap((p) => TURNS.map((o) => link(p, o))),
    h("button", { type: "button", class: "button", on: { click: () => window.print() } }, icon("print"), t("print.print")));
}

function legend(app) {
  const { features, layer } = app.groups;
  const rows = countStages(features, field(layer, layer.style.by).choices, layer.style.by);
  const stages = rows.map((row) => h("li", {}, swatch(row.code), icon(symbolOf(row.code)), h("span", { text: row.title }), h("b", { text: number(row.count, lang()) })));
  const others = app.catalogue.drawn.filter((l) => l.name !== layer.name && app.state.visible.has(l.name) && l.count)
    .map((l) => h("li", {}, symbolCanvas(l, {}), h("span", { text: l.title }), h("b", { text: number(l.count, lang()) })));
  const gaps = app.state.marks ? h("ul", { class: "sheet-gaps" },
    h("li", {}, swatch(UNREVIEWED), icon("question"), h("span", { text: t("map.gap_legend") }), h("b", { text: number(features.filter(app.hasGap).length, lang()) })),
    h("li", {}, h("span", { text: periodText(app.day()) }))) : null;
  return h("section", { class: "sheet-legend" }, h("h2", { text: t("map.legend_title") }), h("ul", {}, stages), gaps, others.length ? h("ul", {}, others) : null);
}

function page(commune) {
  // "Phường Đồ Sơn, thành phố Hải Phòng": the province has its own line.
  const [name] = commune.full_name.split(",");
  // "phường", "xã" are lower case inside a sentence.
  const title = t("print.map_title", { place: lang() === "vi" ? name[0].toLowerCase() + name.slice(1) : name });
  const place = h("div", {}, h("h1", { text: title }), h("p", { id: "sheet-headline" }), h("p", { id: "sheet-day" }));
  const sign = h("section", { class: "sheet-sign" },
    h("p", { class: "sheet-date", text: t("print.place_date", { place: commune.name }) }),
    h("p", { class: "sheet-role", text: t("print.signer") }), h("p", { class: "sheet-hint", text: t("print.sign_hint") }));
  return h("main", { class: "sheet-page" },
    h("header", { class: "sheet-head" }, place, h("div", { class: "sheet-unit" }, h("p", { text: commune.province_name || "" }), h("p", { text: name }))),
    h("div", { id: "sheet-map", class: "sheet-map", role: "region", "aria-label": title }),
    h("aside", { class: "sheet-side" }, h("div", { id: "sheet-legend" }), h("div", { id: "sheet-scale", class: "sheet-scale" }), sign),
    h("footer", { class: "sheet-foot" },
      h("span", { text: t("print.source", { date: date(new Date().toLocaleDateString("sv")) }) }),
      commune.is_demo ? h("strong", { text: t("map.demo_long") }) : null));
}

/** A link to a day prints that day, and says so. */
async function showDay(app) {
  const { at, knownAt } = app.link;
  if (!at && !knownAt) return "";
  const { asOfText, fetchDay } = await import("../panels/as_of.js");
  app.state.asOf = { at, knownAt };
  app.groups.show(await fetchDay(at, knownAt));
  return `${asOfText(app.state.asOf, "as_of.card")}. ${t("as_of.devices_today")}`;
}

export async function start(boot) {
  const query = new URLSearchParams(location.search);
  const paper = PAPERS.includes(query.get("print")) ? query.get("print") : "A4";
  const turn = TURNS.includes(query.get("o")) ? query.get("o") : "landscape";
  const { commune } = boot.session;
  document.documentElement.dataset.theme = "light";
  document.documentElement.classList.add("print-page", `paper-${paper}-${turn}`);
  fill($("#page"), toolbar(paper, turn), page(commune));
  const app = await makeApp(boot, $("#sheet-map"), { print: true });
  const fit = () => {
    const { zoom, lat, lon } = app.link;
    app.map.fitBounds(latLngBounds(commune.bbox), { padding: [12, 12], animate: false });
    if (zoom !== undefined && zoom > app.map.getZoom()) app.map.setView([lat, lon], zoom, { animate: false });
  };
  fit();
  // On an upright sheet the legend takes its room from the map.
  new ResizeObserver(() => {
    app.map.invalidateSize({ animate: false, pan: false });
    fit();
  }).observe(app.map.getContainer());
  app.basemap = openBasemap(app.map, app.catalogue.baseTiles, "light", { dpr: 3 });
  app.points = openPoints(app);
  app.vectors = openVectors(app);
  app.groups = await openGroups(app);
  await Promise.all([openOutside(app), ...app.catalogue.drawn.map(app.drawLayer)]);
  const seen = await showDay(app);
  $("#sheet-headline").textContent = headlineText(app);
  $("#sheet-day").textContent = seen;
  $("#sheet-day").hidden = !seen;
  fill($("#sheet-legend"), legend(app));
  const scale = L.control.scale({ imperial: false, maxWidth: 150 }).addTo(app.map);
  $("#sheet-scale").append(scale.getContainer());
}
