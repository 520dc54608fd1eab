"""The invented commune beside another meets it exactly, and its rows fit their layers."""

import shapely
from shapely import Point

from gis_app.analysis.town.beside import beside_rows
from layers import LAYERS

OUTLINE = shapely.buffer(Point(600_000, 2_300_000), 2000, quad_segs=24)
GATES = [Point(600_000, 2_298_001), Point(598_300, 2_298_950), Point(600_000, 2_301_999)]


def test_it_touches_and_never_overlaps() -> None:
    rows = beside_rows(OUTLINE, GATES, 9210)
    (commune,) = rows["communes"]
    assert commune.geom.is_valid
    assert commune.geom.distance(OUTLINE) == 0
    assert commune.geom.intersection(OUTLINE).area < 1
    assert commune.geom.intersection(OUTLINE).length > 1000
    villages = [row.geom for row in rows["groups"]]
    assert len(villages) == 4
    assert shapely.coverage_is_valid([shapely.get_parts(one)[0] for one in villages])
    assert shapely.union_all(villages).symmetric_difference(commune.geom).area < 1


def test_rows_fit_their_layers_and_lie_inside() -> None:
    rows = beside_rows(OUTLINE, GATES, 9210)
    whole = shapely.buffer(rows["communes"][0].geom, 0.5)
    for name, found in rows.items():
        known = {f.name: f for f in LAYERS[name].fields}
        needed = {f.name for f in known.values() if f.required and f.default is None}
        assert found, name
        assert len({row.external_id for row in found}) == len(found)
        for row in found:
            assert needed <= set(row.properties) <= set(known), name
            assert row.geom.is_valid, name
            assert whole.covers(row.geom), (name, row.external_id)
    # Two gates are on its side, the third is not.
    assert len(rows["gateways"]) == 2


def test_roads_are_one_network() -> None:
    rows = beside_rows(OUTLINE, GATES, 9210)["roads"]
    ends = [{row.properties["source_node"], row.properties["target_node"]} for row in rows]
    seen = ends[0]
    for _ in ends:
        seen = seen.union(*(pair for pair in ends if pair & seen))
    assert all(pair <= seen for pair in ends)
