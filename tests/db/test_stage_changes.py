"""Two persons for every stage change: proposal, decision, what the criteria allow, corrections of the past."""

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gis_app.analysis.status import STEPS, period_year
from gis_app.db import Actor, begin
from gis_app.jobs.accounts import set_account
from gis_app.queries.stage_changes import fetch_steps
from tests.builders import MAU, PASSWORD
from tests.db.officers import Officer

As = Callable[[str], Officer]
SINCE = dt.date(2026, 1, 1)


@pytest.fixture(scope="module", autouse=True)
def _second_officer(owner_engine: Engine) -> Iterator[None]:
    with begin(owner_engine, Actor("system")) as conn:
        set_account(conn, "mai", PASSWORD, "data", MAU.id)
    yield
    with begin(owner_engine, Actor("system")) as conn:
        conn.execute(sa.text("DELETE FROM accounts WHERE username = 'mai'"))


@pytest.fixture
def group_id(owner_engine: Engine) -> Iterator[int]:
    """A group of Xã Mẫu since 1 January 2026, not selected, nothing reviewed."""
    with begin(owner_engine, Actor("system")) as conn:
        found = conn.execute(
            sa.text(
                "INSERT INTO groups (commune_id, geom, name, valid_from) SELECT :c, geom, 'Tổ hai người', :d "
                "FROM groups WHERE external_id = 'MAU1-g1' RETURNING id"
            ),
            {"c": MAU.id, "d": SINCE},
        ).scalar_one()
    yield found
    with begin(owner_engine, Actor("system")) as conn:
        for table, column in (
            ("notices", "group_id"),
            ("stage_changes", "group_id"),
            ("groups", "id"),
            ("group_statuses", "group_id"),
        ):
            conn.execute(sa.text(f"DELETE FROM {table} WHERE {column} = :g"), {"g": found})


def today(owner_engine: Engine) -> dt.date:
    with owner_engine.begin() as conn:
        day: dt.date = conn.execute(sa.text("SELECT vietnam_today()")).scalar_one()
        return day


def propose(client: Officer, group_id: int, to_stage: str, on: dt.date, **more: object):
    return client.post(
        "/api/stage-changes",
        {"group_id": group_id, "to_stage": to_stage, "effective_on": on.isoformat(), **more},
    )


def decide(client: Officer, change: dict, decision: str, **more: object):
    address = f"/api/stage-changes/{change['id']}/decision"
    return client.post(address, {"decision": decision, **more}, change["version"])


def meet_criteria(owner_engine: Engine, group_id: int, on: dt.date, answer: str = "met") -> None:
    patch = {f"{c}_answer": answer for c in ("users", "offenders", "places")}
    patch |= {f"{c}_on": on.isoformat() for c in ("users", "offenders", "places")}
    with begin(owner_engine, Actor("system")) as conn:
        call = sa.text("SELECT record_status(:g, daterange(:d, NULL), CAST(:p AS jsonb))")
        conn.execute(call.bindparams(sa.bindparam("p", type_=sa.JSON)), {"g": group_id, "d": on, "p": patch})
        conn.execute(sa.text("SELECT sync_group(:g)"), {"g": group_id})


def stage_of(client: Officer, group_id: int) -> str:
    return client.get(f"/api/layers/groups/features/{group_id}").json["properties"]["stage"]


def test_who_proposes_cannot_approve_and_a_second_person_can(
    officer_as: As, group_id: int, owner_engine: Engine
) -> None:
    hoa, chi, on = officer_as("hoa"), officer_as("chi"), dt.date(2026, 3, 1)
    made = propose(hoa, group_id, "building", on)
    assert made.status_code == 201, made.text
    assert (made.json["from_stage"], made.json["state"], made.json["is_own"]) == ("not_selected", "pending", True)
    assert stage_of(hoa, group_id) == "not_selected"
    own = decide(hoa, made.json, "approved")
    assert (own.status_code, own.json["code"]) == (403, "stage_change_same_person")
    done = decide(chi, made.json, "approved")
    assert (done.status_code, done.json["state"]) == (200, "approved")
    assert stage_of(hoa, group_id) == "building"
    again = decide(chi, done.json, "approved")
    assert (again.status_code, again.json["code"]) == (409, "stage_change_decided_before")
    with owner_engine.begin() as conn:
        rows = conn.execute(
            sa.text("SELECT action, username FROM audit_entries WHERE table_name = 'stage_changes' AND row_id = :i"),
            {"i": made.json["id"]},
        ).all()
    assert [tuple(row) for row in rows] == [("insert", "hoa"), ("update", "chi")]


