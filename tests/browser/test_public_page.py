"""The public page and its desk as people see them, without JavaScript, at the width of a phone too."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from gis_app.jobs.publish import publish
from tests.browser.pages import fits, violations
from tests.builders import MAU, PASSWORD
from tests.db.test_public_page import wipe


@pytest.fixture
def plain_page(browser: Browser, base_url: str, owner_engine: Engine) -> Iterator[Callable[..., Page]]:
    """Pages with or without JavaScript; a draft of Xã Mẫu waits."""
    with begin(owner_engine, Actor("system")) as conn:
        publish(conn, dt.date(2026, 6, 30), code=str(MAU.id))
    contexts = []

    def make(*, width: int = 1100, scripts: bool = False) -> Page:
        context = browser.new_context(
            base_url=base_url, java_script_enabled=scripts, viewport={"width": width, "height": 900}
        )
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()
    wipe(owner_engine)
    with begin(owner_engine, Actor("system")) as conn:
        conn.exec_driver_sql("DELETE FROM audit_entries WHERE action LIKE 'public%%'")


def test_a_committee_releases_and_everybody_reads(plain_page: Callable[..., Page], tmp_path: Path) -> None:
    desk = plain_page()
    desk.goto("/dang-nhap")
    desk.fill("#username", "chi")
    desk.fill("#password", PASSWORD)
    desk.get_by_test_id("sign-in").click()
    desk.wait_for_url(lambda url: "/dang-nhap" not in url)
    desk.goto("/cong-bo")
    desk.fill("#commune_phone", "0225 3861 234")
    desk.get_by_test_id("save-settings").click()
    desk.wait_for_url("**done=settings")
    desk.screenshot(path=tmp_path / "desk.png", full_page=True)
    desk.get_by_test_id("cong-bo").click()
    desk.wait_for_url(lambda url: not url.endswith("done=settings"))
    expect(desk.get_by_test_id("done")).to_be_visible()
    for width in (1440, 390, 320):
        stranger = plain_page(width=width)
        stranger.goto("/cong-khai")
        stranger.get_by_text("Xã Mẫu").click()
        expect(stranger.get_by_test_id("public-headline")).to_contain_text("1/4")
        expect(stranger.get_by_test_id("hotlines")).to_contain_text("0225 3861 234")
        expect(stranger.get_by_test_id("public-list").locator("tbody tr")).to_have_count(4)
        assert fits(stranger)
        assert stranger.context.cookies() == []
        stranger.screenshot(path=tmp_path / f"public-{width}.png", full_page=True)
    reader = plain_page(scripts=True, width=390)
    for address in (f"/cong-khai?xa={MAU.id}", "/cong-khai"):
        reader.goto(address)
        assert violations(reader) == []
