"""The map page as people see it: what is drawn and told, by mouse, finger, keyboard, in three themes and on paper."""

import gzip
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Response, expect

from gis_app.settings import ROOT
from tests.builders import MAU, PASSWORD

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


def violations(page: Page) -> list[str]:
    """What axe-core has to say against WCAG 2.2 AA and best practice."""
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


def test_headline_and_legend_count_the_groups(page_as: PageAs) -> None:
    page = visit(page_as("chi"))
    expect(by(page, "headline")).to_have_text(HEADLINE)
    for stage, count in {"maintained": 1, "building": 1, "not_selected": 1, "lapsed": 1, "recognised": 0}.items():
        expect(by(page, f"legend-{stage}").locator(".legend-count")).to_have_text(str(count))
    expect(page.locator(".demo")).to_contain_text("Dữ liệu minh hoạ")


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


def test_card_of_a_group_tells_stage_criteria_and_honest_gaps(page_as: PageAs) -> None:
    page = visit(page_as("hoa"))
    page.locator("path.group[data-stage=building]").click(position={"x": 40, "y": 60})
    card = by(page, "card")
    expect(card.get_by_role("heading", level=2)).to_have_text(f"Tổ dân phố số 2 {MAU.marker}")
    expect(card.get_by_test_id("stage-chip")).to_contain_text("Đang xây dựng")
    expect(card.locator(".criterion")).to_have_count(3)
    expect(card.locator(".criterion").first).to_contain_text("Chưa rà soát")
    expect(card.locator(".verdict")).to_contain_text("Chưa đủ căn cứ")
    expect(card.locator("[data-field=household_count] dd")).to_have_text("200")
    expect(card).to_contain_text("Chưa tính")
    expect(card.locator("[data-field=exempt_count] dd")).to_have_text("2")


def test_committee_sees_no_person_counts(page_as: PageAs) -> None:
    page = visit(page_as("chi"))
    page.locator("path.group[data-stage=building]").click(position={"x": 40, "y": 60})
    expect(by(page, "card").locator(".criterion")).to_have_count(3)
    expect(by(page, "card").locator("[data-field=exempt_count]")).to_have_count(0)
    by(page, "tab-layers").click()
    expect(by(page, "layer-cameras")).to_have_count(1)
    expect(by(page, "layer-hotspots")).to_have_count(0)


def test_table_and_map_select_each_other_and_sort_by_vietnamese_numbers(page_as: PageAs) -> None:
    page = visit(page_as("chi"))
    by(page, "tab-table").click()
    names = page.locator("#panel-table tbody th")
    expect(names.first).to_contain_text("số 1")
    page.locator("#panel-table .sort").first.click()
    expect(names.first).to_contain_text("số 4")
    expect(page.locator("#panel-table thead th").first).to_have_attribute("aria-sort", "descending")
    page.get_by_role("button", name=re.compile("số 3")).and_(page.locator(".row-button")).click()
    expect(by(page, "card").get_by_role("heading", level=2)).to_contain_text("số 3")
    expect(page.locator("path.halo-chosen")).to_have_count(2)


