"""CQL2 filters: what they find equals SQL written by hand; what is not offered is a 400 that says why."""

import contextlib
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
import shapely
import sqlalchemy as sa
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import mapping
from sqlalchemy.engine import Connection

from gis_app.crs import CRS84
from gis_app.queries import cql2_parse
from gis_app.queries.cql2_parse import BadFilter, parse_text
from gis_app.queries.cql2_sql import Translator, columns_of
from gis_app.web.i18n import catalogue
from layers import LAYERS, table_of
from tests.builders import MAU

ClientAs = Callable[[str | None], FlaskClient]
BOX = MAU.box(0, 0, 1500, 1500)
INNER = MAU.box(100, 100, 1400, 1400)
SPOT = MAU.at(500, 500)

# CQL2 text -> the same as SQL by hand, on a layer of Xã Mẫu.
CASES: list[tuple[str, str, str]] = [
    ("lights", "state = 'broken'", "state = 'broken'"),
    ("lights", "state <> 'broken'", "state <> 'broken'"),
    ("lights", "NOT state = 'broken'", "NOT state = 'broken'"),
    ("lights", "state = 'broken' OR external_id = 'MAU1-l3'", "state = 'broken' OR external_id = 'MAU1-l3'"),
    ("lights", "state='working' AND NOT (external_id LIKE 'MAU1-l1%')",
     "state = 'working' AND external_id NOT LIKE 'MAU1-l1%'"),
    ("lights", "external_id IN ('MAU1-l3', 'MAU1-l4', 'nothing')", "external_id IN ('MAU1-l3', 'MAU1-l4')"),
    ("lights", "external_id NOT IN ('MAU1-l3')", "external_id <> 'MAU1-l3'"),
    ("lights", "external_id LIKE 'MAU1-l_'", "external_id LIKE 'MAU1-l_'"),
    ("lights", "external_id NOT LIKE 'MAU1-l_'", "external_id NOT LIKE 'MAU1-l_'"),
    ("lights", "CASEI(external_id) = CASEI('mau1-L7')", "external_id = 'MAU1-l7'"),
    ("lights", "CASEI(external_id) LIKE casei('mau1-L2%')", "external_id LIKE 'MAU1-l2%'"),
    ("lights", "radius_m >= 20", "radius_m >= 20"),
    ("lights", "radius_m BETWEEN 19.5 AND 20.5", "radius_m BETWEEN 19.5 AND 20.5"),
    ("lights", "radius_m NOT BETWEEN 0 AND 10", "radius_m NOT BETWEEN 0 AND 10"),
    ("lights", "radius_m > -1e2", "radius_m > -100"),
    ("lights", "height_m IS NULL", "height_m IS NULL"),
    ("lights", "radius_m IS NOT NULL", "radius_m IS NOT NULL"),
    ("lights", "state = 'it''s'", "false"),
    ("groups", "CASEI(name) = CASEI('TỔ DÂN PHỐ SỐ 2 mau1')", "name LIKE '%số 2 MAU1'"),
    ("groups", "ACCENTI(name) LIKE ACCENTI('to dan pho so 3%')", "name LIKE '%số 3 %'"),
    ("groups", "is_pilot = FALSE", "NOT is_pilot"),
    ("groups", "NOT is_pilot", "NOT is_pilot"),
    ("groups", "stage IN ('maintained','building') AND household_count > 100",
     "stage IN ('maintained', 'building') AND household_count > 100"),
    ("roads", "\"class\" = 'residential' AND is_lit = true", "class = 'residential' AND is_lit"),
    ("schools", "external_id = 'MAU1-schools'", "external_id = 'MAU1-schools'"),
    ("notice_boards", "id > 0", "true"),
    ("lights", f"S_INTERSECTS(geom, {BOX.wkt})", f"ST_Intersects(geom, ST_GeomFromText('{BOX.wkt}', 4326))"),
    ("lights", f"S_WITHIN(geom, {BOX.wkt})", f"ST_Within(geom, ST_GeomFromText('{BOX.wkt}', 4326))"),
    ("lights", f"S_DISJOINT(geom, {BOX.wkt})", f"ST_Disjoint(geom, ST_GeomFromText('{BOX.wkt}', 4326))"),
    ("roads", f"S_CROSSES(geom, {INNER.wkt})", f"ST_Crosses(geom, ST_GeomFromText('{INNER.wkt}', 4326))"),
    ("groups", f"S_OVERLAPS(geom, {MAU.box(100, 100, 2000, 2000).wkt})",
     f"ST_Overlaps(geom, ST_GeomFromText('{MAU.box(100, 100, 2000, 2000).wkt}', 4326))"),
    ("groups", f"S_CONTAINS(geom, {SPOT.wkt})", f"ST_Contains(geom, ST_GeomFromText('{SPOT.wkt}', 4326))"),
    ("groups", f"S_CONTAINS({MAU.box(-1, -1, 1501, 1501).wkt}, geom)",
     f"ST_Within(geom, ST_GeomFromText('{MAU.box(-1, -1, 1501, 1501).wkt}', 4326))"),
    ("lights", "S_INTERSECTS(geom, BBOX({}, {}, {}, {}))".format(*BOX.bounds),
     "ST_Intersects(geom, ST_MakeEnvelope({}, {}, {}, {}, 4326))".format(*BOX.bounds)),
]  # fmt: skip
# Dates: sample rows have 01/03/2026.
DATES = [
    ("verified_on = DATE('2026-03-01')", True), ("verified_on > DATE('2026-03-01')", False),
    ("verified_on <= '2026-03-01'", True), ("verified_on BETWEEN DATE('2026-01-01') AND DATE('2026-12-31')", True),
    ("verified_on > TIMESTAMP('2026-02-01T00:00:00Z')", True), ("T_AFTER(verified_on, DATE('2026-02-28'))", True),
    ("T_BEFORE(verified_on, DATE('2026-03-01'))", False), ("T_EQUALS(verified_on, DATE('2026-03-01'))", True),
    ("T_DURING(verified_on, INTERVAL('2026-01-01', '2026-04-01'))", True),
    ("T_DURING(verified_on, INTERVAL('2026-03-01', '..'))", False),
    ("T_INTERSECTS(verified_on, INTERVAL('2026-03-01', '..'))", True),
    ("T_AFTER(verified_on, INTERVAL('2026-01-01', '..'))", False),
]  # fmt: skip


