"""A real server on the test database and a real browser; a foreign request or a console error fails the test."""

import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from werkzeug.serving import make_server

from tests.browser.phones import SMALL, Open
from tests.builders import PASSWORD

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
# Two cores under load: what takes 5 s there is no fault.
expect.set_options(timeout=15_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser on two busy cores stalls now and then: once more, and the summary counts it as a rerun."""
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def base_url(app: Flask) -> Iterator[str]:
    """The address of the application, served by threads of this process."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield found
        found.close()


@pytest.fixture
def page_as(browser: Browser, base_url: str) -> Iterator[Callable[..., Page]]:
    """`page_as("an")`: a page signed in as a member of the cast (None: a stranger), phone or desktop size.

    `refusals`: the test means forms to be refused.
    """
    opened: list[Page] = []
    faults: list[str] = []

    def watch(page: Page, refusals: bool) -> None:
        host = urlsplit(base_url).netloc
        page.on(
            "request",
            lambda r: (
                faults.append(f"foreign request {r.url}")
                if r.url.startswith(("http", "ws")) and urlsplit(r.url).netloc != host
                else None
            ),
        )
        # A form that is refused answers 4xx, and Chromium says so in the console.
        known = "the server responded with a status of 4" if refusals else "\0"
        page.on(
            "console",
            lambda m: faults.append(f"console {m.text}") if m.type == "error" and known not in m.text else None,
        )
        page.on("pageerror", lambda e: faults.append(f"page error {e}"))

    def open_page(username: str | None, *, phone: bool = False, lang: str = "vi", refusals: bool = False) -> Page:
        context = browser.new_context(
            base_url=base_url, viewport=PHONE if phone else DESKTOP, has_touch=phone, locale="vi-VN"
        )
        if username is not None:
            answer = context.request.post("/api/session", data={"username": username, "password": PASSWORD})
            assert answer.ok, answer.text()
        context.add_cookies([{"name": "lang", "value": lang, "url": base_url}])
        page = context.new_page()
        watch(page, refusals)
        opened.append(page)
        return page

    yield open_page
    for page in opened:
        page.context.close()
    assert faults == []


@pytest.fixture
def phone(browser: Browser, base_url: str) -> Iterator[Open]:
    """A phone of 360 × 640 that An has signed in on; here the network goes, so errors of fetching are no fault."""
    opened: list[BrowserContext] = []
    faults: list[str] = []

    def open_phone(theme: str = "dark", **more: Any) -> BrowserContext:
        context = browser.new_context(base_url=base_url, viewport=SMALL, has_touch=True, locale="vi-VN", **more)
        assert context.request.post("/api/session", data={"username": "an", "password": PASSWORD}).ok
        context.add_cookies([{"name": "theme", "value": theme, "url": base_url}])
        context.on("page", lambda page: page.on("pageerror", lambda error: faults.append(str(error))))
        opened.append(context)
        return context

    yield open_phone
    for context in opened:
        context.close()
    assert faults == []