def test_search_without_diacritics_finds_and_opens(page_as: PageAs) -> None:
    page = visit(page_as("chi"))
    box = by(page, "search")
    box.fill("to dan pho so 3")
    expect(page.get_by_role("option").first).to_contain_text("Tổ dân phố số 3")
    box.press("ArrowDown")
    expect(page.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    box.press("Enter")
    expect(by(page, "card").get_by_role("heading", level=2)).to_contain_text("số 3")
    expect(box).to_have_attribute("aria-expanded", "false")


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


def test_question_what_lies_inside_an_area(page_as: PageAs) -> None:
    page = visit(page_as("hoa"))
    by(page, "tab-query").click()
    by(page, "query-inside").click()
    by(page, "field-layer").select_option("hotspots")
    by(page, "run-polygon").click()
    expect(page.locator(".draw-bar")).to_be_visible()
    box = page.locator("#map").bounding_box()
    assert box is not None
    for x, y in ((0.05, 0.05), (0.8, 0.05), (0.8, 0.95)):
        page.mouse.click(box["x"] + box["width"] * x, box["y"] + box["height"] * y)
    page.mouse.dblclick(box["x"] + box["width"] * 0.05, box["y"] + box["height"] * 0.95)
    expect(by(page, "answer-count")).to_have_text("3 Điểm nóng")
    expect(page.locator("#panel-query .result")).to_have_count(3)
    expect(page.locator("path.found")).to_have_count(3)
    expect(by(page, "csv")).to_have_attribute("href", re.compile("f=csv"))


def test_question_places_without_a_working_camera(page_as: PageAs) -> None:
    page = visit(page_as("hoa"))
    by(page, "tab-query").click()
    by(page, "query-gaps").click()
    by(page, "field-places").select_option("hotspots")
    by(page, "field-devices").select_option("cameras")
    by(page, "field-distance").fill("100")
    by(page, "run-query").click()
    expect(by(page, "answer-count")).to_have_text("2 Điểm nóng")
    expect(page.locator("#panel-query .result").first).to_contain_text("xa")
    expect(page.locator("#panel-query .result-distance").nth(1)).to_have_text("160\u00a0m")


def test_question_along_a_street_and_counts_per_group(page_as: PageAs) -> None:
    page = visit(page_as("hoa"))
    by(page, "tab-query").click()
    by(page, "query-street").click()
    by(page, "field-street").fill("pho ngang 1")
    page.locator(".combo-option").filter(has_text="Phố Ngang 1 ").click()
    by(page, "field-layer").select_option("lights")
    by(page, "run-query").click()
    expect(by(page, "answer-count")).to_have_text("29 Đèn chiếu sáng")
    page.locator(".back").click()
    by(page, "query-counts").click()
    by(page, "field-layer").select_option("cameras")
    by(page, "run-query").click()
    expect(by(page, "answer-count")).to_have_text("4 Camera an ninh")
    page.get_by_label("Hiện số trên bản đồ").check()
    expect(page.locator(".label-count").first).to_be_visible()


def test_escape_gives_up_a_drawing_and_measuring_tells_metres(page_as: PageAs) -> None:
    page = visit(page_as("chi"))
    by(page, "measure-line").click()
    expect(page.locator(".draw-bar")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".draw-bar")).to_have_count(0)
    by(page, "measure-line").click()
    expect(page.locator(".draw-bar")).to_be_visible()
    page.mouse.click(300, 400)
    page.mouse.dblclick(600, 400)
    expect(by(page, "measured")).to_have_text(re.compile(r"Dài \d[\d.,]*\u00a0k?m"))


def test_where_am_i_is_asked_only_by_the_button(page_as: PageAs) -> None:
    page = page_as("an", phone=True)
    spot = MAU.at(700, 800)
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": spot.y, "longitude": spot.x, "accuracy": 12})
    visit(page)
    expect(page.locator("path.me")).to_have_count(0)
    by(page, "locate").tap()
    expect(page.locator("path.me")).to_be_in_viewport()
    expect(page.locator("#toast")).to_contain_text("12 m")


def test_groups_by_keyboard(page_as: PageAs) -> None:
    page = visit(page_as("chi"))
    expect(page.locator("path.group[tabindex='0']")).to_have_count(1)
    page.locator("path.group[tabindex='0']").focus()
    expect(page.locator("path.group:focus")).to_have_attribute("aria-label", re.compile("số 1.*Giữ vững"))
    page.keyboard.press("ArrowRight")
    expect(page.locator("path.group:focus")).to_have_attribute("aria-label", re.compile("số 2"))
    page.keyboard.press("ArrowUp")
    expect(page.locator("path.group:focus")).to_have_attribute("aria-label", re.compile("số 4"))
    page.keyboard.press("Enter")
    expect(by(page, "card").get_by_role("heading", level=2)).to_be_focused()
    page.keyboard.press("Escape")
    expect(by(page, "card")).to_be_hidden()
    expect(page.locator("path.group:focus")).to_have_attribute("aria-label", re.compile("số 4"))


