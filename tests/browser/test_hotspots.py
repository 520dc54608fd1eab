"""The page `/diem-nong`: layers of the map, filters, tables without a script, what each role sees; axe and 320 px."""

import datetime as dt
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import expect
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from gis_app.queries.place_reports import insert_reports
from tests.browser.pages import PageAs, by, fits, settle, violations, visit
from tests.builders import MAU

LAYERS = {
    "density": "path.hot-band", "street-density": "path.hot-street", "clusters": "path.hot-cluster",
    "gi-star": "path.hot-cell.is-hot", "local-moran": "path.hot-cell.is-hot",
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _reports(owner_engine: Engine) -> Iterator[None]:
    rng, rows = np.random.default_rng(4), []
    for k in range(180):
        middle = [(700, 800), (2100, 900), (1500, 2300)][k % 3]
        east, north = rng.normal(0, 35, 2) + middle if k % 5 else rng.uniform(100, 2900, 2)
        spot, ago = MAU.at(float(east), float(north)), dt.timedelta(days=float(rng.uniform(1, 80)))
        told = {"category": "gathering" if k % 4 else "light_out", "source": "patrol" if k % 9 == 0 else "police"}
        rows.append({"lon": spot.x, "lat": spot.y, "seen_at": dt.datetime.now(dt.UTC) - ago} | told)
    with begin(owner_engine, Actor("system")) as conn:
        insert_reports(conn, MAU.id, rows)
    yield
    with owner_engine.begin() as conn:
        conn.exec_driver_sql("DELETE FROM place_reports")


def test_every_layer_is_drawn_and_says_its_figures(page_as: PageAs) -> None:
    page = visit(page_as("an"), "/diem-nong")
    assert "160 tin" in by(page, "headline").inner_text()
    assert "20 tin như vậy" in by(page, "no-patrol").inner_text()
    for layer, shape in LAYERS.items():
        page.locator(f'input[name="layer"][value="{layer}"]').check(force=True)
        page.wait_for_selector(f'html[data-layer="{layer}"]', state="attached")
        settle(page)
        expect(page.locator(f"#map {shape}").first).to_be_attached()
        expect(by(page, "said")).to_contain_text("tin" if "cell" not in shape else "ô lục giác")
    assert violations(page) == []


def test_a_cluster_of_the_list_is_found_on_the_map(page_as: PageAs) -> None:
    page = visit(page_as("an"), "/diem-nong")
    by(page, "cluster").first.press("Enter")
    page.wait_for_selector('html[data-layer="clusters"]', state="attached")
    settle(page)
    expect(page.locator("#map path.hot-cluster.is-chosen")).to_have_count(1)


def test_a_filter_asks_again(page_as: PageAs) -> None:
    page = visit(page_as("an"), "/diem-nong")
    by(page, "loai").select_option("light_out")
    page.wait_for_url("**/diem-nong?*loai=light_out*")
    settle(page)
    assert "40 tin" in by(page, "headline").inner_text()
    page.get_by_role("tab", name="Tăng, giảm").click()
    expect(by(page, "trend").locator("tbody tr")).to_have_count(2)
    page.goto("/diem-nong?loai=syringes")
    settle(page)
    expect(by(page, "verdict")).to_contain_text("Chưa đủ dữ liệu")


def test_the_committee_sees_when_and_never_where(page_as: PageAs) -> None:
    page = page_as("chi")
    page.goto("/diem-nong")
    expect(by(page, "no-places")).to_be_visible()
    assert page.locator("#map").count() == 0
    assert by(page, "hours").locator("tbody tr").count() == 8
    assert violations(page) == []


def test_on_a_phone(page_as: PageAs) -> None:
    page = visit(page_as("binh", phone=True), "/diem-nong")
    expect(by(page, "coarse")).to_be_visible()
    assert fits(page)
    assert violations(page) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert fits(page)
