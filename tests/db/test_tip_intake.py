"""Officers work on tips: queue, duplicates, steps, questions, hand-over, redaction, one click; the rest see streets."""

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gis_app.analysis.person_guard import findings
from gis_app.db import Actor, begin
from gis_app.jobs.demo_tips import HOTLINES, INVENTED, load_tips
from gis_app.tables.tips import STATES
from tests.builders import BEN, MAU
from tests.db.tip_kit import QUEUE, Desk, box_of, open_tips, rows, tell, wipe_tips

ClientAs = Callable[[str | None], FlaskClient]
TEXT = "Ngõ sau chợ tối om"


@pytest.fixture(autouse=True)
def _tips(owner_engine: Engine) -> Iterator[None]:
    open_tips(owner_engine)
    yield
    wipe_tips(owner_engine)
    with owner_engine.begin() as conn:
        conn.exec_driver_sql("DELETE FROM notices WHERE task_id IN (SELECT id FROM tasks WHERE source = 'tip')")
        conn.exec_driver_sql("DELETE FROM tasks WHERE source = 'tip'")
        conn.exec_driver_sql("DELETE FROM place_reports WHERE source = 'tip'")
        conn.exec_driver_sql("UPDATE lights SET state = 'working' WHERE external_id = 'MAU1-l3'")


@pytest.fixture
def hoa(client_as: ClientAs) -> Desk:
    """The data officer."""
    return Desk(client_as("hoa"))


def test_who_sees_what(client_as: ClientAs, code: str) -> None:
    tell(client_as(None), code, text=TEXT)
    for username, names in (("hoa", 1), ("an", 1), ("binh", 0), ("chi", 0), ("lan", 0), ("giang", 0)):
        desk = Desk(client_as(username))
        assert len(desk.ids()) == names, username
        assert TEXT not in desk.client.get(QUEUE).text
    assert "Đoạn tối" in client_as("binh").get(QUEUE).text
    assert "Không có tin nào" in client_as("dung").get(QUEUE).text


def test_programs_read_the_queue_without_words(client_as: ClientAs, code: str, owner_engine: Engine) -> None:
    at = MAU.at(710.0, 505.0)
    tell(client_as(None), code, precision="point", spot=f"{at.x},{at.y}", text=TEXT)
    exact, coarse, other = (client_as(name).get("/api/tips") for name in ("an", "binh", "dung"))
    assert [tip["precision"] for tip in exact.json["tips"] + coarse.json["tips"]] == ["point", "street"]
    assert exact.json["tips"][0]["lon"] != coarse.json["tips"][0]["lon"]
    assert other.json == {"count": 0, "page": 1, "page_count": 0, "tips": []}
    assert TEXT not in exact.text + coarse.text
    assert client_as(None).get("/api/tips").status_code == 401


def test_invented_tips_are_loaded_once_and_fill_the_pages(
    owner_engine: Engine, client_as: ClientAs, app: Flask
) -> None:
    with begin(owner_engine, Actor("system")) as conn:
        counts = [load_tips(conn, app.config["SECRET_KEY"]) for _ in range(2)]
    try:
        assert counts == [2 * len(INVENTED), 0]
        desk = Desk(client_as("hoa"))
        assert "kim tiêm" in "".join(desk.page(tip_id) for tip_id in desk.ids())
        assert all(desk.ids(f"?tt={state}") for state in (*STATES, "held"))
        assert all(not findings(one.text) for one in INVENTED)
        table = desk.client.get(QUEUE).text.split('data-testid="figures"')[1]
        assert "<td>6</td>" in table
        assert HOTLINES.commune_phone in client_as(None).get(f"/tin/{MAU.id}").text
    finally:
        with owner_engine.begin() as conn:
            conn.exec_driver_sql("DELETE FROM public_settings")


