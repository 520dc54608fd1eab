/** A small map of one village: outline, streets, numbered lights and cameras, in SVG; no tiles, no library. */
import { planeAround, setSpot, stepOf } from "./places.js";

const SVG = "http://www.w3.org/2000/svg";
const NEAR_PX = 26;

function draw(parent, name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  parent.append(element);
  return element;
}

const linesOf = ({ type, coordinates }) =>
  ({ LineString: () => [coordinates], MultiLineString: () => coordinates, Polygon: () => coordinates, MultiPolygon: () => coordinates.flat() })[type]();

function nearest(lines, [x, y]) {
  let best = Infinity;
  for (const line of lines) {
    for (let i = 1; i < line.length; i += 1) {
      const [[ax, ay], [bx, by]] = [line[i - 1], line[i]];
      const length = (bx - ax) ** 2 + (by - ay) ** 2 || 1;
      const along = Math.max(0, Math.min(1, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length));
      best = Math.min(best, Math.hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay)));
    }
  }
  return best;
}

export async function openMap(element, form, { say, said, changed }) {
  const answer = await fetch(`/tin/${encodeURIComponent(form.dataset.box)}/ban-do?to=${form.dataset.to}`, { credentials: "omit" });
  if (!answer.ok) throw new Error(String(answer.status));
  const found = await answer.json();
  const rings = linesOf(found.outline);
  const plane = planeAround(...rings[0][0]);
  const outline = rings.map((ring) => ring.map(plane.to));
  const streets = found.streets.map(({ id, name, line }) => ({ id, name, lines: linesOf(line).map((one) => one.map(plane.to)) }));
  const devices = found.devices.map(([layer, number, lon, lat]) => ({ layer, number, at: plane.to([lon, lat]) }));
  const all = outline.flat();
  const [xs, ys] = [all.map(([x]) => x), all.map(([, y]) => y)];
  const full = [Math.min(...xs) - 30, Math.min(...ys) - 30, Math.max(...xs) - Math.min(...xs) + 60, Math.max(...ys) - Math.min(...ys) + 60];
  let view = [...full];
  let kind = "street";

  const svg = draw(element, "svg", { class: "tip-svg", role: "img", "aria-label": say("pick_street") });
  const path = (lines) => lines.map((line) => `M${line.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}`).join("");
  draw(svg, "path", { class: "tip-ground", d: `${path(outline)}Z` });
  for (const street of streets) street.path = draw(svg, "path", { class: "tip-road", d: path(street.lines) });
  for (const device of devices) device.dot = draw(svg, "circle", { class: `tip-dot is-${device.layer}`, cx: device.at[0], cy: device.at[1] });
  const mark = draw(svg, "circle", { class: "tip-mark", visibility: "hidden" });
  const square = draw(svg, "rect", { class: "tip-mark", visibility: "hidden" });
  const perPixel = () => Math.max(view[2] / (svg.clientWidth || 300), view[3] / (svg.clientHeight || 300));

  function show() {
    svg.setAttribute("viewBox", view.join(" "));
    const unit = perPixel();
    for (const { dot } of devices) dot.setAttribute("r", (kind === "device" ? 7 : 3) * unit);
    mark.setAttribute("r", 9 * unit);
  }
  function zoom(by) {
    view = [view[0] + (view[2] - view[2] * by) / 2, view[1] + (view[3] - view[3] * by) / 2, view[2] * by, view[3] * by];
    show();
  }
  const buttons = element.appendChild(document.createElement("div"));
  buttons.className = "tip-zoom";
  for (const [label, by] of [["+", 0.6], ["−", 1 / 0.6]]) {
    const button = buttons.appendChild(document.createElement("button"));
    button.type = "button";
    button.textContent = label;
    button.setAttribute("aria-label", label);
    button.addEventListener("click", () => zoom(by));
  }

  function clear() {
    for (const one of element.querySelectorAll(".is-chosen")) one.classList.remove("is-chosen");
    for (const one of [mark, square]) one.setAttribute("visibility", "hidden");
  }

  /* What the form holds, as it will be kept. */
  function showSpot() {
    if (!form.elements.spot.value) return;
    const [lon, lat] = form.elements.spot.value.split(",").map(Number);
    const half = stepOf(form) / 2;
    const [[x, y], [left, top], [right, bottom]] = [[lon, lat], [lon - half, lat + half], [lon + half, lat - half]].map(plane.to);
    const shape = kind === "cell" ? square : mark;
    const places = kind === "cell" ? { x: left, y: top, width: right - left, height: bottom - top } : { cx: x, cy: y };
    for (const [name, value] of Object.entries(places)) shape.setAttribute(name, value);
    shape.setAttribute("visibility", "visible");
  }

  function choose(spot) {
    clear();
    if (kind === "point" || kind === "cell") {
      form.elements.precision.value = kind;
      const [lon, lat] = setSpot(form, ...plane.back(spot)).split(",");
      showSpot();
      return `${lat}, ${lon}`;
    }
    const of = kind === "device" ? devices.map((one) => [Math.hypot(one.at[0] - spot[0], one.at[1] - spot[1]), one]) : streets.map((one) => [nearest(one.lines, spot), one]);
    const [away, one] = of.sort(([a], [b]) => a - b)[0] ?? [Infinity];
    if (away > NEAR_PX * perPixel()) return null;
    (one.dot ?? one.path).classList.add("is-chosen");
    if (kind === "device") {
      form.elements.device_number.value = one.number;
      form.elements.subject.value = one.layer === "lights" ? "light_out" : "camera_out";
      return one.number;
    }
    // The segment's number, never where the finger was.
    const select = form.elements.road_id;
    if (![...select.options].some((option) => option.value === String(one.id))) select.append(new Option(one.name || `#${one.id}`, one.id));
    select.value = String(one.id);
    form.elements.precision.value = "street";
    return one.name || `#${one.id}`;
  }

  let from = null;
  svg.addEventListener("pointerdown", (event) => { from = { x: event.clientX, y: event.clientY, view: [...view], far: false }; svg.setPointerCapture(event.pointerId); });
  svg.addEventListener("pointermove", (event) => {
    if (!from) return;
    const [dx, dy] = [event.clientX - from.x, event.clientY - from.y];
    if (Math.hypot(dx, dy) > 8) from.far = true;
    if (from.far) { view = [from.view[0] - dx * perPixel(), from.view[1] - dy * perPixel(), view[2], view[3]]; show(); }
  });
  svg.addEventListener("pointerup", (event) => {
    const tapped = from && !from.far;
    from = null;
    if (!tapped) return;
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    const name = choose([at.x, at.y]);
    said(name ? say("picked", { name }) : say(`pick_${kind}`));
    if (name) changed();
  });
  show();
  return {
    clear,
    pick(wanted) {
      kind = wanted;
      said(say(`pick_${kind}`));
      show();
      if (kind === form.elements.precision.value) showSpot();
    },
  };
}
