"""Figures of coverage: equal to SQL of its own, to geopandas, to themselves after every kind of change."""

import datetime as dt
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gis_app.analysis.device_views import lit_polygons
from gis_app.db import Actor, begin
from gis_app.jobs.coverage_rounds import refresh_stale
from gis_app.queries.loading import insert_rows
from layers import LAYERS
from tests.builders import BEN, MAU, METRIC, sample_row
from tests.db import programme as pg

ClientAs = Callable[[str | None], FlaskClient]
TABLES = ("camera_views", "light_areas", "coverage_figures", "coverage_days", "coverage_states", "coverage_settings")
TODAY = pg.TODAY


@pytest.fixture(autouse=True)
def _as_they_were(owner_engine: Engine) -> Iterator[None]:
    """The sample's devices as they were, and nothing derived left."""
    layers = ("cameras", "lights", "buildings", "walls", "roads", "hotspots", "venues")
    with begin(owner_engine, Actor("system")) as conn:
        for name in layers:
            conn.exec_driver_sql(f"CREATE TABLE kept_{name} AS SELECT * FROM {name}")
    yield
    with begin(owner_engine, Actor("system")) as conn:
        for name in layers:
            columns = ", ".join(
                f'"{row[0]}"'
                for row in conn.exec_driver_sql(
                    "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 "
                    "AND NOT attisdropped AND attgenerated = ''",
                    (name,),
                )
            )
            conn.exec_driver_sql(f"DELETE FROM {name}")
            conn.exec_driver_sql(
                f"INSERT INTO {name} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM kept_{name}"
            )
            conn.exec_driver_sql(f"DROP TABLE kept_{name}")
        for name in (*TABLES, "coverage_dirty"):
            conn.exec_driver_sql(f"DELETE FROM {name}")
        conn.exec_driver_sql("DELETE FROM jobs WHERE kind = 'coverage'")
        conn.exec_driver_sql("DELETE FROM idempotency_keys")


def asked(client: FlaskClient, **query: Any) -> Mapping[str, Any]:
    answer = client.get("/api/coverage", query_string=query)
    assert answer.status_code == 200, answer.text
    found: Mapping[str, Any] = answer.json
    return found


def change(engine: Engine, text: str, **values: Any) -> None:
    with begin(engine, Actor("system")) as conn:
        conn.execute(sa.text(text), values)


def add(engine: Engine, layer: str, code: str, shape: Any, **values: Any) -> None:
    with begin(engine, Actor("system")) as conn:
        insert_rows(conn, LAYERS[layer], MAU.id, [(code, shape, sample_row(LAYERS[layer], MAU)[2] | values)], "test")


def test_areas_and_lengths_equal_sql_and_geopandas(client_as: ClientAs, owner_engine: Engine) -> None:
    """Shares of streets and groups by night, computed again without our code but for the shapes of single views."""
    found = asked(client_as("binh"), time="night", level="detect")
    with owner_engine.connect() as conn:
        # In PostGIS: nothing of the sample has infrared, so a camera sees by night what it sees and lamps light.
        row = conn.execute(
            sa.text("""
            WITH seen AS (SELECT ST_Union(ST_Transform(geom, 9210)) AS geom FROM camera_views
                          WHERE commune_id = 90001 AND level = 'detect' AND rank > 0),
                 lit AS (SELECT ST_Union(ST_Buffer(ST_Transform(geom, 9210), radius_m, 64)) AS geom FROM lights
                         WHERE commune_id = 90001 AND state IN ('working', 'broken')),
                 night AS (SELECT ST_Intersection(seen.geom, lit.geom) AS geom FROM seen, lit),
                 roads AS (SELECT ST_Transform(geom, 9210) AS geom FROM roads WHERE commune_id = 90001)
            SELECT (SELECT sum(ST_Length(ST_Intersection(r.geom, n.geom))) / sum(ST_Length(r.geom))
                    FROM roads AS r, night AS n),
                   (SELECT sum(ST_Length(ST_Intersection(r.geom, l.geom))) / sum(ST_Length(r.geom))
                    FROM roads AS r, lit AS l),
                   (SELECT ST_Area(ST_Intersection(ST_Transform(c.geom, 9210), n.geom))
                           / ST_Area(ST_Transform(c.geom, 9210))
                    FROM communes AS c, night AS n WHERE c.id = 90001)""")
        ).one()
    street, area = found["commune"]["street"], found["commune"]["area"]
    assert street["share"] == pytest.approx(row[0], rel=1e-3)
    assert street["lit_share"] == pytest.approx(row[1], rel=1e-3)
    assert area["share"] == pytest.approx(row[2], rel=1e-3)
    _compare_with_geopandas(found, owner_engine)


