"""Reports about places: who reads and writes what, the hour alone, a patrol stays a patrol, two years of keeping."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gis_app.db import Actor, begin
from gis_app.queries.place_reports import count_by_hour, delete_expired
from tests.builders import BEN, MAU, SampleCommune
from tests.db.officers import Officer

OfficerAs = Callable[[str], Officer]
HOUR = dt.timedelta(hours=1)
COARSE = "SELECT ST_X(geom), ST_Y(geom), category FROM place_reports_coarse"


def report(**more: Any) -> dict[str, Any]:
    spot = MAU.at(700, 800)
    seen_at = (dt.datetime.now(dt.UTC) - 30 * HOUR).isoformat()
    return {"category": "gathering", "seen_at": seen_at, "lon": spot.x, "lat": spot.y} | more


def put(conn: Connection, place: SampleCommune, ago_days: float = 3, source: str = "police", **more: Any) -> int:
    spot = place.at(700, 800)
    values = {
        "c": place.id, "x": spot.x, "y": spot.y, "s": source, "k": more.get("category", "gathering"),
        "at": more.get("at", dt.datetime.now(dt.UTC) - dt.timedelta(days=ago_days)),
        "h": more.get("hotspot"), "n": more.get("note"),
    }  # fmt: skip
    text = (
        "INSERT INTO place_reports (commune_id, geom, category, seen_at, source, hotspot_id, note) "
        "VALUES (:c, ST_SetSRID(ST_MakePoint(:x, :y), 4326), :k, :at, :s, :h, :n) RETURNING id"
    )
    return int(conn.execute(sa.text(text), values).scalar_one())


@pytest.fixture(autouse=True, scope="module")
def _clean(owner_engine: Engine) -> Iterator[None]:
    yield
    with owner_engine.begin() as conn:
        conn.exec_driver_sql("DELETE FROM place_reports")
        conn.exec_driver_sql("DELETE FROM audit_entries WHERE table_name = 'place_reports'")


def test_a_patrol_tells_as_a_patrol(officer_as: OfficerAs) -> None:
    an = officer_as("an")
    made = an.post("/api/place-reports", report(note="Nhóm người tụ tập"))
    assert made.status_code == 201, made.text
    assert made.json["source"] == "patrol"
    assert made.json["seen_at"][14:19] == "00:00"
    refused = an.post("/api/place-reports", report(source="police"))
    assert refused.status_code == 422
    assert refused.json["params"]["faults"] == [{"field": "source", "rule": "choice"}]
    number = made.json["id"]
    assert an.get(f"/api/place-reports/{number}").json["note"] == "Nhóm người tụ tập"
    assert an.send("DELETE", f"/api/place-reports/{number}", If_Match='"1"').status_code == 204
    assert an.get(f"/api/place-reports/{number}").status_code == 404


def test_a_patrol_takes_out_no_other_word(officer_as: OfficerAs) -> None:
    number = officer_as("hoa").post("/api/place-reports", report()).json["id"]
    an = officer_as("an")
    assert an.send("DELETE", f"/api/place-reports/{number}", If_Match='"7"').status_code == 412
    assert an.send("DELETE", f"/api/place-reports/{number}", If_Match='"1"').status_code == 403
    assert officer_as("hoa").send("DELETE", f"/api/place-reports/{number}", If_Match='"1"').status_code == 204


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"category": "person"}, {"field": "category", "rule": "choice"}),
        ({"seen_at": "2026-01-01T10:00:00"}, {"field": "seen_at", "rule": "date"}),
        ({"seen_at": "2099-01-01T10:00:00+07:00"}, {"field": "seen_at", "rule": "date"}),
        ({"lon": "106"}, {"field": "lon", "rule": "number"}),
        ({"seen_at": "2000-01-01T05:00:00+14:00"}, {"field": "seen_at", "rule": "date"}),
        ({"note": "a\x01b"}, {"field": "note", "rule": "text"}),
        ({"hotspot_id": 2**62}, {"field": "hotspot_id", "rule": "choice"}),
        ({"who": "x"}, {"field": "who", "rule": "unknown_field"}),
    ],
)
def test_what_is_refused(officer_as: OfficerAs, change: dict[str, Any], fault: dict[str, str]) -> None:
    answer = officer_as("hoa").post("/api/place-reports", report(**change))
    assert (answer.status_code, answer.json["params"]["faults"]) == (422, [fault])


@pytest.mark.parametrize("note", ["gọi 0912 345 678", "anh Tuấn hay đứng ở đây", "xe 16A-123.45 đỗ đêm"])
def test_words_that_tell_of_a_person_are_refused(officer_as: OfficerAs, note: str) -> None:
    answer = officer_as("hoa").post("/api/place-reports", report(note=note))
    assert (answer.status_code, answer.json["code"]) == (422, "personal_words")
    assert note not in answer.text


def test_a_place_of_the_neighbour_is_refused(officer_as: OfficerAs) -> None:
    spot = BEN.at(1500, 1500)
    assert officer_as("hoa").post("/api/place-reports", report(lon=spot.x, lat=spot.y)).status_code == 422


def test_who_reads_what(officer_as: OfficerAs, client_as: Any, owner_engine: Engine) -> None:
    with begin(owner_engine, Actor("system")) as conn:
        mine = put(conn, MAU, note="MAU1 ghi chú", category="syringes")
        found = put(conn, MAU, source="patrol", category="syringes")
        theirs = put(conn, BEN)
    exact = {row["id"]: row for row in officer_as("hoa").get("/api/place-reports").json["reports"]}
    assert mine in exact
    assert found in exact
    assert theirs not in exact
    coarse = {row["id"]: row for row in officer_as("binh").get("/api/place-reports").json["reports"]}
    # What patrols found is not even in the planners' list.
    assert mine in coarse
    assert found not in coarse
    assert theirs not in coarse
    assert "note" not in coarse[mine]
    assert "hotspot_id" not in coarse[mine]
    assert (coarse[mine]["lon"], coarse[mine]["lat"]) != (exact[mine]["lon"], exact[mine]["lat"])
    for name, status in (("chi", 403), ("lan", 403), (None, 401)):
        assert client_as(name).get("/api/place-reports").status_code == status
    assert officer_as("binh").get(f"/api/place-reports/{mine}").status_code == 403
    assert officer_as("giang").get(f"/api/place-reports/{mine}").status_code == 404


def test_no_query_gets_past_the_rules(conn_as: Callable[[str], Connection]) -> None:
    """As the web's own login with a pen in its hand."""
    for name in ("binh", "chi", "lan"):
        assert conn_as(name).exec_driver_sql("SELECT count(*) FROM place_reports").scalar_one() == 0
    for name in ("chi", "lan", "an", "hoa"):
        assert conn_as(name).exec_driver_sql(COARSE).all() == []
    an = conn_as("an")
    for text in (
        "UPDATE place_reports SET source = 'police'",
        "UPDATE place_reports SET expires_on = '2099-01-01'",
        f"INSERT INTO place_reports (commune_id, geom, category, seen_at, source) "
        f"VALUES ({MAU.id}, ST_SetSRID(ST_MakePoint(106.6, 20.8), 4326), 'other', now(), 'tip')",
        f"INSERT INTO place_reports (commune_id, geom, category, seen_at, source) "
        f"VALUES ({BEN.id}, ST_SetSRID(ST_MakePoint(106.6, 20.8), 4326), 'other', now(), 'patrol')",
    ):
        with pytest.raises(sa.exc.ProgrammingError), an.begin_nested():
            an.exec_driver_sql(text)


