"""Coverage: who may know what, the gap list, what triggers and the worker do, the page."""

import html
import re
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import geopandas as gpd
import numpy as np
import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gis_app.analysis.device_views import lit_polygons
from gis_app.db import Actor, begin
from gis_app.jobs.coverage_rounds import refresh_stale
from gis_app.queries.loading import insert_rows
from layers import LAYERS
from tests.builders import BEN, MAU, METRIC
from tests.db.coverage_kit import ClientAs, add, asked, change, keep_sample


@pytest.fixture(autouse=True)
def _as_they_were(owner_engine: Engine) -> Iterator[None]:
    with keep_sample(owner_engine, "schools"):
        yield


def test_a_number_of_openstreetmap_is_no_name(client_as: ClientAs, owner_engine: Engine) -> None:
    add(owner_engine, "schools", "n9931536200", MAU.at(900, 900), name=None)
    add(owner_engine, "schools", "TH-07", MAU.at(1200, 900), name=None)
    reader = client_as("binh")
    asked(reader)
    names = {gap["name"] for gap in reader.get("/api/coverage/gaps?kind=school").json["gaps"]}
    assert "" in names
    assert "n9931536200" not in names
    assert "TH-07" in names


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
        # As the night does it: nobody writes anything.
        conn.exec_driver_sql("ALTER TABLE hotspots DISABLE TRIGGER USER")
        conn.exec_driver_sql("UPDATE hotspots SET expires_on = current_date - 1 WHERE external_id LIKE 'MAU1-h%%'")
        conn.exec_driver_sql("ALTER TABLE hotspots ENABLE TRIGGER USER")
    assert client_as("an").get("/api/coverage/gaps?kind=hotspot").json["gaps"] == []
    gone = asked(client_as("an"), kind="hotspot")
    assert gone["places"] == []
    assert next(one["count"] for one in gone["classes"] if one["kind"] == "hotspot") == 0
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
        conn.exec_driver_sql("UPDATE groups SET household_count = household_count + 1 WHERE commune_id = 90001")
        conn.exec_driver_sql("UPDATE hotspots SET severity = 3 WHERE external_id = 'MAU1-h-gan'")
        rows = conn.exec_driver_sql(
            "SELECT ST_XMax(box) - ST_XMin(box) FROM coverage_dirty WHERE layer = 'hotspots'"
        ).all()
        assert len(rows) == 1
        assert float(rows[0][0]) >= 0.01
        assert conn.exec_driver_sql("SELECT count(*) FROM coverage_dirty WHERE layer = 'groups'").scalar_one() == 0
        conn.exec_driver_sql("UPDATE groups SET household_count = household_count - 1 WHERE commune_id = 90001")
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


def test_a_gap_becomes_a_task_with_measure_group_and_place(client_as: ClientAs) -> None:
    """T-C53: the link fills the form in; of a hotspot it names neither place nor name."""
    for username in ("an", "lan"):
        assert "gap-task-" not in client_as(username).get("/do-phu").text, username
    reader = client_as("binh")
    asked(reader)
    links = re.findall(r'href="(/viec/moi\?[^"]+)" data-testid="gap-task-', reader.get("/do-phu?time=night").text)
    assert len(links) > 3
    told = [parse_qs(urlsplit(html.unescape(link)).query) for link in links]
    for link, one in zip(links, told, strict=True):
        assert one["thuoc_do"] == ["group_coverage"]
        assert one["so_lieu"] == ["street_night"]
        form = reader.get(html.unescape(link)).text
        assert f'<option value="{one["to"][0]}" selected>' in form
        assert '<option value="street_night" selected>' in form
        assert '<option value="source:gap" selected>' in form
        assert html.unescape(re.search(r'id="title"[^>]* value="([^"]*)"', form)[1]).endswith(one["noi"][0])  # type: ignore[index]
    hotspots = [one for one in told if one["noi"] == ["gần một điểm nóng"]]
    assert hotspots
    assert all("diem" not in one for one in hotspots)
    assert all("diem" in one for one in told if one not in hotspots)
