"""What the browser tests share: open a page, find a control, ask axe-core, read a pixel."""

from collections.abc import Callable, Iterable

from playwright.sync_api import Locator, Page, expect

from gis_app.settings import ROOT

PageAs = Callable[..., Page]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
HEADLINE = "Đạt 1/4 tổ dân phố không ma túy (25\u00a0%)"


def settle(page: Page) -> None:
    """Wait until nothing is fetched or drawn."""
    page.wait_for_selector('html[data-ready="1"]', state="attached", timeout=30_000)


def visit(page: Page, address: str = "/") -> Page:
    """Open an address of the map page and wait until it is drawn."""
    page.goto(address)
    settle(page)
    return page


def by(page: Page, testid: str) -> Locator:
    """The control of that test id."""
    return page.get_by_test_id(testid)


def whole(page: Page) -> None:
    """Wait for the whole document: right after a click that leaves a page the next one has no root yet."""
    page.wait_for_load_state("load")


STILL = """(selector) => new Promise((done) => {
  let [last, same] = ["", 0];
  const look = () => {
    const one = document.querySelector(selector);
    const now = JSON.stringify([one.getBoundingClientRect(), one.textContent]);
    same = now === last ? same + 1 : 0;
    last = now;
    if (same === 20) done();
    else requestAnimationFrame(look);
  };
  look();
})"""


def still(page: Page, selector: str = ".leaflet-proxy") -> None:
    """Wait until an element neither moves nor changes; without another one, until the map has been zoomed."""
    page.evaluate(STILL, selector)


def put_corners(page: Page, places: Iterable[tuple[float, float]]) -> None:
    """Click the corners of what is drawn, each once the one before is there."""
    for count, (x, y) in enumerate(places, 1):
        page.mouse.click(x, y)
        expect(page.locator(".drawing-dot")).to_have_count(count)


def fits(page: Page) -> bool:
    """Whether the page is no wider than its screen."""
    whole(page)
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def violations(page: Page) -> list[str]:
    """What axe-core has to say against WCAG 2.2 AA and best practice."""
    whole(page)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "async () => (await axe.run(document, {runOnly: "
        "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}))"
        ".violations.flatMap(v => v.nodes.map(n => `${v.id}: ${n.target.join(' ')} ${n.any[0]?.message ?? ''}`))"
    )
    return list(found)


def pixel(page: Page, selector: str, x: float, y: float) -> list[int]:
    """The colour of a canvas at a place given as shares of its size."""
    return list(
        page.evaluate(
            "([s, x, y]) => { const c = document.querySelector(s); const d = c.getContext('2d')"
            ".getImageData(Math.round(c.width * x), Math.round(c.height * y), 1, 1).data; return [...d]; }",
            [selector, x, y],
        )
    )