def test_a_tip_of_another_commune_is_none(client_as: ClientAs, owner_engine: Engine, hoa: Desk) -> None:
    tell(client_as(None), box_of(owner_engine, BEN), text=TEXT)
    (row,) = rows(owner_engine)
    for path in ("", "/anh"):
        assert hoa.client.get(f"{QUEUE}/{row.id}{path}").status_code == 404
    for step in ("buoc", "tra-loi", "chuyen", "chia-se", "bo-anh", "tao", "giu"):
        assert hoa.post(f"{row.id}/{step}", version="1", state="closed").status_code == 404


def test_from_new_to_closed_and_what_the_sender_reads(client_as: ClientAs, code: str, hoa: Desk) -> None:
    resident = client_as(None)
    receipt = tell(resident, code, text=TEXT)
    (tip_id,) = hoa.ids()
    assert TEXT in hoa.page(tip_id)
    assert hoa.act(tip_id, "buoc", state="verifying").status_code == 303
    assert hoa.act(tip_id, "tra-loi", template="where_exactly").status_code == 303
    assert hoa.act(tip_id, "tra-loi", text="Gọi anh Hùng 0912345678").status_code == 422
    seen = resident.post("/tin/tra-cuu", data={"code": receipt}).text
    assert 'aria-current="step">Xác minh' in seen
    assert "rõ hơn là đoạn nào" in seen
    resident.post("/tin/tra-cuu/tra-loi", data={"code": receipt, "text": "Gần cầu"})
    assert "Gần cầu" in hoa.page(tip_id)
    assert hoa.act(tip_id, "buoc", state="closed", outcome="confirmed").status_code == 303
    assert "Cảm ơn bạn" in resident.post("/tin/tra-cuu", data={"code": receipt}).text
    assert hoa.act(tip_id, "buoc", state="verifying").status_code == 409, "forward only"
    assert hoa.ids() == []
    assert hoa.ids("?tt=closed") == [tip_id]


def test_a_stale_page_changes_nothing(client_as: ClientAs, code: str, hoa: Desk) -> None:
    tell(client_as(None), code)
    (tip_id,) = hoa.ids()
    assert hoa.post(f"{tip_id}/buoc", version="7", state="verifying").status_code == 412
    assert hoa.post(f"{tip_id}/buoc", state="verifying").status_code == 412


def test_the_hand_over_is_recorded_before_a_tip_is_closed_as_passed_on(
    client_as: ClientAs, code: str, hoa: Desk, owner_engine: Engine
) -> None:
    resident = client_as(None)
    receipt = tell(resident, code, subject="suspicious")
    (tip_id,) = hoa.ids()
    assert "24 giờ" in hoa.page(tip_id)
    assert hoa.act(tip_id, "buoc", state="closed", outcome="passed_on").status_code == 409
    named = hoa.act(tip_id, "chuyen", channel="investigators", channel_note="ông Nguyễn Văn Tuấn nhận")
    assert named.status_code == 422
    assert hoa.act(tip_id, "chuyen", channel="investigators", channel_note="12/BB-CAX").status_code == 303
    assert "20 ngày" in hoa.page(tip_id)
    assert hoa.act(tip_id, "buoc", state="closed", outcome="passed_on").status_code == 303
    assert "kênh pháp luật" in resident.post("/tin/tra-cuu", data={"code": receipt}).text
    (row,) = rows(owner_engine)
    assert (row.channel, row.channel_note) == ("investigators", "12/BB-CAX")


def test_others_read_only_what_was_written_anew(
    client_as: ClientAs, code: str, hoa: Desk, owner_engine: Engine
) -> None:
    tell(client_as(None), code, text=TEXT)
    (tip_id,) = hoa.ids()
    assert hoa.act(tip_id, "chia-se", text="nhà chị Lan Anh số 12").status_code == 422
    assert hoa.act(tip_id, "chia-se", text="Cần thêm đèn ở ngõ sau chợ").status_code == 303
    assert "Cần thêm đèn" in client_as("binh").get(QUEUE).text
    with owner_engine.begin() as conn:
        dump = str(conn.exec_driver_sql("SELECT jsonb_agg(t) FROM tips AS t").scalar_one())
        log = str(conn.exec_driver_sql("SELECT jsonb_agg(e) FROM audit_entries AS e").scalar_one())
    assert "Cần thêm đèn" not in dump
    for word in (TEXT, "Cần thêm đèn", "dark_street"):
        assert word not in log


