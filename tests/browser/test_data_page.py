"""Session 4.4, first step: "Việc của tôi" with reviews due, tabs by state, tasks, comments and the four bars. T-D1."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from gis_app.web import data_work
from tests.browser.pages import PageAs, by, fits, settle, violations
from tests.builders import MAU


@pytest.fixture(autouse=True)
def _work(owner_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two groups were reviewed, long ago and lately; a task of the data officer, a word of the committee on a group."""
    monkeypatch.setattr(data_work, "FIRST_ROWS", 3)
    for_commune = {"c": MAU.id}
    with begin(owner_engine, Actor("system")) as conn:
        conn.execute(
            sa.text(
                "UPDATE groups SET last_reviewed_on = vietnam_today() - 90 WHERE external_id = 'MAU1-g2'; "
                "UPDATE groups SET last_reviewed_on = vietnam_today() WHERE external_id = 'MAU1-g1'"
            )
        )
        conn.execute(
            sa.text(
                "INSERT INTO tasks (commune_id, title, holder_role, responsibility, due_on, measure, options, wanted) "
                "VALUES (:c, 'Bổ sung số hộ', 'data', 'Báo cáo', vietnam_today() - 3, 'lights_working', '{}', 9)"
            ),
            for_commune,
        )
        conn.execute(
            sa.text(
                "INSERT INTO comments (commune_id, group_id, body, role, created_by) SELECT :c, id, 'Xem lại', "
                "'committee', 'chi' FROM groups WHERE external_id = 'MAU1-g3'"
            ),
            for_commune,
        )
    yield
    with begin(owner_engine, Actor("system")) as conn:
        for table in ("notices", "comments", "tasks", "group_reviews", "stage_changes"):
            conn.execute(sa.text(f"DELETE FROM {table} WHERE commune_id = :c"), for_commune)
        conn.execute(sa.text("UPDATE groups SET last_reviewed_on = NULL WHERE commune_id = :c"), for_commune)


@pytest.mark.parametrize("phone", [False, True])
def test_the_latest_stand_first_and_the_rest_opens(phone: bool, page_as: PageAs) -> None:
    page = page_as("hoa", phone=phone)
    page.goto("/du-lieu")
    rows = by(page, "due").locator("li")
    # Never reviewed, then longest ago; the fourth is folded.
    expect(rows).to_have_count(4)
    expect(rows.nth(2)).to_contain_text("Tổ dân phố số 2 MAU1")
    expect(rows.nth(3)).to_be_hidden()
    by(page, "more").locator("summary").click()
    expect(rows.nth(3)).to_contain_text("Tổ dân phố số 1 MAU1")
    expect(by(page, "tasks")).to_contain_text("Bổ sung số hộ")
    expect(by(page, "tasks")).to_contain_text("Trễ 3 ngày")
    expect(by(page, "talk")).to_contain_text("Tổ dân phố số 3 MAU1")
    assert fits(page)
    assert violations(page) == []


def test_a_tab_shows_one_state(page_as: PageAs, owner_engine: Engine) -> None:
    page = page_as("hoa")
    with begin(owner_engine, Actor("system")) as conn:
        conn.execute(
            sa.text(
                "INSERT INTO group_reviews (commune_id, group_id, kind, starts_on, ends_on, state) SELECT :c, id, "
                "'month', date_trunc('month', vietnam_today())::date, "
                "(date_trunc('month', vietnam_today()) + interval '1 month - 1 day')::date, 'submitted' "
                "FROM groups WHERE external_id = 'MAU1-g1'"
            ),
            {"c": MAU.id},
        )
    page.goto("/du-lieu")
    expect(by(page, "due").locator("li")).to_have_count(3)
    by(page, "tab-submitted").click()
    expect(by(page, "tab-submitted")).to_have_attribute("aria-current", "true")
    expect(by(page, "due").locator("li")).to_have_count(1)
    expect(by(page, "due")).to_contain_text("Tổ dân phố số 1 MAU1")
    by(page, "tab-approved").click()
    expect(by(page, "due")).to_contain_text("Không có tổ nào")


def test_a_bar_leads_to_what_is_to_be_mended(page_as: PageAs) -> None:
    page = page_as("hoa")
    page.goto("/du-lieu")
    bar = by(page, "quality-complete")
    bar.locator("summary").click()
    bar.locator("a").first.click()
    settle(page)
    expect(page.locator(".card").first).to_be_visible()


def test_the_card_of_a_group_says_what_its_reviews_say(page_as: PageAs, owner_engine: Engine) -> None:
    with begin(owner_engine, Actor("system")) as conn:
        number = conn.execute(
            sa.text(
                "INSERT INTO group_reviews (commune_id, group_id, kind, starts_on, ends_on, reviewed_on, state, "
                "obstacle) SELECT :c, id, 'month', '2026-10-01', '2026-10-31', '2026-10-20', 'approved', "
                "'Thiếu đèn ở ngõ sau' "
                "FROM groups WHERE external_id = 'MAU1-g2' RETURNING group_id"
            ),
            {"c": MAU.id},
        ).scalar_one()
    page = page_as("chi")
    page.goto(f"/#&g=groups.{number}")
    settle(page)
    expect(by(page, "group-remarks")).to_contain_text("Tồn tại, khó khăn")
    expect(by(page, "group-remarks")).to_contain_text("Tháng 01/10/2026 – 31/10/2026")
    assert violations(page) == []
