"""T-D4: three seeded faults are three in the list; a repair is shown, made, and taken back to the same coordinates."""

import html
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Connection, Engine

from gis_app.db import Actor, act_as
from tests.builders import MAU

ADDRESS = "/du-lieu/ranh-gioi"
HTML = {"Accept": "text/html"}
GROUPS = [f"{MAU.marker}-g{n}" for n in (1, 2, 3, 4)]


@pytest.fixture(autouse=True)
def seeded(owner_engine: Engine) -> Iterator[None]:
    """Of four squares one reaches 100 m into its neighbour, one 2 m, one beyond the commune; then as before."""
    shapes = {
        GROUPS[0]: MAU.box(0, 0, 1600, 1500),
        GROUPS[2]: MAU.box(0, 1498, 1500, 3000),
        GROUPS[3]: MAU.box(1500, 1500, 3100, 3000),
    }
    with owner_engine.begin() as conn:
        act_as(conn, Actor("system"))
        kept = conn.execute(sa.text("SELECT external_id, geom::text FROM groups WHERE commune_id = 90001")).all()
        for key, shape in shapes.items():
            _set(conn, key, f"SRID=4326;{shape.wkt}")
    yield
    with owner_engine.begin() as conn:
        act_as(conn, Actor("system"))
        for key, geom in kept:
            _set(conn, key, geom)


def _set(conn: Connection, key: str, geom: str) -> None:
    conn.execute(
        sa.text("UPDATE groups SET geom = ST_Multi(CAST(:geom AS geometry)) WHERE external_id = :key"),
        {"geom": geom, "key": key},
    )


def faults(client: FlaskClient) -> list[dict[str, Any]]:
    answer = client.get("/api/boundary-faults")
    assert answer.mimetype == "application/geo+json"
    found: list[dict[str, Any]] = answer.json["features"]
    return found


def post(client: FlaskClient, path: str, **form: Any) -> Any:
    token = client.get("/api/session").json["csrf_token"]
    return client.post(f"{ADDRESS}/{path}", data={"csrf_token": token, **form}, headers=HTML)


def shapes_of(conn: Connection) -> dict[str, str]:
    rows = conn.execute(sa.text("SELECT external_id, geom::text FROM groups WHERE commune_id = 90001"))
    return {row[0]: row[1] for row in rows}


def test_three_seeded_faults_are_three(client_as: Callable[[str | None], FlaskClient]) -> None:
    hoa = client_as("hoa")
    found = faults(hoa)
    assert [one["properties"]["kind"] for one in found] == ["overlap", "sliver", "outside"]
    areas = [one["properties"]["area_m2"] for one in found]
    assert areas == [pytest.approx(150_000, rel=0.01), pytest.approx(3000, rel=0.02), pytest.approx(150_000, rel=0.01)]
    page = html.unescape(hoa.get(ADDRESS, headers=HTML).text)
    assert page.count("data-fault=") == 3
    for text in ("Chồng lấn", "Khe hẹp dọc ranh giới", "Ra ngoài địa bàn", "3 chỗ cần xem lại"):
        assert text in page


def test_a_repair_is_shown_made_and_taken_back(
    client_as: Callable[[str | None], FlaskClient], conn_as: Callable[[str], Connection]
) -> None:
    hoa = client_as("hoa")
    before = shapes_of(conn_as("hoa"))
    for kind in ("sliver", "outside"):
        one = next(one for one in faults(hoa) if one["properties"]["kind"] == kind)
        page = html.unescape(hoa.get(f"{ADDRESS}?sua={one['id']}", headers=HTML).text)
        assert "Diện tích" in page
        assert shapes_of(conn_as("hoa")) == before, "showing changes nothing"
        version = re.search(r'name="version" value="(\d+)"', page)
        assert version is not None
        stale = post(hoa, "sua", key=one["id"], version=int(version[1]) + 1)
        assert stale.status_code == 409
        made = post(hoa, "sua", key=one["id"], version=version[1])
        assert made.status_code == 303
        assert kind not in [left["properties"]["kind"] for left in faults(hoa)]
        done = re.search(r"da_sua=([0-9.,]+)$", made.headers["Location"])
        assert done is not None
        assert "Hoàn tác" in html.unescape(hoa.get(made.headers["Location"], headers=HTML).text)
        assert post(hoa, "hoan-tac", groups=done[1]).status_code == 303
        assert shapes_of(conn_as("hoa")) == before


def test_a_wide_overlap_goes_to_whom_a_person_chooses(
    client_as: Callable[[str | None], FlaskClient], conn_as: Callable[[str], Connection]
) -> None:
    hoa = client_as("hoa")
    before = shapes_of(conn_as("hoa"))
    one = faults(hoa)[0]
    assert "chọn bên được giao" in html.unescape(hoa.get(f"{ADDRESS}?sua={one['id']}", headers=HTML).text)
    assert post(hoa, "sua", key=one["id"], version=1).status_code == 409
    for keeper, other in (one["properties"]["ids"], one["properties"]["ids"][::-1]):
        page = html.unescape(hoa.get(f"{ADDRESS}?sua={one['id']}&cho={keeper}", headers=HTML).text)
        assert "Diện tích bớt 15\u00a0ha" in page
        version = re.search(r'name="version" value="(\d+)"', page)
        assert version is not None
        made = post(hoa, "sua", key=one["id"], version=version[1], keeper=keeper)
        written = made.headers["Location"].partition("da_sua=")[2]
        assert written.startswith(f"{other}.")
        assert [left["properties"]["kind"] for left in faults(hoa)] == ["sliver", "outside"]
        assert post(hoa, "hoan-tac", groups=written).status_code == 303
        assert shapes_of(conn_as("hoa")) == before
    assert post(hoa, "sua", key=one["id"], version=1, keeper=1).status_code == 409
    assert post(hoa, "hoan-tac", groups="1.2;3").status_code == 400


def test_small_places_are_mended_together(
    client_as: Callable[[str | None], FlaskClient], conn_as: Callable[[str], Connection]
) -> None:
    hoa = client_as("hoa")
    before = shapes_of(conn_as("hoa"))
    made = post(hoa, "sua-het")
    written = made.headers["Location"].partition("da_sua=")[2]
    assert [left["properties"]["kind"] for left in faults(hoa)] == ["overlap", "outside"]
    # All or nothing: of two groups one is not as it says.
    wrong = written + "," + re.sub(r"\.\d+", ".999", written)
    assert post(hoa, "hoan-tac", groups=wrong).status_code == 409
    assert shapes_of(conn_as("hoa")) != before
    assert post(hoa, "hoan-tac", groups=written).status_code == 303
    assert shapes_of(conn_as("hoa")) == before
    assert post(client_as("giang"), "sua-het").status_code == 409, "nothing there to mend"


def test_only_data_officers(client_as: Callable[[str | None], FlaskClient]) -> None:
    assert client_as("chi").get(ADDRESS, headers=HTML).status_code == 403
    assert client_as("giang").get("/api/boundary-faults").json["features"] == []
