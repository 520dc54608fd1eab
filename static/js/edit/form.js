/** A form made from the fields of a layer: choices, units, limits, dates; faults are told at their field. */
import { dressDays } from "../core/day_fields.js";
import { h } from "../core/dom.js";
import { number } from "../core/format.js";
import { lang, t } from "../core/i18n.js";
import { ruleText } from "./rules.js";

const NUMBERS = ["int", "bigint", "float"];
/* What has no column of its own in the catalogue. */
const CODE = { name: "external_id", type: "text", max_length: 100, choices: [] };

/** The fields that a person fills in. */
export const formFields = (layer) => [...layer.fields.filter((f) => !f.managed && f.type !== "bigint"), { ...CODE, title: t("map.code") }];

const titleOf = (f) => (f.unit ? `${f.title} (${f.unit})` : f.title);

function select(f, options, value) {
  const control = h("select", {}, options.map(([code, title]) => h("option", { value: code, text: title })));
  control.value = value === null || value === undefined ? "" : String(value);
  return control;
}

function control(f, value) {
  if (f.choices?.length) {
    const choices = f.choices.map((choice) => [choice.code, choice.title]);
    return select(f, f.required ? choices : [["", t("edit.unknown")], ...choices], value ?? f.default);
  }
  if (f.type === "bool" && !f.required) return select(f, [["", t("edit.unknown")], ["true", t("common.yes")], ["false", t("common.no")]], value);
  if (f.type === "bool") {
    const box = h("input", { type: "checkbox" });
    box.checked = Boolean(value ?? f.default);
    return box;
  }
  if (f.type === "date") return h("input", { type: "date", value: value || "" });
  if (NUMBERS.includes(f.type)) {
    return h("input", { type: "number", value: value ?? f.default ?? "", min: f.low, max: f.high, step: f.type === "float" ? "any" : 1, inputmode: f.type === "float" ? "decimal" : "numeric" });
  }
  return h("input", { type: "text", value: value ?? "", maxlength: f.max_length, autocomplete: "off" });
}

function valueOf(f, input) {
  if (input.type === "checkbox") return input.checked;
  const text = input.value.trim();
  if (text === "") return null;
  if (f.type === "bool") return text === "true";
  return NUMBERS.includes(f.type) ? Number(text) : text.normalize("NFC");
}

/** What is wrong with a value, as the sentence of a rule, or "". */
function faultOf(f, input, value) {
  if (input.validity?.badInput) return t("rule.number");
  if (value === null) return f.required ? t("rule.required") : "";
  if (!NUMBERS.includes(f.type)) return "";
  if (f.type !== "float" && !Number.isInteger(value)) return t("rule.whole");
  if (f.low !== null && (value < f.low || value > f.high)) return t("edit.range", { low: number(f.low, lang()), high: number(f.high, lang()) });
  return "";
}

/** `onInput(values)` is told of every change. `only`: names of the fields to ask for. */
export function openForm(layer, values, { onInput = () => {}, only = null } = {}) {
  const fields = formFields(layer).filter((f) => !only || only.includes(f.name));
  const inputs = new Map();

  function row(f) {
    const input = control(f, values[f.name]);
    const id = `edit-${f.name}`;
    Object.assign(input, { id, name: f.name });
    input.dataset.testid = `field-${f.name}`;
    const fault = h("p", { class: "field-fault", id: `${id}-fault`, hidden: true });
    inputs.set(f.name, { f, input, fault });
    input.addEventListener("input", () => {
      show(f.name, "");
      onInput({ [f.name]: valueOf(f, input) });
    });
    const label = h("label", { for: id }, titleOf(f), f.required && input.type !== "checkbox" && !f.choices?.length && h("span", { class: "needed", text: ` (${t("edit.needed")})` }));
    const wide = f.type === "text" && !f.choices?.length;
    if (input.type === "checkbox") return h("div", { class: "form-row edit-check" }, input, label, fault);
    return h("div", { class: `form-row ${wide ? "is-wide" : ""}` }, label, input, fault);
  }

  function show(name, text) {
    const found = inputs.get(name);
    if (!found) return false;
    found.fault.hidden = !text;
    found.fault.textContent = text;
    if (text) {
      found.input.setAttribute("aria-invalid", "true");
      found.input.setAttribute("aria-describedby", found.fault.id);
    } else {
      found.input.removeAttribute("aria-invalid");
      found.input.removeAttribute("aria-describedby");
    }
    return true;
  }

  const element = h("div", { class: "edit-fields" }, fields.map(row));
  dressDays(element);
  return {
    element,
    set(name, value) {
      const { input } = inputs.get(name) || {};
      if (!input || document.activeElement === input) return;
      input.value = value === null || value === undefined ? "" : String(value);
      // For the field that stands before it, if it is a day.
      input.dispatchEvent(new Event("change"));
      show(name, "");
    },
    /** The values as JSON has them; null where one is wrong, which is then told and focused. */
    read() {
      const found = {};
      let first = null;
      for (const [name, { f, input }] of inputs) {
        found[name] = valueOf(f, input);
        const text = faultOf(f, input, found[name]);
        show(name, text);
        if (text) first ||= input;
      }
      first?.focus();
      return first ? null : found;
    },
    /** Tell the server's faults at their fields; what has no field comes back as sentences. */
    tell(faults) {
      const others = [];
      for (const { field, rule } of faults) {
        const text = ruleText(rule);
        if (!show(field, text)) others.push(text);
      }
      inputs.get(faults.find(({ field }) => inputs.has(field))?.field)?.input.focus();
      return others;
    },
    focus: () => inputs.values().next().value?.input.focus({ preventScroll: true }),
  };
}
