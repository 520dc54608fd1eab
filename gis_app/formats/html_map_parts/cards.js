/** Popups of the stand-alone map: what is known of the features at a spot. Text goes in by textContent. */
globalThis.binhYenCards = (() => {
  "use strict";
  const data = () => globalThis.binhYenData;
  const atSpot = new Map();

  function h(tag, className, ...content) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    element.append(...content.filter((part) => part !== null).map((part) => (part instanceof Node ? part : document.createTextNode(String(part)))));
    return element;
  }
  function valueText(field, value) {
    const { texts, lang } = data().config;
    if (value === null || value === undefined || value === "") return "";
    if (field.choices[value]) return field.choices[value];
    if (typeof value === "boolean") return value ? texts.yes : texts.no;
    if (field.type === "date") return String(value).split("-").reverse().join("/");
    const text = typeof value === "number" ? value.toLocaleString(lang === "vi" ? "vi-VN" : "en-GB") : String(value);
    return field.unit ? `${text}${field.unit === "°" ? "" : "\u00a0"}${field.unit}` : text;
  }
  function titleOf(name, properties) {
    const { label, title } = data().config.layers[name];
    return properties[label] || properties.external_id || title;
  }
  function card(name, { properties }) {
    const { title, fields, label } = data().config.layers[name];
    const rows = h("dl");
    for (const field of fields) {
      const text = field.name === label ? "" : valueText(field, properties[field.name]);
      if (text) rows.append(h("dt", "", field.title), h("dd", "", text));
    }
    const code = properties.external_id && label !== "external_id" ? properties.external_id : "";
    if (code) rows.append(h("dt", "", data().config.texts.code), h("dd", "", code));
    return h("section", "card", h("p", "card-layer", title), h("h2", "card-title", titleOf(name, properties)), rows);
  }
  const spotKey = (name, feature) => (feature.geometry.type === "Point" ? `${name} ${feature.geometry.coordinates}` : "");

  /** For folium's GeoJson: a popup that is built when it opens, for all features at that very spot. */
  function describe(name) {
    return (feature, layer) => {
      const key = spotKey(name, feature);
      if (key) atSpot.set(key, [...(atSpot.get(key) || []), feature]);
      layer.bindPopup(() => h("div", "cards", ...(atSpot.get(key) || [feature]).map((one) => card(name, one))),
        { maxWidth: 320, minWidth: 220 });
    };
  }

  return { describe };
})();
