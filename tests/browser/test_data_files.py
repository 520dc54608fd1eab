"""Downloading a layer and connecting QGIS on the data page; the pages of the OGC API; phone and axe."""

import contextlib
import csv
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect
from sqlalchemy.engine import Engine

from gis_app.jobs.runner import run_jobs
from tests.browser.pages import PageAs, by, fits, violations


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    yield
    with owner_engine.begin() as conn:
        conn.execute(sa.text("DELETE FROM audit_entries WHERE action = 'export'"))
        conn.execute(sa.text("DELETE FROM export_files"))
        conn.execute(sa.text("DELETE FROM jobs"))


def test_a_filtered_layer_is_downloaded(page_as: PageAs, tmp_path: Path) -> None:
    page = page_as("hoa")
    page.goto("/du-lieu/tai-ve")
    by(page, "file-layer").select_option("lights")
    by(page, "file-format").select_option("csv")
    by(page, "file-zone").select_option("vn2000")
    by(page, "file-filter-open").click()
    by(page, "file-filter").fill("state = 'broken'")
    with page.expect_download() as waiting:
        by(page, "file-get").click()
    assert waiting.value.suggested_filename == "lights-9210.csv"
    target = tmp_path / "lights.csv"
    waiting.value.save_as(target)
    rows = list(csv.DictReader(target.read_text("utf-8-sig").splitlines()))
    assert [row["external_id"] for row in rows] == ["MAU1-l5"]
    assert float(rows[0]["x"]) == pytest.approx(593500, abs=0.01)


@pytest.mark.parametrize("phone", [False, True])
def test_the_address_for_qgis_is_there_to_copy(phone: bool, page_as: PageAs) -> None:
    page = page_as("hoa", phone=phone)
    page.goto("/du-lieu")
    by(page, "qgis").click()
    page.wait_for_url("**/du-lieu/tai-ve#qgis")
    expect(by(page, "ogc-address")).to_have_value(page.url.split("/du-lieu")[0] + "/ogc/")
    assert fits(page)
    page.goto("/du-lieu/tai-ve")
    assert violations(page) == []
    by(page, "qgis-token").click()
    page.wait_for_url("**/tai-khoan#ma-truy-cap")
    expect(by(page, "new-token")).to_be_visible()


@pytest.mark.parametrize("phone", [False, True])
@pytest.mark.parametrize(
    "path", ["/ogc/", "/ogc/collections", "/ogc/collections/groups", "/ogc/collections/groups/items"]
)
def test_the_pages_of_the_api(path: str, phone: bool, page_as: PageAs) -> None:
    page = page_as("chi", phone=phone)
    page.goto(f"{path}?f=html")
    expect(page.locator(".crumb a")).to_be_visible()
    if not by(page, "links").is_visible():
        by(page, "for-programs").click()
    expect(by(page, "links")).to_be_visible()
    assert fits(page)
    assert violations(page) == []


@contextlib.contextmanager
def worker(engine: Engine) -> Iterator[None]:
    """A worker beside the server, as `make run` has it."""
    stop = threading.Event()
    thread = threading.Thread(target=run_jobs, args=(engine, stop, lambda _said: None))
    thread.start()
    yield
    stop.set()
    thread.join()


@pytest.mark.parametrize("phone", [False, True])
def test_a_package_of_tiles_is_made_and_thrown_away(phone: bool, page_as: PageAs, engine: Engine) -> None:
    page = page_as("chi", phone=phone)
    page.goto("/du-lieu/tai-ve")
    by(page, "file-tileset").select_option("lights")
    by(page, "tiles-get").click()
    # Waiting: named, with a bar and a way to cancel.
    expect(by(page, "jobs")).to_contain_text("PMTiles")
    assert fits(page)
    assert violations(page) == []
    with worker(engine):
        expect(by(page, "ready")).to_be_visible(timeout=30_000)
    assert fits(page)
    assert violations(page) == []
    with page.expect_download() as waiting:
        page.locator("[data-testid^=file-]", has_text="PMTiles").click()
    assert waiting.value.suggested_filename == "lights.pmtiles"
    page.locator("[data-testid^=drop-]").click()
    expect(by(page, "ready")).to_have_count(0)
