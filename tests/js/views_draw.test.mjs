import assert from "node:assert/strict";
import test from "node:test";
import { cameraView, heardCircles, litDisc } from "../../static/js/layers/views_draw.js";

/** A canvas that notes the dashes of what is stroked. */
function canvas() {
  const strokes = [];
  let dash = [];
  const ignore = () => {};
  return {
    strokes, beginPath: ignore, moveTo: ignore, arc: ignore, closePath: ignore, fill: ignore,
    createRadialGradient: () => ({ addColorStop: ignore }),
    setLineDash: (next) => { dash = next; },
    stroke: () => strokes.push(dash.length > 0),
  };
}

const view = { shape: "sector", range_m: 30, start: 0, end: 1 };
const style = { color: "#0b7285", state: "working", selected: false };

test("a view that nobody has looked at on site is dashed, a verified one is not", () => {
  for (const [assumed, dashed] of [[true, [true]], [false, [false]]]) {
    const ctx = canvas();
    cameraView(ctx, 0, 0, view, 1, { ...style, assumed }, {});
    assert.deepEqual(ctx.strokes, dashed);
  }
});

test("so is what a lamp lights", () => {
  for (const [assumed, dashed] of [[true, [true]], [false, []]]) {
    const ctx = canvas();
    litDisc(ctx, 0, 0, 20, "#e8a200", "working", assumed);
    assert.deepEqual(ctx.strokes, dashed);
  }
});

test("a loudspeaker that works and whose range is known has a circle, the chosen one's is firmer", () => {
  const arcs = [];
  const widths = [];
  const ctx = { ...canvas(), arc: (x, y, r) => arcs.push([x, y, r]), stroke: () => widths.push(ctx.lineWidth) };
  const speaker = (id, properties) => ({ id, properties, geometry: { coordinates: [id, 20] } });
  const features = [
    speaker(1, { range_m: 300, state: "working" }), speaker(2, { range_m: 500, state: "broken" }),
    speaker(3, { range_m: null, state: "working" }), speaker(4, { range_m: 200, state: "working" }),
  ];
  heardCircles(ctx, features, "#1098ad", { place: ({ lon, lat }) => ({ x: lon, y: lat }), scale: () => 2, isChosen: (f) => f.id === 4 });
  assert.deepEqual(arcs, [[1, 20, 600], [4, 20, 400]]);
  assert.ok(widths[1] > widths[0]);
});
