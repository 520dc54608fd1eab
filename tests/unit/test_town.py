"""The demonstration towns: shape, network, rows that fit the layers, facts of the documents."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from itertools import pairwise

import numpy as np
import pytest
import shapely

from gis_app.analysis.status import may_move
from gis_app.analysis.town import Town, build_town
from gis_app.analysis.town.history import past_of
from gis_app.analysis.town.specs import SPECS
from layers import LAYERS
from layers.base import Field

SEED = 28_2025
CODES = [spec.code for spec in SPECS]
GROUP_COUNT = {"11455": 23, "11443": 43, "11167": 16, "18832": 22, "11725": 14}
# These lie outside or across the boundary on purpose.
OUTSIDE = {"neighbours", "water_areas", "waterways", "key_routes"}


@pytest.fixture(scope="session")
def towns() -> Mapping[str, Town]:
    """Every town, built once."""
    return {spec.code: build_town(spec, SEED) for spec in SPECS}


@pytest.fixture(params=CODES)
def town(request: pytest.FixtureRequest, towns: Mapping[str, Town]) -> Town:
    """Each town in turn."""
    return towns[request.param]


def geoms(town: Town, layer: str) -> np.ndarray:
    return np.array([row.geom for row in town.layers[layer]], dtype=object)


def dump(town: Town) -> list[object]:
    return [
        (name, row.external_id, shapely.to_wkb(row.geom), sorted(row.properties.items(), key=lambda item: item[0]))
        for name in sorted(town.layers)
        for row in town.layers[name]
    ]


def test_same_seed_same_town(towns: Mapping[str, Town]) -> None:
    spec = next(spec for spec in SPECS if spec.code == "11725")
    assert dump(build_town(spec, SEED)) == dump(towns[spec.code])


def test_all_layers_are_there(town: Town) -> None:
    assert set(town.layers) == set(LAYERS)
    for name, rows in town.layers.items():
        assert rows, name
        ids = [row.external_id for row in rows]
        assert len(ids) == len(set(ids)), name


def test_building_budget(towns: Mapping[str, Town]) -> None:
    counts = {code: len(town.layers["buildings"]) for code, town in towns.items()}
    assert 5_000 <= counts["11443"] <= 9_000
    assert sum(counts.values()) <= 25_000


def test_area_is_the_official_one(town: Town) -> None:
    assert town.outline.area == pytest.approx(town.spec.area_km2 * 1e6, rel=1e-3)
    assert town.layers["communes"][0].geom.equals(town.outline)


def test_groups_tile_the_outline(town: Town) -> None:
    groups = geoms(town, "groups")
    assert len(groups) == GROUP_COUNT[town.spec.code]
    assert shapely.area(groups).sum() == pytest.approx(town.outline.area, rel=1e-6)
    assert shapely.coverage_is_valid([shapely.get_parts(group)[0] for group in groups])
    assert all(shapely.get_num_geometries(groups) == 1)
    assert shapely.union_all(groups).symmetric_difference(town.outline).area < 1.0


def test_network_is_connected_and_noded(town: Town) -> None:
    roads = town.layers["roads"]
    place: dict[int, tuple[float, float]] = {}
    links: dict[int, set[int]] = {}
    for row in roads:
        ends = (row.properties["source_node"], row.properties["target_node"])
        for node, xy in zip(ends, (row.geom.coords[0], row.geom.coords[-1]), strict=True):
            assert place.setdefault(node, xy) == xy
        links.setdefault(ends[0], set()).add(ends[1])
        links.setdefault(ends[1], set()).add(ends[0])
    assert len(set(place.values())) == len(place)
    seen, stack = set(), [min(links)]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            stack.extend(links[node])
    assert seen == set(place)
    # A motorway passes over the others; those meet in their ends only.
    ground = np.array([row.geom for row in roads if row.properties["class"] != "motorway"], dtype=object)
    left, right = shapely.STRtree(ground).query(ground, predicate="crosses")
    assert not (left < right).any()
    left, right = shapely.STRtree(ground).query(ground, predicate="overlaps")
    assert not (left < right).any()


def test_points_lie_inside(town: Town) -> None:
    outline = shapely.buffer(town.outline, 0.01)
    shapely.prepare(outline)
    for name, rows in town.layers.items():
        if LAYERS[name].is_point:
            inside = shapely.contains(outline, np.array([row.geom for row in rows], dtype=object))
            assert inside.all(), (name, [rows[k].external_id for k in np.flatnonzero(~inside)])


def test_nothing_but_context_lies_outside(town: Town) -> None:
    outline = shapely.buffer(town.outline, 0.1)
    for name in set(LAYERS) - OUTSIDE:
        assert outline.covers(shapely.union_all(geoms(town, name))), name


def test_buildings_keep_clear(town: Town) -> None:
    houses = geoms(town, "buildings")
    left, right = shapely.STRtree(houses).query(houses, predicate="intersects")
    clash = left < right
    assert shapely.area(shapely.intersection(houses[left[clash]], houses[right[clash]])).sum() < 0.1
    roads = geoms(town, "roads")
    assert not len(shapely.STRtree(houses).query(roads, predicate="intersects")[0])
    water = geoms(town, "water_areas")
    assert not len(shapely.STRtree(houses).query(water, predicate="intersects")[0])


def fits(field: Field, value: object) -> bool:
    if value is None:
        return not field.required
    kinds = {"text": str, "int": int, "bigint": int, "float": float, "bool": bool, "date": date}
    if type(value) is not kinds[field.type]:
        return False
    if field.choices:
        return value in {choice.code for choice in field.choices}
    if isinstance(value, str):
        return bool(value) and len(value) <= field.max_length and value.isprintable()
    if field.low is not None and field.high is not None:
        return field.low <= value <= field.high  # type: ignore[operator]
    return True


def test_rows_fit_their_layers(town: Town) -> None:
    for name, rows in town.layers.items():
        fields = {field.name: field for field in LAYERS[name].fields}
        required = {field.name for field in fields.values() if field.required}
        assert {row.geom.geom_type.upper() for row in rows} == {LAYERS[name].geometry}, name
        for row in rows:
            assert required <= set(row.properties) <= set(fields), name
            bad = {key: value for key, value in row.properties.items() if not fits(fields[key], value)}
            assert not bad, (name, row.external_id, bad)
            assert row.geom.is_valid, (name, row.external_id)
            assert not row.geom.is_empty, (name, row.external_id)


def test_counts_of_people_are_those_of_the_commune(town: Town) -> None:
    groups = [row.properties for row in town.layers["groups"]]
    assert sum(group["household_count"] for group in groups) == town.spec.household_count
    assert sum(group["resident_count"] for group in groups) == town.spec.resident_count
    assert min(group["household_count"] for group in groups) > 0


def test_stages_agree_with_the_criteria(town: Town) -> None:
    for row in town.layers["groups"]:
        group = row.properties
        answers = {group[f"{name}_answer"] for name in ("users", "offenders", "places")}
        if group["stage"] in ("recognised", "maintained"):
            assert answers == {"met"}
            assert group["other_count"] == 0
        if group["stage"] == "not_selected":
            assert answers == {"not_reviewed"}
        else:
            assert group["last_reviewed_on"].year == 2026
        for name in ("users", "offenders", "places"):
            reviewed = group[f"{name}_answer"] != "not_reviewed"
            assert (group[f"{name}_on"] is not None) == reviewed == (group[f"{name}_document"] is not None)
        if group["other_count"]:
            assert group["users_answer"] != "met"


def stages(town: Town) -> Counter[str]:
    return Counter(row.properties["stage"] for row in town.layers["groups"])


def named(town: Town) -> dict[str, dict[str, object]]:
    return {
        row.properties["name"].split(" ", 1 if town.spec.is_rural else 3)[-1]: row.properties
        for row in town.layers["groups"]
    }


def test_do_son(towns: Mapping[str, Town]) -> None:
    town = towns["11455"]
    groups = named(town)
    touched = [name for name, group in groups.items() if group["exempt_count"] + group["other_count"] > 0]
    assert len(touched) == 21
    assert set(groups) - set(touched) == {"Trung Dũng", "Cầu Tre"}
    clean = {name for name, group in groups.items() if group["stage"] in ("recognised", "maintained")}
    assert clean == {"Trung Dũng", "Cầu Tre"}
    assert all(groups[name]["is_pilot"] for name in clean)
    assert stages(town)["proposed"] + stages(town)["building"] == 3


def test_kien_an(towns: Mapping[str, Town]) -> None:
    town = towns["11443"]
    groups = [row.properties for row in town.layers["groups"]]
    assert sum(group["exempt_count"] for group in groups) == 75
    assert sum(group["other_count"] for group in groups) == 0
    assert (town.spec.household_count, town.spec.resident_count) == (19_208, 70_121)
    assert stages(town)["recognised"] + stages(town)["maintained"] > 30
    streets = {row.properties["name"] for row in town.layers["roads"]}
    assert {"Trường Chinh", "Bùi Viện", "Trần Nhân Tông", "Phan Đăng Lưu", "Trần Thành Ngọ", "Lê Duẩn"} <= streets
    assert len(town.layers["cameras"]) == 300
    assert len({row.properties["pole_code"] for row in town.layers["cameras"]}) == 150
    assert len(town.layers["lights"]) == 2000
    assert len(town.layers["hotspots"]) == 150
    police = {row.properties["kind"] for row in town.layers["facilities"] if row.properties["visibility"] == "police"}
    assert police == {"methadone", "military"}


def test_tan_an(towns: Mapping[str, Town]) -> None:
    town = towns["11167"]
    groups = named(town)
    chosen = {"Trại Mũa", "Vân Cầu", "Kim Chuế", "Ứng Mộ", "Tiên Liệt", "Tam Tập", "Kim Húc", "Hữu Chung"}
    assert {name for name, group in groups.items() if group["stage"] in ("building", "proposed")} == chosen
    assert len(town.layers["tip_boxes"]) == 14


def test_hoanh_son_and_kien_minh(towns: Mapping[str, Town]) -> None:
    found = stages(towns["18832"])
    assert (found["recognised"] + found["maintained"]) / 22 > 0.8
    town = towns["11725"]
    assert stages(town)["maintained"] > 7
    assert any(row.properties["class"] == "motorway" for row in town.layers["roads"])
    assert town.layers["communes"][0].properties["merged_from"] == "Đông Phương, Đại Đồng, Minh Tân"


def test_the_past_of_a_group_leads_to_its_present_without_gaps(town: Town) -> None:
    for row in town.layers["groups"]:
        group = row.properties
        spans = past_of(group)
        if spans:
            assert spans[0][0] == group["valid_from"]
            assert spans[-1][1] == max(group["stage_on"], group["last_reviewed_on"])
            assert all(before[1] == after[0] for before, after in pairwise(spans))
            stages = [held["stage"] for _, _, held in spans if "stage" in held] + [group["stage"]]
            assert all(may_move(old, new) for old, new in pairwise(stages)), stages
