/** Devices as a table: the map in words. A row and its button on the map are chosen together. */
import { $$, fill, h } from "../core/dom.js";
import { finePercent, number } from "../core/format.js";
import { lang, t } from "../core/i18n.js";

export function openTable(desk, element) {
  const cells = (device) => {
    const full = desk.plan.figures?.after.full_weight;
    const adds = full && device.adds_weight !== null && device.adds_weight !== undefined ? finePercent(device.adds_weight / full, lang()) : "–";
    const flags = [device.is_locked && t("siting.map.locked_short"), device.is_forbidden && t("siting.map.forbidden_short"), device.by_hand && t("siting.map.by_hand")].filter(Boolean).join(", ");
    return [
      h("td", { class: "is-number", text: device.kind === "camera" ? t("siting.map.degrees", { n: Math.round(device.azimuth_deg) }) : "–" }),
      h("td", { text: device.year ?? "–" }),
      h("td", { class: "is-number", text: number(device.cost_vnd / 1_000_000, lang(), 1) }),
      h("td", { class: "is-number", text: adds }),
      h("td", { text: flags || "" }),
    ];
  };

  function draw() {
    const focused = document.activeElement?.dataset?.row;
    const heads = [["siting.map.device", ""], ["siting.map.azimuth_short", "is-number"], ["siting.map.year", ""], ["siting.map.cost_short", "is-number"], ["siting.map.adds_short", "is-number"], ["siting.map.note", ""]];
    const rows = desk.devices.filter(desk.shown).map((device) => h("tr", { class: device.id === desk.chosen ? "is-chosen" : "", data: { id: device.id } },
      h("th", { scope: "row" }, h("button", {
        type: "button", class: "text-button", "data-testid": `row-${device.id}`, data: { row: device.id }, "aria-pressed": String(device.id === desk.chosen), text: desk.label(device), on: { click: () => desk.choose(device.id, "table") },
      })), cells(device)));
    fill(element,
      h("h2", { class: "sr-only", text: t("siting.map.tab_devices") }),
      rows.length ? h("div", { class: "siting-scroll", tabindex: 0, role: "region", "aria-label": t("siting.map.list") }, h("table", { class: "siting-table", "data-testid": "device-list" },
        h("thead", {}, h("tr", {}, heads.map(([key, css]) => h("th", { scope: "col", class: css, text: t(key) })))),
        h("tbody", {}, rows))) : h("p", { class: "empty", text: t("siting.map.no_devices") }));
    if (focused) element.querySelector(`[data-row="${focused}"]`)?.focus({ preventScroll: true });
  }
  desk.on("plan", draw);
  desk.on("shown", draw);
  desk.on("chosen", ({ device, from }) => {
    for (const row of $$("tr[data-id]", element)) {
      const on = Number(row.dataset.id) === device?.id;
      row.classList.toggle("is-chosen", on);
      row.querySelector("button").setAttribute("aria-pressed", String(on));
      if (on && from === "map") row.scrollIntoView({ block: "nearest" });
    }
  });
  draw();
}
