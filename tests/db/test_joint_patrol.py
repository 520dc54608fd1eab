"""Whose patrols are in the shared strip, by day and two hours: nothing outside the strip, nothing once it is over."""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Connection, Engine

from gis_app.db import Actor, act_as, begin
from tests.builders import BEN, MAU, SIDE_M, SampleCommune
from tests.db import neighbours as nb
from tests.db.officers import Officer

Spots = list[tuple[float, float]]


@pytest.fixture(scope="module")
def place(owner_engine: Engine) -> Iterator[Engine]:
    nb.make_neighbourhood(owner_engine)
    yield owner_engine
    nb.drop_neighbourhood(owner_engine)


@pytest.fixture
def sides(place: Engine, client_as: nb.ClientAs) -> Iterator[nb.Sides]:
    yield nb.Sides(Officer(client_as("hoa")), Officer(client_as("mai")))
    with begin(place, Actor("system")) as conn:
        nb.clear_agreements(conn)
        conn.execute(sa.text("DELETE FROM patrol_plans"))


def put(
    engine: Engine, commune: SampleCommune, route: Spots, days: int = 0, start: int = 1200, state: str = "issued",
    stop: tuple[float, float] | None = None, chosen: int = 1,
) -> None:  # fmt: skip
    """A shift of one team that is an hour on its way along `route`, metres from the commune's corner."""
    settings = {"start": "20:00", "end": "23:00", "stay_min": 10, "seed": 1, "teams": [{"name": "Tổ 1"}]}
    with begin(engine, Actor("system")) as conn:
        plan = conn.execute(
            sa.text(
                "INSERT INTO patrol_plans (commune_id, shift_on, start_min, end_min, settings, settings_version, "
                "solved_version, chosen, state, issued_at) VALUES (:here, vietnam_today() + :days, :start, "
                ":start + 150, CAST(:settings AS jsonb), 1, 1, :chosen, 'draft', NULL) RETURNING id"
            ),
            {"here": commune.id, "days": days, "start": start, "settings": json.dumps(settings), "chosen": chosen},
        ).scalar_one()
        conn.execute(
            sa.text(
                "INSERT INTO patrol_routes (commune_id, plan_id, alternative, team, geom, stops, duration_s, travel_s, "
                "length_m, prize, shared_share) VALUES (:here, :plan, 1, 1, ST_GeomFromText(:line, 4326), '[]', 3600, "
                "3600, 1000, 1, 0)"
            ),
            {"here": commune.id, "plan": plan, "line": commune.line(*route).wkt},
        )
        if stop is not None:
            spot = commune.at(*stop)
            conn.execute(
                sa.text(
                    "INSERT INTO patrol_stops (commune_id, plan_id, key, kind, code, title, geom, points, reasons, "
                    "team, position, arrive_s) VALUES (:here, :plan, 'venue:1', 'venue', :code, 'Quán', "
                    "ST_SetSRID(ST_MakePoint(:x, :y), 4326), 1, '[]', 1, 1, 7080)"
                ),
                {"here": commune.id, "plan": plan, "code": "JZ2222",
                 "x": spot.x, "y": spot.y},
            )  # fmt: skip
        if state != "draft":
            conn.execute(
                sa.text("UPDATE patrol_plans SET state = :state, issued_at = now() WHERE id = :plan"),
                {"state": state, "plan": plan},
            )


# In the strip of 300 m on either side of the boundary; and far from it.
EAST: Spots = [(SIDE_M - 200, 500), (SIDE_M - 100, 1500)]
FAR: Spots = [(500, 500), (1500, 1500)]


def presence(officer: Officer, number: int) -> list[tuple[str, str, bool, bool]]:
    answer = officer.get(f"/api/agreements/{number}/presence")
    assert answer.status_code == 200, answer.text
    return [(one["day"], one["from"], one["own"], one["neighbour"]) for one in answer.json["presence"]]


def day(conn_as: Callable[[str], Connection], days: int = 0) -> str:
    today: dt.date = conn_as("an").exec_driver_sql("SELECT vietnam_today()").scalar_one()
    return (today + dt.timedelta(days=days)).isoformat()


def test_both_sides_see_days_and_hours_of_the_strip_alone(
    sides: nb.Sides, place: Engine, conn_as: Callable[[str], Connection], client_as: nb.ClientAs
) -> None:
    number = sides.agree()
    hoa, nam = sides.hoa, Officer(client_as("nam"))
    put(place, MAU, EAST)
    put(place, MAU, FAR, 1)
    put(place, MAU, EAST, 2, state="draft")
    put(place, MAU, EAST, 8)
    put(place, MAU, EAST, -1, state="done")
    put(place, MAU, EAST, 3, chosen=2)
    today = day(conn_as)
    assert presence(hoa, number) == [(today, "20:00", True, False)]
    assert presence(nam, number) == [(today, "20:00", False, True)]
    # Twice through the strip, at either end of an hour that goes over the full one: two bands.
    put(place, BEN, [(100, 500), (2500, 500), (100, 500)], 1, start=1290)
    # A stop in the strip until after 22:00, at the end of a way that has long left it.
    put(place, BEN, [(100, 100), (2500, 100)], 0, stop=(150, 900))
    tomorrow = day(conn_as, 1)
    found = presence(hoa, number)
    assert found == [(today, "20:00", True, True), (today, "22:00", False, True), (tomorrow, "20:00", False, True),
                     (tomorrow, "22:00", False, True)]  # fmt: skip
    text = hoa.get(f"/api/agreements/{number}/presence").text
    assert set(json.loads(text)) == {"days", "presence"}
    assert set(json.loads(text)["presence"][0]) == {"day", "from", "to", "own", "neighbour"}
    page = hoa.get(f"/giap-ranh/{number}/lich")
    assert "cả hai bên cùng lúc" in page.text
    assert "Quán" not in page.text
    assert f"/giap-ranh/{number}/lich" in hoa.get("/giap-ranh").text
    # Rows themselves stay each commune's own.
    conn = conn_as("an")
    assert conn.execute(sa.text(f"SELECT count(*) FROM patrol_plans WHERE commune_id = {BEN.id}")).scalar_one() == 0


