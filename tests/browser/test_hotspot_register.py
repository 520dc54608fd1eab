"""The register of hotspots: one press takes the next step, a way back needs its reason; planners read no name."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from tests.browser.pages import PageAs, by, fits, violations
from tests.builders import MAU


@pytest.fixture
def spot(owner_engine: Engine) -> Iterator[int]:
    """A hotspot that was found twenty days ago."""
    at = MAU.at(730, 840)
    text = (
        "INSERT INTO hotspots (commune_id, geom, place, class, first_seen_on) VALUES "
        "(:c, ST_SetSRID(ST_MakePoint(:x, :y), 4326), 'Gầm cầu Đen', 'gathering', vietnam_today() - 20) RETURNING id"
    )
    with begin(owner_engine, Actor("system")) as conn:
        number = int(conn.execute(sa.text(text), {"c": MAU.id, "x": at.x, "y": at.y}).scalar_one())
    yield number
    with begin(owner_engine, Actor("system")) as conn:
        conn.execute(sa.text("DELETE FROM hotspots WHERE id = :i"), {"i": number})
        conn.execute(sa.text("DELETE FROM hotspot_rules WHERE commune_id = :c"), {"c": MAU.id})


@pytest.mark.parametrize("phone", [False, True])
def test_from_found_to_handled_and_back(spot: int, phone: bool, page_as: PageAs) -> None:
    page = page_as("hoa", phone=phone, refusals=True)
    page.goto("/diem-nong")
    by(page, "register").click()
    by(page, "standing-late").click()
    page.wait_for_url("**tt=late*")
    expect(by(page, f"row-{spot}")).to_contain_text("Quá hạn 13 ngày")
    assert fits(page)
    assert violations(page) == []
    by(page, f"next-{spot}").click()
    expect(by(page, "done")).to_contain_text("Đã xác minh")
    expect(by(page, f"row-{spot}")).to_have_count(0)
    page.goto(f"/diem-nong/so/{spot}")
    expect(by(page, "steps").locator("li")).to_have_count(2)
    by(page, "state").select_option("new")
    by(page, "send").click()
    expect(by(page, "error")).to_contain_text("lý do")
    by(page, "note").fill("Hỏi anh Nguyễn Văn Nam số 0912345678")
    by(page, "send").click()
    expect(by(page, "error")).to_contain_text("số điện thoại")
    by(page, "note").fill("Chưa thấy dấu vết, xem lại")
    by(page, "send").click()
    expect(by(page, "steps")).to_contain_text("Chưa thấy dấu vết")
    assert fits(page)
    assert violations(page) == []


def test_the_commune_says_what_is_late(spot: int, page_as: PageAs) -> None:
    page = page_as("hoa")
    page.goto("/diem-nong/so?tt=late")
    expect(by(page, f"row-{spot}")).to_have_count(1)
    by(page, "rules").locator("summary").click()
    by(page, "rule-new").fill("40")
    by(page, "save-rules").click()
    expect(by(page, "done")).to_contain_text("Đã lưu thời hạn")
    page.goto("/diem-nong/so?tt=late")
    expect(by(page, "rows")).to_contain_text("Không có điểm nóng nào")


def test_a_planner_reads_no_name_and_takes_no_step(spot: int, page_as: PageAs) -> None:
    page = page_as("binh")
    page.goto("/diem-nong/so?tt=new")
    expect(by(page, f"row-{spot}")).to_contain_text(f"Điểm nóng số {spot}")
    expect(by(page, "coarse")).to_be_visible()
    expect(by(page, f"next-{spot}")).to_have_count(0)
    assert "Gầm cầu" not in page.content()
