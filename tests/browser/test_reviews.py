"""Sessions 4.4: the data officer's page and form, the second person's decision; keyboard, phone, axe."""

import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from tests.browser.pages import PageAs, by, violations
from tests.builders import MAU


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    yield
    with begin(owner_engine, Actor("system")) as conn:
        for table in ("notices", "review_counts", "group_reviews", "stage_changes"):
            conn.execute(sa.text(f"DELETE FROM {table}"))
        # As tests/builders.py made it, history included.
        conn.execute(
            sa.text(
                "DELETE FROM group_statuses WHERE group_id IN (SELECT id FROM groups WHERE external_id = 'MAU1-g1'); "
                "UPDATE groups SET users_answer = DEFAULT, users_on = NULL, users_document = NULL, "
                "offenders_answer = DEFAULT, offenders_on = NULL, offenders_document = NULL, places_answer = DEFAULT, "
                "places_on = NULL, places_document = NULL, last_reviewed_on = NULL, exempt_count = 1, other_count = 0 "
                "WHERE external_id = 'MAU1-g1'"
            )
        )


def group_id(engine: Engine) -> int:
    with begin(engine, Actor("system")) as conn:
        statement = sa.text("SELECT id FROM groups WHERE commune_id = :c AND external_id = 'MAU1-g1'")
        return int(conn.execute(statement, {"c": MAU.id}).scalar_one())


def open_form(page: Page, number: int) -> None:
    page.goto("/du-lieu")
    by(page, f"start-{number}").click()
    expect(by(page, "state")).to_have_text("Nháp")


def fill_form(page: Page) -> None:
    day = by(page, "reviewed_on").get_attribute("min") or ""
    by(page, "reviewed_on").fill(day)
    for code in ("users", "offenders", "places"):
        by(page, f"{code}-met").check()
        by(page, f"{code}_document").fill("12/BB-TDP")
    by(page, "substitution_count").fill("3")
    by(page, "communication_count").fill("2")


def test_my_work_counts_what_is_due_and_only_the_own_commune(page_as: PageAs) -> None:
    page = page_as("hoa")
    page.goto("/du-lieu")
    expect(by(page, "summary")).to_contain_text("4 trong 4 tổ còn phải rà soát")
    rows = by(page, "due").locator("li")
    expect(rows).to_have_count(4)
    assert "BEN2" not in page.content()
    assert violations(page) == []


def test_the_form_keeps_itself_and_survives_a_reload(page_as: PageAs, owner_engine: Engine) -> None:
    page = page_as("hoa")
    open_form(page, group_id(owner_engine))
    fill_form(page)
    expect(by(page, "saved")).to_have_text("Đã lưu nháp.")
    page.reload()
    expect(by(page, "users_document")).to_have_value("12/BB-TDP")
    expect(by(page, "substitution_count")).to_have_value("3")
    expect(by(page, "places-met")).to_be_checked()
    assert violations(page) == []


def test_sent_returned_mended_approved(page_as: PageAs, owner_engine: Engine) -> None:
    number = group_id(owner_engine)
    hoa, chi = page_as("hoa"), page_as("chi", phone=True, refusals=True)
    open_form(hoa, number)
    fill_form(hoa)
    by(hoa, "send").click()
    hoa.wait_for_url(re.compile("/du-lieu$"))
    hoa.goto("/de-nghi")
    expect(by(hoa, "reviews")).to_contain_text("người khác sẽ duyệt")

    chi.goto("/de-nghi")
    article = by(chi, "reviews").locator("article")
    expect(article).to_have_count(1)
    assert violations(chi) == []
    article.get_by_role("button", name="Trả lại").click()
    expect(by(chi, "error")).to_contain_text("lý do trả lại")
    article.get_by_label("Ý kiến").fill("Thiếu biên bản của tiêu chí 3")
    article.get_by_role("button", name="Trả lại").click()
    expect(by(chi, "reviews")).to_contain_text("Không có phiếu nào")

    hoa.goto("/du-lieu")
    expect(by(hoa, "returned")).to_contain_text("Thiếu biên bản của tiêu chí 3")
    by(hoa, "returned").get_by_role("link").click()
    by(hoa, "places_document").fill("13/BB-TDP")
    by(hoa, "send").click()
    hoa.wait_for_url(re.compile("/du-lieu$"))
    chi.goto("/de-nghi")
    article.get_by_role("button", name="Duyệt").click()
    expect(by(chi, "reviews")).to_contain_text("Không có phiếu nào")
    with begin(owner_engine, Actor("system")) as conn:
        row = conn.execute(
            sa.text("SELECT places_document, exempt_count FROM groups WHERE id = :g"), {"g": number}
        ).one()
    assert tuple(row) == ("13/BB-TDP", 3)