def _compare_with_geopandas(found: Mapping[str, Any], engine: Engine) -> None:
    with engine.connect() as conn:
        groups = gpd.read_postgis("SELECT id, geom FROM groups WHERE commune_id = 90001", conn, geom_col="geom")
        views = gpd.read_postgis(
            "SELECT geom FROM camera_views WHERE commune_id = 90001 AND level = 'detect' AND rank > 0",
            conn, geom_col="geom",
        )  # fmt: skip
        lamps = gpd.read_postgis(
            "SELECT geom, radius_m FROM lights WHERE commune_id = 90001 AND state IN ('working', 'broken')",
            conn, geom_col="geom",
        )  # fmt: skip
    groups, views, lamps = (each.to_crs(METRIC) for each in (groups, views, lamps))
    lit = lamps.geometry.buffer(lamps["radius_m"], quad_segs=64).union_all()
    night = views.geometry.union_all().intersection(lit)
    for one in found["groups"]:
        shape = groups.loc[groups["id"] == one["group_id"], "geom"].iloc[0]
        expected = shape.intersection(night).area / shape.area
        assert one["area"]["share"] == pytest.approx(expected, rel=1e-3, abs=1e-6), one["name"]


def test_groups_add_up_to_the_commune(client_as: ClientAs) -> None:
    """T-S1."""
    for time in ("day", "night"):
        found = asked(client_as("binh"), time=time)
        for name in ("share", "verified_share", "lit_share"):
            summed = sum(one["area"][name] * one["area"]["total"] for one in found["groups"])
            whole = found["commune"]["area"]
            assert summed == pytest.approx(whole[name] * whole["total"], abs=5.0)
        assert sum(one["area"]["total"] for one in found["groups"]) == pytest.approx(whole["total"], rel=1e-6)


def test_toggles_can_only_fall(client_as: ClientAs, owner_engine: Engine) -> None:
    """T-S2: and each level sees no more than the one before."""
    change(
        owner_engine, "UPDATE cameras SET verified_on = :d, pixel_width = 1920 WHERE external_id = 'MAU1-c0'", d=TODAY
    )
    binh = client_as("binh")
    for time in ("day", "night"):
        shares = [
            asked(binh, time=time, working_only=working, verified_only=verified)["commune"]["area"]["share"]
            for working, verified in (("false", "false"), ("true", "false"), ("true", "true"))
        ]
        assert shares == sorted(shares, reverse=True)
        assert shares[0] > shares[1]
        levels = [asked(binh, time=time, level=level)["commune"]["area"]["share"]
                  for level in ("detect", "observe", "recognise", "identify")]  # fmt: skip
        assert levels == sorted(levels, reverse=True)
        day, night = (asked(binh, time=t)["commune"]["area"]["share"] for t in ("day", "night"))
        assert night < day


