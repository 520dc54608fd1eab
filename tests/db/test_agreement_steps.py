"""Who proposes, approves and ends an agreement; two people; versions; both logs; the page; the joint gap view."""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Connection, Engine

from gis_app.db import Actor, act_as, begin
from gis_app.queries.agreements import APPROVERS, PROPOSERS, update_expired
from gis_app.web.agreement_forms import last_possible_day
from tests.builders import BEN, MAU
from tests.db import neighbours as nb
from tests.db.test_writes import Officer

TODAY = dt.datetime.now(dt.timezone(dt.timedelta(hours=7))).date()


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


def test_neighbours_are_those_that_touch(sides: nb.Sides, client_as: nb.ClientAs) -> None:
    found = {
        username: client_as(username).get("/api/agreements/neighbours").json["communes"]
        for username in ("hoa", "mai", "khoa")
    }
    assert found["hoa"] == [{"id": BEN.id, "code": str(BEN.id), "full_name": "Xã Bên"}]
    assert {one["id"] for one in found["mai"]} == {MAU.id, nb.KHE.id}
    assert {one["id"] for one in found["khoa"]} == {BEN.id}


@pytest.mark.parametrize(
    ("values", "field", "rule"),
    [
        ({"width_m": 49}, "width_m", "whole"),
        ({"width_m": 1001}, "width_m", "whole"),
        ({"width_m": True}, "width_m", "whole"),
        ({"width_m": 99.5}, "width_m", "whole"),
        ({"layers": []}, "layers", "required"),
        ({"layers": ["groups"]}, "layers", "choice"),
        ({"layers": [["cameras"]]}, "layers", "choice"),
        ({"layers": "cameras"}, "layers", "required"),
        ({"ends_on": (TODAY - dt.timedelta(days=1)).isoformat()}, "ends_on", "past"),
        ({"ends_on": (last_possible_day(TODAY) + dt.timedelta(days=1)).isoformat()}, "ends_on", "range"),
        ({"ends_on": "mai"}, "ends_on", "date"),
        ({"ends_on": None}, "ends_on", "date"),
        ({"commune_id": None}, "commune_id", "required"),
        ({"commune_id": {}}, "commune_id", "whole"),
        ({"state": "approved"}, "state", "unknown_field"),
    ],
)
def test_each_fault_is_named(values: dict[str, Any], field: str, rule: str, sides: nb.Sides) -> None:
    answer = sides.propose(**values)
    assert answer.status_code == 422
    assert answer.json["params"]["faults"] == [{"field": field, "rule": rule}]


@pytest.mark.parametrize("to", [nb.KHE, MAU])
def test_only_neighbours(to: nb.SampleCommune, sides: nb.Sides) -> None:
    assert sides.propose(to=to).json["code"] == "not_a_neighbour"
    assert sides.propose(commune_id=99_999_999).json["code"] == "not_a_neighbour"


def test_twelve_months_to_the_day(sides: nb.Sides) -> None:
    assert sides.propose(ends_on=last_possible_day(TODAY).isoformat()).status_code == 201
    assert last_possible_day(dt.date(2028, 2, 29)) == dt.date(2029, 2, 28)


def test_who_may_do_what(sides: nb.Sides, client_as: nb.ClientAs) -> None:
    for username in ("an", "binh", "lan"):
        officer = Officer(client_as(username))
        made = officer.send("POST", "/api/agreements", nb.proposal(), Idempotency_Key=uuid4().hex)
        assert made.status_code == 403
        assert officer.client.get("/api/agreements").status_code == 200
    number = sides.propose().json["id"]
    for username in ("dung", "giang", "nam"):
        assert nb.step(Officer(client_as(username)), number, "approve", 1).status_code == 403, username
    assert nb.step(Officer(client_as("nam")), number, "end", 1).status_code == 403
    answer = nb.step(sides.mai, number, "approve", 1)
    assert (answer.status_code, answer.headers["ETag"], answer.json["state"]) == (200, '"2"', "approved")
    # Data officers of either side may close what they cannot open.
    assert nb.step(Officer(client_as("giang")), number, "end", 2).json["state"] == "ended"


