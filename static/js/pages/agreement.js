/** The page of one agreement: the strip, what both sides have in it, and the places that neither serves. */
import { get } from "../core/api.js";
import { $, $$, announce, fill, h, s, toast } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { L, latLngs, svgRenderer } from "../core/leaflet.js";
import { openPageMap, readBoot } from "../core/page_map.js";
import { during } from "../core/ready.js";

const GAP_ZOOM = 17;
const place = (index, { side, state }) => `joint-place joint-${index} is-${side}${state && state !== "working" ? " is-broken" : ""}`;
const key = (className) => s("svg", { class: "cov-key", viewBox: "0 0 28 18", "aria-hidden": "true", focusable: "false" }, s("circle", { cx: 14, cy: 9, r: 6, class: className }));

function drawLegend({ layers, gaps }) {
  const rows = layers.flatMap(({ title }, at) => ["own", "neighbour"].map((side) => [place(at, { side }), `${title} · ${t(`joint.side.${side}`)}`]));
  if (layers.some(({ device }) => device)) rows.push([`${place(0, { side: "own", state: "broken" })}`, t("joint.legend_broken")]);
  if (gaps.length) rows.push(["joint-gap", t("joint.legend_gap")]);
  fill($("#legend"), h("ul", { class: "cov-keys" }, rows.map(([className, text]) => h("li", {}, key(className), text))));
}

async function drawStrip(page, { agreement }) {
  const { strip } = await get(`/api/agreements/${agreement}`);
  if (!strip) return;
  const shape = L.polygon(latLngs(strip), { renderer: svgRenderer(page.map, "overlays"), pane: "overlays", interactive: false, className: "joint-strip" }).addTo(page.map);
  page.map.fitBounds(shape.getBounds(), { padding: [20, 20], animate: false });
}

async function drawPlaces(page, { agreement, layers }) {
  const renderer = svgRenderer(page.map, "results");
  const answers = await Promise.all(layers.map(({ name }) => get(`/api/agreements/${agreement}/layers/${name}/both`)));
  answers.forEach(({ features }, at) => features.forEach(({ geometry, properties }) => {
    const [lon, lat] = geometry.coordinates;
    L.circleMarker([lat, lon], { renderer, pane: "results", interactive: false, radius: 6, className: place(at, properties) }).addTo(page.map);
  }));
}

function openGaps(page, { gaps }) {
  const renderer = svgRenderer(page.map, "results");
  const rings = gaps.map(([lon, lat]) => L.circleMarker([lat, lon], { renderer, pane: "results", interactive: false, radius: 12, className: "joint-gap" }).addTo(page.map));
  for (const button of $$("[data-gap]")) {
    const at = Number(button.dataset.gap);
    button.addEventListener("click", () => {
      page.map.setView(rings[at].getLatLng(), GAP_ZOOM, { animate: false });
      rings.forEach((ring, k) => ring.getElement().classList.toggle("is-chosen", k === at));
      for (const other of $$("[data-gap]")) other.classList.toggle("is-chosen", other === button);
      announce(t("coverage.zoom", { name: $(".cov-gap-name", button).textContent }));
      $("#map").scrollIntoView({ block: "nearest" });
    });
  }
}

async function start() {
  const boot = readBoot();
  $("#m").addEventListener("change", (event) => event.target.form.requestSubmit());
  const page = await openPageMap($("#map"), boot, { wheel: matchMedia("(min-width: 1001px)").matches });
  drawLegend(boot);
  await drawStrip(page, boot);
  await drawPlaces(page, boot);
  openGaps(page, boot);
}

during(start()).catch((error) => toast(error.message, "warn"));