def test_two_numbers_and_why_they_differ(client_as: ClientAs, owner_engine: Engine) -> None:
    binh = client_as("binh")
    before = asked(binh)["commune"]["area"]
    assert before["verified_share"] == 0 < before["assumed_share"]
    change(
        owner_engine, "UPDATE cameras SET verified_on = :d, pixel_width = 1920 WHERE external_id = 'MAU1-c0'", d=TODAY
    )
    found = asked(binh)
    # A quarter of a circle of 30 m.
    area = found["commune"]["area"]
    assert area["verified_share"] * area["total"] == pytest.approx(np.pi * 30**2 / 4, rel=1e-3)
    reasons = {one["external_id"]: one["reason"] for one in found["not_counted"] if one["layer"] == "cameras"}
    assert reasons == {"MAU1-c1": "not_verified", "MAU1-c2": "broken", "MAU1-c3": "proposed"}
    change(owner_engine, "UPDATE cameras SET azimuth_deg = NULL WHERE external_id = 'MAU1-c1'")
    assert asked(binh)["assumptions"]["direction"] == 1
    # 100 m from any street and from any house.
    change(owner_engine, "UPDATE cameras SET geom = ST_GeomFromText(:g, 4326) WHERE external_id = 'MAU1-c1'",
           g=MAU.at(750, 750).wkt)  # fmt: skip
    reasons = {one["external_id"]: one["reason"] for one in asked(binh)["not_counted"]}
    assert reasons["MAU1-c1"] == "no_direction"


def test_every_change_is_in_the_next_answer(client_as: ClientAs, owner_engine: Engine) -> None:
    """Move, break, remove, build a wall, a house, take a street away: as if computed from nothing."""
    binh = client_as("binh")
    asked(binh)
    steps = (
        ("UPDATE cameras SET azimuth_deg = 200 WHERE external_id = 'MAU1-c1'", {}),
        (f"UPDATE cameras SET geom = ST_GeomFromText('{MAU.at(2000, 1000).wkt}', 4326) "
         "WHERE external_id = 'MAU1-c0'", {}),
        ("UPDATE lights SET state = 'broken' WHERE external_id = 'MAU1-l12'", {}),
        ("DELETE FROM cameras WHERE external_id = 'MAU1-c2' AND commune_id = 90001", {}),
        ("DELETE FROM lights WHERE external_id IN ('MAU1-l9', 'MAU1-l10') AND commune_id = 90001", {}),
        ("DELETE FROM roads WHERE external_id = 'MAU1-r1True' AND commune_id = 90001", {}),
        ("UPDATE roads SET name = 'Phố Khác' WHERE external_id = 'MAU1-r2True' AND commune_id = 90001", {}),
        ("UPDATE groups SET name = name WHERE commune_id = 90001", {}),
    )  # fmt: skip
    for text, values in steps:
        change(owner_engine, text, **values)
        _same_as_from_nothing(binh, owner_engine, text)
    add(owner_engine, "buildings", "MAU1-nha", MAU.box(2005, 1005, 2015, 1015))
    _same_as_from_nothing(binh, owner_engine, "house")
    add(owner_engine, "walls", "MAU1-tuong", MAU.line((1990, 1003), (2030, 1003)))
    _same_as_from_nothing(binh, owner_engine, "wall")


def _same_as_from_nothing(client: FlaskClient, engine: Engine, what: str) -> None:
    left = ("not_counted", "computed_at")
    now = {time: {k: v for k, v in asked(client, time=time).items() if k not in left} for time in ("day", "night")}
    with begin(engine, Actor("system")) as conn:
        for name in ("camera_views", "light_areas", "coverage_figures", "coverage_states", "coverage_dirty"):
            conn.exec_driver_sql(f"DELETE FROM {name} WHERE commune_id = {MAU.id}")
    afresh = {time: {k: v for k, v in asked(client, time=time).items() if k not in left} for time in ("day", "night")}
    for time, found in now.items():
        assert found.keys() == afresh[time].keys()
        for name, value in found.items():
            assert value == afresh[time][name], (what, time, name)


