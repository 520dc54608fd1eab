"""The review form: bad values, counts apart, two persons, and what an approval does to the group."""

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from gis_app.tables.statuses import COUNT_NAMES
from tests.builders import MAU
from tests.db.officers import Officer

As = Callable[[str], Officer]
WHOLE = {
    "reviewed_on": "2026-10-20",
    "users_answer": "met",
    "users_document": "12/BB-TDP",
    "offenders_answer": "met",
    "offenders_document": "12/BB-TDP",
    "places_answer": "met",
    "places_document": "12/BB-TDP",
    "communication_count": 2,
    "pledge_household_count": 90,
}
EXEMPT = {"substitution_count": 2, "home_rehab_count": 1, "post_rehab_count": 1}
NONE = dict.fromkeys(COUNT_NAMES, 0)


@pytest.fixture
def group_id(owner_engine: Engine) -> Iterator[int]:
    """A group of Xã Mẫu since 1 January 2026."""
    with begin(owner_engine, Actor("system")) as conn:
        found = conn.execute(
            sa.text(
                "INSERT INTO groups (commune_id, geom, name, valid_from) SELECT :c, geom, 'Tổ rà soát', '2026-01-01' "
                "FROM groups WHERE external_id = 'MAU1-g1' RETURNING id"
            ),
            {"c": MAU.id},
        ).scalar_one()
    yield found
    with begin(owner_engine, Actor("system")) as conn:
        conn.execute(sa.text("DELETE FROM notices; DELETE FROM review_counts"))
        for table, column in (("group_reviews", "group_id"), ("groups", "id"), ("group_statuses", "group_id")):
            conn.execute(sa.text(f"DELETE FROM {table} WHERE {column} = :g"), {"g": found})


def draft(officer: Officer, group_id: int, day: str = "2026-10-05") -> dict:
    made = officer.post("/api/group-reviews", {"group_id": group_id, "kind": "month", "day": day})
    assert made.status_code == 201, made.text
    found: dict = made.json
    return found


def filled(officer: Officer, group_id: int, **values: object) -> dict:
    review = draft(officer, group_id)
    saved = officer.patch(f"/api/group-reviews/{review['id']}", WHOLE | NONE | values, review["version"])
    assert saved.status_code == 200, saved.text
    found: dict = saved.json
    return found


def submit(officer: Officer, review: dict):
    return officer.post(f"/api/group-reviews/{review['id']}/submit", None, review["version"])


def decide(officer: Officer, review: dict, decision: str, **more: object):
    address = f"/api/group-reviews/{review['id']}/decision"
    return officer.post(address, {"decision": decision, **more}, review["version"])


def test_an_approved_review_is_what_the_group_says(officer_as: As, group_id: int) -> None:
    hoa, chi = officer_as("hoa"), officer_as("chi")
    review = filled(hoa, group_id, **EXEMPT)
    assert (review["starts_on"], review["ends_on"]) == ("2026-10-01", "2026-10-31")
    sent = submit(hoa, review).json
    assert decide(hoa, sent, "approved").json["code"] == "review_same_person"
    assert decide(chi, sent, "returned").json["code"] == "review_needs_note"
    assert decide(chi, sent, "approved").json["state"] == "approved"
    card = hoa.get(f"/api/layers/groups/features/{group_id}").json["properties"]
    assert (card["users_answer"], card["users_on"], card["users_document"]) == ("met", "2026-10-20", "12/BB-TDP")
    assert (card["exempt_count"], card["other_count"]) == (4, 0)
    # Four exempt persons break no criterion.
    status = {g["group_id"]: g for g in chi.get("/api/statuses", at="2026-10-25").json["groups"]}[group_id]
    assert status["drug_free"] == "met"
    before = {g["group_id"]: g for g in chi.get("/api/statuses", at="2026-10-19").json["groups"]}[group_id]
    assert before["drug_free"] == "not_reviewed"


def test_counts_are_for_police_roles_alone(officer_as: As, group_id: int) -> None:
    review = filled(officer_as("hoa"), group_id, **EXEMPT)
    address = f"/api/group-reviews/{review['id']}"
    assert officer_as("an").get(address).json["counts"]["substitution_count"] == 2
    for username in ("chi", "binh", "lan"):
        assert officer_as(username).get(address).json["counts"] == {}


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("communication_count", -1, "range"),
        ("communication_count", "hai", "whole"),
        ("substitution_count", -3, "range"),
        ("substitution_count", 1.5, "whole"),
        ("users_answer", "yes", "choice"),
        ("users_document", "Nguyễn Văn A", "document_number"),
        ("users_document", "anh Ba", "document_number"),
        ("reviewed_on", "2026-09-30", "outside_period"),
        ("note", "Nguyễn Văn A", "unknown_field"),
        ("name", "x", "unknown_field"),
    ],
)
def test_bad_values_are_named_and_nothing_is_kept(
    officer_as: As, group_id: int, field: str, value: object, rule: str
) -> None:
    hoa = officer_as("hoa")
    review = draft(hoa, group_id)
    answer = hoa.patch(f"/api/group-reviews/{review['id']}", {field: value}, review["version"])
    assert answer.status_code == 422, answer.text
    assert answer.json["params"]["faults"] == [{"field": field, "rule": rule}]
    assert hoa.get(f"/api/group-reviews/{review['id']}").json == review


