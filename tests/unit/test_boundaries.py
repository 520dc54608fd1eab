"""Faults of boundaries: what is seeded is found, once, and a safe repair leaves none."""

import pytest
import shapely

from gis_app.analysis.boundaries import Bounded, find_faults, repair

COMMUNE = shapely.box(0, 0, 2000, 1000)
WEST, EAST = shapely.box(0, 0, 1000, 1000), shapely.box(1000, 0, 2000, 1000)


def groups(*shapes: shapely.Geometry, names: tuple[str, ...] = ()) -> list[Bounded]:
    """Groups numbered from 1."""
    named = names or tuple(f"Tổ {n}" for n in range(1, len(shapes) + 1))
    return [Bounded(n, name, 1, shape) for n, (name, shape) in enumerate(zip(named, shapes, strict=True), 1)]


def kinds(some: list[Bounded]) -> list[str]:
    return [fault.kind for fault in find_faults(some, COMMUNE)]


def test_a_clean_commune_has_none() -> None:
    assert kinds(groups(WEST, EAST)) == []
    assert kinds([]) == []


SEEDED = {
    "overlap": (shapely.box(0, 0, 1100, 1000), EAST),
    "gap": (shapely.box(0, 0, 900, 1000), EAST),
    "hole": (WEST.difference(shapely.box(300, 300, 500, 500)), EAST),
    "outside": (shapely.union(WEST, shapely.box(-200, 400, 0, 500)), EAST),
    "self_crossing": (
        shapely.Polygon([(0, 0), (1000, 0), (1000, 1000), (400, 1000), (600, 1050), (500, 1000), (0, 1000)]),
        EAST,
    ),
}


@pytest.mark.parametrize("kind", SEEDED)
def test_each_kind_alone(kind: str) -> None:
    found = kinds(groups(*SEEDED[kind]))
    assert kind in found
    assert len([one for one in found if one not in (kind, "outside")]) == 0


def test_slivers_of_both_signs() -> None:
    assert kinds(groups(shapely.box(0, 0, 1001, 1000), EAST)) == ["sliver"]
    assert kinds(groups(shapely.box(0, 0, 999, 1000), EAST)) == ["sliver"]


def test_the_communes_own_border_is_no_sliver() -> None:
    assert kinds(groups(shapely.box(-5, -5, 1000, 1005), shapely.box(1000, 8, 1992, 990))) == []


def test_an_enclave_is_no_hole() -> None:
    inner = shapely.box(300, 300, 500, 500)
    assert kinds(groups(WEST.difference(inner), EAST, inner)) == []


def test_names_are_the_same_whatever_the_marks() -> None:
    found = find_faults(groups(WEST, EAST, names=("Trại Mũa", "trai  mua")), COMMUNE)
    assert [(fault.kind, fault.group_ids) for fault in found] == [("duplicate_name", (1, 2))]


@pytest.mark.parametrize(
    "shapes",
    [
        (shapely.box(0, 0, 1001, 1000), EAST),
        (shapely.box(0, 0, 999, 1000), EAST),
        SEEDED["hole"],
        SEEDED["outside"],
    ],
)
def test_a_repair_leaves_no_fault(shapes: tuple[shapely.Geometry, ...]) -> None:
    some = groups(*shapes)
    (fault,) = find_faults(some, COMMUNE)
    made = repair(fault, some, COMMUNE)
    mended = [Bounded(g.id, g.name, 2, made.get(g.id, g.shape)) for g in some]
    assert find_faults(mended, COMMUNE) == []
    assert sum(g.shape.area for g in mended) == pytest.approx(COMMUNE.area, abs=1)


@pytest.mark.parametrize("kind", ["overlap", "gap"])
def test_wide_faults_are_for_people(kind: str) -> None:
    some = groups(*SEEDED[kind])
    (fault,) = find_faults(some, COMMUNE)
    assert repair(fault, some, COMMUNE) == {}


def test_the_key_stays_and_tells_apart() -> None:
    first = find_faults(groups(*SEEDED["overlap"]), COMMUNE)[0].key
    assert first == find_faults(groups(*SEEDED["overlap"]), COMMUNE)[0].key
    assert first != find_faults(groups(*SEEDED["gap"]), COMMUNE)[0].key