def test_only_the_squares_that_a_change_touches_are_written(client_as: ClientAs, owner_engine: Engine) -> None:
    binh = client_as("binh")
    asked(binh)
    query = sa.text(
        "SELECT cell, kind, unit, audience, xmin::text AS written FROM coverage_figures WHERE commune_id = 90001"
    )
    with owner_engine.connect() as conn:
        before = {tuple(row[:4]): row[4] for row in conn.execute(query)}
    change(owner_engine, "UPDATE cameras SET azimuth_deg = 45 WHERE external_id = 'MAU1-c1'")
    asked(binh)
    with owner_engine.connect() as conn:
        after = {tuple(row[:4]): row[4] for row in conn.execute(query)}
    assert set(before) == set(after)
    cells = {key[0] for key in before if before[key] != after[key]}
    assert 1 <= len(cells) <= 4
    assert len({key[0] for key in before}) > 100


def test_a_look_on_site_expires_with_the_day(client_as: ClientAs, owner_engine: Engine) -> None:
    """What was verified a year ago counted yesterday and does not today; yesterday stays known."""
    binh = client_as("binh")
    change(
        owner_engine, "UPDATE cameras SET verified_on = :d, pixel_width = 1920 WHERE external_id = 'MAU1-c0'", d=TODAY
    )
    share = asked(binh)["commune"]["area"]["verified_share"]
    assert share > 0
    yesterday = TODAY - dt.timedelta(days=1)
    # As if all this had been yesterday.
    change(owner_engine, "UPDATE coverage_states SET computed_on = :d", d=yesterday)
    change(
        owner_engine,
        "UPDATE cameras SET verified_on = (CAST(:d AS date) - interval '12 months')::date + 1 "
        "WHERE external_id = 'MAU1-c0'",
        d=yesterday,
    )
    change(owner_engine, "UPDATE camera_views AS v SET version = c.version FROM cameras AS c WHERE c.id = v.camera_id")
    change(owner_engine, "DELETE FROM coverage_dirty")
    assert asked(binh)["commune"]["area"]["verified_share"] == 0
    answer = binh.get("/api/coverage/compare", query_string={"from": yesterday.isoformat()})
    assert answer.json["first_on"] == yesterday.isoformat()
    whole = next(unit for unit in answer.json["units"] if unit["kind"] == "commune")
    assert whole["before"]["verified_share"] == pytest.approx(share)
    assert whole["after"]["verified_share"] == 0
    assert whole["before"]["assumed_share"] == pytest.approx(whole["after"]["assumed_share"])
    assert "hotspot" not in {unit["kind"] for unit in answer.json["units"]}


def test_buildings_in_the_way_of_lamps_are_a_choice(client_as: ClientAs, owner_engine: Engine) -> None:
    officer = pg.Officer(client_as("binh"))
    add(owner_engine, "buildings", "MAU1-nha", MAU.box(1200, 503, 1210, 515))
    open_sky = asked(officer.client)["commune"]["street"]["lit_share"]
    for value, word in (("1", "less"), ("", "same")):
        form = {"csrf_token": officer.token, "lights_blocked": value}
        assert officer.client.post("/do-phu/cai-dat", data=form).status_code == 303
        found = asked(officer.client)["commune"]["area"]["lit_share"]
        shapes = officer.client.get("/api/coverage/lights").json["features"]
        assert ({f["geometry"]["type"] for f in shapes} == {"Polygon"}) == (word == "less")
        if word == "less":
            blocked = found
        else:
            assert blocked < found
    assert asked(officer.client)["commune"]["street"]["lit_share"] == open_sky
    assert client_as("an").post(
        "/do-phu/cai-dat", data={"csrf_token": pg.Officer(client_as("an")).token}
    ).status_code in (400, 403)


