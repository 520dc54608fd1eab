"""The import wizard in a browser: every step fits, is accessible, and works by keyboard and without scripts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.engine import Engine

from tests import difficulties as hard
from tests.browser.pages import PageAs, by, fits, settle, violations
from tests.browser.test_reports import worker
from tests.difficulties import DATA

ADDRESS = "/du-lieu/nhap"


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    yield
    with owner_engine.begin() as conn:
        conn.exec_driver_sql("SET LOCAL app.role = 'system'")
        conn.exec_driver_sql("DELETE FROM imports WHERE commune_id = 90001")
        conn.exec_driver_sql("DELETE FROM jobs WHERE kind = 'import'")
        for layer in ("groups", "lights"):
            conn.exec_driver_sql(f"DELETE FROM {layer} WHERE source LIKE 'import: %%'")


def sound(page: Page) -> None:
    """The page fits its screen and axe-core finds nothing."""
    assert fits(page)
    assert violations(page) == []


def send(page: Page, layer: str, *files: Path) -> None:
    page.goto(ADDRESS)
    settle(page)
    by(page, "layer").select_option(layer)
    by(page, "file").set_input_files(list(files))
    by(page, "send").click()


@pytest.mark.parametrize("phone", [False, True])
def test_every_step_from_file_to_undo(page_as: PageAs, engine: Engine, tmp_path: Path, *, phone: bool) -> None:
    page = page_as("hoa", phone=phone)
    page.goto(ADDRESS)
    settle(page)
    page.get_by_text("Chuẩn bị tệp thế nào?").click()
    sound(page)
    path = hard.survey_shapefile(tmp_path / "khao_sat.zip")
    by(page, "layer").select_option("groups")
    by(page, "file").set_input_files(path)
    expect(by(page, "chosen")).to_contain_text("Đã chọn: khao_sat.zip")
    by(page, "send").click()
    expect(by(page, "jobs")).to_be_visible()
    sound(page)
    with worker(engine):
        expect(by(page, "preview")).to_be_visible(timeout=60_000)
        expect(by(page, "sample-tcvn3")).to_contain_text("Trại Mũa")
        sound(page)
        by(page, "reading").select_option("9208")
        expect(by(page, "verdict")).to_contain_text("Không khớp: cách địa bàn")
        expect(by(page, "next")).to_be_disabled()
        sound(page)
        by(page, "reading").select_option("9210")
        expect(by(page, "verdict")).to_contain_text("Khớp: 100 %")
        by(page, "next").click()
        expect(by(page, "columns-form")).to_be_visible()
        sound(page)
        by(page, "check").click()
        expect(by(page, "covered")).to_be_visible(timeout=60_000)
        sound(page)
        by(page, "apply").click()
        expect(by(page, "check-boundaries")).to_be_visible(timeout=60_000)
        expect(by(page, "bounds")).to_contain_text("chồng lấn")
        page.get_by_text("Hồ sơ lần nhập").click()
        sound(page)
        by(page, "undo").click()
        expect(by(page, "verdict")).to_contain_text("Đã hoàn tác", timeout=60_000)
        sound(page)


def test_a_refused_row_a_crossing_and_a_bad_file(page_as: PageAs, engine: Engine, tmp_path: Path) -> None:
    page = page_as("hoa", phone=True, refusals=True)
    with worker(engine):
        send(page, "lights", DATA / "bad_values.geojson")
        by(page, "next").click(timeout=60_000)
        by(page, "check").click()
        expect(by(page, "faults")).to_contain_text("Không phải giá trị cho phép", timeout=60_000)
        sound(page)
        send(page, "groups", DATA / "self_crossing.geojson")
        by(page, "next").click(timeout=60_000)
        by(page, "check").click()
        expect(by(page, "faults")).to_contain_text("chỗ chéo ở vĩ độ", timeout=60_000)
        sound(page)
        by(page, "repair").click()
        expect(by(page, "apply")).to_be_visible(timeout=60_000)
        by(page, "throw-away").click()
        expect(by(page, "upload")).to_be_visible()
        broken = tmp_path / "broken.geojson"
        broken.write_text('{"type": "FeatureCollection", "features": [')
        send(page, "groups", broken)
        expect(by(page, "refusal")).to_be_visible(timeout=60_000)
        sound(page)
    # The answer of the server stands beside the form; what was chosen is still chosen.
    page.goto(ADDRESS)
    settle(page)
    by(page, "layer").select_option("groups")
    by(page, "file").set_input_files([{"name": "a.shp", "mimeType": "", "buffer": b"x"}])
    by(page, "send").click()
    expect(by(page, "error")).to_contain_text("Còn thiếu: .shx, .dbf")
    expect(by(page, "send")).to_be_enabled()
    expect(by(page, "chosen")).to_contain_text("a.shp")
    sound(page)


def test_by_keyboard_the_hand_stays_where_it_was(page_as: PageAs, engine: Engine, tmp_path: Path) -> None:
    page = page_as("hoa")
    with worker(engine):
        send(page, "groups", hard.survey_shapefile(tmp_path / "a.zip"))
        by(page, "reading").focus(timeout=60_000)
        first = by(page, "reading").input_value()
        page.keyboard.press("ArrowDown")
        expect(by(page, "reading")).not_to_have_value(first)
        expect(by(page, "reading")).to_be_focused()
        page.keyboard.press("ArrowUp")
        expect(by(page, "reading")).to_have_value(first)
        expect(by(page, "reading")).to_be_focused()
        by(page, "next").press("Enter")
        by(page, "field-kind").focus()
        page.keyboard.press("ArrowDown")
        expect(by(page, "field-kind")).to_be_focused()
        by(page, "check").press("Enter")
        expect(by(page, "apply")).to_be_visible(timeout=60_000)


def test_without_javascript(
    page_as: PageAs, browser: Browser, base_url: str, engine: Engine, tmp_path: Path
) -> None:  # fmt: skip
    context = browser.new_context(
        base_url=base_url, java_script_enabled=False, storage_state=page_as("hoa").context.storage_state()
    )
    page = context.new_page()
    page.goto(ADDRESS)
    by(page, "layer").select_option("groups")
    by(page, "file").set_input_files(hard.survey_shapefile(tmp_path / "a.zip"))
    with worker(engine):
        by(page, "send").click()
        # The page asks again by itself.
        by(page, "reading").select_option("9208", timeout=60_000)
        by(page, "try").click()
        expect(by(page, "verdict")).to_contain_text("Không khớp")
        by(page, "reading").select_option("9210")
        by(page, "try").click()
        by(page, "next").click()
        by(page, "id-column").select_option("= ten")
        by(page, "look").click()
        expect(page.get_by_text("Máy nhận ra theo tên")).to_be_visible()
        by(page, "check").click()
        expect(by(page, "apply")).to_be_visible(timeout=60_000)
        by(page, "throw-away").click()
        expect(by(page, "upload")).to_be_visible()
    context.close()