def test_a_name_and_a_contradiction_are_refused_in_words(page_as: PageAs, owner_engine: Engine) -> None:
    page = page_as("hoa", refusals=True)
    open_form(page, group_id(owner_engine))
    fill_form(page)
    by(page, "using_count").fill("1")
    by(page, "send").click()
    expect(by(page, "error")).to_contain_text("Số liệu mâu thuẫn")
    # What was written stays.
    expect(by(page, "users_document")).to_have_value("12/BB-TDP")
    by(page, "users_document").fill("Nguyễn Văn A")
    expect(by(page, "saved")).to_contain_text("Chưa lưu được")


def test_a_stage_is_proposed_and_decided_on_the_page(page_as: PageAs, owner_engine: Engine) -> None:
    hoa, chi = page_as("hoa", refusals=True), page_as("chi", refusals=True)
    hoa.goto("/de-nghi")
    by(hoa, "group_id").select_option(label="Tổ dân phố số 3 MAU1 (Chưa chọn, chưa rà soát)")
    by(hoa, "to_stage").select_option("recognised")
    by(hoa, "send").click()
    expect(by(hoa, "error")).to_contain_text("Không được chuyển thẳng")
    # The form keeps what was chosen.
    by(hoa, "to_stage").select_option("cleaning")
    by(hoa, "send").click()
    expect(by(hoa, "changes")).to_contain_text("Chưa chọn, chưa rà soát → Làm sạch địa bàn")
    assert violations(hoa) == []
    chi.goto("/de-nghi")
    by(chi, "changes").get_by_role("button", name="Trả lại").click()
    expect(by(chi, "error")).to_contain_text("ghi ý kiến")
    by(chi, "changes").get_by_label("Ý kiến").fill("Chờ họp tổ")
    by(chi, "changes").get_by_role("button", name="Trả lại").click()
    expect(by(chi, "decided")).to_contain_text("Chờ họp tổ")
    expect(by(chi, "changes")).to_contain_text("Không có đề nghị nào")


def test_two_groups_are_merged_by_a_form(page_as: PageAs, owner_engine: Engine) -> None:
    with begin(owner_engine, Actor("system")) as conn:
        for number in (1, 2):
            conn.execute(
                sa.text(
                    "INSERT INTO groups (commune_id, geom, name, valid_from) SELECT :c, geom, :n, '2026-01-01' "
                    "FROM groups WHERE external_id = 'MAU1-g1'"
                ),
                {"c": MAU.id, "n": f"Tổ thử {number}"},
            )
    try:
        page = page_as("hoa", refusals=True)
        page.goto("/du-lieu/don-vi")
        form = by(page, "units")
        for number in (1, 2):
            form.get_by_label(f"Tổ thử {number}").check()
        by(page, "unit-name").fill("Tổ dân phố số 2 MAU1")
        by(page, "change-units").click()
        expect(by(page, "error")).to_contain_text("Đã có tổ khác tên này")
        expect(form.get_by_label("Tổ thử 1")).to_be_checked()
        by(page, "unit-name").fill("Tổ chung")
        by(page, "change-units").click()
        expect(by(page, "due")).to_contain_text("Tổ chung")
        expect(by(page, "due")).not_to_contain_text("Tổ thử 1")
        assert violations(page) == []
    finally:
        with begin(owner_engine, Actor("system")) as conn:
            conn.execute(
                sa.text(
                    "DELETE FROM group_lineages; DELETE FROM groups WHERE external_id IS NULL; "
                    "DELETE FROM group_statuses WHERE group_id NOT IN (SELECT id FROM groups)"
                )
            )
