"""Notes of patrols (T-P8): one row however often sent, guarded words, photos made anew, and no risk raised by them."""

import base64
import datetime as dt
import io
import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy.engine import Connection, Engine

from gis_app.db import Actor, begin
from gis_app.queries.patrol_notes import delete_expired_photos
from tests.builders import BEN, MAU
from tests.db.officers import Officer
from tests.db.patrol_rows import Shift, clear, put_shift

OfficerAs = Callable[[str], Officer]
ConnAs = Callable[[str], Connection]
SECRET = "16A-123.45"


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    with begin(owner_engine, Actor("system")) as conn:
        before = conn.exec_driver_sql("SELECT max(id) FROM tasks").scalar_one() or 0
        spots = conn.exec_driver_sql("SELECT max(id) FROM hotspots").scalar_one() or 0
    yield
    clear(owner_engine)
    with begin(owner_engine, Actor("system")) as conn:
        conn.exec_driver_sql("DELETE FROM place_reports")
        conn.exec_driver_sql(f"DELETE FROM notices WHERE task_id > {before}")
        conn.exec_driver_sql(f"DELETE FROM tasks WHERE id > {before}")
        conn.exec_driver_sql(f"DELETE FROM hotspots WHERE id > {spots}")


@pytest.fixture
def shift(owner_engine: Engine) -> Shift:
    return put_shift(owner_engine)


def photo() -> str:
    exif = Image.Exif()
    exif[0x010E] = SECRET
    exif.get_ifd(0x8825).update({1: "N", 2: (20.0, 51.0, 0.0), 3: "E", 4: (106.0, 41.0, 0.0)})
    out = io.BytesIO()
    Image.new("RGB", (2000, 1500), "navy").save(out, "JPEG", exif=exif, comment=SECRET.encode())
    return base64.b64encode(out.getvalue()).decode()


def note(**values: Any) -> dict[str, Any]:
    spot = MAU.at(1000, 1000)
    at = dt.datetime.now(dt.UTC).isoformat()
    found = {"client_id": str(uuid4()), "team": 1, "category": "gathering", "at": at, "lon": spot.x, "lat": spot.y,
             "note": "Nhóm tụ tập dưới gầm cầu"}  # fmt: skip
    return found | values


def address(shift: Shift) -> str:
    return f"/api/patrol-plans/{shift.plan}/notes"


def test_three_sends_are_one_row(officer_as: OfficerAs, shift: Shift, owner_engine: Engine) -> None:
    """T-P8: as check-ins: the same key or another, one note, one report, one photo; the report is the patrol's."""
    an, body = officer_as("an"), note(photo=photo())
    answers = [an.send("POST", address(shift), body, Idempotency_Key="note-one-key") for _ in range(2)]
    answers.append(an.post(address(shift), body))
    assert [one.status_code for one in answers] == [201, 201, 200]
    (found,) = an.get(address(shift)).json["notes"]
    assert (found["client_id"], found["category"], found["team"]) == (body["client_id"], "gathering", 1)
    assert found["seen_at"][14:19] == "00:00"
    with owner_engine.connect() as conn:
        reports = conn.exec_driver_sql("SELECT source, note FROM place_reports").all()
        photos = conn.exec_driver_sql("SELECT count(*) FROM patrol_note_photos").scalar_one()
    assert [tuple(row) for row in reports] == [("patrol", body["note"])]
    assert photos == 1