def test_who_proposed_is_told_of_the_decision(officer_as: As, group_id: int, owner_engine: Engine) -> None:
    hoa, chi = officer_as("hoa"), officer_as("chi")
    made = propose(hoa, group_id, "building", dt.date(2026, 3, 1)).json
    decide(chi, made, "approved")
    told = [(n["kind"], n["group_id"]) for n in hoa.get("/api/notices").json["notices"]]
    assert ("proposal_decided", group_id) in told
    assert "proposal_decided" not in {one["kind"] for one in chi.get("/api/notices").json["notices"]}
    with owner_engine.begin() as conn:
        conn.execute(sa.text("DELETE FROM notices"))


def test_an_edit_never_sets_a_stage(officer_as: As, group_id: int) -> None:
    hoa = officer_as("hoa")
    feature = {"type": "Feature", "properties": {"stage": "recognised"}}
    answer = hoa.patch(f"/api/layers/groups/features/{group_id}", feature, 1)
    assert answer.status_code == 422
    assert answer.json["params"]["faults"] == [{"field": "stage", "rule": "managed"}]


def test_criteria_decide_who_may_be_proposed(officer_as: As, group_id: int, owner_engine: Engine) -> None:
    hoa, chi = officer_as("hoa"), officer_as("chi")
    march, april, now = dt.date(2026, 3, 1), dt.date(2026, 4, 1), today(owner_engine)
    decide(chi, propose(hoa, group_id, "building", march).json, "approved")
    wanted = {"document": "5/TTr-UBND"}
    assert propose(hoa, group_id, "proposed", april, **wanted).json["code"] == "stage_change_not_drug_free"
    meet_criteria(owner_engine, group_id, march)
    assert propose(hoa, group_id, "recognised", april, **wanted).json["code"] == "stage_change_move_not_allowed"
    assert propose(hoa, group_id, "proposed", april).json["code"] == "stage_change_needs_document"
    made = propose(hoa, group_id, "proposed", april, **wanted)
    # A criterion that falls between proposal and decision stops the approval.
    meet_criteria(owner_engine, group_id, dt.date(2026, 3, 15), "not_met")
    assert decide(chi, made.json, "approved").json["code"] == "stage_change_not_drug_free"
    meet_criteria(owner_engine, group_id, dt.date(2026, 3, 20))
    assert decide(chi, made.json, "approved").status_code == 200
    body = {"document": "9/QĐ-UBND", "recognising_body": "UBND phường"}
    assert propose(hoa, group_id, "recognised", april, **body | {"recognising_body": ""}).json["code"] == (
        "stage_change_needs_body"
    )
    assert decide(chi, propose(hoa, group_id, "recognised", now, **body).json, "approved").status_code == 200
    card = hoa.get(f"/api/layers/groups/features/{group_id}").json["properties"]
    assert (card["stage"], card["stage_document"], card["stage_body"]) == ("recognised", "9/QĐ-UBND", "UBND phường")
    # Revoked: with a reason and a document.
    assert propose(hoa, group_id, "lapsed", now, document="1/QĐ").json["code"] == "stage_change_needs_reason"
    revoked = propose(hoa, group_id, "lapsed", now, document="1/QĐ", reason="Phát sinh điểm tổ chức sử dụng")
    assert decide(chi, revoked.json, "approved").status_code == 200
    assert stage_of(hoa, group_id) == "lapsed"