def test_gaps_by_weight_with_their_dark_parts(client_as: ClientAs) -> None:
    for what in ("seen", "lit"):
        found = client_as("an").get(f"/api/coverage/gaps?time=night&what={what}&limit=100").json
        weights = [gap["unmet_weight"] for gap in found["gaps"]]
        assert weights == sorted(weights, reverse=True)
        assert weights[0] > weights[-1]
        for gap in found["gaps"]:
            west, south, east, north = gap["bbox"]
            assert west < gap["center"][0] < east
            assert south < gap["center"][1] < north
            assert not shapely.from_geojson(str(gap["geometry"]).replace("'", '"')).is_empty
    # A street's dark metres are its length but for what lamps light.
    street = next(gap for gap in found["gaps"] if gap["name"] == "Phố Ngang 1 MAU1")
    dark = (
        gpd.GeoSeries.from_wkt([shapely.geometry.shape(street["geometry"]).wkt], crs=4326).to_crs(METRIC).length.iloc[0]
    )
    assert dark == pytest.approx(street["unmet"], abs=6.0)
    lit = lit_polygons(np.arange(100.0, 3000, 100), np.full(29, 500.0), np.full(29, 20.0))
    assert 3000 - shapely.union_all(lit).intersection(
        shapely.LineString([(0, 500), (3000, 500)])
    ).length == pytest.approx(street["unmet"], rel=2e-3)


def test_hotspots_are_told_as_each_role_may_know(client_as: ClientAs, owner_engine: Engine) -> None:
    """Exactly for police roles, on their street for planners, not at all for others; gone at once when they are."""
    change(owner_engine, "UPDATE cameras SET range_m = 60 WHERE external_id = 'MAU1-c0' OR external_id = 'MAU1-c1'")

    def told(username: str) -> dict[str, Any] | None:
        found = asked(client_as(username), kind="hotspot")
        for text in ("MAU1 gan", "MAU1 vua"):
            assert text not in str(found) or username in ("an", "hoa")
        gaps = client_as(username).get("/api/coverage/gaps?kind=hotspot").json["gaps"]
        rows = {one["kind"]: one for one in found["classes"]}
        assert bool(gaps) == ("hotspot" in rows) == ("places" in found)
        return rows.get("hotspot")

    assert told("chi") is None
    assert told("lan") is None
    assert told("an") == told("hoa")
    police, planner = told("an"), told("binh")
    assert police is not None
    assert planner is not None
    assert police["total"] == planner["total"] == 6
    assert planner["share"] != police["share"]
    # A planner's gaps stand on the middle of the street, as the layer shows them.
    coarse = {
        f["id"]: f["geometry"]["coordinates"]
        for f in client_as("binh").get("/api/layers/hotspots/features").json["features"]
    }
    for gap in client_as("binh").get("/api/coverage/gaps?kind=hotspot").json["gaps"]:
        shape = shapely.geometry.shape(gap["geometry"])
        assert gap["name"] == ""
        assert shapely.get_coordinates(shape)[0] == pytest.approx(coarse[int(gap["unit"])], abs=1e-6)
    with begin(owner_engine, Actor("system")) as conn:
        conn.exec_driver_sql("UPDATE hotspots SET expires_on = current_date - 1 WHERE external_id LIKE 'MAU1-h%%'")
    assert client_as("an").get("/api/coverage/gaps?kind=hotspot").json["gaps"] == []
    assert asked(client_as("an"), kind="hotspot")["places"] == []
    with owner_engine.connect() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM coverage_days WHERE kind = 'hotspot'").scalar_one() == 0


def test_people_read_and_only_the_computation_writes(client_as: ClientAs, engine: Engine) -> None:
    asked(client_as("binh"))
    for role in ("planner", "data", "admin", "patrol"):
        with begin(engine, Actor(role, MAU.id, "x")) as conn:
            assert conn.exec_driver_sql("SELECT count(*) FROM coverage_figures").scalar_one() > 100
            assert conn.exec_driver_sql("SELECT count(*) FROM coverage_dirty").scalar_one() == 0
            assert conn.exec_driver_sql("DELETE FROM coverage_figures").rowcount == 0
            assert conn.exec_driver_sql("UPDATE camera_views SET rank = 3").rowcount == 0
            with pytest.raises(sa.exc.ProgrammingError, match="row-level security"), conn.begin_nested():
                conn.exec_driver_sql(
                    "INSERT INTO coverage_states (commune_id, computed_on, computed_at) "
                    f"VALUES ({MAU.id}, now(), now())"
                )
    with begin(engine, Actor("committee", MAU.id, "x")) as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM coverage_figures WHERE kind = 'hotspot'").scalar_one() == 0
    for role in ("planner", "system"):
        with begin(engine, Actor(role, BEN.id, "x")) as conn:
            assert conn.exec_driver_sql("SELECT count(*) FROM coverage_figures").scalar_one() == 0
            assert conn.exec_driver_sql("SELECT count(*) FROM camera_views").scalar_one() == 0


