/** The page of hotspot statistics: tables come whole from the server; here the map with one layer at a time, and tabs. */
import { $, $$ } from "../core/dom.js";

const TAB = "hotspots.tab";
const LAYER = "hotspots.layer";

function openForm() {
  const form = $("#asked");
  document.documentElement.classList.add("has-script");
  form.addEventListener("change", () => form.requestSubmit());
}

/** What the answer says of itself, below the legend. */
function said(layer, answer, t, number) {
  if (answer.verdict !== "ok") return t(`hotstat.verdict_${answer.verdict}`, { least: answer.least_events, count: number(answer.event_count) });
  const count = number(answer.event_count);
  const texts = {
    density: () => t(`hotstat.said_density_${answer.rule}`, { count, metres: number(answer.bandwidth_m) }),
    "street-density": () => t("hotstat.said_street", { count: number(answer.on_street), out: number(answer.left_out), metres: number(answer.bandwidth_m) }),
    clusters: () => t("hotstat.said_clusters", { clusters: number(answer.cluster_count), clustered: number(answer.clustered), count }),
    "gi-star": () => t("hotstat.said_cells", { found: number(answer.features.length), cells: number(answer.cell_count), metres: number(answer.width_m) }),
    "local-moran": () => t("hotstat.said_cells", { found: number(answer.features.length), cells: number(answer.cell_count), metres: number(answer.width_m) }),
    "near-repeat": () => t("hotstat.said_links", { links: number(answer.features.length), count }),
  };
  return texts[layer]();
}

async function openMap() {
  const [{ openPageMap, readBoot }, { get }, { fill, h, s, announce }, { t, lang }, { number: write }, { openTabs }, { during }, drawing] = await Promise.all([
    import("../core/page_map.js"), import("../core/api.js"), import("../core/dom.js"), import("../core/i18n.js"),
    import("../core/format.js"), import("../core/tabs.js"), import("../core/ready.js"), import("../layers/hotspot_draw.js"),
  ]);
  const boot = readBoot();
  const number = (value) => write(value, lang());
  openTabs($("#tabs"), { chosen: sessionStorage.getItem(TAB) || "places", label: t("hotstat.tabs"), onOpen: (name) => sessionStorage.setItem(TAB, name) });
  const page = await during(openPageMap($("#map"), boot, { wheel: matchMedia("(min-width: 1001px)").matches }));
  const drawn = drawing.openDrawing(page);
  const query = Object.entries(boot.query).filter(([, value]) => value !== "").map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
  const answers = new Map();
  let turn = 0;

  const key = (className) => s("svg", { class: "cov-key", viewBox: "0 0 28 18", "aria-hidden": "true", focusable: "false" },
    /hot-street|hot-link/.test(className) ? s("path", { d: "M2 9H26", class: className }) : s("rect", { x: 2, y: 2, width: 24, height: 14, rx: 3, class: className }));

  async function show(layer) {
    const mine = (turn += 1);
    sessionStorage.setItem(LAYER, layer);
    if (!answers.has(layer)) answers.set(layer, await during(get(`/api/hotspot-stats/${layer}?${query}`)));
    if (mine !== turn) return;
    const answer = answers.get(layer);
    drawn.show(layer, answer);
    const text = said(layer, answer, t, number);
    fill($("#legend"),
      h("ul", { class: "cov-classes" }, drawing.legendRows(layer, answer).map(([name, message, values]) => h("li", {}, key(name), t(message, values)))),
      h("p", { class: "hint", data: { testid: "said" }, text }));
    document.documentElement.dataset.layer = layer;
    announce(text);
  }

  for (const input of $$('input[name="layer"]')) input.addEventListener("change", () => show(input.value));
  const kept = $(`input[name="layer"][value="${sessionStorage.getItem(LAYER) || "density"}"]`) || $('input[name="layer"]');
  kept.checked = true;
  for (const button of $$("[data-cluster]")) {
    button.addEventListener("click", async () => {
      $('input[name="layer"][value="clusters"]').checked = true;
      await show("clusters");
      const bounds = drawn.choose(Number(button.dataset.cluster));
      for (const other of $$("[data-cluster]")) other.classList.toggle("is-chosen", other === button);
      if (bounds) page.map.fitBounds(bounds.pad(0.8), { maxZoom: 17, animate: false });
      $("#map").scrollIntoView({ block: "nearest" });
    });
  }
  await show(kept.value);
}

openForm();
if ($("#map")) {
  const { during } = await import("../core/ready.js");
  const { toast } = await import("../core/dom.js");
  during(openMap()).catch((error) => toast(error.message, "warn"));
}
