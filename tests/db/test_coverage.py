"""Figures of coverage: equal to SQL of its own, to geopandas, to themselves after every kind of change."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from tests.builders import MAU, METRIC
from tests.db import programme as pg
from tests.db.coverage_kit import ClientAs, add, asked, change, keep_sample

TODAY = pg.TODAY


@pytest.fixture(autouse=True)
def _as_they_were(owner_engine: Engine) -> Iterator[None]:
    with keep_sample(owner_engine):
        yield


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
        # Streets along the border of two groups are among them, and count once.
        for what, off in (("area", 5.0), ("street", 0.5)):
            whole, parts = found["commune"][what], [one[what] for one in found["groups"]]
            for name in ("share", "verified_share", "lit_share"):
                summed = sum(part[name] * part["total"] for part in parts if part["total"])
                assert summed == pytest.approx(whole[name] * whole["total"], abs=off), (what, name)
            assert sum(part["total"] for part in parts) == pytest.approx(whole["total"], rel=1e-6)


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
