"""Cells to values, directions to views, columns to fields: pure rules of an import."""

import datetime as dt
import math
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis_app.analysis import zones
from gis_app.analysis.coerce import BadValue, to_bool, to_choice, to_date, to_float, to_int, to_text
from gis_app.analysis.directions import View, is_vietnamese, parse_views
from gis_app.analysis.noding import node_ids
from gis_app.analysis.shapes import check_placed, check_readable
from gis_app.jobs.import_columns import ColumnMap, coerce_column, map_columns, missing_columns
from gis_app.text import fold, tidy
from layers import LAYERS


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("8,5", 8.5), ("8.5", 8.5), ("1.234,5", 1234.5), ("1,234.5", 1234.5), ("1.234.567", 1234567.0),
        (" 12 m", 12.0), ("60°", 60.0), ("1 000", 1000.0), ("-3", -3.0), ("1e3", 1000.0), (7, 7.0), (",5", 0.5),
    ],
)  # fmt: skip
def test_numbers(text: Any, number: float) -> None:
    unit = "°" if "°" in str(text) else "m"
    assert to_float(text, unit) == number


@pytest.mark.parametrize(
    ("text", "number"), [("19.208", 19208), ("19,208", 19208), ("70 121", 70121), ("12.0", 12), (43.0, 43)]
)
def test_whole_numbers_read_groups_of_three_as_thousands(text: Any, number: int) -> None:
    assert to_int(text) == number


@pytest.mark.parametrize(
    ("read", "value", "rule"),
    [
        (to_float, "cao", "not_a_number"), (to_float, "1.2.3", "not_a_number"), (to_float, math.inf, "not_finite"),
        (to_float, "1e999", "not_finite"), (to_float, True, "not_a_number"), (to_int, "1,5", "not_integer"),
        (to_int, 10**30, "out_of_range"), (to_bool, "maybe", "not_yes_or_no"), (to_date, "2026", "not_a_date"),
        (to_date, "31/02/2026", "not_a_date"), (to_date, "02/13/2026", "not_a_date"),
        (to_date, "01/01/0026", "not_a_date"), (lambda v: to_text(v, 3), "four", "too_long"),
        (lambda v: to_text(v, 30), "a\x07b", "control_character"),
        (lambda v: to_choice(v, {"a": "a"}), "b", "not_a_choice"),
    ],
)  # fmt: skip
def test_bad_cells_name_their_rule(read: Any, value: Any, rule: str) -> None:
    with pytest.raises(BadValue) as caught:
        read(value)
    assert caught.value.rule == rule


def test_yes_and_no() -> None:
    assert [to_bool(v) for v in ("có", "Có", "x", "X", 1, "1", "đã", "yes", True, "✓")] == [True] * 10
    assert [to_bool(v) for v in ("không", "KHÔNG", 0, "0", "chưa", "no", False)] == [False] * 7


def test_dates() -> None:
    day = dt.date(2026, 3, 5)
    texts = ("05/03/2026", "5-3-2026", "5.3.2026", "2026-03-05", "2026/03/05", "2026-03-05T10:00:00+07:00")
    assert {to_date(text) for text in texts} == {day}


def test_text_is_nfc_on_one_line() -> None:
    assert to_text("Thuy\u0309\u2000Tiên\r\nhai", 40) == "Thuỷ Tiên hai"
    assert to_text(12.0, 10) == "12"


@given(st.text())
def test_folding_is_stable_and_plain(text: str) -> None:
    key = fold(text)
    assert key == fold(key)
    assert key.isascii()
    assert tidy(tidy(text)) == tidy(text)


@pytest.mark.parametrize(
    ("text", "views"),
    [
        ("45", [(45, None)]), (45.5, [(45.5, None)]), ("45,5", [(45.5, None)]), ("NE", [(45, None)]),
        ("nnw", [(337.5, None)]), ("239-284", [(261.5, 45)]), ("350-20", [(5, 30)]), ("NE-SE", [(90, 90)]),
        ("90;270", [(90, None), (270, None)]), ("90, 270", [(90, None), (270, None)]),
        ("90,270", [(90, None), (270, None)]),
        ("Đông Bắc", [(45, None)]), ("hướng Tây", [(270, None)]), ("ĐB", [(45, None)]), ("-90", [(270, None)]),
        ("360", [(0, None)]), ("0-360", [(None, 360)]), ("45°", [(45, None)]), ("", [(None, None)]),
        (None, [(None, None)]), ("không rõ", [(None, None)]), ("10-20;NE", [(15, 10), (45, None)]),
    ],
)  # fmt: skip
def test_directions(text: Any, views: list[tuple[float | None, float | None]]) -> None:
    assert list(parse_views(text)) == [View(*view) for view in views]


