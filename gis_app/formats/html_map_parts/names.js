/** What labels.js may write: names of areas at a place inside them, of streets and rivers along their lines. */
globalThis.binhYenNames = (() => {
  "use strict";
  const ring = (polygon) => polygon.map(([lng, lat]) => [lat, lng]);
  const parts = (geometry) => (geometry.type.startsWith("Multi") ? geometry.coordinates : [geometry.coordinates]);
  const largest = (list, size) => list.reduce((best, one) => (size(one) > size(best) ? one : best));
  function area(line) {
    return Math.abs(line.reduce((sum, [x, y], i) => { const [u, v] = line[(i + 1) % line.length]; return sum + x * v - u * y; }, 0));
  }
  /** The middle of the widest stretch inside a polygon along some horizontal lines. */
  function inside(polygon) {
    const ys = polygon[0].map((p) => p[1]);
    const [low, high] = [Math.min(...ys), Math.max(...ys)];
    let best = { width: -1, at: [low, polygon[0][0][0]] };
    for (const share of [0.5, 0.4, 0.6, 0.3, 0.7]) {
      const y = low + (high - low) * share;
      const xs = polygon.flatMap((line) => line.flatMap(([x1, y1], i) => {
        const [x2, y2] = line[(i + 1) % line.length];
        return (y1 > y) === (y2 > y) ? [] : [x1 + ((y - y1) / (y2 - y1)) * (x2 - x1)];
      })).sort((a, b) => a - b);
      for (let i = 0; i + 1 < xs.length; i += 2) {
        const width = (xs[i + 1] - xs[i]) * (share === 0.5 ? 1.15 : 1);
        if (width > best.width) best = { width, at: [y, (xs[i] + xs[i + 1]) / 2] };
      }
    }
    return best.at;
  }
  const shorter = (text) => text.replace(/^Tổ dân phố( số)?/i, "TDP");
  function areaNames(layer, kind, minZoom) {
    return (layer ? layer.getLayers() : []).filter((one) => one.feature.properties.name).map(({ feature }) => ({
      text: shorter(feature.properties.name), kind, minZoom, at: inside(largest(parts(feature.geometry), (p) => area(p[0]))),
    }));
  }
  function streetNames(roads, roadWidths) {
    const order = Object.keys(roadWidths).reverse();
    const from = (road) => [13, 13, 13.5, 14, 14.5, 15.5][order.indexOf(road)] ?? 16.5;
    return (roads ? roads.getLayers() : []).filter((line) => line.feature.properties.name)
      .sort((a, b) => order.indexOf(a.feature.properties.class) - order.indexOf(b.feature.properties.class))
      .flatMap(({ feature }) => [...feature.geometry.coordinates].sort((a, b) => b.length - a.length).slice(0, 3)
        .map((line) => ({ text: feature.properties.name, kind: "street", minZoom: from(feature.properties.class), line: ring(line) })));
  }

  function riverNames(rivers) {
    return (rivers ? rivers.getLayers() : []).filter((line) => line.feature.properties.name)
      .map(({ feature }) => ({ text: feature.properties.name, kind: "water", minZoom: 12, line: ring(feature.geometry.coordinates) }));
  }

  return { areaNames, streetNames, riverNames };
})();
