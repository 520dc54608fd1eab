/** Search by name; the server knows diacritics. */
import { get } from "../core/api.js";
import { combobox } from "../core/combobox.js";
import { $, icon } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { symbolCanvas } from "./layer_symbol.js";

const POINT_ZOOM = 17;

/** Layers of the base map have no symbol of their own. */
const symbol = (layer) => (!layer || layer.style.kind === "base" || layer.bundle ? icon(layer?.geometry === "POINT" ? "nearest" : "street", "icon combo-symbol") : symbolCanvas(layer, {}));

export function open(app) {
  async function find(text) {
    const { results } = await get("/api/search", { q: text });
    const order = [...new Set(results.map((r) => r.layer))];
    return results
      .sort((a, b) => order.indexOf(a.layer) - order.indexOf(b.layer))
      .map((r) => ({
        value: r, label: r.label, detail: r.detail, group: r.layer_title,
        icon: symbol(app.catalogue.get(r.layer)),
      }));
  }

  function choose({ value }) {
    const { bbox, lon, lat, layer, id } = value;
    if (bbox && (bbox[2] - bbox[0] > 1e-5 || bbox[3] - bbox[1] > 1e-5)) app.zoomTo(bbox);
    else app.map.setView([lat, lon], Math.max(app.map.getZoom(), POINT_ZOOM));
    app.emit("select", { layer, id, from: "search" });
    const found = app.catalogue.get(layer);
    if (found && app.catalogue.drawn.includes(found)) app.setVisible(found, true);
  }

  const { root, input } = combobox({ id: "q", label: t("search.label"), placeholder: t("search.placeholder"), find, choose });
  input.dataset.testid = "search";
  $("#search").append(root);
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, select, textarea");
    if (event.key === "/" && !typing) {
      event.preventDefault();
      input.focus();
    }
  });
}