def test_the_database_holds_the_roles_too(sides: nb.Sides, conn_as: Callable[[str], Connection]) -> None:
    number = sides.propose().json["id"]
    conn = conn_as("giang")
    for role in ("admin", "committee", "data", "planner", "patrol", "supervisor", "city", "system", "gate", ""):
        act_as(conn, Actor(role, BEN.id, "x"))
        allowed = {
            "approve_agreement": conn.execute(sa.select(sa.func.approve_agreement(number, 99))).scalar_one() != "role",
            "end_agreement": conn.execute(sa.select(sa.func.end_agreement(number, 99))).scalar_one() != "role",
        }
        assert allowed == {"approve_agreement": role in APPROVERS, "end_agreement": role in PROPOSERS}, role
    act_as(conn, Actor("committee", None, "x"))
    assert conn.execute(sa.select(sa.func.approve_agreement(number, 1))).scalar_one() == "role"
    act_as(conn, Actor("committee", BEN.id))
    assert conn.execute(sa.select(sa.func.approve_agreement(number, 1))).scalar_one() == "role"


def test_two_sides_and_two_people(sides: nb.Sides, client_as: nb.ClientAs) -> None:
    chi = Officer(client_as("chi"))
    number = sides.propose().json["id"]
    assert nb.step(chi, number, "approve", 1).json["code"] == "agreement_own_side"
    assert nb.step(chi, number, "end", 1).status_code == 200
    # An administrator of the system may enter both communes, and still is one person.
    admin = Officer(client_as("quantri"))
    assert admin.send("POST", "/api/agreements", nb.proposal(), Idempotency_Key=uuid4().hex).status_code == 403
    admin.send("POST", "/api/session/commune", {"commune_id": MAU.id})
    made = admin.send("POST", "/api/agreements", nb.proposal(), Idempotency_Key=uuid4().hex)
    assert made.status_code == 201
    admin.send("POST", "/api/session/commune", {"commune_id": BEN.id})
    assert nb.step(admin, made.json["id"], "approve", 1).json["code"] == "agreement_same_person"
    assert nb.step(sides.mai, made.json["id"], "approve", 1).status_code == 200


def test_versions_and_repeated_requests(sides: nb.Sides) -> None:
    key = uuid4().hex
    answers = [sides.hoa.send("POST", "/api/agreements", nb.proposal(), Idempotency_Key=key) for _ in range(3)]
    assert [a.status_code for a in answers] == [201, 201, 201]
    assert len({a.json["id"] for a in answers}) == 1
    assert answers[0].headers["ETag"] == '"1"'
    assert len(sides.hoa.client.get("/api/agreements").json["agreements"]) == 1
    number = answers[0].json["id"]
    address = f"/api/agreements/{number}/approve"
    assert sides.mai.send("POST", address, {}, If_Match='"1"').json["code"] == "idempotency_key_missing"
    assert sides.mai.send("POST", address, {}, Idempotency_Key=uuid4().hex).status_code == 428
    stale = nb.step(sides.mai, number, "approve", 7)
    assert (stale.status_code, stale.json["params"]["version"]) == (412, 1)
    assert nb.step(sides.mai, number, "approve", 1).status_code == 200
    assert nb.step(sides.mai, number, "approve", 2).json["code"] == "agreement_not_proposed"
    assert nb.step(sides.hoa, number, "end", 2).status_code == 200
    assert nb.step(sides.mai, number, "end", 3).json["code"] == "agreement_ended"


def test_one_open_proposal_and_the_new_agreement_replaces_the_old(sides: nb.Sides, place: Engine) -> None:
    first = sides.agree(layers=["lights"])
    second = sides.propose(layers=["cameras"]).json["id"]
    assert sides.propose().json["code"] == "agreement_exists"
    theirs = sides.mai.send("POST", "/api/agreements", nb.proposal(to=MAU), Idempotency_Key=uuid4().hex)
    assert theirs.json["code"] == "agreement_exists"
    assert nb.step(sides.mai, second, "approve", 1).status_code == 200
    states = {one["id"]: one["state"] for one in sides.hoa.client.get("/api/agreements").json["agreements"]}
    assert states == {first: "ended", second: "approved"}
    third = sides.propose().json["id"]
    nb.expire(place, third)
    assert nb.step(sides.mai, third, "approve", 1).json["code"] == "agreement_not_proposed"
    assert sides.propose().status_code == 201