def test_one_box_for_a_whole_import(owner_engine: Engine) -> None:
    with begin(owner_engine, Actor("system")) as conn:
        conn.exec_driver_sql("DELETE FROM coverage_dirty")
        conn.exec_driver_sql(
            "INSERT INTO lights (commune_id, external_id, geom, source) SELECT 90001, 'viele' || n, "
            "ST_SetSRID(ST_MakePoint(106.65 + n * 1e-6, 20.83), 4326), 'test' FROM generate_series(1, 5000) AS n"
        )
        rows = conn.exec_driver_sql("SELECT layer, ST_XMax(box) - ST_XMin(box) FROM coverage_dirty").all()
        assert len(rows) == 1
        assert rows[0][0] == "lights"
        assert float(rows[0][1]) == pytest.approx(5000e-6, rel=0.01)
        # Stages are no business of coverage, and a hotspot's box is a kilometre wide.
        conn.exec_driver_sql("UPDATE groups SET household_count = 7 WHERE commune_id = 90001")
        conn.exec_driver_sql("UPDATE hotspots SET severity = 3 WHERE external_id = 'MAU1-h-gan'")
        rows = conn.exec_driver_sql(
            "SELECT ST_XMax(box) - ST_XMin(box) FROM coverage_dirty WHERE layer = 'hotspots'"
        ).all()
        assert len(rows) == 1
        assert float(rows[0][0]) >= 0.01
        assert conn.exec_driver_sql("SELECT count(*) FROM coverage_dirty WHERE layer = 'groups'").scalar_one() == 0
        conn.exec_driver_sql("DELETE FROM lights WHERE external_id LIKE 'viele%%'")


def test_much_is_left_to_a_job_and_the_worker_comes_by_itself(
    client_as: ClientAs, engine: Engine, owner_engine: Engine
) -> None:
    binh = client_as("binh")
    before = asked(binh)
    rows = [(f"MAU1-n{n}", MAU.at(20 * n + 5, 20 * n + 9), {"azimuth_deg": 10.0, "fov_deg": 80.0, "range_m": 20.0})
            for n in range(100)]  # fmt: skip
    with begin(owner_engine, Actor("system")) as conn:
        insert_rows(conn, LAYERS["cameras"], MAU.id, rows, "test")
    stale = asked(binh)
    assert stale["stale"]
    assert stale["job_id"]
    assert stale["commune"] == before["commune"]
    assert asked(binh)["job_id"] == stale["job_id"]
    said: list[str] = []
    change(owner_engine, "UPDATE coverage_dirty SET at = at - interval '1 minute'")
    assert MAU.id in refresh_stale(engine, threading.Event(), said.append)
    now = asked(binh)
    assert not now["stale"]
    assert now["commune"]["area"]["share"] > before["commune"]["area"]["share"]
    assert MAU.id not in refresh_stale(engine, threading.Event(), said.append)
    assert said == []


def test_pages_for_everybody(client_as: ClientAs) -> None:
    for username in ("an", "binh", "chi", "hoa", "lan"):
        answer = client_as(username).get("/do-phu?time=night&from=2026-01-01")
        assert answer.status_code == 200, answer.text[:500]
        assert ("Điểm nóng (theo" in answer.text) == (username not in ("chi", "lan"))
        assert "cài đặt" in answer.text.lower() or username not in ("hoa", "binh")
    assert client_as("quantri").get("/do-phu").status_code == 403
    assert client_as("an").get("/api/coverage?time=noon").status_code == 400
