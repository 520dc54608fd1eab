"""Type I, II, III of Decision 28/2025/QĐ-TTg, Article 4: every edge, and zero."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis_app.analysis.commune_type import TYPES, Figures, classify_commune, period_of, read_thresholds
from gis_app.jobs.commune_type import DATA, thresholds

# 100,000 residents: one person is 0.001 %.
RESIDENTS = 100_000


def figures(**values: Any) -> Figures:
    zero = {"addict_user_count": 0, "use_point_count": 0, "arrested_count": 0, "plant_count": 0}
    return Figures(**({"resident_count": RESIDENTS, "plant_area_m2": Decimal(0)} | zero | values))


def level_of(letter: str, **values: Any) -> str | None:
    return classify_commune(thresholds(), figures(**values)).levels[letter]


@pytest.mark.parametrize(
    ("letter", "name", "value", "level"),
    [
        ("a", "addict_user_count", 0, "III"),
        ("a", "addict_user_count", 1, "III"),
        ("a", "addict_user_count", 99, "III"),
        ("a", "addict_user_count", 100, "II"),
        ("a", "addict_user_count", 499, "II"),
        ("a", "addict_user_count", 500, "I"),
        ("b", "use_point_count", 0, "none"),
        ("b", "use_point_count", 1, "II"),
        ("b", "use_point_count", 2, "I"),
        ("c", "arrested_count", 0, "III"),
        ("c", "arrested_count", 49, "III"),
        ("c", "arrested_count", 50, "II"),
        ("c", "arrested_count", 99, "II"),
        ("c", "arrested_count", 100, "I"),
        ("d", "plant_count", 0, "III"),
        ("d", "plant_count", 499, "III"),
        ("d", "plant_count", 500, "II"),
        ("d", "plant_count", 2999, "II"),
        ("d", "plant_count", 3000, "I"),
        ("d", "plant_area_m2", Decimal("124.99"), "III"),
        ("d", "plant_area_m2", Decimal(125), "II"),
        ("d", "plant_area_m2", Decimal("749.99"), "II"),
        ("d", "plant_area_m2", Decimal(750), "I"),
    ],
)
def test_every_edge_of_every_band(letter: str, name: str, value: Any, level: str) -> None:
    assert level_of(letter, **{name: value}) == level


@pytest.mark.parametrize(("residents", "level"), [(20_000, "I"), (20_001, "II"), (100_000, "II"), (100_001, "III")])
def test_the_share_is_of_residents_and_has_no_rounding(residents: int, level: str) -> None:
    # 100 of 20,000 are 0.5 % exactly; of one more they are less, whatever a float would print.
    assert level_of("a", resident_count=residents, addict_user_count=100) == level


I_A, I_B, I_C, I_D = {"addict_user_count": 500}, {"use_point_count": 2}, {"arrested_count": 100}, {"plant_count": 3000}
II_A, II_B, II_C, II_D = (
    {"addict_user_count": 100},
    {"use_point_count": 1},
    {"arrested_count": 50},
    {"plant_count": 500},
)
ROUTE = {"on_key_route": True}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (I_A | I_B | I_C, "I"),
        (I_A | I_B | I_C | I_D, "I"),
        (I_A | I_B | II_C, "II"),
        (I_A | I_B, "III"),
        (II_A | II_B | II_C, "II"),
        (II_A | II_B, "III"),
        # One criterion of type I counts for type II as well.
        (I_A | II_B | II_C, "II"),
        # Criterion đ is one of the five: on a key route two others are enough for type I ...
        (I_A | I_B | ROUTE, "I"),
        (I_C | I_D | ROUTE, "I"),
        # ... and one with two of type II is not: đ and one other make two of five.
        (I_A | II_B | ROUTE, "II"),
        (II_A | II_B | ROUTE, "II"),
        (II_A | II_B | II_C | II_D | ROUTE, "II"),
        (II_A | ROUTE, "III"),
        (ROUTE, "III"),
        ({}, "III"),
    ],
)
def test_how_many_criteria_make_a_type(values: dict[str, Any], expected: str) -> None:
    assert classify_commune(thresholds(), figures(**values)).type == expected


def test_zero_is_literally_type_three_and_says_that_it_rests_on_zero() -> None:
    for values, rests in (({}, True), (ROUTE, True), ({"addict_user_count": 1}, False), (II_B, False)):
        found = classify_commune(thresholds(), figures(**values))
        assert (found.type, found.rests_on_zero, found.is_certain) == ("III", rests, True), values


def test_what_is_not_known_speaks_for_nothing() -> None:
    found = classify_commune(thresholds(), Figures(None))
    assert (found.type, found.unknown, found.is_certain) == ("none", ("a", "b", "c", "d"), False)
    for residents in (None, 0):
        assert classify_commune(thresholds(), figures(resident_count=residents)).levels["a"] is None
    some = classify_commune(thresholds(), figures(**I_A, **I_B, arrested_count=None))
    # Enough people arrested would make it type I.
    assert (some.type, some.unknown, some.is_certain) == ("III", ("c",), False)
    sure = classify_commune(thresholds(), figures(**I_A, **I_B, **I_C, plant_count=None, plant_area_m2=None))
    assert (sure.type, sure.unknown, sure.is_certain) == ("I", ("d",), True)


def test_plants_count_by_number_or_by_area() -> None:
    assert level_of("d", plant_count=None, plant_area_m2=Decimal(750)) == "I"
    assert level_of("d", plant_count=10, plant_area_m2=Decimal(200)) == "II"
    assert level_of("d", plant_count=None, plant_area_m2=None) is None


def test_the_period() -> None:
    assert period_of(2026) == ("2025-12-15", "2026-12-14")


def test_the_file_of_the_product_has_bands_without_gaps() -> None:
    raw = json.loads((DATA / "decision_28_2025.json").read_text())["commune"]
    for measure in ("addict_user_share", "arrested_share", "plants", "plant_area_m2"):
        bands = [raw[name][measure] for name in TYPES]
        assert bands[0][1] is None
        assert bands[2][0] is None
        assert bands[0][0] == bands[1][1]
        assert bands[1][0] == bands[2][1]


def test_a_file_of_another_shape_is_refused() -> None:
    with pytest.raises(TypeError, match="II"):
        read_thresholds({"II": ["0.5", None]})


COUNTS = st.integers(0, 1000)


@given(COUNTS, st.integers(0, 4), COUNTS, st.integers(0, 5000), st.booleans(), st.integers(0, 3))
def test_a_worse_figure_never_gives_a_milder_type(a: int, b: int, c: int, d: int, route: bool, which: int) -> None:
    names = ("addict_user_count", "use_point_count", "arrested_count", "plant_count")
    values = dict(zip(names, (a, b, c, d), strict=True))
    worse = values | {names[which]: values[names[which]] + 1}
    order = (*TYPES, "none")
    found = [classify_commune(thresholds(), figures(**v, on_key_route=route)).type for v in (values, worse)]
    assert order.index(found[1]) <= order.index(found[0])
