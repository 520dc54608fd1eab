"""Visits of stops: one row however often sent, flagged and not refused, ended with reasons or by themselves."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Connection, Engine

from gis_app.queries.visits import close_overdue
from tests.builders import BEN
from tests.db.officers import Officer
from tests.db.patrol_rows import Shift, clear, put_shift

ClientAs = Callable[[str | None], FlaskClient]
OfficerAs = Callable[[str], Officer]
ConnAs = Callable[[str], Connection]


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    yield
    clear(owner_engine)


@pytest.fixture
def shift(owner_engine: Engine) -> Shift:
    return put_shift(owner_engine)


def body(stop: int, **values: Any) -> dict[str, Any]:
    found = {"client_id": str(uuid4()), "stop_id": stop, "at": "2026-11-23T20:14:00+07:00", "is_outside": False,
             "distance_m": 40, "minutes": 0, "method": "button"}  # fmt: skip
    return found | values


def send(an: Officer, shift: Shift, visit: dict[str, Any]) -> Any:
    return an.post(f"/api/patrol-plans/{shift.plan}/visits", visit)


def effort(an: Officer, shift: Shift) -> dict[str, Any]:
    found: dict[str, Any] = an.get(f"/api/patrol-plans/{shift.plan}/visits").json
    return found


def test_three_sends_are_one_row(officer_as: OfficerAs, shift: Shift, owner_engine: Engine) -> None:
    """T-P7: with the same key or another; both clocks are kept; longer minutes are taken over, shorter are not."""
    an, visit = officer_as("an"), body(shift.stops[0])
    address = f"/api/patrol-plans/{shift.plan}/visits"
    answers = [an.send("POST", address, visit, Idempotency_Key="visit-one-key") for _ in range(2)]
    answers += [an.post(address, visit), an.post(address, visit | {"minutes": 12}), an.post(address, visit)]
    assert [one.status_code for one in answers] == [201, 201, 200, 200, 200]
    found = effort(an, shift)["visits"]
    assert len(found) == 1
    assert found[0]["minutes"] == 12
    assert datetime.fromisoformat(found[0]["device_at"]) == datetime(2026, 11, 23, 13, 14, tzinfo=UTC)
    assert found[0]["received_at"] != found[0]["device_at"]
    with owner_engine.connect() as conn:
        query = (
            "SELECT action FROM audit_entries WHERE table_name = 'patrol_visits' AND after ->> 'client_id' = :id "
            "ORDER BY id"
        )
        logged = conn.execute(sa.text(query), {"id": visit["client_id"]}).scalars()
        assert list(logged) == ["insert", "update"]


def test_outside_is_flagged_and_unknown_is_unknown(officer_as: OfficerAs, shift: Shift) -> None:
    an = officer_as("an")
    assert send(an, shift, body(shift.stops[0], is_outside=True, distance_m=740)).status_code == 201
    assert send(an, shift, body(shift.stops[1], is_outside=None, distance_m=None)).status_code == 201
    found = effort(an, shift)
    assert [one["is_outside"] for one in found["visits"]] == [True, None]
    assert found["teams"][0]["outside"] == 1
    assert found["teams"][0]["done"] == 2


def test_the_code_on_paper_names_the_stop(officer_as: OfficerAs, shift: Shift) -> None:
    an = officer_as("an")
    visit = body(0, method="code", code=f" {shift.codes[3].lower()} ", is_outside=None, distance_m=None)
    visit.pop("stop_id")
    assert send(an, shift, visit).json["stop_id"] == shift.stops[3]
    wrong = send(an, shift, visit | {"client_id": str(uuid4()), "code": "ZZZZZZ"})
    assert (wrong.status_code, wrong.json["code"]) == (404, "patrol_stop_not_found")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"client_id": "x"}, "client_id"),
        ({"at": "20:14"}, "at"),
        ({"at": "2026-11-23T20:14:00"}, "at"),
        ({"at": 7}, "at"),
        ({"is_outside": 1}, "is_outside"),
        ({"is_outside": 1.0}, "is_outside"),
        ({"at": "2099-12-31T23:59:00-12:00"}, "at"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "at"),
        ({"distance_m": 43}, "distance_m"),
        ({"distance_m": 40, "is_outside": None}, "distance_m"),
        ({"distance_m": 2010}, "distance_m"),
        ({"minutes": 721}, "minutes"),
        ({"minutes": True}, "minutes"),
        ({"method": "nfc"}, "method"),
        ({"stop_id": None}, "code"),
        ({"stop_id": "1"}, "stop_id"),
    ],
)
def test_what_is_not_a_visit(officer_as: OfficerAs, shift: Shift, values: dict[str, Any], field: str) -> None:
    answer = send(officer_as("an"), shift, body(shift.stops[0]) | values)
    assert answer.status_code == 422, answer.text
    assert answer.json["params"]["faults"][0]["field"] == field


def test_no_place_of_a_person_is_taken(officer_as: OfficerAs, shift: Shift, owner_engine: Engine) -> None:
    an = officer_as("an")
    assert send(an, shift, body(shift.stops[0], lon=106.6, lat=20.8)).json["code"] == "bad_body"
    columns = {column["name"] for column in sa.inspect(owner_engine).get_columns("patrol_visits")}
    assert not columns & {"geom", "lon", "lat", "x", "y", "accuracy_m", "username", "created_by"}


def test_a_number_of_another_stop_or_plan_is_refused(officer_as: OfficerAs, shift: Shift, owner_engine: Engine) -> None:
    an, visit = officer_as("an"), body(shift.stops[0])
    assert send(an, shift, visit).status_code == 201
    assert send(an, shift, visit | {"stop_id": shift.stops[1]}).json["code"] == "patrol_visit_other"
    other = put_shift(owner_engine, 2)
    assert send(an, shift, body(other.stops[0])).json["code"] == "patrol_stop_not_found"
    draft = put_shift(owner_engine, 3, state="draft")
    assert send(an, draft, body(draft.stops[0])).json["code"] == "patrol_not_issued"


def test_only_the_communes_police(
    officer_as: OfficerAs, client_as: ClientAs, conn_as: ConnAs, shift: Shift, owner_engine: Engine
) -> None:
    an = officer_as("an")
    send(an, shift, body(shift.stops[0]))
    addresses = [f"/api/patrol-plans/{shift.plan}/{what}" for what in ("visits", "walk")] + [
        f"/tuan-tra/{shift.plan}/di"
    ]
    for name, status in (("binh", 403), ("chi", 403), ("lan", 403), ("giang", 404)):
        for address in addresses:
            assert client_as(name).get(address).status_code == status, (name, address)
    assert send(officer_as("giang"), shift, body(shift.stops[0])).status_code == 404
    for name, count in (("an", 1), ("hoa", 1), ("binh", 0), ("giang", 0)):
        conn = conn_as(name)
        assert conn.exec_driver_sql("SELECT count(*) FROM patrol_visits").scalar_one() == count
    foreign = put_shift(owner_engine, place=BEN)
    assert send(an, foreign, body(foreign.stops[0])).status_code == 404
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
        conn_as("an").exec_driver_sql("UPDATE patrol_visits SET minutes = 700")


def test_two_phones_of_a_team_are_one_stay(officer_as: OfficerAs, shift: Shift) -> None:
    """Time in which both were there counts once; a later visit counts as well."""
    an, stop = officer_as("an"), shift.stops[0]
    send(an, shift, body(stop, minutes=12))
    send(an, shift, body(stop, minutes=12))
    assert effort(an, shift)["teams"][0]["minutes"] == 12
    send(an, shift, body(stop, minutes=12, at="2026-11-23T20:20:00+07:00"))
    send(an, shift, body(stop, minutes=None))
    assert effort(an, shift)["teams"][0]["minutes"] == 18
    send(an, shift, body(stop, minutes=5, at="2026-11-23T21:30:00+07:00"))
    send(an, shift, body(shift.stops[1], minutes=3))
    assert effort(an, shift)["teams"][0]["minutes"] == 26


def test_an_end_at_no_moment_is_refused(officer_as: OfficerAs, shift: Shift) -> None:
    an = officer_as("an")
    values = {"team": 1, "at": "2099-12-31T23:59:00-12:00", "missed": []}
    answer = an.post(f"/api/patrol-plans/{shift.plan}/walk-ends", values)
    assert (answer.status_code, answer.json["params"]["faults"]) == (422, [{"field": "at", "rule": "date"}])


def end(an: Officer, shift: Shift, team: int, **reasons: str) -> Any:
    missed = [{"stop_id": int(stop[1:]), "reason": reason} for stop, reason in reasons.items()]
    values = {"team": team, "at": "2026-11-23T22:58:00+07:00", "missed": missed}
    return an.post(f"/api/patrol-plans/{shift.plan}/walk-ends", values)


def test_every_missed_stop_has_its_reason(officer_as: OfficerAs, shift: Shift) -> None:
    """T-P9: planned against done; the plan is done after the last team."""
    an, (one, two, three, four, five) = officer_as("an"), shift.stops
    for stop in (one, four, five):
        send(an, shift, body(stop, minutes=11))
    assert end(an, shift, 1, **{f"s{two}": "no_time"}).json["code"] == "patrol_reasons_missing"
    assert end(an, shift, 1, **{f"s{two}": "unclosed"}).status_code == 422
    assert end(an, shift, 3).status_code == 422
    ended = end(an, shift, 1, **{f"s{two}": "no_time", f"s{three}": "unsafe"})
    assert ended.status_code == 200, ended.text
    team = ended.json["teams"][0]
    assert (team["planned"], team["done"], team["minutes"], team["outcome"]) == (3, 1, 11, "missed")
    assert {m["stop_id"]: m["reason"] for m in team["missed"]} == {two: "no_time", three: "unsafe"}
    assert ended.json["state"] == "issued"
    assert end(an, shift, 2).json["state"] == "done"
    assert effort(an, shift)["teams"][1]["outcome"] == "all_done"
    # Sent once more, nothing changes; a visit that comes late takes the reason's place.
    end(an, shift, 1, **{f"s{two}": "closed", f"s{three}": "closed"})
    send(an, shift, body(two))
    team = effort(an, shift)["teams"][0]
    assert (team["done"], team["missed"]) == (2, [{"stop_id": three, "reason": "unsafe"}])


def test_an_open_shift_closes_itself(officer_as: OfficerAs, owner_engine: Engine, engine: Engine) -> None:
    """T-P9: 30 minutes after its end, when it is looked at or by the worker; reasons may follow."""
    old, tonight = put_shift(owner_engine, -1), put_shift(owner_engine, 1)
    an = officer_as("an")
    send(an, old, body(old.stops[0]))
    found = effort(an, old)
    assert found["state"] == "done"
    assert [team["outcome"] for team in found["teams"]] == ["unclosed", "unclosed"]
    assert {m["reason"] for team in found["teams"] for m in team["missed"]} == {"unclosed"}
    assert found["teams"][0]["done"] == 1
    assert effort(an, tonight)["state"] == "issued"
    more = end(an, old, 1, **{f"s{stop}": "called_away" for stop in old.stops[1:3]}).json["teams"][0]
    assert (more["outcome"], len(more["missed"])) == ("missed", 2)
    put_shift(owner_engine, -2, BEN)
    with engine.begin() as conn:
        conn.exec_driver_sql("SELECT set_config('app.role', 'system', true)")
        assert close_overdue(conn) == 1
        assert close_overdue(conn) == 0


def test_thirty_minutes_and_no_less(owner_engine: Engine) -> None:
    with owner_engine.connect() as conn:
        at = conn.exec_driver_sql("SELECT patrol_closes_at('2026-11-23', 1380) AT TIME ZONE 'UTC'").scalar_one()
        assert at == datetime(2026, 11, 23, 16, 30)  # noqa: DTZ001 - as the database gives it
        late = conn.exec_driver_sql("SELECT patrol_closes_at('2026-11-23', 1440) AT TIME ZONE 'UTC'").scalar_one()
        assert late == datetime(2026, 11, 23, 17, 30)  # noqa: DTZ001


def test_the_phone_gets_its_walk_and_no_draft(officer_as: OfficerAs, shift: Shift, owner_engine: Engine) -> None:
    an = officer_as("an")
    found = an.get(f"/api/patrol-plans/{shift.plan}/walk").json
    assert [[stop["code"] for stop in walk["stops"]] for walk in found["walks"]] == [shift.codes[:3], shift.codes[3:]]
    assert found["walks"][0]["geometry"]["type"] == "LineString"
    assert "points" not in found["walks"][0]["stops"][0]
    draft = put_shift(owner_engine, 3, state="draft")
    assert an.get(f"/api/patrol-plans/{draft.plan}/walk").status_code == 409
    assert an.get(f"/tuan-tra/{draft.plan}/di").status_code == 302
    page = an.get(f"/tuan-tra/{shift.plan}/di")
    assert page.status_code == 200
    assert "Đi tuần" in page.text


def test_the_worker_of_the_browser_comes_from_the_root(client_as: ClientAs) -> None:
    answer = client_as(None).get("/sw.js")
    assert answer.headers["Service-Worker-Allowed"] == "/"
    assert answer.mimetype == "text/javascript"
    answer.close()


def test_signing_out_wipes_the_phone(officer_as: OfficerAs) -> None:
    assert officer_as("an").send("DELETE", "/api/session").headers["Clear-Site-Data"] == '"storage"'
    form = officer_as("an")
    answer = form.client.post("/dang-xuat", data={"csrf_token": form.token})
    assert answer.headers["Clear-Site-Data"] == '"storage"'
