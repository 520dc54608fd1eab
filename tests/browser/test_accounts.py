"""The pages of accounts as people see them, without JavaScript: invitation, two-step sign-in, own account."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pyotp
import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from gis_app.jobs.accounts import set_account
from tests.browser.pages import fits
from tests.browser.phones import until
from tests.builders import MAU, PASSWORD

NEW = "sông xanh bốn mùa gió"


@pytest.fixture
def plain_page(browser: Browser, base_url: str, owner_engine: Engine) -> Iterator[Callable[..., Page]]:
    """Pages of a browser without JavaScript; an administrator of Xã Mẫu is there for the test."""
    with begin(owner_engine, Actor("system")) as conn:
        set_account(conn, "quan-tri.mau", PASSWORD, "admin", MAU.id)
    contexts = []

    def make(*, width: int = 1100) -> Page:
        context = browser.new_context(
            base_url=base_url, java_script_enabled=False, viewport={"width": width, "height": 900}
        )
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()
    with begin(owner_engine, Actor("system")) as conn:
        conn.execute(sa.text("DELETE FROM invitations"))
        conn.execute(sa.text("DELETE FROM accounts WHERE username IN ('quan-tri.mau', 'du-lieu.mau')"))


def sign_in(page: Page) -> None:
    page.goto("/dang-nhap")
    page.fill("#username", "quan-tri.mau")
    page.fill("#password", PASSWORD)
    page.get_by_test_id("sign-in").click()
    page.wait_for_url(lambda url: not url.endswith("/dang-nhap"))


def test_an_invited_person_comes_in(plain_page: Callable[..., Page], tmp_path: Path) -> None:
    admin, phone = plain_page(), plain_page(width=390)
    sign_in(admin)
    admin.goto("/quan-tri/tai-khoan")
    admin.fill("#username", "du-lieu.mau")
    admin.select_option("#role", "data")
    admin.get_by_test_id("invite").click()
    link = admin.get_by_test_id("link").input_value()
    admin.screenshot(path=tmp_path / "people.png", full_page=True)
    phone.goto(link)
    phone.screenshot(path=tmp_path / "invitation.png", full_page=True)
    phone.fill("#new", "ngan")
    phone.fill("#again", "ngan")
    phone.get_by_test_id("accept").click()
    expect(phone.get_by_test_id("error")).to_contain_text("12")
    phone.fill("#new", NEW)
    phone.fill("#again", NEW)
    phone.get_by_test_id("accept").click()
    phone.wait_for_url(lambda url: "/moi/" not in url)
    phone.goto("/tai-khoan")
    expect(phone.locator(".lead")).to_contain_text("du-lieu.mau")
    assert fits(phone)
    phone.screenshot(path=tmp_path / "account-phone.png", full_page=True)
    admin.goto("/quan-tri/tai-khoan")
    expect(admin.locator("table.people")).to_contain_text("du-lieu.mau")


def test_two_step_sign_in(plain_page: Callable[..., Page], owner_engine: Engine, tmp_path: Path) -> None:
    page, phone = plain_page(), plain_page(width=390)
    sign_in(page)
    page.goto("/tai-khoan")
    page.get_by_test_id("second-factor").click()
    qr = page.locator("img.qr")
    # A picture that the content security policy stops has no width.
    assert until(lambda: int(qr.evaluate("image => image.naturalWidth")), lambda width: width > 100) > 100
    page.screenshot(path=tmp_path / "set-up.png", full_page=True)
    secret = re.sub(r"\s", "", page.get_by_test_id("secret").text_content() or "")
    page.fill("#on-code", pyotp.TOTP(secret).now())
    page.fill("#on-password", PASSWORD)
    page.locator("form[action$=xac-nhan] button").click()
    expect(page.get_by_test_id("done")).to_be_visible()
    page.screenshot(path=tmp_path / "account.png", full_page=True)
    sign_in(phone)
    expect(phone.locator("#code")).to_be_visible()
    phone.screenshot(path=tmp_path / "code.png", full_page=True)
    with begin(owner_engine, Actor("system")) as conn:
        conn.execute(sa.text("UPDATE second_factors SET last_step = 0"))
    phone.fill("#code", pyotp.TOTP(secret).now())
    phone.get_by_test_id("sign-in").click()
    phone.wait_for_url(lambda url: "/dang-nhap" not in url)
    phone.goto("/tai-khoan")
    expect(phone.locator(".lead")).to_contain_text("quan-tri.mau")
