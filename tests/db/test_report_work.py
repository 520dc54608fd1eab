"""Sections on work: coverage, patrols, tips, agreements; sums alone, and no small number of tips."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from tests.builders import BEN, MAU
from tests.db import programme as pg
from tests.db.coverage_kit import asked, keep_sample
from tests.db.officers import Officer
from tests.db.patrol_rows import clear, put_shift
from tests.db.test_report_sections import print_of, rows_of
from tests.db.test_reports import delete_reports
from tests.db.test_reviews import decide, filled, group_id, submit
from tests.db.test_visits import body, send
from tests.db.tip_kit import wipe_tips

__all__ = ["group_id"]
ClientAs = Callable[[str | None], FlaskClient]


@pytest.fixture
def chi(client_as: ClientAs, owner_engine: Engine) -> Iterator[Officer]:
    yield Officer(client_as("chi"))
    delete_reports(owner_engine)
    pg.clear(owner_engine)


def put_tips(engine: Engine, subject: str, count: int, closed: int, place: int = MAU.id) -> None:
    """Tips of today's morning, some of them closed."""
    with begin(engine, Actor("system")) as conn:
        for number in range(count):
            done = number < closed
            conn.execute(
                sa.text(
                    "INSERT INTO tips (id, commune_id, subject, precision, geom, body, receipt_hash, received_at, "
                    "state, closed_on, outcome) VALUES (:id, :c, :s, 'point', "
                    "ST_SetSRID(ST_MakePoint(106.7001, 20.8001), 4326), 'x', lpad(to_hex(:id), 64, '0'), "
                    "vietnam_today()::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh', :state, "
                    "CASE WHEN :done THEN vietnam_today() END, CASE WHEN :done THEN 'confirmed' END)"
                ),
                {"id": hash((subject, number, place)) % 10**9, "c": place, "s": subject, "done": done,
                 "state": "closed" if done else "new"},
            )  # fmt: skip


def test_tips_are_told_without_small_numbers(chi: Officer, engine: Engine, owner_engine: Engine) -> None:
    try:
        put_tips(owner_engine, "gathering", 8, 3)
        put_tips(owner_engine, "light_out", 4, 0)
        put_tips(owner_engine, "syringes", 30, 30, BEN.id)
        sections, text = print_of(chi, engine)
    finally:
        wipe_tips(owner_engine)
    rows = {row[0]: row[1:] for row in rows_of(sections["tips"], "tips")}
    assert rows["Nơi hay tụ tập"] == ["khoảng 10", "dưới 5"]
    assert rows["Đèn đường hỏng"] == ["dưới 5", "0"]
    assert rows["Có kim tiêm"] == ["0", "0"]
    assert "khoảng 10" in text


def test_coverage_is_what_the_committee_reads(chi: Officer, engine: Engine, owner_engine: Engine) -> None:
    with keep_sample(owner_engine):
        api = asked(chi.client)
        sections, text = print_of(chi, engine)
    figures = sections["coverage"]["figures"]
    for name in ("street", "area"):
        wanted = api["commune"][name]["assumed_share"]
        assert float(str(figures[f"{name}_day"]).removesuffix(" %").replace(",", ".")) == pytest.approx(
            100 * wanted, abs=0.051
        )
    titles = [row[0] for row in rows_of(sections["coverage"], "coverage")]
    assert titles[:2] == ["Chiều dài đường", "Diện tích"]
    assert "Điểm nóng" not in " ".join(titles)
    assert "Chiều dài đường" in text


def test_patrols_are_sums_of_weeks_that_are_over(
    chi: Officer, engine: Engine, owner_engine: Engine, client_as: ClientAs
) -> None:
    try:
        days = pg.TODAY.weekday() + 1
        last_sunday = put_shift(owner_engine, -days)
        an = Officer(client_as("an"))
        assert send(an, last_sunday, body(last_sunday.stops[0], minutes=12)).status_code == 201
        sections, text = print_of(chi, engine)
    finally:
        clear(owner_engine)
    figures: dict[str, Any] = sections["patrol"]["figures"]
    assert (figures["shifts"], figures["planned"], figures["done"], figures["minutes"]) == (1, 5, 1, 12)
    sunday = pg.TODAY - dt.timedelta(days=days)
    assert f"{sunday:%d/%m/%Y}" in text