def test_one_click_makes_what_is_needed_and_records_the_source(
    client_as: ClientAs, code: str, hoa: Desk, owner_engine: Engine
) -> None:
    at = MAU.at(310.0, 505.0)
    tell(client_as(None), code, subject="light_out", device_number="MAU1-l3", precision="point", spot=f"{at.x},{at.y}")
    (tip_id,) = hoa.ids()
    for kind in ("hotspot", "task", "broken", "report"):
        assert hoa.act(tip_id, "tao", kind=kind).status_code == 303, kind
        assert hoa.act(tip_id, "tao", kind=kind).status_code == 409, kind
    (row,) = rows(owner_engine)
    assert row.state == "handling"
    assert rows(owner_engine, f"SELECT source_kind FROM hotspots WHERE id = {row.hotspot_id}") == [("tip",)]
    ((source, east),) = rows(owner_engine, f"SELECT source, ST_X(geom) FROM tasks WHERE id = {row.task_id}")
    assert source == "tip"
    assert east != rows(owner_engine, "SELECT ST_X(geom) FROM tips")[0][0], "the street, not the point"
    assert rows(owner_engine, "SELECT state FROM lights WHERE external_id = 'MAU1-l3'") == [("broken",)]
    assert rows(owner_engine, f"SELECT source, category FROM place_reports WHERE id = {row.report_id}") == [
        ("tip", "light_out")
    ]
    an = Desk(client_as("an"))
    assert an.post(f"{tip_id}/tao", version="1", kind="task").status_code == 403


@pytest.mark.parametrize("precision", ["group", "cell"])
def test_what_is_wide_makes_no_false_point(
    client_as: ClientAs, code: str, hoa: Desk, owner_engine: Engine, precision: str
) -> None:
    at = MAU.at(310.0, 505.0)
    tell(client_as(None), code, subject="gathering", precision=precision, spot=f"{at.x},{at.y}")
    (tip_id,) = hoa.ids()
    for kind in ("hotspot", "report"):
        assert hoa.act(tip_id, "tao", kind=kind).status_code == 422, kind
        assert hoa.act(tip_id, "tao", kind=kind, spot="x").status_code == 422, kind
        assert hoa.act(tip_id, "tao", kind=kind, spot="20.0, 105.0").status_code == 422, kind
        assert hoa.act(tip_id, "tao", kind=kind, road_id="999999999").status_code == 422, kind
    assert hoa.act(tip_id, "tao", kind="task").status_code == 303
    ((group_id, spot),) = rows(owner_engine, "SELECT group_id, geom FROM tasks WHERE source = 'tip'")
    (tip,) = rows(owner_engine)
    assert (group_id, spot) == (tip.group_id, None)
    roads = re.findall(r'<option value="(\d+)">Phố', hoa.page(tip_id))
    assert hoa.act(tip_id, "tao", kind="hotspot", road_id=roads[0]).status_code == 303
    where = f"(SELECT ST_LineInterpolatePoint(geom, 0.5) FROM roads WHERE id = {roads[0]})"
    ((away, name),) = rows(
        owner_engine,
        f"SELECT ST_DistanceSphere(h.geom, {where}), h.place FROM hotspots AS h JOIN tips AS t ON t.hotspot_id = h.id",
    )
    assert away < 1
    assert "Phố" in name
    assert hoa.act(tip_id, "tao", kind="report", spot=f"{at.y}, {at.x}").status_code == 303
    assert rows(owner_engine, "SELECT count(*) FROM place_reports WHERE source = 'tip'") == [(1,)]


def test_the_committee_chooses_the_width_of_areas(client_as: ClientAs, owner_engine: Engine) -> None:
    chi, hoa = Desk(client_as("chi")), Desk(client_as("hoa"))
    assert hoa.post("o", cell_m="500").status_code == 403
    for wrong in ("", "300", "x"):
        assert chi.post("o", cell_m=wrong).status_code == 422
    assert chi.post("o", cell_m="500").status_code == 303
    kept = rows(owner_engine, f"SELECT is_open, cell_m FROM tip_settings WHERE commune_id = {MAU.id}")
    assert kept == [(True, 500)], "open stays open"


