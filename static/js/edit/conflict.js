/** Somebody else saved first: what they changed, and the choice between theirs and mine. */
import { valueText } from "../core/catalogue.js";
import { h } from "../core/dom.js";
import { lang, t } from "../core/i18n.js";

export async function tellConflict(tools, layer, feature, tell, save) {
  const fresh = await tools.changes.load(layer, feature.id).catch(() => null);
  if (!fresh) return tell(h("p", { text: t("edit.gone") }));
  const others = layer.fields.filter((f) => String(fresh.properties[f.name] ?? "") !== String(feature.properties[f.name] ?? ""));
  const text = (f) => valueText(f, fresh.properties[f.name], lang(), t) || t("edit.empty");
  const movedByOther = JSON.stringify(fresh.geometry) !== JSON.stringify(feature.geometry);
  return tell(h("p", { text: t("edit.conflict") }),
    h("ul", { class: "edit-others" }, others.map((f) => h("li", { text: `${f.title}: ${text(f)}` })), movedByOther && h("li", { text: t("edit.conflict_place") })),
    h("div", { class: "form-actions" },
      h("button", { type: "button", class: "button", text: t("edit.keep_mine"), data: { testid: "keep-mine" }, on: { click: save } }),
      h("button", { type: "button", class: "button button-quiet", text: t("edit.take_theirs"), data: { testid: "take-theirs" }, on: { click: () => tools.edit(layer, feature.id) } })));
}
