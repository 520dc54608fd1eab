/** The stand-alone map: forms of points, zoom-dependent drawing, layer switches, printing. */
globalThis.binhYen = (() => {
  "use strict";
  const FILL_OPACITY = [[14.5, 0.8], [15.5, 0.66], [16.5, 0.5], [17.5, 0.38], [99, 0.28]];
  const WIDTH_ZOOMS = [11, 13, 15, 17, 19];
  const state = { config: null, homeZoom: 0 };

  /* ------------------------------------------------------------ points */
  function formPath(form, { x, y }, r) {
    const ring = (corners, turn, size) => `M${Array.from({ length: corners }, (_, i) => {
      const a = turn + (i * 2 * Math.PI) / corners;
      return `${(x + size * Math.cos(a)).toFixed(1)} ${(y + size * Math.sin(a)).toFixed(1)}`;
    }).join("L")}z`;
    if (form === "diamond") return ring(4, 0, r * 1.25);
    if (form === "square") return ring(4, Math.PI / 4, r * 1.3);
    if (form === "hexagon") return ring(6, 0, r * 1.12);
    return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;
  }
  const Point = L.CircleMarker.extend({
    _updatePath() {
      this._renderer._setPath(this, this._empty() ? "M0 0" : formPath(this.options.form, this._point, this._radius));
    },
  });
  const pointRenderer = L.svg({ pane: "points", padding: 0.4 });
  const point = (form) => (_feature, latlng) => new Point(latlng, { form, renderer: pointRenderer, pane: "points" });

  /* ------------------------------------------------------------ zoom */
  function interpolate(widths, zoom) {
    if (zoom <= WIDTH_ZOOMS[0]) return widths[0];
    for (let i = 1; i < WIDTH_ZOOMS.length; i += 1) {
      if (zoom <= WIDTH_ZOOMS[i]) {
        const share = (zoom - WIDTH_ZOOMS[i - 1]) / 2;
        return widths[i - 1] + (widths[i] - widths[i - 1]) * share;
      }
    }
    return widths[widths.length - 1];
  }
  function streets(map, roads) {
    const { roadWidths, roadCasings } = state.config;
    const renderer = L.canvas({ pane: "casing", padding: 0.4 });
    const lines = roads ? roads.getLayers() : [];
    const casings = lines.filter((line) => roadCasings[line.feature.properties.class]).map((line) => ({
      line: L.polyline(line.getLatLngs(), { renderer, pane: "casing", interactive: false, color: roadCasings[line.feature.properties.class] }),
      road: line.feature.properties.class,
    }));
    const set = (line, weight) => {
      if (weight < 0.25) line.remove();
      else line.setStyle({ weight }).addTo(map);
    };
    return (zoom) => {
      // Seen as a whole the stages are the message: streets stay thin, alleys wait until one comes closer.
      const closer = zoom - state.homeZoom;
      const scale = closer < 0.5 ? 0.5 : closer < 1 ? 0.7 : closer < 2 ? 0.85 : 1;
      const hidden = new Set(closer < 0.5 ? ["alley", "track", "path"] : []);
      const width = (road) => (hidden.has(road) ? 0 : scale * interpolate(roadWidths[road] || roadWidths.residential, zoom));
      casings.forEach(({ line, road }) => set(line, width(road) < 1.2 ? 0 : width(road) + 1.5));
      lines.forEach((line) => set(line, width(line.feature.properties.class)));
      // Those that came back would lie on top: wide streets are drawn last again.
      lines.forEach((line) => map.hasLayer(line) && line.bringToFront());
    };
  }
  function pointSizes(layers) {
    return (zoom) => {
      const scale = zoom >= 16 ? 1.2 : zoom >= 14.5 ? 1 : zoom >= 13 ? 0.72 : 0.5;
      for (const layer of layers) {
        layer.eachLayer((mark) => {
          if (!mark.setRadius) return;
          mark.options.baseRadius ??= mark.options.radius;
          mark.options.baseWeight ??= mark.options.weight;
          mark.setStyle({ radius: mark.options.baseRadius * scale, weight: mark.options.baseWeight * Math.min(1, scale + 0.1) });
        });
      }
    };
  }

  /* ------------------------------------------------------------ page */
  function switches(map, found) {
    for (const input of document.querySelectorAll("[data-layer]")) {
      const name = input.dataset.layer;
      input.addEventListener("change", () => {
        found[name].forEach((layer) => (input.checked ? layer.addTo(map) : layer.remove()));
        const codes = document.querySelector(`[data-codes="${name}"]`);
        if (codes) codes.hidden = !input.checked;
        map.fire("switched");
      });
    }
  }
  /** Not reviewed in the period: stripes over the stage, which alone would look settled. */
  const stripes = (areas) => L.layerGroup(areas.filter((one) => one.feature.properties.gap).map((one) => L.polygon(one.getLatLngs(), {
    pane: "status", renderer: one.options.renderer, interactive: false, stroke: false, fillColor: "url(#fill-unreviewed)", fillOpacity: 1, className: "gap",
  })));
  function groups(map, layers) {
    const areas = layers ? layers[0].getLayers() : [];
    if (areas.length) layers.push(stripes(areas).addTo(map));
    areas.forEach((one) => {
      const element = one.getElement();
      if (!element) return;
      element.classList.add("group");
      element.dataset.stage = one.feature.properties[state.config.layers[state.config.status].by];
    });
    for (const button of document.querySelectorAll("[data-group]")) {
      button.addEventListener("click", () => {
        const one = areas[Number(button.dataset.group)];
        map.fitBounds(one.getBounds(), { padding: [60, 60], maxZoom: 16 });
        one.openPopup(one.getBounds().getCenter());
        map.getContainer().scrollIntoView({ block: "nearest" });
      });
    }
  }
  function printing(map, bounds) {
    let before = null;
    addEventListener("beforeprint", () => {
      before = { center: map.getCenter(), zoom: map.getZoom() };
      const seen = map.getBounds();
      // 203 mm x 186 mm at 96 pixels an inch: what the style sheet gives the map on paper.
      Object.assign(map.getContainer().style, { width: "203mm", height: "186mm" });
      map.invalidateSize({ animate: false, pan: false });
      map.fitBounds(seen.contains(bounds) ? bounds : seen, { animate: false });
    });
    addEventListener("afterprint", () => {
      Object.assign(map.getContainer().style, { width: "", height: "" });
      map.invalidateSize({ animate: false, pan: false });
      if (before) map.setView(before.center, before.zoom, { animate: false });
    });
    document.querySelector("[data-print]").addEventListener("click", () => print());
  }

  async function start(map, found) {
    const { config, properties } = globalThis.binhYenData;
    const { texts } = config;
    state.config = config;
    // Folium carries shapes only; what people wrote comes beside them.
    for (const [name, layers] of Object.entries(found)) {
      layers.forEach((layer) => layer.eachLayer(({ feature }) => { feature.properties = properties[name]?.[feature.id] || {}; }));
    }
    map.getContainer().setAttribute("aria-label", document.title);
    map.getContainer().setAttribute("role", "main");
    L.control.zoom({ position: "topleft", zoomInTitle: texts.zoom_in, zoomOutTitle: texts.zoom_out }).addTo(map);
    L.control.scale({ imperial: false, maxWidth: 160 }).addTo(map);
    L.control.attribution({ prefix: false }).setPrefix(false).addTo(map);
    map.fitBounds(config.bounds, { animate: false, padding: [8, 8] });
    state.homeZoom = map.getZoom();
    map.setMaxBounds(L.latLngBounds(config.bounds).pad(0.6));
    for (const [name, layers] of Object.entries(found)) {
      const switched = config.layers[name];
      if (name !== "roads" && (!switched || switched.visible)) layers.forEach((layer) => layer.addTo(map));
    }
    const roads = found.roads?.[0];
    const drawStreets = streets(map, roads);
    const drawPoints = pointSizes(Object.keys(config.layers).flatMap((name) => found[name]));
    const refresh = () => {
      const zoom = map.getZoom();
      drawStreets(zoom);
      drawPoints(zoom);
      map.getPane("status").style.setProperty("--status-fill", String(FILL_OPACITY.find(([limit]) => zoom < limit)[1]));
    };
    map.on("zoomend", refresh);
    map.on("switched", () => drawPoints(map.getZoom()));
    refresh();
    switches(map, found);
    groups(map, found[config.status]);
    printing(map, L.latLngBounds(config.bounds));
    const { areaNames, riverNames, streetNames } = binhYenNames;
    await document.fonts.ready;
    binhYenLabels.open(map, [
      ...areaNames(found[config.status]?.[0], "group", 12.75), ...areaNames(found.neighbours?.[0], "neighbour", 11),
      ...riverNames(found.waterways?.[0]), ...streetNames(roads, config.roadWidths)]);
    document.documentElement.dataset.ready = "1";
  }

  return { point, describe: binhYenCards.describe, start };
})();
