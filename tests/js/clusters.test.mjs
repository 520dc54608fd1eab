import assert from "node:assert/strict";
import test from "node:test";
import { makeIndex, SITE_ZOOM, sites } from "../../static/js/core/clusters.js";

const row = (id, lon, lat, properties = {}) => ({ type: "Feature", id, geometry: { type: "Point", coordinates: [lon, lat] }, properties });
const WORLD = [-180, -85, 180, 85];

test("views on one pole are one site; the same code elsewhere is another", () => {
  const found = sites([
    row(1, 106.65, 20.82, { pole_code: "C-1" }), row(2, 106.65, 20.82, { pole_code: "C-1" }),
    row(3, 106.66, 20.82, { pole_code: "C-1" }), row(4, 106.65, 20.82), row(5, 106.65, 20.82),
  ]);
  assert.deepEqual(found.map((site) => site.features.length), [2, 1, 1, 1]);
});

test("clusters count rows, not poles, and know the broken ones", () => {
  const rows = Array.from({ length: 30 }, (_, i) =>
    row(i, 106.65 + (i % 10) * 1e-5, 20.82, { pole_code: `C-${i % 10}`, state: i < 4 ? "broken" : "working" }));
  const [cluster, ...others] = makeIndex(rows).visible(WORLD, 12);
  assert.equal(others.length, 0);
  assert.deepEqual([cluster.rows, cluster.broken], [30, 4]);
});

test("near by every site stands alone", () => {
  const rows = Array.from({ length: 12 }, (_, i) => row(i, 106.65 + i * 1e-5, 20.82));
  assert.equal(makeIndex(rows).visible(WORLD, SITE_ZOOM).length, 12);
});

test("no row is lost at any zoom", () => {
  const rows = Array.from({ length: 300 }, (_, i) => row(i, 106.6 + ((i * 7919) % 300) / 3000, 20.8 + ((i * 104729) % 300) / 3000));
  const index = makeIndex(rows);
  for (let zoom = 9; zoom <= 19; zoom += 1) {
    const total = index.visible(WORLD, zoom).reduce((sum, item) => sum + (item.site ? item.site.features.length : item.rows), 0);
    assert.equal(total, 300);
  }
});