def test_a_way_that_only_nears_the_strip_is_not_in_it(sides: nb.Sides, place: Engine, client_as: nb.ClientAs) -> None:
    number = sides.agree()
    put(place, MAU, [(SIDE_M - nb.WIDTH_M - 20, 200), (SIDE_M - nb.WIDTH_M - 20, 2800)], stop=(SIDE_M - 400, 300))
    assert presence(sides.hoa, number) == []
    assert presence(Officer(client_as("nam")), number) == []


def test_a_shift_over_midnight_is_told_on_both_days(
    sides: nb.Sides, place: Engine, conn_as: Callable[[str], Connection]
) -> None:
    """Through the strip from 23:20 to 00:20; yesterday's until 00:50; one that ends at 24:00 stays its day's."""
    number = sides.agree()
    put(place, MAU, EAST, 0, start=1400)
    put(place, MAU, EAST, -1, start=1430)
    put(place, BEN, [(100, 500), (200, 500)], 2, start=1290, stop=(150, 900))
    found = presence(sides.hoa, number)
    today, tomorrow, third = (day(conn_as, n) for n in (0, 1, 2))
    assert found == [(today, "00:00", True, False), (today, "22:00", True, False), (tomorrow, "00:00", True, False),
                     (third, "20:00", False, True), (third, "22:00", False, True)]  # fmt: skip


def test_it_closes_with_the_agreement(
    sides: nb.Sides, place: Engine, client_as: nb.ClientAs, conn_as: Callable[[str], Connection]
) -> None:
    put(place, MAU, EAST)
    put(place, BEN, [(100, 500), (200, 500)], 3)
    nam = Officer(client_as("nam"))
    proposed = sides.propose().json["id"]
    for officer in (sides.hoa, nam):
        assert officer.get(f"/api/agreements/{proposed}/presence").status_code == 409
    assert nb.step(sides.mai, proposed, "approve", 1).status_code == 200
    assert len(presence(nam, proposed)) == 2
    # The last day is the day after tomorrow: what lies behind it is not told, days neither.
    with begin(place, Actor("system")) as conn:
        conn.execute(sa.text("UPDATE agreements SET ends_on = vietnam_today() + 2"))
    assert [one[0] for one in presence(nam, proposed)] == [day(conn_as)]
    assert len(nam.get(f"/api/agreements/{proposed}/presence").json["days"]) == 3
    nb.expire(place, proposed)
    ask = sa.text(f"SELECT count(*) FROM joint_patrol_presence({proposed})")
    for officer in (sides.hoa, nam):
        assert officer.get(f"/api/agreements/{proposed}/presence").status_code == 409
        assert officer.get(f"/giap-ranh/{proposed}/lich").status_code == 409
    assert conn_as("an").execute(ask).scalar_one() == 0
    number = sides.agree()
    assert len(presence(nam, number)) == 2
    assert nb.step(sides.hoa, number, "end", 2).status_code == 200
    assert nam.get(f"/api/agreements/{number}/presence").status_code == 409
    assert conn_as("an").execute(sa.text(f"SELECT count(*) FROM joint_patrol_presence({number})")).scalar_one() == 0


def test_only_the_police_of_the_two(
    sides: nb.Sides, place: Engine, client_as: Callable[[str | None], FlaskClient], engine: Engine
) -> None:
    number = sides.agree()
    put(place, MAU, EAST)
    addresses = (f"/api/agreements/{number}/presence", f"/giap-ranh/{number}/lich")
    cases: list[tuple[str, int]] = [("chi", 403), ("binh", 403), ("lan", 403), ("mai", 403), ("khoa", 404)]
    for name, status in cases:
        for address in addresses:
            assert client_as(name).get(address).status_code == status, (name, address)
    actors: list[tuple[Any, int]] = [(Actor("patrol", MAU.id, "an"), 1), (Actor("patrol", BEN.id, "nam"), 1),
                                     (Actor("data", nb.KHE.id, "khoa"), 0), (Actor("committee", MAU.id, "chi"), 0),
                                     (Actor("planner", BEN.id, "dung"), 0)]  # fmt: skip
    for actor, count in actors:
        with engine.connect() as conn:
            act_as(conn, actor)
            query = sa.text(f"SELECT count(*) FROM joint_patrol_presence({number})")
            assert conn.execute(query).scalar_one() == count, actor
            conn.rollback()