def test_every_step_stands_in_both_logs(
    sides: nb.Sides, place: Engine, engine: Engine, conn_as: Callable[[str], Connection], client_as: nb.ClientAs
) -> None:
    number = sides.agree()
    nb.step(sides.mai, number, "end", 2)
    expired = sides.agree()
    nb.expire(place, expired)
    assert update_expired(conn_as("hoa")) == 0
    # The daily job has the web's rights.
    with begin(engine, Actor("system")) as conn:
        assert update_expired(conn) == 1
        assert update_expired(conn) == 0
    with begin(place, Actor("system")) as conn:
        query = "SELECT commune_id, action, username, after FROM audit_entries WHERE table_name = 'agreements' "
        rows = conn.execute(sa.text(query + f"AND row_id = {number} ORDER BY id")).all()
        ends = conn.execute(sa.text(query + f"AND row_id = {expired} AND action = 'ended' ORDER BY id")).all()
    steps = {commune: [(r.action, r.username) for r in rows if r.commune_id == commune] for commune in (MAU.id, BEN.id)}
    assert steps == {
        MAU.id: [("proposed", "hoa"), ("approved", "@90002"), ("ended", "@90002")],
        BEN.id: [("proposed", "@90001"), ("approved", "mai"), ("ended", "mai")],
    }
    assert {r.commune_id for r in ends} == {MAU.id, BEN.id}
    assert not any({"strip", "proposed_by", "approved_by"} & set(r.after) for r in rows)
    entries = client_as("lan").get("/api/audit?table=agreements").json["entries"]
    assert [e["action"] for e in entries if e["row_id"] == number] == ["ended", "approved", "proposed"]
    assert "mai" not in {e["username"] for e in entries}


def test_the_web_cannot_write_or_look_behind(sides: nb.Sides, conn_as: Callable[[str], Connection]) -> None:
    number = sides.propose().json["id"]
    for statement in (
        f"UPDATE agreements SET state = 'approved' WHERE id = {number}",
        "DELETE FROM agreements",
        "INSERT INTO agreements (commune_a) VALUES (1)",
        "SELECT proposed_by FROM agreements",
        "SELECT * FROM open_agreements",
        "SELECT boundary_strip(90001, 90002, 300)",
        "INSERT INTO commune_grants (account_id) VALUES (1)",
    ):
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            conn_as("hoa").execute(sa.text(statement))
    assert "hoa" not in sides.mai.client.get("/api/agreements").text


def gaps(officer: Officer, number: int, distance_m: float, places: str = "gateways") -> dict[str, dict[str, Any]]:
    address = f"/api/agreements/{number}/gaps?places={places}&devices=cameras&distance_m={distance_m}"
    answer = officer.client.get(address)
    assert answer.status_code == 200, answer.text
    found = {f["properties"]["external_id"]: f["properties"] for f in answer.json["features"]}
    assert answer.json["numberReturned"] == len(found)
    return found


def test_joint_gaps_know_devices_of_both_sides(sides: nb.Sides, place: Engine) -> None:
    number = sides.agree(layers=["gateways", "cameras"])
    # A gateway and a camera of each side stand on one spot, 120 m behind the boundary.
    assert gaps(sides.hoa, number, 10) == {}
    with begin(place, Actor("system")) as conn:
        conn.execute(sa.text("UPDATE cameras SET state = 'broken' WHERE external_id IN ('MAU1-x-in', 'BEN2-x-in')"))
        nb.insert_extra(conn, BEN, "cameras", {"boundary": BEN.at(1, 1250)}, state="working")
    try:
        for officer, own, other in ((sides.hoa, "MAU1-x-in", "BEN2-x-in"), (sides.mai, "BEN2-x-in", "MAU1-x-in")):
            found = gaps(officer, number, 100)
            assert {key: value["side"] for key, value in found.items()} == {own: "own", other: "neighbour"}
            # Of the neighbour's camera one metre behind the boundary, both sides know.
            assert found["MAU1-x-in"]["nearest_m"] == pytest.approx(121, abs=0.6)
            assert found["BEN2-x-in"]["nearest_m"] == pytest.approx(119, abs=0.6)
            assert gaps(officer, number, 125) == {}
            text = officer.client.get(
                f"/api/agreements/{number}/gaps?places=gateways&devices=cameras&distance_m=100&f=csv"
            ).text
            assert "x-out" not in text
            assert "x-in" in text
    finally:
        with begin(place, Actor("system")) as conn:
            conn.execute(sa.text("UPDATE cameras SET state = 'working' WHERE external_id LIKE '%-x-in'"))
            conn.execute(sa.text("DELETE FROM cameras WHERE external_id LIKE '%-x-boundary'"))