def test_a_proposal_is_returned_deferred_withdrawn(officer_as: As, group_id: int, owner_engine: Engine) -> None:
    hoa, chi, on = officer_as("hoa"), officer_as("chi"), dt.date(2026, 3, 1)
    made = propose(hoa, group_id, "building", on).json
    assert propose(hoa, group_id, "cleaning", on).json["code"] == "stage_change_open_before"
    assert decide(chi, made, "returned").json["code"] == "stage_change_needs_note"
    assert decide(chi, made, "deferred", note="Chờ họp").json["code"] == "stage_change_needs_day"
    later = (today(owner_engine) + dt.timedelta(days=7)).isoformat()
    put_off = decide(chi, made, "deferred", note="Chờ họp", until_on=later)
    assert (put_off.json["state"], put_off.json["deferred_until"]) == ("deferred", later)
    assert decide(chi, made, "approved").status_code == 412
    back = decide(chi, put_off.json, "returned", note="Thiếu biên bản")
    assert (back.json["state"], back.json["decision_note"]) == ("returned", "Thiếu biên bản")
    again = propose(hoa, group_id, "cleaning", on).json
    assert decide(chi, again, "withdrawn").json["code"] == "stage_change_same_person"
    assert decide(hoa, again, "withdrawn").json["state"] == "withdrawn"
    assert stage_of(hoa, group_id) == "not_selected"


def test_a_late_entry_does_not_undo_what_came_after(officer_as: As, group_id: int) -> None:
    hoa, chi = officer_as("hoa"), officer_as("chi")
    decide(chi, propose(hoa, group_id, "building", dt.date(2026, 5, 1)).json, "approved")
    early = propose(hoa, group_id, "cleaning", dt.date(2026, 2, 1)).json
    assert decide(chi, early, "approved").status_code == 200
    spans = hoa.get(f"/api/groups/{group_id}/history").json["spans"]
    assert [(s["valid_from"], s["stage"]) for s in spans] == [
        ("2026-01-01", "not_selected"),
        ("2026-02-01", "cleaning"),
        ("2026-05-01", "building"),
    ]
    assert stage_of(hoa, group_id) == "building"


def test_a_correction_changes_the_past_and_what_was_known_stays(
    officer_as: As, group_id: int, owner_engine: Engine
) -> None:
    hoa, chi = officer_as("hoa"), officer_as("chi")
    decide(chi, propose(hoa, group_id, "building", dt.date(2026, 3, 1)).json, "approved")
    with owner_engine.begin() as conn:
        moment = conn.execute(sa.text("SELECT clock_timestamp()")).scalar_one()
    wrong = {"kind": "correction", "until_on": "2026-04-01"}
    assert propose(hoa, group_id, "cleaning", dt.date(2026, 3, 1), **wrong).json["code"] == "stage_change_needs_reason"
    made = propose(hoa, group_id, "cleaning", dt.date(2026, 3, 1), reason="Ghi nhầm", **wrong)
    assert made.status_code == 201, made.text
    assert decide(chi, made.json, "approved").status_code == 200

    def stage(**query: str) -> str:
        groups = hoa.get("/api/statuses", **query).json["groups"]
        return {g["group_id"]: g["stage"] for g in groups}[group_id]

    assert stage(at="2026-03-15") == "cleaning"
    assert stage(at="2026-03-15", known_at=moment.isoformat()) == "building"
    assert stage(at="2026-04-15") == "building"
    assert stage_of(hoa, group_id) == "building"
    changes = hoa.get("/api/status-changes?from=2026-02-01&to=2026-03-15").json["changes"]
    (change,) = [c for c in changes if c["group_id"] == group_id]
    assert (change["before"]["stage"], change["after"]["stage"]) == ("not_selected", "cleaning")


def test_roles_and_other_communes(officer_as: As, group_id: int) -> None:
    on = dt.date(2026, 3, 1)
    for username in ("an", "binh", "lan"):
        assert propose(officer_as(username), group_id, "building", on).status_code == 403
    giang, hoa = officer_as("giang"), officer_as("hoa")
    assert propose(giang, group_id, "building", on).json["code"] == "stage_change_not_found"
    made = propose(hoa, group_id, "building", on).json
    assert decide(giang, made, "approved").status_code == 404
    assert giang.get(f"/api/stage-changes/{made['id']}").status_code == 404
    assert giang.get(f"/api/groups/{group_id}/history").status_code == 404
    assert made["id"] not in [c["id"] for c in giang.get("/api/stage-changes").json["stage_changes"]]
    # A second data officer is a second person.
    assert decide(officer_as("mai"), made, "approved").status_code == 200