def test_an_agreement_stands_with_its_end(chi: Officer, engine: Engine, owner_engine: Engine) -> None:
    sections, _ = print_of(chi, engine)
    assert sections["agreements"]["figures"] == {"approved": 0, "proposed": 0}
    assert sections["agreements"]["blocks"][0]["type"] == "text"
    ends_on = pg.TODAY + dt.timedelta(days=60)
    with begin(owner_engine, Actor("system")) as conn:
        conn.execute(
            sa.text(
                "INSERT INTO agreements (commune_a, commune_b, name_a, name_b, width_m, layers, proposed_on, ends_on, "
                "proposed_by) VALUES (:a, :b, 'Xã Mẫu', 'Xã Bên', 300, ARRAY['cameras'], vietnam_today(), :e, 'chi')"
            ),
            {"a": MAU.id, "b": BEN.id, "e": ends_on},
        )
    try:
        sections, text = print_of(chi, engine)
    finally:
        with begin(owner_engine, Actor("system")) as conn:
            conn.execute(sa.text("DELETE FROM agreements WHERE commune_a = :a"), {"a": MAU.id})
    row = rows_of(sections["agreements"], "agreements")[0]
    assert row == ["Xã Bên", 300, "Camera an ninh", f"{ends_on:%d/%m/%Y}", "Chờ đồng ý"]
    assert f"{ends_on:%d/%m/%Y}" in text


def test_remarks_of_approved_reviews_reach_card_and_report(
    chi: Officer, engine: Engine, client_as: ClientAs, group_id: int
) -> None:
    hoa = Officer(client_as("hoa"))
    told = {"lesson": "Loa thôn phát lịch họp", "obstacle": "Thiếu đèn ở ngõ sau\nnhà văn hóa", "proposal": ""}
    review = filled(hoa, group_id, **told)
    # A line break is a space; an empty one is none.
    assert review["values"]["obstacle"] == "Thiếu đèn ở ngõ sau nhà văn hóa"
    assert review["values"]["proposal"] is None
    address = f"/api/group-reviews/{review['id']}"
    refused = hoa.patch(address, {"proposal": "Hỏi ông Trần Văn Bảy"}, review["version"])
    assert (refused.status_code, refused.json["code"]) == (422, "personal_words")
    period = {"from_on": "2026-10-01", "to_on": "2026-10-31"}
    sections, _ = print_of(chi, engine, **period)
    assert sections["remarks"]["figures"] == {"lesson": 0, "obstacle": 0, "proposal": 0}
    sent = submit(hoa, review).json
    assert decide(chi, sent, "approved").status_code == 200
    sections, text = print_of(chi, engine, **period)
    assert sections["remarks"]["figures"] == {"lesson": 1, "obstacle": 1, "proposal": 0}
    assert "Tổ rà soát: Thiếu đèn ở ngõ sau nhà văn hóa" in text
    page = chi.client.get(f"/to/{group_id}").text
    assert "Loa thôn phát lịch họp" in page
    api = chi.client.get(f"/api/groups/{group_id}/remarks").json["remarks"]
    assert [(one["kind"], one["lesson"], one.get("proposal")) for one in api] == [("month", told["lesson"], None)]
    assert client_as("giang").get(f"/api/groups/{group_id}/remarks").status_code == 404
    # What was sent stays as it was read.
    assert hoa.patch(address, {"lesson": "Khác"}, review["version"] + 2).status_code == 409


def test_the_database_refuses_numbers_in_remarks(owner_engine: Engine, group_id: int) -> None:
    statement = sa.text(
        "INSERT INTO group_reviews (commune_id, group_id, kind, starts_on, ends_on, obstacle) "
        "VALUES (:c, :g, 'month', '2026-09-01', '2026-09-30', 'gọi 0912345678')"
    )
    with pytest.raises(sa.exc.IntegrityError, match="obstacle_text"), begin(owner_engine, Actor("system")) as conn:
        conn.execute(statement, {"c": MAU.id, "g": group_id})