def ids(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.text
    assert answer.json["numberMatched"] == len(answer.json["features"])
    return [feature["id"] for feature in answer.json["features"]]


@pytest.mark.parametrize("number", range(len(CASES)))
def test_a_filter_finds_what_sql_finds(number: int, client_as: ClientAs, conn_as: Callable[[str], Connection]) -> None:
    layer, text, sql = CASES[number]
    client, address = client_as("hoa"), f"/ogc/collections/{layer}/items"
    wanted = conn_as("hoa").execute(sa.text(f"SELECT id FROM {layer} WHERE {sql} ORDER BY id")).scalars().all()
    found = client.get(address, query_string={"filter": text, "limit": 1000})
    assert ids(found) == list(wanted)
    # The same in JSON, as the parser writes it.
    as_json = json.dumps(parse_text(text))
    again = client.get(address, query_string={"filter": as_json, "filter-lang": "cql2-json", "limit": 1000})
    assert ids(again) == list(wanted)


@pytest.mark.parametrize(("text", "found"), DATES)
def test_dates(text: str, found: bool, client_as: ClientAs) -> None:
    asked = {"filter": text.replace("verified_on", "checked_on")}
    answer = client_as("hoa").get("/ogc/collections/notice_boards/items", query_string=asked)
    assert (len(ids(answer)) > 0) is found


def test_a_shape_in_the_zone_of_the_commune(client_as: ClientAs) -> None:
    client = client_as("hoa")
    asked = {"filter": "S_INTERSECTS(geom, BBOX(593450, 2303450, 594250, 2303550))", "filter-crs": "EPSG:9210"}
    found = client.get("/ogc/collections/lights/items", query_string=asked).json
    assert found["numberMatched"] == 8
    # Exact relations in JSON: the text reader may lose the last bit of a coordinate.
    tree = {"op": "s_equals", "args": [{"property": "geom"}, mapping(shapely.Point(SPOT.y, SPOT.x))]}
    turned = {"filter": json.dumps(tree),
              "filter-lang": "cql2-json", "filter-crs": "http://www.opengis.net/def/crs/EPSG/0/4326"}  # fmt: skip
    assert client.get("/ogc/collections/cameras/items", query_string=turned).json["numberMatched"] == 1


def test_touching_exactly(client_as: ClientAs, conn_as: Callable[[str], Connection]) -> None:
    tree = {"op": "s_touches", "args": [{"property": "geom"}, mapping(BOX)]}
    asked = {"filter": json.dumps(tree), "filter-lang": "cql2-json"}
    sql = "SELECT id FROM groups WHERE ST_Touches(geom, ST_GeomFromGeoJSON(:box)) ORDER BY id"
    wanted = conn_as("hoa").execute(sa.text(sql), {"box": json.dumps(mapping(BOX))}).scalars().all()
    assert len(wanted) == 3
    assert ids(client_as("hoa").get("/ogc/collections/groups/items", query_string=asked)) == list(wanted)


def test_names_as_parameters(client_as: ClientAs) -> None:
    client = client_as("hoa")
    for query, count in (
        ({"state": "broken"}, 1), ({"radius_m": "20"}, 29), ({"radius_m": "21"}, 0), ({"external_id": "MAU1-l3"}, 1),
        ({"state": "broken", "filter": "radius_m = 20"}, 1), ({"state": "no such"}, 0),
    ):  # fmt: skip
        assert client.get("/ogc/collections/lights/items", query_string=query).json["numberMatched"] == count
    assert client.get("/ogc/collections/groups/items?is_pilot=false").json["numberMatched"] == 4


WRONG: list[tuple[str, str]] = [
    ("state = ", "filter_syntax"), ("'; DROP TABLE lights; --", "filter_arithmetic"), ("state", "filter_type"),
    ("nothing = 1", "filter_property"), ("commune_id = 90002", "filter_property"), ("version = 1", "filter_property"),
    ("source = 'x'", "filter_property"), ("geom = 1", "filter_property"), ("geom IS NULL", "filter_property"),
    ("state = 1", "filter_type"), ("radius_m = 'x'", "filter_type"), ("radius_m LIKE '2%'", "filter_type"),
    ("radius_m IN (1, 'x')", "filter_type"), ("casei(radius_m) = 'x'", "filter_type"),
    ("radius_m + 1 > 2", "filter_arithmetic"),
    ("radius_m > 4 div 2", "filter_arithmetic"), ("pg_sleep(10) = 1", "filter_operator"),
    ("current_user() = 'x'", "filter_operator"),
    ("state LIKE 'a\\'", "filter_pattern"), ("state LIKE state", "filter_pattern"), ("verified_on > 'soon'", "date"),
    ("verified_on > DATE('2026-13-01')", "date"), ("T_AFTER(state, DATE('2026-01-01'))", "filter_type"),
    ("T_METBY(verified_on, DATE('2026-01-01'))", "filter_operator"), ("A_CONTAINS(state, ('x'))", "filter_operator"),
    ("S_INTERSECTS(geom, geom)", "filter_geometry"), ("S_INTERSECTS(state, POINT(1 1))", "filter_geometry"),
    ("S_INTERSECTS(geom, POLYGON((0 0, 1 1, 1 0, 0 1, 0 0)))", "geometry_invalid"),
    ("S_INTERSECTS(geom, POINT(200 1))", "lonlat"), ("S_INTERSECTS(geom, BBOX(2, 2, 1, 1))", "bbox"),
    ("S_DWITHIN(geom, POINT(1 1), 5)", "filter_operator"), ("radius_m = 1e999", "number"),
    ("(" * 11 + "radius_m = 1" + ")" * 11, "filter_deep"), ("NOT " * 11 + "radius_m = 1", "filter_deep"),
    (" AND ".join(["radius_m = 1"] * 61), "filter_deep"), ("radius_m = 1 " * 1000, "filter_long"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "rule"), WRONG)
def test_what_is_not_offered_is_refused(text: str, rule: str, client_as: ClientAs) -> None:
    answer = client_as("hoa").get("/ogc/collections/lights/items", query_string={"filter": text})
    assert answer.status_code == 400, answer.text
    assert (answer.json["code"], answer.json["params"]["rule"]) == ("bad_filter", rule)
    assert f"rule.{rule}" in catalogue("vi")


WRONG_JSON: list[tuple[str, str]] = [
    ("{", "filter_syntax"), ("[]", "filter_syntax"), ("1", "filter_syntax"),
    ('{"op": "and", "args": []}', "filter_operator"),
    ('{"op": "and", "args": [true]}', "filter_operator"), ('{"op": 1, "args": []}', "filter_syntax"),
    ('{"op": "=", "args": [{"property": "state"}]}', "filter_operator"), ("[" * 7000, "filter_syntax"),
    ('{"op": "=", "args": [{"property": ["state"]}, "x"]}', "filter_property"),
    ('{"op": "=", "args": [{"property": "state"}, null]}', "filter_syntax"),
    ('{"op": "=", "args": [{"property": "radius_m"}, NaN]}', "number"),
    ('{"op": "=", "args": [{"property": "state"}, "a\\u0000b"]}', "text"),
    ('{"op": "=", "args": [{"property": "state"}, "\\ud800"]}', "text"),
    ('{"op": "like", "args": [{"property": "state"}, {"op": "casei", "args": ["a\\\\"]}]}', "filter_pattern"),
    ('{"op": "in", "args": [{"property": "state"}, []]}', "filter_operator"),
    ('{"op": "s_intersects", "args": [{"property": "geom"}, {"type": "Cat"}]}', "geometry"),
    ('{"op": "s_intersects", "args": [{"property": "geom"}, {"type": "Point", "coordinates": ["a", 1]}]}', "geometry"),
    ('{"op": "s_intersects", "args": [{"property": "geom"}, {"type": "Point", "coordinates": []}]}',
     "geometry_invalid"),
    ('{"op": "s_intersects", "args": [{"property": "geom"}, {"bbox": [1, 2, "x", 4]}]}', "bbox"),
    ('{"op": "s_intersects", "args": [{"property": "geom"}, {"type": "GeometryCollection", "geometries": []}]}',
     "geometry_type"),
    ('{"op": "t_during", "args": [{"property": "verified_on"}, {"interval": ["2026-01-01"]}]}', "date"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "rule"), WRONG_JSON)
def test_broken_json_filters(text: str, rule: str, client_as: ClientAs) -> None:
    asked = {"filter": text, "filter-lang": "cql2-json"}
    answer = client_as("hoa").get("/ogc/collections/lights/items", query_string=asked)
    assert answer.status_code == 400, answer.text
    assert answer.json["params"]["rule"] == rule


def test_every_filter_is_parameters(client_as: ClientAs) -> None:
    """No word of a filter stands in the SQL."""
    word = "x'); DELETE FROM lights; --"
    tree = {"op": "or", "args": [{"op": "=", "args": [{"property": "state"}, word]},
                                 {"op": "like", "args": [{"property": "state"}, word]},
                                 {"op": "in", "args": [{"property": "state"}, [word]]}]}  # fmt: skip
    layer = LAYERS["lights"]
    found = Translator(table_of(layer), columns_of(layer, "data"), CRS84).condition(tree)
    assert "DELETE" not in str(found.compile())
    asked = {"filter": json.dumps(tree), "filter-lang": "cql2-json"}
    assert client_as("hoa").get("/ogc/collections/lights/items", query_string=asked).json["numberMatched"] == 0
    assert client_as("hoa").get("/ogc/collections/lights/items").json["numberMatched"] == 29


def test_the_deepest_filters_fit_a_small_stack() -> None:
    """The parser recurses in Rust, and an overflow would end the process: a quarter of a mebibyte is enough for any."""
    depth, nots, many = cql2_parse.MAX_DEPTH, cql2_parse.MAX_NOTS, cql2_parse.MAX_COMPARISONS
    texts = [
        "(" * depth + "a=1" + ")" * depth, "NOT " * nots + "a=1", "NOT(" * nots + "a=1" + ")" * nots,
        "f(" * depth + "a" + ")" * depth + "=1", "a" + "=a" * many, "a" + " LIKE 'x'" * many,
        "a" + " LIKE ('x')" * many,
        "a IN (" * depth + "1" + ")" * depth, "a IN (" + "(" * (depth - 1) + "1" + ")" * depth,
        "NOT(" * nots + "a" + "=a" * many + ")" * nots, "a" + " BETWEEN 1 AND 1" * many, "a IS NULL" * many,
        " AND ".join(["a=1"] * many), "CASEI(" * depth + "'x" + "'" + ")" * depth + " LIKE 'x'" * (many - 1),
    ]  # fmt: skip
    done: list[str] = []

    def parse() -> None:
        for text in texts:
            try:
                parse_text(text)
            except BadFilter as error:
                done.append(error.params["rule"])
            else:
                done.append("read")

    before = threading.stack_size(256 * 1024)
    try:
        thread = threading.Thread(target=parse)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert len(done) == len(texts)
    assert set(done) <= {"read", "filter_syntax", "filter_deep"}


WORDS = st.sampled_from(["state", "radius_m", "(", ")", "AND", "NOT", "'x'", "1", "=", "LIKE", "IN", ",",
                         "S_INTERSECTS",
                         "geom", "POINT(106 20)", "BETWEEN", "DATE('2026-01-01')",
                         "IS", "NULL", "casei(", "-", "'", "\\"])  # fmt: skip


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(st.one_of(st.lists(WORDS, max_size=12).map(" ".join), st.text(max_size=40)))
def test_no_text_breaks_the_reader(text: str) -> None:
    layer = LAYERS["lights"]
    with contextlib.suppress(BadFilter):
        Translator(table_of(layer), columns_of(layer, "data"), CRS84).condition(parse_text(text))