def test_future_days_and_days_before_the_group_are_refused(officer_as: As, group_id: int, owner_engine: Engine) -> None:
    hoa = officer_as("hoa")
    assert propose(hoa, group_id, "building", SINCE - dt.timedelta(days=1)).json["code"] == "stage_change_too_early"
    tomorrow = today(owner_engine) + dt.timedelta(days=1)
    assert propose(hoa, group_id, "building", tomorrow).json["code"] == "stage_change_too_late"


def test_maintained_is_confirmed_once_a_period(officer_as: As, group_id: int, owner_engine: Engine) -> None:
    hoa, chi, now = officer_as("hoa"), officer_as("chi"), today(owner_engine)
    meet_criteria(owner_engine, group_id, dt.date(2026, 2, 1))
    with begin(owner_engine, Actor("system")) as conn:
        conn.execute(
            sa.text(
                "SELECT record_status(:g, daterange('2026-01-01', NULL), "
                '\'{"stage": "maintained", "stage_on": "2025-12-01"}\')'
            ),
            {"g": group_id},
        )
        conn.execute(sa.text("SELECT sync_group(:g)"), {"g": group_id})
    body = {"document": "9/QĐ-UBND", "recognising_body": "UBND phường"}
    kept = propose(hoa, group_id, "maintained", dt.date(2026, 6, 1), **body)
    assert kept.json["period_year"] == period_year(dt.date(2026, 6, 1))
    assert decide(chi, kept.json, "approved").status_code == 200
    twice = propose(hoa, group_id, "maintained", now, **body)
    assert twice.json["code"] == "stage_change_confirmed_before"


def test_the_steps_of_the_database_are_those_of_the_analysis(conn_as: Callable) -> None:
    found: dict[str, set[str]] = {}
    for step in fetch_steps(conn_as("chi"), MAU.id):
        found.setdefault(step.from_stage, set()).add(step.to_stage)
    assert found == {old: set(new) for old, new in STEPS.items()}


def test_an_administrator_configures_a_step_for_the_own_commune_alone(
    officer_as: As, group_id: int, owner_engine: Engine, conn_as: Callable
) -> None:
    with begin(owner_engine, Actor("system")) as conn:
        set_account(conn, "truong", PASSWORD, "admin", MAU.id)
    truong, hoa = officer_as("truong"), officer_as("hoa")
    address = "/api/stage-steps/not_selected/building"
    rule = {"is_allowed": False, "recognising_body": None, "needs_document": False, "needs_body": False}
    rule |= {"needs_reason": False, "approvers": ["committee"]}
    try:
        assert hoa.send("PUT", address, rule, If_Match='"0"').status_code == 403
        assert truong.send("PUT", address, rule).status_code == 428
        made = truong.send("PUT", address, rule, If_Match='"0"')
        assert (made.status_code, made.json["own_version"]) == (200, 1), made.text
        assert truong.send("PUT", address, rule, If_Match='"0"').status_code == 412
        closed = propose(hoa, group_id, "building", dt.date(2026, 3, 1))
        assert closed.json["code"] == "stage_change_move_not_allowed"
        assert ("not_selected", "building") in {(s.from_stage, s.to_stage) for s in fetch_steps(conn_as("dung"), 90002)}
        # Open again, but for the committee alone to approve.
        truong.send("PUT", address, rule | {"is_allowed": True}, If_Match='"1"')
        change = propose(hoa, group_id, "building", dt.date(2026, 3, 1)).json
        assert decide(officer_as("mai"), change, "approved").status_code == 403
        assert decide(officer_as("chi"), change, "approved").status_code == 200
        wrong = truong.send("PUT", address, rule | {"approvers": ["patrol"]}, If_Match='"2"')
        assert wrong.json["params"]["faults"] == [{"field": "approvers", "rule": "choice"}]
        named = truong.send("PUT", address, rule | {"recognising_body": "Ông Nguyễn Văn Tèo"}, If_Match='"2"')
        assert (named.status_code, named.json["code"]) == (422, "personal_words")
        nowhere = truong.send("PUT", "/api/stage-steps/lapsed/maintained", rule, If_Match='"0"')
        assert (nowhere.status_code, nowhere.json["code"]) == (404, "stage_step_not_found")
    finally:
        with begin(owner_engine, Actor("system")) as conn:
            conn.execute(sa.text("DELETE FROM stage_steps WHERE commune_id IS NOT NULL"))
            conn.execute(sa.text("DELETE FROM sessions; DELETE FROM accounts WHERE username = 'truong'"))