def test_phone_has_a_sheet_a_bar_of_tabs_and_large_targets(page_as: PageAs) -> None:
    page = visit(page_as("chi", phone=True))
    sheet = page.locator("#panel").bounding_box()
    assert sheet is not None
    assert sheet["height"] == pytest.approx(116, abs=1)
    expect(by(page, "headline")).to_be_in_viewport()
    for target in page.locator("#tabs [role=tab], .tool:visible, .account-button").all():
        box = target.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 48, target.inner_html()
    by(page, "tab-layers").tap()
    expect(page.locator("#panel")).to_have_attribute("data-height", "half")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_small_phone_reflows(page_as: PageAs) -> None:
    page = page_as("chi", phone=True)
    page.set_viewport_size({"width": 320, "height": 640})
    visit(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(by(page, "headline")).to_be_in_viewport()


@pytest.mark.parametrize("theme", ["light", "dark", "outdoor"])
@pytest.mark.parametrize("phone", [False, True])
def test_no_accessibility_violation(page_as: PageAs, theme: str, phone: bool) -> None:
    page = page_as("hoa", phone=phone)
    page.context.add_cookies([{"name": "theme", "value": theme, "url": "http://127.0.0.1"}])
    visit(page)
    assert page.locator("html").get_attribute("data-theme") == theme
    assert violations(page) == []
    for name in ("layers", "table", "query"):
        by(page, f"tab-{name}").click()
        settle(page)
        assert violations(page) == [], name
    by(page, "tab-table").click()
    page.locator(".row-button").first.click()
    expect(by(page, "card")).to_be_visible()
    assert violations(page) == [], "card"
    by(page, "menu").click()
    assert violations(page) == [], "menu"


def test_themes_change_the_map_and_stay(page_as: PageAs) -> None:
    page = visit(page_as("chi"))
    light = pixel(page, ".leaflet-base-pane canvas", 0.02, 0.02)
    by(page, "menu").click()
    by(page, "theme-dark").click()
    settle(page)
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    visit(page)
    dark = pixel(page, ".leaflet-base-pane canvas", 0.02, 0.02)
    assert sum(dark[:3]) < sum(light[:3]) / 2


def test_english_by_a_switch(page_as: PageAs) -> None:
    page = visit(page_as("chi"))
    by(page, "menu").click()
    by(page, "lang-en").click()
    settle(page)
    expect(by(page, "headline")).to_have_text("1 of 4 residential groups are drug-free (25\u00a0%)")
    expect(by(page, "legend-lapsed")).to_contain_text("Lapsed")
    assert page.locator("html").get_attribute("lang") == "en"


@pytest.mark.parametrize(
    ("paper", "turn", "size"),
    [
        ("A4", "landscape", (297, 210)),
        ("A4", "portrait", (210, 297)),
        ("A3", "landscape", (420, 297)),
    ],
)
def test_print_is_one_sheet_with_all_its_parts(page_as: PageAs, paper: str, turn: str, size: tuple[int, int]) -> None:
    page = visit(page_as("chi"), f"/?print={paper}&o={turn}")
    sheet = page.locator(".sheet-page").bounding_box()
    assert sheet is not None
    assert (sheet["width"], sheet["height"]) == pytest.approx([mm * 96 / 25.4 for mm in size], abs=1)
    expect(page.get_by_role("heading", level=1)).to_have_text("Bản đồ địa bàn không ma túy xã Mẫu")
    expect(page.locator("#sheet-headline")).to_have_text(HEADLINE)
    expect(page.locator(".sheet-legend")).to_contain_text("Giữ vững")
    expect(page.locator(".sheet-scale")).to_contain_text("m")
    expect(page.locator(".sheet-sign")).to_contain_text("NGƯỜI LẬP BẢN ĐỒ")
    expect(page.locator(".sheet-foot")).to_contain_text(re.compile(r"In ngày \d{2}/\d{2}/\d{4}"))
    expect(page.locator("path.group")).to_have_count(4)
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1


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
    page.wait_for_url(re.compile("#"))
    lat, lon = map(float, re.findall(r"/(-?[\d.]+)", page.url.split("#")[1]))
    spot = MAU.at(1500, 1500)
    assert abs(lat - spot.y) < 0.1
    assert abs(lon - spot.x) < 0.1


def test_markup_in_a_name_is_text(page_as: PageAs) -> None:
    page = page_as("chi")
    page.route(
        "**/api/search?*",
        lambda route: route.fulfill(
            json={
                "results": [
                    {
                        "layer": "groups",
                        "layer_title": "<b>x</b>",
                        "id": 1,
                        "label": "<img src=x onerror=alert(1)>",
                        "detail": "<i>",
                        "lon": 106.6,
                        "lat": 20.8,
                        "bbox": [106.6, 20.8, 106.7, 20.9],
                    }
                ]
            }
        ),
    )
    visit(page)
    by(page, "search").fill("x")
    expect(page.get_by_role("option").first).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator(".combo-list img").count() == 0


def test_stranger_signs_in_and_out(page_as: PageAs) -> None:
    page = page_as(None)
    page.goto("/")
    expect(page).to_have_url(re.compile("/dang-nhap"))
    page.get_by_label("Tên đăng nhập").fill("chi")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    by(page, "sign-in").click()
    settle(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Xã Mẫu")
    by(page, "menu").click()
    by(page, "sign-out").click()
    expect(page).to_have_url(re.compile("/dang-nhap"))
    assert violations(page) == []


def test_administrator_chooses_a_commune(page_as: PageAs) -> None:
    page = page_as("quantri")
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Chọn phường, xã")
    assert violations(page) == []
    by(page, f"commune-{MAU.id}").click()
    settle(page)
    expect(by(page, "headline")).to_have_text(HEADLINE)


def test_first_load_is_light(page_as: PageAs) -> None:
    page = page_as("hoa")
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - Playwright wraps handlers, not built-ins
    visit(page)
    # Fonts and images are compressed as they are; the rest as a proxy would send it.
    sizes = {a.url: len(gzip.compress(a.body())) for a in answers if a.ok}
    own = sum(size for url, size in sizes.items() if "/js/" in url)
    assert own <= 120_000, own
    assert sum(sizes.values()) <= 400_000, sorted(((size, url) for url, size in sizes.items()), reverse=True)[:15]
