"""A place that was told of outside a shift: by group, by the map, without persons; taken back after a slip."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from tests.browser.pages import PageAs, by, fits, settle, violations
from tests.builders import MAU


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    yield
    with begin(owner_engine, Actor("system")) as conn:
        conn.execute(sa.text("DELETE FROM place_reports WHERE commune_id = :c"), {"c": MAU.id})


@pytest.mark.parametrize("phone", [False, True])
def test_a_slip_from_a_box_is_written_down(phone: bool, page_as: PageAs, owner_engine: Engine) -> None:
    page = page_as("hoa", phone=phone, refusals=True)
    page.goto("/diem-nong")
    by(page, "tell").click()
    page.wait_for_url("**/phan-anh")
    by(page, "category").select_option("dark_street")
    by(page, "where").select_option(label="Tổ dân phố số 2 MAU1")
    by(page, "hour").select_option("0")
    by(page, "source").select_option("box")
    by(page, "note").fill("Hỏi anh Nguyễn Văn Nam số 0912345678")
    by(page, "send").click()
    expect(by(page, "error")).to_contain_text("số điện thoại")
    expect(by(page, "source")).to_have_value("box")
    by(page, "note").fill("Đoạn sau nhà văn hóa tối hẳn")
    by(page, "send").click()
    expect(by(page, "done")).to_contain_text("Đã ghi phản ánh")
    expect(by(page, "reports")).to_contain_text("Phiếu trong hòm thư")
    assert fits(page)
    assert violations(page) == []
    with begin(owner_engine, Actor("system")) as conn:
        row = conn.execute(
            sa.text(
                "SELECT r.source, g.external_id, extract(hour FROM r.seen_at AT TIME ZONE 'Asia/Ho_Chi_Minh') "
                "FROM place_reports AS r JOIN groups AS g ON ST_Covers(g.geom, r.geom) WHERE r.commune_id = :c"
            ),
            {"c": MAU.id},
        ).one()
    assert tuple(row) == ("box", "MAU1-g2", 0)
    page.get_by_role("button", name="Xóa").click()
    expect(by(page, "done")).to_contain_text("Đã xóa")
    expect(by(page, "reports")).to_contain_text("Chưa có phản ánh nào")


def test_a_patrol_takes_the_spot_from_the_map_and_tells_as_a_patrol(page_as: PageAs) -> None:
    page = page_as("an")
    page.goto("/phan-anh")
    expect(by(page, "source").locator("option")).to_have_count(1)
    by(page, "where-pick").click()
    dialog = by(page, "depot-dialog")
    expect(dialog.locator(".leaflet-container")).to_be_visible()
    settle(page)
    box = dialog.locator(".leaflet-container").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(dialog).to_have_count(0)
    assert "," in by(page, "where").input_value()
    by(page, "category").select_option("gathering")
    by(page, "hour").select_option("0")
    by(page, "send").click()
    expect(by(page, "reports")).to_contain_text("Tổ tuần tra")


def test_nothing_chosen_is_said_in_words(page_as: PageAs) -> None:
    page = page_as("hoa", refusals=True)
    page.goto("/phan-anh")
    page.eval_on_selector("form[data-testid=place-report]", "form => { form.noValidate = true; }")
    by(page, "send").click()
    faults = [f"{name}: không được để trống" for name in ("Loại việc", "Nơi xảy ra")]
    expect(by(page, "error").locator("li")).to_have_text(faults)


def test_only_the_police_write_reports(page_as: PageAs) -> None:
    page = page_as("binh")
    page.goto("/diem-nong")
    expect(by(page, "tell")).to_have_count(0)


def test_the_committee_writes_what_a_party_cell_told_and_reads_no_place(page_as: PageAs, owner_engine: Engine) -> None:
    page = page_as("chi", phone=True, refusals=True)
    page.goto("/tin/tiep-nhan")
    by(page, "tell").click()
    page.wait_for_url("**/phan-anh")
    assert by(page, "source").locator("option").evaluate_all("all => all.map(e => e.value)") == [
        "cell", "phone", "box", "meeting",
    ]  # fmt: skip
    by(page, "category").select_option("gathering")
    by(page, "where").select_option(label="Tổ dân phố số 2 MAU1")
    by(page, "hour").select_option("0")
    by(page, "note").fill("Gọi 0912345678 để hỏi")
    by(page, "send").click()
    expect(by(page, "error")).to_contain_text("số điện thoại")
    by(page, "note").fill("Tối nào cũng tụ tập sau chợ")
    by(page, "send").click()
    expect(by(page, "done")).to_contain_text("Đã ghi phản ánh")
    expect(by(page, "reports")).to_have_count(0)
    assert fits(page)
    assert violations(page) == []
    with begin(owner_engine, Actor("system")) as conn:
        rows = conn.execute(sa.text("SELECT source, note FROM place_reports WHERE commune_id = :c"), {"c": MAU.id})
        assert [tuple(row) for row in rows] == [("cell", "Tối nào cũng tụ tập sau chợ")]
    police = page_as("hoa")
    police.goto("/phan-anh")
    expect(by(police, "reports")).to_contain_text("Chi bộ, tổ dân phố báo")
