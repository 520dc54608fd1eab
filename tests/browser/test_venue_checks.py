"""Checks of businesses: what is due, a check written down, read on the card; a camera behind a tree and free again."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from tests.browser.pages import PageAs, by, fits, violations, visit
from tests.builders import MAU


@pytest.fixture
def venue(owner_engine: Engine) -> Iterator[int]:
    """A venue whose check was due ten days ago."""
    at = MAU.at(730, 840)
    text = (
        "INSERT INTO venues (commune_id, geom, name, kind, last_checked_on, next_due_on) VALUES (:c, "
        "ST_SetSRID(ST_MakePoint(:x, :y), 4326), 'Karaoke Ánh Trăng', 'karaoke', vietnam_today() - 100, "
        "vietnam_today() - 10) RETURNING id"
    )
    with begin(owner_engine, Actor("system")) as conn:
        number = int(conn.execute(sa.text(text), {"c": MAU.id, "x": at.x, "y": at.y}).scalar_one())
    yield number
    with begin(owner_engine, Actor("system")) as conn:
        conn.execute(sa.text("DELETE FROM venues WHERE id = :i"), {"i": number})


@pytest.fixture
def camera(owner_engine: Engine) -> Iterator[int]:
    """A camera of the sample, free at the end as it was at the start."""
    with begin(owner_engine, Actor("system")) as conn:
        number = int(conn.execute(sa.text("SELECT id FROM cameras WHERE external_id = 'MAU1-c0'")).scalar_one())
    yield number
    with begin(owner_engine, Actor("system")) as conn:
        conn.execute(sa.text("UPDATE cameras SET obstructed_on = NULL WHERE id = :i"), {"i": number})


@pytest.mark.parametrize("phone", [False, True])
def test_a_check_is_written_down(venue: int, phone: bool, page_as: PageAs) -> None:
    page = page_as("an", phone=phone, refusals=True)
    page.goto("/du-lieu/co-so")
    expect(by(page, f"row-{venue}")).to_contain_text("Quá hạn 10 ngày")
    assert fits(page)
    assert violations(page) == []
    page.get_by_role("link", name="Karaoke Ánh Trăng").click()
    page.wait_for_url(f"**/du-lieu/co-so/{venue}")
    by(page, "outcome").select_option("reminded")
    by(page, "note").fill("chủ là anh Nguyễn Văn Nam")
    by(page, "send").click()
    expect(by(page, "error")).to_be_visible()
    expect(by(page, "outcome")).to_have_value("reminded")
    by(page, "note").fill("Chưa có sổ theo dõi khách")
    by(page, "send").click()
    expect(by(page, "done")).to_contain_text("Đã ghi")
    expect(by(page, "checks").locator("li").first).to_contain_text("Nhắc nhở")
    assert fits(page)
    assert violations(page) == []
    page.goto("/du-lieu/co-so?tt=overdue")
    expect(by(page, f"row-{venue}")).to_have_count(0)


def test_the_card_tells_the_checks(venue: int, page_as: PageAs) -> None:
    page = visit(page_as("hoa"), f"/#&g=venues.{venue}")
    expect(by(page, "venue-checks")).to_contain_text("Không ghi kết quả")
    by(page, "register-link").click()
    page.wait_for_url(f"**/du-lieu/co-so/{venue}")
    expect(by(page, "check-form")).to_be_visible()
    page = visit(page_as("chi"), f"/#&g=venues.{venue}")
    expect(page.locator("#card-title")).to_have_text("Karaoke Ánh Trăng")
    expect(by(page, "venue-checks")).to_have_count(0)


def test_a_blocked_view_is_said_on_the_card(camera: int, page_as: PageAs) -> None:
    page = visit(page_as("hoa"), f"/#&g=cameras.{camera}")
    by(page, "card-blocked").click()
    expect(by(page, "card-free")).to_be_visible()
    expect(page.locator('[data-field="obstructed_on"]')).to_be_visible()
    by(page, "card-free").click()
    expect(by(page, "card-blocked")).to_be_visible()
    expect(page.locator('[data-field="obstructed_on"]')).to_have_count(0)
