/** Names on the map: those that fit, the important first, never one over another. */
globalThis.binhYenLabels = (() => {
  "use strict";
  const FONTS = { group: "700 12.5px", street: "400 11px", neighbour: "400 12px", water: "italic 400 11px" };
  const context = document.createElement("canvas").getContext("2d");

  function width(text, kind) {
    context.font = `${FONTS[kind]} "Be Vietnam Pro", sans-serif`;
    return context.measureText(text).width + 6;
  }

  /** The middle of a line (lat, lng points) and the piece around it as long as a text. */
  function alongLine(map, points, pixels) {
    const spots = points.map((p) => map.latLngToContainerPoint(p));
    const steps = spots.slice(1).map((p, i) => p.distanceTo(spots[i]));
    const total = steps.reduce((sum, step) => sum + step, 0);
    if (total < pixels) return null;
    const at = (distance) => {
      let rest = distance;
      for (let i = 0; i < steps.length; i += 1) {
        if (rest <= steps[i]) {
          const share = steps[i] ? rest / steps[i] : 0;
          return spots[i].add(spots[i + 1].subtract(spots[i]).multiplyBy(share));
        }
        rest -= steps[i];
      }
      return spots[spots.length - 1];
    };
    const [from, to] = [at((total - pixels) / 2), at((total + pixels) / 2)];
    // A text is straight: where the street bends more than a little, it has no place.
    if (from.distanceTo(to) < pixels * 0.93) return null;
    let angle = (Math.atan2(to.y - from.y, to.x - from.x) * 180) / Math.PI;
    if (angle > 90) angle -= 180;
    if (angle < -90) angle += 180;
    return { point: from.add(to).divideBy(2), angle };
  }

  function box(point, angle, w, h) {
    const a = (angle * Math.PI) / 180;
    const [x, y] = [(Math.abs(w * Math.cos(a)) + Math.abs(h * Math.sin(a))) / 2, (Math.abs(w * Math.sin(a)) + Math.abs(h * Math.cos(a))) / 2];
    return L.bounds(point.subtract([x, y]), point.add([x, y]));
  }

  /** `names`: {text, kind, minZoom, at: [lat, lng]} or {..., line: [[lat, lng], …]}, the important first. */
  function open(map, names) {
    const pane = map.getPane("names");
    function refresh() {
      pane.replaceChildren();
      const zoom = map.getZoom();
      const view = L.bounds([0, 0], map.getSize());
      const taken = [];
      for (const name of names) {
        if (zoom < name.minZoom) continue;
        const w = width(name.text, name.kind);
        const spot = name.at ? { point: map.latLngToContainerPoint(name.at), angle: 0 } : alongLine(map, name.line, w);
        if (!spot || !view.contains(spot.point)) continue;
        const area = box(spot.point, spot.angle, w, 15);
        if (taken.some((other) => other.intersects(area))) continue;
        taken.push(area);
        const element = document.createElement("span");
        element.className = `name name-${name.kind}`;
        element.textContent = name.text;
        const place = map.containerPointToLayerPoint(spot.point);
        element.style.left = `${place.x}px`;
        element.style.top = `${place.y}px`;
        element.style.setProperty("--angle", `${spot.angle.toFixed(1)}deg`);
        pane.append(element);
      }
    }
    map.on("zoomstart", () => pane.replaceChildren());
    map.on("moveend zoomend resize", refresh);
    refresh();
    return { refresh };
  }

  return { open };
})();
