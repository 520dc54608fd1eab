"""A phone of 360 × 640 for the tests of the street page: signed in, its network can go."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

from playwright.sync_api import BrowserContext, Page

from tests.browser.pages import settle
from tests.db.patrol_rows import Shift

Open = Callable[..., BrowserContext]
T = TypeVar("T")
SMALL = {"width": 360, "height": 640}


def go(context: BrowserContext, shift: Shift, *, kept: bool = False) -> Page:
    """The phone page of a shift; `kept` once it works without a network."""
    page = context.new_page()
    page.goto(f"/tuan-tra/{shift.plan}/di")
    settle(page)
    if kept:
        page.wait_for_selector('html[data-kept="1"]', state="attached", timeout=60_000)
    return page


def until(ask: Callable[[], T], wanted: Callable[[T], bool]) -> T:
    """Ask until it is so, 15 s at most: the phone sends when it can."""
    end = time.monotonic() + 15
    while True:
        found = ask()
        if wanted(found) or time.monotonic() > end:
            return found
        time.sleep(0.1)


def small_ones(page: Page) -> list[Any]:
    """Controls that one sees and that are under 48 px; a box is as large as its label."""
    return list(
        page.evaluate(
            "() => [...document.querySelectorAll('a, button, input, select, summary, textarea')]"
            ".filter((e) => e.offsetParent !== null || e.closest('dialog[open], .walk-bar'))"
            ".map((e) => [e, (['checkbox', 'radio', 'file'].includes(e.type) ? e.closest('label') : e)"
            ".getBoundingClientRect()])"
            ".filter(([, r]) => r.width > 0 && (r.width < 48 || r.height < 48))"
            ".map(([e, r]) => [e.dataset.testid || e.className, r.width, r.height])"
        )
    )