def test_the_photo_comes_back_without_exif(officer_as: OfficerAs, shift: Shift, owner_engine: Engine) -> None:
    """T-P8: pixels alone, small, for nobody's cache; what was sent stands nowhere in the database."""
    an = officer_as("an")
    made = an.post(address(shift), note(photo=photo())).json
    answer = an.get(made["photo"])
    assert answer.status_code == 200
    assert answer.mimetype == "image/jpeg"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert SECRET.encode() not in answer.data
    with Image.open(io.BytesIO(answer.data)) as image:
        assert not image.getexif()
        assert image.size == (1600, 1200)
    with owner_engine.connect() as conn:
        logged = conn.exec_driver_sql("SELECT string_agg(after::text, '') FROM audit_entries").scalar_one()
        kept = conn.exec_driver_sql("SELECT string_agg(coalesce(body, ''), '') FROM idempotency_keys").scalar_one()
    assert "ffd8ff" not in logged
    assert photo()[:200] not in logged + kept


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"note": "anh Tuấn hay đứng ở đây"}, "personal_words"),
        ({"note": "gọi 0912 345 678"}, "personal_words"),
        ({"note": "xe 16A-123.45 đỗ đêm"}, "personal_words"),
        ({"category": "person"}, "bad_place_report"),
        ({"category": "other", "note": ""}, "bad_place_report"),
        ({"team": 9}, "bad_place_report"),
        ({"team": True}, "bad_place_report"),
        ({"client_id": "x"}, "bad_place_report"),
        ({"at": "2026"}, "bad_place_report"),
        ({"lon": "106"}, "bad_place_report"),
        ({"photo": "%%%"}, "bad_place_report"),
        ({"photo": base64.b64encode(b"GIF89a" + b"\0" * 50).decode()}, "photo_format"),
        ({"photo": base64.b64encode(b"<svg/>").decode()}, "photo_format"),
        ({"lon": BEN.at(1500, 1500).x, "lat": BEN.at(1500, 1500).y}, "outside_commune"),
    ],
)
def test_what_is_refused(officer_as: OfficerAs, shift: Shift, change: dict[str, Any], code: str) -> None:
    """T-P8: names, telephones, plates; nothing is written."""
    an = officer_as("an")
    answer = an.post(address(shift), note(**change))
    assert (answer.status_code, answer.json["code"]) == (422, code)
    assert "Tuấn" not in answer.text
    assert "0912" not in answer.text
    assert an.get(address(shift)).json["notes"] == []


def test_unknown_fields_and_drafts_and_foreign_plans(officer_as: OfficerAs, shift: Shift, owner_engine: Engine) -> None:
    an, draft = officer_as("an"), put_shift(owner_engine, 2, state="draft")
    assert an.post(address(shift), note(who="x")).json["code"] == "bad_body"
    assert an.post(address(draft), note()).json["code"] == "patrol_not_issued"
    assert officer_as("giang").post(address(shift), note()).status_code == 404
    body = note()
    assert an.post(address(shift), body).status_code == 201
    other = put_shift(owner_engine, 3)
    assert an.post(address(other), body).json["code"] == "patrol_visit_other"


def test_police_of_the_commune_alone(officer_as: OfficerAs, client_as: Any, conn_as: ConnAs, shift: Shift) -> None:
    made = officer_as("an").post(address(shift), note(photo=photo())).json
    for name in ("binh", "chi", "lan"):
        assert officer_as(name).get(address(shift)).status_code == 403
        assert officer_as(name).get(made["photo"]).status_code == 403
        for table in ("patrol_notes", "patrol_note_photos"):
            assert conn_as(name).exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() == 0
    assert officer_as("giang").get(made["photo"]).status_code == 404
    assert conn_as("giang").exec_driver_sql("SELECT count(*) FROM patrol_note_photos").scalar_one() == 0
    client: FlaskClient = client_as(None)
    assert client.get(made["photo"]).status_code == 401
    an = conn_as("an")
    for text in (
        "UPDATE patrol_notes SET report_id = 1", "UPDATE patrol_note_photos SET expires_on = '2099-01-01'",
        "DELETE FROM patrol_notes", "DELETE FROM patrol_note_photos",
    ):  # fmt: skip
        with pytest.raises(sa.exc.ProgrammingError), an.begin_nested():
            an.exec_driver_sql(text)


def test_a_note_belongs_to_what_a_patrol_found(conn_as: ConnAs, officer_as: OfficerAs, shift: Shift) -> None:
    """No query hangs a note on another's word."""
    spot = MAU.at(900, 900)
    told = officer_as("hoa").post(
        "/api/place-reports", {"category": "gathering", "seen_at": note()["at"], "lon": spot.x, "lat": spot.y}
    )
    hoa = conn_as("hoa")
    with pytest.raises(sa.exc.ProgrammingError, match="row-level security"), hoa.begin_nested():
        hoa.exec_driver_sql(
            "INSERT INTO patrol_notes (commune_id, plan_id, client_id, report_id) "
            f"VALUES ({MAU.id}, {shift.plan}, gen_random_uuid(), {told.json['id']})"
        )


