"""The map page as people see it: what is drawn and told."""

import re

import pytest
import sqlalchemy as sa
from playwright.sync_api import Route, expect
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from tests.browser.pages import HEADLINE, PageAs, by, pixel, settle, visit
from tests.builders import MAU


def test_headline_and_legend_count_the_groups(page_as: PageAs) -> None:
    page = visit(page_as("chi"))
    expect(by(page, "headline")).to_have_text(HEADLINE)
    for stage, count in {"maintained": 1, "building": 1, "not_selected": 1, "lapsed": 1, "recognised": 0}.items():
        expect(by(page, f"legend-{stage}").locator(".legend-count")).to_have_text(str(count))
    expect(page.locator(".demo")).to_contain_text("Dữ liệu minh họa")


def test_groups_are_filled_by_stage_with_a_pattern(page_as: PageAs) -> None:
    page = visit(page_as("chi"))
    areas = page.locator("path.group")
    expect(areas).to_have_count(4)
    for stage, colour in {"maintained": "#3b4788", "building": "#f8c811", "lapsed": "#bf3d26"}.items():
        area = page.locator(f"path.group[data-stage={stage}]")
        expect(area).to_have_attribute("fill", f"url(#fill-{stage})")
        expect(page.locator(f"#fill-{stage} rect")).to_have_attribute("fill", colour)
    expect(page.locator("#fill-lapsed path")).to_have_count(1)
    expect(page.locator("#fill-maintained path")).to_have_count(0)


def test_base_map_draws_streets_over_the_fill(page_as: PageAs) -> None:
    page = visit(page_as("chi"))
    order = page.evaluate(
        "['base', 'status', 'streets', 'points', 'labels']"
        ".map(n => +getComputedStyle(document.querySelector(`.leaflet-${n}-pane`)).zIndex)"
    )
    assert order == sorted(order)
    painted = page.evaluate(
        "() => [...document.querySelectorAll('.leaflet-streets-pane canvas')].some(c => c.width && "
        "c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some((v, i) => i % 4 === 3 && v > 200))"
    )
    assert painted


def test_legend_is_the_filter(page_as: PageAs) -> None:
    page = visit(page_as("chi"))
    by(page, "legend-lapsed").click()
    expect(by(page, "legend-lapsed")).to_have_attribute("aria-pressed", "false")
    expect(page.locator("path.group[data-stage=lapsed]")).to_have_class(re.compile("is-filtered"))
    page.wait_for_url(re.compile("h=lapsed"))
    by(page, "tab-table").click()
    expect(page.locator("#panel-table tbody tr")).to_have_count(3)


def test_layers_switch_on_and_the_link_restores_them(page_as: PageAs) -> None:
    page = visit(page_as("hoa"))
    by(page, "tab-layers").click()
    expect(page.locator("label[for=layer-lights]")).to_contain_text("Đèn chiếu sáng")
    by(page, "layer-lights").check()
    by(page, "layer-groups").uncheck()
    page.wait_for_url(re.compile(r"l=[^&]*lights"))
    link = page.url
    other = visit(page_as("hoa"), link)
    by(other, "tab-layers").click()
    expect(by(other, "layer-lights")).to_be_checked()
    expect(by(other, "layer-groups")).not_to_be_checked()
    expect(other.locator("path.group").first).to_be_hidden()


def test_a_loudspeaker_is_drawn_with_its_reach_and_the_legend_names_it(page_as: PageAs, owner_engine: Engine) -> None:
    spot, away = MAU.at(1450, 1450), 40
    with begin(owner_engine, Actor("system")) as conn:
        text = (
            "INSERT INTO loudspeakers (external_id, commune_id, geom, range_m) "
            "VALUES ('loa-tam-nghe', :c, ST_SetSRID(ST_MakePoint(:x, :y), 4326), 60)"
        )
        conn.execute(sa.text(text), {"c": MAU.id, "x": spot.x, "y": spot.y})
    try:
        seen = {}
        for layers in ("loudspeakers", "cameras"):
            beside = MAU.at(1450 + away, 1450)
            page = visit(page_as("hoa"), f"/#18/{beside.y:.6f}/{beside.x:.6f}&l={layers}")
            seen[layers] = pixel(page, ".leaflet-points-pane canvas", 0.5, 0.5)[3]
        # Light over the map, and nothing there without the layer.
        assert 5 < seen["loudspeakers"] < 60, seen
        assert seen["cameras"] == 0, seen
        by(page, "tab-layers").click()
        expect(by(page, "key-loudspeakers")).to_be_hidden()
        by(page, "layer-loudspeakers").check()
        expect(by(page, "key-loudspeakers")).to_have_text("Tầm nghe")
    finally:
        with begin(owner_engine, Actor("system")) as conn:
            conn.exec_driver_sql("DELETE FROM loudspeakers WHERE external_id = 'loa-tam-nghe'")
            conn.exec_driver_sql("DELETE FROM audit_entries WHERE table_name = 'loudspeakers'")


def test_a_camera_is_drawn_with_its_view_and_opens_its_card(page_as: PageAs) -> None:
    spot = MAU.at(500, 500)
    page = visit(page_as("hoa"), f"/#18/{spot.y:.6f}/{spot.x:.6f}&l=cameras")
    # Camera 0 looks north with 90°: the view covers what lies above the marker, not below.
    above, below = (pixel(page, ".leaflet-points-pane canvas", 0.5, y) for y in (0.47, 0.53))
    assert above[3] > 40, above
    assert below[3] == 0, below
    size = page.locator("#map").bounding_box()
    assert size is not None
    page.mouse.click(size["x"] + size["width"] / 2, size["y"] + size["height"] / 2)
    expect(by(page, "card").get_by_role("heading", level=2)).to_have_text(f"{MAU.marker}-c0")
    expect(by(page, "card").locator("[data-field=range_m] dd")).to_have_text("30\u00a0m")
    # Nobody has looked at it on site.
    expect(by(page, "assumed")).to_have_text("Chưa kiểm tại chỗ: các thông số là giả định")