def test_what_is_not_shared_makes_a_gap_uncertain(sides: nb.Sides, place: Engine) -> None:
    """A camera of the neighbour beyond the strip is no business of ours; the answer says that it does not know."""
    number = sides.agree(layers=["gateways", "cameras"])
    with begin(place, Actor("system")) as conn:
        nb.insert_extra(conn, BEN, "gateways", {"deep": BEN.at(280, 2250), "shallow": BEN.at(40, 2250)})
        nb.insert_extra(conn, BEN, "cameras", {"beyond": BEN.at(310, 2250)}, state="working")
    try:
        seen = gaps(sides.hoa, number, 100)
        assert {k: seen[k]["is_certain"] for k in ("BEN2-x-deep", "BEN2-x-shallow")} == {
            "BEN2-x-deep": False,
            "BEN2-x-shallow": True,
        }
        # The neighbour knows its own camera.
        assert "BEN2-x-deep" not in gaps(sides.mai, number, 100)
    finally:
        with begin(place, Actor("system")) as conn:
            conn.execute(sa.text("DELETE FROM gateways WHERE external_id ~ '-x-(deep|shallow)'"))
            conn.execute(sa.text("DELETE FROM cameras WHERE external_id LIKE '%-x-beyond'"))


def test_gaps_of_hotspots_are_for_their_readers(sides: nb.Sides, client_as: nb.ClientAs) -> None:
    number = sides.agree()
    address = f"/api/agreements/{number}/gaps?places=hotspots&devices=cameras&distance_m=1"
    assert client_as("chi").get(address).status_code == 403
    found = client_as("binh").get(address).json["features"]
    assert {f["properties"]["side"] for f in found} == {"own", "neighbour"}
    assert client_as("an").get(address.replace("=cameras", "=roads")).json["code"] == "not_a_device"
    assert client_as("an").get(address.replace("=hotspots", "=roads")).json["code"] == "not_points"


def token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found.group(1)


def post(client: FlaskClient, path: str, **form: Any) -> Any:
    page = client.get("/giap-ranh").text
    return client.post(path, data={"csrf_token": token(page)} | form, headers={"Accept": "text/html"})


def test_the_page_works_without_javascript(sides: nb.Sides, client_as: nb.ClientAs) -> None:
    hoa, mai = client_as("hoa"), client_as("mai")
    form = nb.proposal(layers=["lights", "cameras"]) | {"width_m": "300", "commune_id": str(BEN.id)}
    wrong = post(hoa, "/giap-ranh", **form | {"width_m": "5"})
    assert wrong.status_code == 422
    assert 'data-testid="error"' in wrong.text
    assert set(re.findall(r"js/pages/(\w+)\.js", wrong.text)) == {"fields", "shell", "sign_out"}
    assert post(hoa, "/giap-ranh", **form).status_code == 303
    assert post(hoa, "/giap-ranh", **form).status_code == 409
    number = sides.hoa.client.get("/api/agreements").json["agreements"][0]["id"]
    assert f"dong-y-{number}" not in hoa.get("/giap-ranh").text
    page = mai.get("/giap-ranh").text
    assert "Xã Mẫu" in page
    assert f"dong-y-{number}" in page
    assert post(mai, f"/giap-ranh/{number}/dong-y", version="x").status_code == 400
    assert post(mai, f"/giap-ranh/{number}/dong-y", version="1").status_code == 303
    assert "/#15/" in hoa.get("/giap-ranh").text
    assert post(hoa, f"/giap-ranh/{number}/ket-thuc", version="1").status_code == 412
    assert post(hoa, f"/giap-ranh/{number}/ket-thuc", version="2").status_code == 303
    assert sides.hoa.client.get(f"/api/agreements/{number}").json["state"] == "ended"
    reader = client_as("binh").get("/giap-ranh")
    assert reader.status_code == 200
    assert 'data-testid="propose"' not in reader.text
    assert mai.post(f"/giap-ranh/{number}/dong-y", data={"version": "3"}).status_code == 400