def test_no_person_in_what_is_said_of_a_group(officer_as: As, group_id: int) -> None:
    hoa, chi, on = officer_as("hoa"), officer_as("chi"), dt.date(2026, 3, 1)
    for name in ("reason", "document", "recognising_body"):
        refused = propose(hoa, group_id, "building", on, **{name: "Anh Nguyễn Văn Tèo tái nghiện"})
        assert (refused.status_code, refused.json["code"]) == (422, "personal_words"), name
    change = propose(hoa, group_id, "building", on).json
    refused = decide(chi, change, "returned", note="Xem lại nhà ông Tèo, 0912345678")
    assert (refused.status_code, refused.json["code"]) == (422, "personal_words")


def test_a_correction_needs_the_same_grounds(officer_as: As, group_id: int, owner_engine: Engine) -> None:
    hoa, on = officer_as("hoa"), dt.date(2026, 3, 1)
    body = {"kind": "correction", "reason": "Ghi nhầm"}
    assert propose(hoa, group_id, "recognised", on, **body).json["code"] == "stage_change_needs_document"
    body |= {"document": "9/QĐ-UBND", "recognising_body": "UBND phường"}
    assert propose(hoa, group_id, "recognised", on, **body).json["code"] == "stage_change_not_drug_free"
    tomorrow = (today(owner_engine) + dt.timedelta(days=1)).isoformat()
    late = propose(hoa, group_id, "cleaning", on, kind="correction", reason="Ghi nhầm", until_on=tomorrow)
    assert late.json["code"] == "stage_change_bad_until"
    assert propose(hoa, group_id, "cleaning", on, until_on="2026-04-01").json["code"] == "stage_change_bad_until"


def test_last_periods_answers_carry_no_group_that_has_fallen_since(
    officer_as: As, group_id: int, owner_engine: Engine
) -> None:
    hoa, chi = officer_as("hoa"), officer_as("chi")
    meet_criteria(owner_engine, group_id, dt.date(2026, 1, 10))
    for stage, more in (("building", {}), ("proposed", {"document": "5/TTr-UBND"})):
        made = propose(hoa, group_id, stage, dt.date(2026, 2, 1), **more)
        assert decide(chi, made.json, "approved").status_code == 200, made.text
    meet_criteria(owner_engine, group_id, dt.date(2026, 3, 1), "not_met")
    body = {"document": "9/QĐ-UBND", "recognising_body": "UBND phường", "period_year": 2025}
    assert (
        propose(hoa, group_id, "recognised", dt.date(2026, 3, 5), **body).json["code"] == "stage_change_not_drug_free"
    )
    assert propose(hoa, group_id, "recognised", dt.date(2026, 6, 1), **body).json["code"] == "stage_change_other_period"


def test_a_group_that_two_have_decided_on_is_not_deleted_by_one(officer_as: As, group_id: int) -> None:
    hoa, chi = officer_as("hoa"), officer_as("chi")
    address = f"/api/layers/groups/features/{group_id}"
    decide(chi, propose(hoa, group_id, "building", dt.date(2026, 3, 1)).json, "approved")
    version = hoa.get(address).headers["ETag"].strip('"')
    answer = hoa.send("DELETE", address, If_Match=f'"{version}"')
    assert (answer.status_code, answer.json["code"]) == (409, "has_history")
    assert hoa.get(address).status_code == 200