def test_what_is_closed_stays_but_for_the_cleared_words(
    client_as: ClientAs, code: str, hoa: Desk, owner_engine: Engine
) -> None:
    tell(client_as(None), code, text=TEXT)
    (tip_id,) = hoa.ids()
    assert hoa.act(tip_id, "buoc", state="closed", outcome="confirmed").status_code == 303
    (before,) = rows(owner_engine)
    assert hoa.act(tip_id, "buoc", state="closed", outcome="abuse").status_code == 409
    assert hoa.act(tip_id, "chuyen", channel="committee", channel_note="1").status_code == 409
    for kind in ("hotspot", "task", "report"):
        assert hoa.act(tip_id, "tao", kind=kind).status_code == 409, kind
    assert rows(owner_engine) == [before]
    assert hoa.act(tip_id, "chia-se", text="Cần thêm đèn ở ngõ sau chợ").status_code == 303
    assert rows(owner_engine, "SELECT id FROM tasks WHERE source = 'tip'") == []


def test_held_tips_wait_apart(client_as: ClientAs, code: str, hoa: Desk, owner_engine: Engine) -> None:
    for _ in range(3):
        tell(client_as(None), code, website="x")
    assert hoa.ids() == []
    first, *_ = hoa.ids("?tt=held")
    assert hoa.act(first, "buoc", state="verifying").status_code == 409
    assert hoa.post(f"{first}/giu", let_in="1").status_code == 303
    assert hoa.ids() == [first]
    assert hoa.post(f"{first}/giu", throw="1").status_code == 409, "what was let in is thrown away no more"
    page = hoa.client.get(f"{QUEUE}?tt=held").text
    assert "(2)</a>" in page, "the count on the chip"
    listed = re.findall(r'name="id" value="(\d+)"', page)
    tell(client_as(None), code, website="x")
    assert hoa.post("giu", throw="1").status_code == 303
    assert len(rows(owner_engine)) == 4, "nothing was listed"
    assert hoa.post("giu", throw="1", id=[*listed, str(first), "x"]).status_code == 303
    (late,) = hoa.ids("?tt=held")
    assert {row.id for row in rows(owner_engine)} == {first, late}, "what came since was seen by nobody"
    assert str(late) not in listed


def test_the_committee_shuts_and_opens(client_as: ClientAs, code: str) -> None:
    chi, hoa = Desk(client_as("chi")), Desk(client_as("hoa"))
    assert hoa.post("mo").status_code == 403
    assert chi.post("mo").status_code == 303
    assert client_as(None).get(f"/tin/{code}").status_code == 404
    assert chi.post("mo", is_open="1").status_code == 303
    assert client_as(None).get(f"/tin/{code}").status_code == 200


def test_a_reading_is_logged_though_the_step_is_refused(
    client_as: ClientAs, code: str, hoa: Desk, owner_engine: Engine
) -> None:
    tell(client_as(None), code, text=TEXT)
    (tip_id,) = hoa.ids()
    log = f"SELECT 1 FROM audit_entries WHERE action = 'read_tip' AND (after ->> 'tip')::bigint = {tip_id}"
    for number, form in enumerate(({"state": "nowhere"}, {"state": "closed", "outcome": "passed_on"}), 1):
        refused = hoa.post(f"{tip_id}/buoc", version="1", **form)
        assert refused.status_code in (409, 422)
        assert TEXT in refused.text
        assert len(rows(owner_engine, log)) == number
    # What was half done is not kept with it.
    stale = hoa.post(f"{tip_id}/tao", version="7", kind="task")
    assert stale.status_code == 412
    assert rows(owner_engine, "SELECT 1 FROM tasks WHERE source = 'tip'") == []
    assert len(rows(owner_engine, log)) == 3