def test_what_a_sent_review_needs(officer_as: As, group_id: int) -> None:
    hoa = officer_as("hoa")
    review = filled(hoa, group_id, users_document=None)
    assert submit(hoa, review).json["code"] == "review_needs_document"
    saved = hoa.patch(f"/api/group-reviews/{review['id']}", {"users_document": "12/BB-TDP", "using_count": 1}, 2).json
    assert submit(hoa, saved).json["code"] == "review_counts_contradict"
    mended = hoa.patch(f"/api/group-reviews/{review['id']}", {"users_answer": "not_met"}, saved["version"]).json
    sent = submit(hoa, mended)
    assert sent.json["state"] == "submitted"
    late = hoa.patch(f"/api/group-reviews/{review['id']}", {"communication_count": 9}, sent.json["version"])
    assert (late.status_code, late.json["code"]) == (409, "review_sent_before")


def test_a_returned_review_is_mended_and_sent_again(officer_as: As, group_id: int) -> None:
    hoa, chi = officer_as("hoa"), officer_as("chi")
    sent = submit(hoa, filled(hoa, group_id)).json
    back = decide(chi, sent, "returned", note="Thiếu biên bản").json
    assert (back["state"], back["decision_note"]) == ("returned", "Thiếu biên bản")
    mended = hoa.patch(f"/api/group-reviews/{back['id']}", {"places_document": "13/BB-TDP"}, back["version"]).json
    assert submit(hoa, mended).json["state"] == "submitted"


def test_one_review_a_group_and_period(officer_as: As, group_id: int) -> None:
    hoa = officer_as("hoa")
    assert draft(hoa, group_id)["id"] == draft(hoa, group_id, "2026-10-31")["id"]
    assert draft(hoa, group_id)["id"] != draft(hoa, group_id, "2026-11-01")["id"]
    due = hoa.get("/api/group-reviews", kind="month", day="2026-10-05").json["groups"]
    assert {one["group_id"]: one["state"] for one in due}[group_id] == "draft"
    assert len(due) == 5


def test_a_late_review_does_not_undo_a_later_one(officer_as: As, group_id: int) -> None:
    hoa, chi = officer_as("hoa"), officer_as("chi")
    decide(chi, submit(hoa, filled(hoa, group_id)).json, "approved")
    september = draft(hoa, group_id, "2026-09-01")
    values = WHOLE | {"reviewed_on": "2026-09-10", "users_answer": "not_met"}
    saved = hoa.patch(f"/api/group-reviews/{september['id']}", values, september["version"]).json
    assert decide(chi, submit(hoa, saved).json, "approved").status_code == 200

    def answer(at: str) -> str:
        groups = hoa.get("/api/statuses", at=at).json["groups"]
        found: str = {g["group_id"]: g["drug_free"] for g in groups}[group_id]
        return found

    assert [answer("2026-09-09"), answer("2026-09-15"), answer("2026-10-25")] == ["not_reviewed", "not_met", "met"]
    card = hoa.get(f"/api/layers/groups/features/{group_id}").json["properties"]
    assert card["users_answer"] == "met"


def test_another_commune_and_other_roles(officer_as: As, group_id: int) -> None:
    review = filled(officer_as("hoa"), group_id)
    giang = officer_as("giang")
    address = f"/api/group-reviews/{review['id']}"
    assert giang.get(address).json["code"] == "review_not_found"
    assert giang.patch(address, {"communication_count": 1}, review["version"]).status_code == 404
    assert (
        giang.post("/api/group-reviews", {"group_id": group_id, "kind": "month", "day": "2026-10-05"}).status_code
        == 404
    )
    assert giang.get("/api/group-reviews").json["reviews"] == []
    for username in ("an", "binh", "chi", "lan"):
        assert officer_as(username).patch(address, {"communication_count": 1}, review["version"]).status_code == 403


def test_a_criterion_left_open_keeps_its_answer(officer_as: As, group_id: int) -> None:
    hoa, chi = officer_as("hoa"), officer_as("chi")
    decide(chi, submit(hoa, filled(hoa, group_id, offenders_answer="not_met")).json, "approved")
    november = draft(hoa, group_id, "2026-11-01")
    values = {"reviewed_on": "2026-11-02", "users_answer": "met", "users_document": "14/BB-TDP"}
    saved = hoa.patch(f"/api/group-reviews/{november['id']}", values, november["version"]).json
    assert decide(chi, submit(hoa, saved).json, "approved").status_code == 200
    card = hoa.get(f"/api/layers/groups/features/{group_id}").json["properties"]
    assert (card["offenders_answer"], card["offenders_on"]) == ("not_met", "2026-10-20")
    assert (card["users_on"], card["last_reviewed_on"]) == ("2026-11-02", "2026-11-02")