def test_a_hotspot_of_the_neighbour_cannot_be_named(owner_engine: Engine) -> None:
    with owner_engine.connect() as conn:
        theirs = conn.exec_driver_sql(f"SELECT min(id) FROM hotspots WHERE commune_id = {BEN.id}").scalar_one()
        with pytest.raises(sa.exc.IntegrityError, match="no such hotspot"):
            put(conn, MAU, hotspot=theirs)
        conn.rollback()


def test_counts_without_places(conn_as: Callable[[str], Connection]) -> None:
    """Committee: whole months, 1 to 4 empty, the total rounded, nothing that patrols found; outsiders nothing."""
    conn = conn_as("hoa")
    at = dt.datetime(2026, 3, 11, 14, 20, tzinfo=dt.UTC)  # Wednesday 21:20 in Vietnam
    for _ in range(6):
        put(conn, MAU, at=at)
        put(conn, MAU, at=at, source="patrol")
    for _ in range(3):
        put(conn, MAU, at=at + 3 * HOUR)
    day = dt.date(2026, 3, 20)
    for role in ("committee", "supervisor", "planner"):
        conn.exec_driver_sql(f"SELECT set_config('app.role', '{role}', true)")
        found = count_by_hour(conn, day, day, (0, 24))
        assert found.cells == {(3, 21): 5, (4, 0): None}
        assert found.total == 10
        assert count_by_hour(conn, day, day, (22, 4)).cells == {(3, 21): 5, (4, 0): None}
        assert count_by_hour(conn, day, day, (0, 4)).cells == {(4, 0): None}
        assert count_by_hour(conn, day, day, (0, 24), ["light_out"]).cells == {}
    for role in ("city", "national", ""):
        conn.exec_driver_sql(f"SELECT set_config('app.role', '{role}', true)")
        assert count_by_hour(conn, day, day, (0, 24)).cells == {}


