"""The stand-alone map from disk, the network cut: drawn, quiet, asking for nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from tests.browser.conftest import DESKTOP, PHONE
from tests.builders import MAU

SIZES = {"desktop": DESKTOP, "phone": PHONE}


@dataclass
class Watched:
    """A page and what it said or asked for."""

    page: Page
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def map_file(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("export") / "map.html"
    command = ["export-map", "--commune", str(MAU.id), "--role", "data", "--out", str(out)]
    run = app.test_cli_runner().invoke(args=command)
    assert run.exit_code == 0, run.output
    return out


@pytest.fixture(params=SIZES)
def watched(request: pytest.FixtureRequest, browser: Browser, map_file: Path) -> Iterator[Watched]:
    context = browser.new_context(viewport=SIZES[request.param], offline=True)  # type: ignore[arg-type]
    found = Watched(context.new_page())
    address = map_file.as_uri()
    found.page.on("console", lambda message: found.complaints.append(message.text))
    found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
    found.page.on(
        "request",
        lambda asked: None if asked.url.startswith(("data:", address)) else found.complaints.append(asked.url),
    )
    found.page.goto(address)
    found.page.wait_for_selector("html[data-ready='1']", state="attached")
    yield found
    assert found.complaints == []
    context.close()


def test_groups_are_drawn_with_their_patterns(watched: Watched) -> None:
    page = watched.page
    assert page.locator("path.group").count() == 4
    fills = page.locator("path.group").evaluate_all("paths => paths.map(p => p.getAttribute('fill'))")
    assert sorted(fills) == [f"url(#fill-{code})" for code in ("building", "lapsed", "maintained", "not_selected")]
    boxes = page.locator("path.group").evaluate_all("paths => paths.map(p => p.getBoundingClientRect().width)")
    assert min(boxes) > 60
    assert page.locator(".name-group").count() == 4
    assert page.locator("h1").is_visible()
    assert page.locator(".leaflet-control-scale-line").is_visible()


def test_what_is_not_reviewed_is_striped_and_told(watched: Watched) -> None:
    page = watched.page
    stripes = page.locator("path.gap")
    assert stripes.count() == 4
    assert stripes.first.get_attribute("fill") == "url(#fill-unreviewed)"
    assert page.locator(".gap-row b").inner_text() == "4"
    assert "Kỳ đánh giá 15/12/" in page.locator(".period").inner_text()
    page.locator("input[data-layer=groups]").uncheck()
    assert stripes.count() == 0
    page.locator("input[data-layer=groups]").check()
    page.locator("details.table summary").click()
    page.locator("button[data-group='0']").click()
    page.locator(".leaflet-popup-content .card-title").wait_for()
    assert "Chưa đủ căn cứ" in page.locator(".leaflet-popup-content").inner_text()


def test_streets_are_painted(watched: Watched) -> None:
    painted = watched.page.evaluate(
        """() => [...document.querySelectorAll('.leaflet-roads-pane canvas')].some((canvas) => canvas.getContext('2d')
             .getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0))"""
    )
    assert painted


def test_a_layer_is_switched_and_its_popup_tells(watched: Watched) -> None:
    page = watched.page
    before = page.locator(".leaflet-points-pane path").count()
    page.locator("input[data-layer=schools]").check()
    assert page.locator(".leaflet-points-pane path").count() == before + 1
    page.locator("input[data-layer=schools]").uncheck()
    assert page.locator(".leaflet-points-pane path").count() == before
    page.locator(".leaflet-points-pane path").last.dispatch_event("click")
    page.locator(".leaflet-popup-content .card").first.wait_for()
    assert MAU.marker in page.locator(".leaflet-popup-content").inner_text()


def test_the_list_leads_to_the_group(watched: Watched) -> None:
    page = watched.page
    page.locator("details.table summary").click()
    page.locator("button[data-group='2']").click()
    page.locator(".leaflet-popup-content .card-title").wait_for()
    assert "số 3" in page.locator(".leaflet-popup-content .card-title").inner_text()