def test_a_leader_makes_a_hotspot_a_light_or_a_task(officer_as: OfficerAs, shift: Shift, owner_engine: Engine) -> None:
    an, hoa = officer_as("an"), officer_as("hoa")
    # A lamp of this test alone: others count on the versions of theirs.
    lamp = MAU.at(2610, 2390)
    feature = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [lamp.x, lamp.y]},
               "properties": {"state": "working"}}  # fmt: skip
    light_id = hoa.post("/api/layers/lights/features", feature).json["id"]
    spot, dark, far = (
        an.post(address(shift), one).json["id"]
        for one in (note(), note(category="light_out", lon=lamp.x + 0.0001, lat=lamp.y), note(category="syringes"))
    )
    assert an.post(f"/api/patrol-notes/{spot}/made", {"what": "hotspot"}).status_code == 403
    made = hoa.post(f"/api/patrol-notes/{spot}/made", {"what": "hotspot"})
    assert (made.status_code, made.json["made"]) == (201, "hotspot")
    assert hoa.post(f"/api/patrol-notes/{spot}/made", {"what": "task"}).json["code"] == "patrol_note_made"
    light = hoa.post(f"/api/patrol-notes/{dark}/made", {"what": "light"}).json
    assert light["made_id"] == light_id
    task = hoa.post(f"/api/patrol-notes/{far}/made", {"what": "task"})
    assert task.status_code == 201, task.text
    found = hoa.get(f"/api/tasks/{task.json['made_id']}").json
    assert (found["source"], found["measure"]) == ("patrol", "criteria_reviewed")
    assert hoa.post(f"/api/patrol-notes/{far}/made", {"what": "person"}).status_code == 400
    with begin(owner_engine, Actor("system")) as conn:
        hotspot = conn.exec_driver_sql(
            f"SELECT source_kind, state, class FROM hotspots WHERE id = {made.json['made_id']}"
        ).one()
        state = conn.exec_driver_sql(f"SELECT state FROM lights WHERE id = {light_id}").scalar_one()
        conn.exec_driver_sql(f"DELETE FROM lights WHERE id = {light_id}")
        named = conn.exec_driver_sql("SELECT hotspot_id FROM place_reports WHERE hotspot_id IS NOT NULL").scalar_one()
    assert tuple(hotspot) == ("patrol", "new", "gathering")
    assert state == "broken"
    assert named == made.json["made_id"]


def test_the_page_of_the_shift_shows_notes(officer_as: OfficerAs, shift: Shift) -> None:
    officer_as("an").post(address(shift), note(category="dark_street", photo=photo()))
    mine = officer_as("an").get(f"/tuan-tra/{shift.plan}").text
    assert "Đoạn tối" in mine
    assert "make-hotspot" not in mine
    page = officer_as("hoa").get(f"/tuan-tra/{shift.plan}").text
    for word in ("make-hotspot", "make-light", "make-task", "/photo"):
        assert word in page


def test_twenty_events_that_patrols_found_raise_no_risk(officer_as: OfficerAs, shift: Shift) -> None:
    """T-P8 and the feedback loop: the stops that the next shift is offered are the same, point by point."""
    an = officer_as("an")

    def offered() -> list[Any]:
        made = an.post("/api/patrol-plans", {"shift_on": "2026-12-24", "seed": 7})
        assert made.status_code == 201, made.text
        plan = made.json
        found = [(one["key"], one["points"], json.dumps(one["reasons"], sort_keys=True)) for one in plan["stops"]]
        assert an.send("DELETE", f"/api/patrol-plans/{plan['id']}", If_Match=f'"{plan["version"]}"').status_code == 204
        return found

    before = offered()
    assert before
    for number in range(20):
        spot = MAU.at(1000 + 20 * number, 1000 + 10 * number)
        made = an.post(address(shift), note(category="syringes", lon=spot.x, lat=spot.y))
        assert made.status_code == 201
    assert offered() == before


def test_photos_go_after_ninety_days_and_notes_with_their_report(
    officer_as: OfficerAs, shift: Shift, owner_engine: Engine
) -> None:
    an = officer_as("an")
    old = an.post(address(shift), note(photo=photo())).json
    new = an.post(address(shift), note(photo=photo())).json
    with begin(owner_engine, Actor("system")) as conn:
        conn.exec_driver_sql(
            f"UPDATE patrol_note_photos SET expires_on = vietnam_today() - 1 WHERE note_id = {old['id']}"
        )
    assert an.get(old["photo"]).status_code == 404
    with begin(owner_engine, Actor("system")) as conn:
        assert delete_expired_photos(conn) == 1
    assert an.get(new["photo"]).status_code == 200
    assert an.send("DELETE", f"/api/place-reports/{new['report_id']}", If_Match='"1"').status_code == 204
    assert [one["id"] for one in an.get(address(shift)).json["notes"]] == [old["id"]]
    assert an.get(new["photo"]).status_code == 404