def test_two_years_and_no_longer(owner_engine: Engine, conn_as: Callable[[str], Connection]) -> None:
    with begin(owner_engine, Actor("system")) as conn:
        old, young = put(conn, MAU, ago_days=733), put(conn, MAU, ago_days=700)
    seen = set(conn_as("an").exec_driver_sql("SELECT id FROM place_reports").scalars())
    assert young in seen
    assert old not in seen
    with begin(owner_engine, Actor("system")) as conn:
        assert delete_expired(conn)["place_reports"] == 1
        kept = set(conn.exec_driver_sql("SELECT id FROM place_reports").scalars())
    assert young in kept
    assert old not in kept


def test_the_log_tells(officer_as: OfficerAs, owner_engine: Engine) -> None:
    number = officer_as("an").post("/api/place-reports", report()).json["id"]
    with begin(owner_engine, Actor("system")) as conn:
        text = "SELECT username, action FROM audit_entries WHERE table_name = 'place_reports' AND row_id = :id"
        assert conn.execute(sa.text(text), {"id": number}).all() == [("an", "insert")]


def test_the_committee_writes_what_it_heard_in_its_own_commune_and_reads_nothing(
    conn_as: Callable[[str], Connection],
) -> None:
    """By any query: other sources, another commune, reading and other roles are refused by the database."""
    add = (
        "INSERT INTO place_reports (commune_id, geom, category, seen_at, source) "
        "VALUES ({}, ST_SetSRID(ST_MakePoint(106.66, 20.83), 4326), 'gathering', now(), '{}')"
    )
    chi, binh = conn_as("chi"), conn_as("binh")
    for conn, commune_id, source in (
        (chi, MAU.id, "police"), (chi, MAU.id, "patrol"), (chi, BEN.id, "cell"), (binh, MAU.id, "cell"),
    ):  # fmt: skip
        with pytest.raises(sa.exc.ProgrammingError), conn.begin_nested():
            conn.exec_driver_sql(add.format(commune_id, source))
    chi.exec_driver_sql(add.format(MAU.id, "cell"))
    assert chi.exec_driver_sql("SELECT count(*) FROM place_reports").scalar_one() == 0
    assert chi.exec_driver_sql("DELETE FROM place_reports").rowcount == 0
