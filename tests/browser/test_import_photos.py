"""Photos on the import page: what it promises, and the step that shows where they were taken; phone and axe."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from sqlalchemy.engine import Engine

from tests.browser.pages import PageAs, by, fits, violations
from tests.builders import MAU
from tests.db.import_kit import forget_imports, run_jobs_now
from tests.photo_kit import photo_at


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    yield
    forget_imports(owner_engine)


@pytest.mark.parametrize("phone", [False, True])
def test_photos_of_a_survey(phone: bool, page_as: PageAs, engine: Engine) -> None:
    page = page_as("hoa", phone=phone)
    page.goto("/du-lieu/nhap")
    by(page, "help").click()
    expect(by(page, "photo-hint")).to_contain_text("rồi bỏ ảnh ngay, không giữ mặt người hay biển số")
    spots = [MAU.at(1100 + 40 * n, 700) for n in range(2)]
    photos = [
        {"name": f"IMG_{n}.jpg", "mimeType": "image/jpeg", "buffer": photo_at(spot.x, spot.y, 90.0 * n)}
        for n, spot in enumerate(spots)
    ]
    by(page, "layer").select_option("cameras")
    by(page, "file").set_input_files(photos)
    by(page, "send").click()
    page.wait_for_url("**/du-lieu/nhap/*")
    run_jobs_now(engine)
    page.goto(page.url)
    expect(by(page, "verdict")).to_contain_text("Khớp")
    expect(by(page, "encodings")).to_have_count(0)
    assert fits(page)
    assert violations(page) == []
    by(page, "next").click()
    expect(by(page, "field-azimuth_deg")).to_have_value("huong")