def test_map_stays_near_the_commune(page_as: PageAs) -> None:
    page = visit(page_as("chi"), "/#13/10.0/105.0")
    expect(page.locator("path.group").first).to_be_in_viewport()
    box = page.locator("#map").bounding_box()
    assert box is not None
    for _ in range(4):
        page.mouse.move(box["x"] + 50, box["y"] + 300)
        page.mouse.down()
        page.mouse.move(box["x"] + 900, box["y"] + 300, steps=4)
        page.mouse.up()
        settle(page)
    page.wait_for_url(re.compile(r"#[\d.]+/2\d\."))
    lat, lon = map(float, re.findall(r"/(-?[\d.]+)", page.url.split("#")[1]))
    spot = MAU.at(1500, 1500)
    assert abs(lat - spot.y) < 0.1
    assert abs(lon - spot.x) < 0.1


# What is written on the canvas, in pixels of the page: each text with the box of the pill drawn before it.
RECORD_PILLS = """() => {
  const own = CanvasRenderingContext2D.prototype;
  const { roundRect, fillText, clearRect } = own;
  window.pills = [];
  own.roundRect = function (x, y, width, height, r) {
    if (this.canvas.closest('.leaflet-points-pane') && height === 18) {
      const box = this.canvas.getBoundingClientRect();
      const at = this.getTransform();
      const ratio = this.canvas.width / box.width;
      const [left, top] = [box.left + (x * at.a + at.e) / ratio, box.top + (y * at.d + at.f) / ratio];
      this.last = { left, top, width, height };
    }
    return roundRect.call(this, x, y, width, height, r);
  };
  own.fillText = function (text, ...rest) {
    if (this.last) window.pills.push({ text, ...this.last });
    this.last = null;
    return fillText.call(this, text, ...rest);
  };
  const width = Object.getOwnPropertyDescriptor(HTMLCanvasElement.prototype, 'width');
  Object.defineProperty(HTMLCanvasElement.prototype, 'width', { ...width, set(value) {
    if (this.closest('.leaflet-points-pane')) window.pills = [];
    width.set.call(this, value);
  } });
}"""


@pytest.mark.parametrize("phone", [False, True])
def test_overview_tells_every_row_and_nothing_lies_on_another_thing(page_as: PageAs, phone: bool) -> None:
    page = page_as("hoa", phone=phone)
    page.add_init_script(f"({RECORD_PILLS})()")
    spot = MAU.at(750, 750)
    visit(page, f"/#14/{spot.y:.6f}/{spot.x:.6f}&l=groups,cameras,lights")
    pills = page.evaluate("pills")
    assert sum(int(pill["text"]) for pill in pills) == 4 + 29, "cameras and lights"
    names = page.locator(".group-label").evaluate_all("all => all.map(e => e.getBoundingClientRect().toJSON())")
    boxes = [*pills, *names]
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            apart = (
                a["left"] >= b["left"] + b["width"]
                or b["left"] >= a["left"] + a["width"]
                or a["top"] >= b["top"] + b["height"]
                or b["top"] >= a["top"] + a["height"]
            )
            assert apart, (a, b)


@pytest.mark.parametrize("phone", [False, True])
def test_the_commune_fills_the_free_part_of_the_map(page_as: PageAs, phone: bool) -> None:
    page = visit(page_as("chi", phone=phone))
    area = page.locator("#map").bounding_box()
    assert area is not None
    boxes = page.locator("path.group").evaluate_all("all => all.map(e => e.getBoundingClientRect())")
    left, right = min(b["left"] for b in boxes), max(b["right"] for b in boxes)
    top, bottom = min(b["top"] for b in boxes), max(b["bottom"] for b in boxes)
    cover = 116 if phone else 0
    free = (area["width"] - 64, area["height"] - cover)
    assert max((right - left) / free[0], (bottom - top) / free[1]) > 0.75
    assert top >= area["y"]
    assert bottom <= area["y"] + free[1]


def test_more_groups_than_svg_bears_are_drawn_on_a_canvas_and_open(page_as: PageAs) -> None:
    page = page_as("chi")

    def many(route: Route) -> None:
        body = route.fetch().json()
        first = body["features"][0]
        body["features"] += [{**first, "id": 10_000 + k} for k in range(500)]
        route.fulfill(json=body)

    page.route("**/api/layers/groups/features?*", many)
    visit(page)
    expect(page.locator("path.group")).to_have_count(0)
    spot = page.evaluate(
        """() => { const c = document.querySelector('.leaflet-status-pane canvas');
             const box = c.getBoundingClientRect();
             const { data } = c.getContext('2d').getImageData(0, 0, c.width, c.height);
             for (let i = 0; i < data.length; i += 4 * 7) {
               if (data[i + 3] > 150 && data[i] > 200 && data[i + 2] < 90) {
                 const p = i / 4; const s = box.width / c.width;
                 return [box.left + (p % c.width) * s + 6, box.top + Math.floor(p / c.width) * s + 6];
               } } return null; }"""
    )
    assert spot is not None
    page.mouse.click(*spot)
    expect(by(page, "card").get_by_test_id("stage-chip")).to_contain_text("Đang xây dựng")