def test_n_is_south_in_a_vietnamese_column() -> None:
    assert is_vietnamese(["N", "ĐB", 45])
    assert not is_vietnamese(["N", "NE", 45, None])
    assert parse_views("N", vietnamese=True) == (View(180.0),)
    assert parse_views("N") == (View(0.0),)


@pytest.mark.parametrize("text", ["sideways", "400", "12-x", "1;2;x", True, "nan"])
def test_no_directions(text: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - one rule, no message to match
        parse_views(text)


@given(st.floats(-360, 360), st.floats(-360, 360))
def test_ranges_keep_their_ends(start: float, end: float) -> None:
    start, end = round(start, 3), round(end, 3)
    (view,) = parse_views(f"{start:f}..{end:f}")
    if view.azimuth_deg is None:
        assert view.fov_deg == 360
    else:
        assert view.fov_deg is not None
        assert abs((view.azimuth_deg - view.fov_deg / 2 - start + 180) % 360 - 180) < 1e-6
        assert abs((view.azimuth_deg + view.fov_deg / 2 - end + 180) % 360 - 180) < 1e-6


def test_columns_match_by_name_alias_and_title() -> None:
    columns = ["MÃ", "Hướng nhìn", "goc", "Biển báo", "Số điện thoại chủ", "camera:type", "KIEM TRA TAI CHO"]
    mapped = map_columns(LAYERS["cameras"], columns)
    assert mapped.fields == {
        "azimuth_deg": "Hướng nhìn", "fov_deg": "goc", "has_notice_sign": "Biển báo", "kind": "camera:type",
        "verified_on": "KIEM TRA TAI CHO",
    }  # fmt: skip
    assert mapped.id_column == "MÃ"
    assert mapped.ignored == ("Số điện thoại chủ",)


def test_a_name_wins_over_an_alias_and_a_shared_title_maps_nothing() -> None:
    assert map_columns(LAYERS["lights"], ["Mã đèn", "X", "Y"]).id_column == "Mã đèn"
    assert map_columns(LAYERS["cameras"], ["Mã cột", "Mã phường"]).id_column is None
    assert map_columns(LAYERS["cameras"], ["huong", "azimuth_deg"]).fields == {"azimuth_deg": "azimuth_deg"}
    assert map_columns(LAYERS["groups"], ["Ngày rà soát", "Tên"]).fields == {"name": "Tên"}


def test_names_that_dbase_cut() -> None:
    mapped = map_columns(LAYERS["groups"], ["name", "household_", "resident_c", "stage"])
    assert mapped.fields["household_count"] == "household_"
    assert mapped.fields["resident_count"] == "resident_c"
    # A file decides no stage.
    assert "stage" in mapped.ignored


@pytest.mark.parametrize("name", sorted(LAYERS))
def test_every_layer_takes_its_own_names_and_titles(name: str) -> None:
    """A registry test: a new layer is tested unasked."""
    layer = LAYERS[name]
    taken = {f.name for f in layer.fields if not f.managed}
    assert set(map_columns(layer, [f.name for f in layer.fields]).fields) == taken
    shared = [title for f in layer.fields for title in f.title]
    for f in layer.fields:
        if f.name in taken and shared.count(f.title[0]) == 1 and fold(f.title[0]) not in {g.name for g in layer.fields}:
            assert f.name in map_columns(layer, [f.title[0]]).fields, f.title[0]
    for f in layer.fields:
        for choice in f.choices:
            for spelling in (choice.code, choice.vi, choice.en, choice.vi.upper()):
                assert coerce_column(f, ColumnMap({f.name: "c"}), [spelling], [1]) == ([choice.code], []), spelling


def test_required_columns_and_cells() -> None:
    hotspots = LAYERS["hotspots"]
    assert [f.name for f in missing_columns(hotspots, map_columns(hotspots, ["severity"]))] == ["class"]
    f = hotspots.field("class")
    assert f is not None
    values, errors = coerce_column(f, ColumnMap({f.name: "Phân loại"}), ["tụ điểm", "", "lạ"], [2, 3, 4])
    assert values == ["gathering", None, None]
    assert [(error.number, error.column, error.value, error.rule) for error in errors] == [
        (3, "Phân loại", "", "required"),
        (4, "Phân loại", "lạ", "not_a_choice"),
    ]


def test_blank_cells_take_the_default_only_where_one_is_needed() -> None:
    state, height = LAYERS["lights"].field("state"), LAYERS["lights"].field("height_m")
    assert state is not None
    assert height is not None
    assert coerce_column(state, ColumnMap({state.name: "c"}), ["", None, "-"], [1, 2, 3])[0] == ["working"] * 3
    values, errors = coerce_column(height, ColumnMap({height.name: "c"}), ["", "8,5 m", "900"], [1, 2, 3])
    assert values == [None, 8.5, None]
    assert errors[0].rule == "out_of_range"
    assert errors[0].params == {"low": 0, "high": 60}


SQUARE = shapely.box(106.6, 20.8, 106.7, 20.9)
BOW_TIE = shapely.Polygon([(106.6, 20.8), (106.7, 20.9), (106.7, 20.8), (106.6, 20.9)])


def _check(wanted: str, *shapes: Any) -> tuple[list[Any], list[tuple[int, str]]]:
    array = np.array([*shapes, None], dtype=object)[:-1]
    checked = check_readable(array, wanted, np.zeros(len(array), dtype=bool))
    check_placed(checked)
    return checked.shapes.tolist(), [(position, rule) for position, _, rule in checked.faults]


def test_geometry_rules() -> None:
    shapes, faults = _check("MULTIPOLYGON", SQUARE, BOW_TIE, None, shapely.Polygon(), shapely.Point(106.6, 20.8))
    assert shapes[0].geom_type == "MultiPolygon"
    assert sorted(faults) == [
        (1, "geometry_invalid"),
        (2, "geometry_missing"),
        (3, "geometry_empty"),
        (4, "wrong_type"),
    ]


def test_point_rules() -> None:
    one, two = shapely.MultiPoint([(106.6, 20.8)]), shapely.MultiPoint([(106.6, 20.8), (106.7, 20.8)])
    shapes, faults = _check(
        "POINT", one, two, shapely.Point(math.nan, 20.8), shapely.Point(20.8, 106.6), shapely.Point(-17, 14),
        shapely.Point(106.6, 20.8, 5.0), shapely.Point(math.inf, 20.8),
    )  # fmt: skip
    assert shapes[0] == shapely.Point(106.6, 20.8)
    assert shapes[5] == shapely.Point(106.6, 20.8)
    assert not shapely.has_z(shapes[5])
    assert sorted(faults) == [
        (1, "several_parts"), (2, "not_finite"), (3, "axes_swapped"), (4, "outside_vietnam"), (6, "not_finite"),
    ]  # fmt: skip


def test_too_many_points() -> None:
    long = shapely.LineString(np.column_stack([np.linspace(106, 107, 100_001), np.full(100_001, 20.8)]))
    assert _check("LINESTRING", long)[1] == [(0, "too_many_points")]


def test_the_oracles_of_the_zones() -> None:
    for lon, lat, srid, east, north in (
        (106.648967, 20.821482, 9210, 593374.080, 2303451.845),
        (106.311916, 20.761654, 9210, 558313.785, 2296669.475),
        (106.440003, 17.999699, 9209, 599348.776, 1991111.912),
    ):
        found = zones.to_stored(np.array([[east, north]]), srid)[0]
        assert np.abs(found - [lon, lat]).max() < 1e-8, "1e-8 degrees are a millimetre"


def test_metres_and_exchanged_axes_are_seen() -> None:
    places = np.array([[593374.080, 2303451.845], [593474.0, 2303451.0]])
    assert zones.is_projected(places)
    assert zones.is_swapped(places[:, ::-1], 9210)
    assert not zones.is_swapped(places, 9210)


def test_ends_at_one_place_get_one_node() -> None:
    first, second, third = node_ids(np.array([[106.6, 20.8], [106.60000000001, 20.8], [106.6, 20.80001]]))
    assert first == second != third
    assert max(first, third) < 0


def test_units_are_converted() -> None:
    height = LAYERS["cameras"].field("height_m")
    assert height is not None
    mapped = ColumnMap({"height_m": "c"}, units={"height_m": "cm"})
    assert coerce_column(height, mapped, ["450", 450, "4,5 m", "4500 mm"], [1, 2, 3, 4])[0] == [4.5] * 4
    mapped = ColumnMap({"height_m": "c"})
    assert coerce_column(height, mapped, ["850 cm", "8.5m", "8,5"], [1, 2, 3])[0] == [8.5] * 3


def test_values_that_a_person_explained() -> None:
    state = LAYERS["lights"].field("state")
    assert state is not None
    mapped = ColumnMap({"state": "c"}, values={"state": {"tot": "working", "bo": "no_such_code"}})
    assert coerce_column(state, mapped, ["tốt", "hỏng"], [1, 2])[0] == ["working", "broken"]
    assert [error.rule for error in coerce_column(state, mapped, ["bỏ"], [1])[1]] == ["not_a_choice"]
