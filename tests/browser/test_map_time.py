"""The map on another day: as of, as known at, two days compared, the life of a group, the verdict within its period.

The server's day is 14 December 2030, the last of a period; two groups merged in its July.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from gis_app.queries.lineages import update_units
from tests.browser.pages import PageAs, by, fits, settle, still, violations, visit
from tests.builders import MAU

LAST_DAY = dt.date(2030, 12, 14)
SPOT = MAU.at(200, 200)
VIEW = f"/#14/{SPOT.y:.5f}/{SPOT.x:.5f}&l=groups"
Cast = dict[str, int]


def set_today(engine: Engine, day: dt.date) -> None:
    with engine.begin() as conn:
        conn.exec_driver_sql(
            f"CREATE OR REPLACE FUNCTION vietnam_today() RETURNS date LANGUAGE sql STABLE AS $$ SELECT DATE '{day}' $$"
        )


@pytest.fixture(scope="module")
def frozen(owner_engine: Engine) -> Iterator[Callable[[dt.date], None]]:
    """Set the server's day; it is the real one again at the end."""
    with owner_engine.connect() as conn:
        own = conn.exec_driver_sql("SELECT pg_get_functiondef('vietnam_today()'::regprocedure)").scalar_one()
    set_today(owner_engine, LAST_DAY)
    yield lambda day: set_today(owner_engine, day)
    with owner_engine.begin() as conn:
        conn.exec_driver_sql(own)


@pytest.fixture(scope="module")
def units(owner_engine: Engine, engine: Engine, frozen: Callable[[dt.date], None]) -> Iterator[Cast]:
    """Đông (maintained) and Tây (building) since January, merged on 1 July; Nam reviewed on 10 December."""
    boxes = {"Tổ Đông": MAU.box(100, 100, 200, 300), "Tổ Tây": MAU.box(200, 100, 300, 300),
             "Tổ Nam": MAU.box(100, 20, 300, 90)}  # fmt: skip
    stages = {"Tổ Đông": "maintained", "Tổ Tây": "building", "Tổ Nam": "recognised"}
    since = {"Tổ Đông": "2030-01-01", "Tổ Tây": "2030-01-01", "Tổ Nam": "2030-11-20"}
    found: Cast = {}
    with begin(owner_engine, Actor("system")) as conn:
        for name, box in boxes.items():
            reviewed = "2030-12-10" if name == "Tổ Nam" else "2030-02-01"
            found[name] = conn.execute(
                sa.text(
                    "INSERT INTO groups (commune_id, geom, name, stage, stage_on, stage_document, stage_body, "
                    "valid_from, household_count, exempt_count, other_count, "
                    "users_answer, users_on, offenders_answer, offenders_on, places_answer, places_on) "
                    "VALUES (:c, ST_Multi(ST_GeomFromText(:g, 4326)), :n, :s, :d, '12/QĐ-UBND', 'UBND xã Mẫu', "
                    ":d, 100, 3, 0, 'met', :r, 'met', :r, 'met', :r) RETURNING id"
                ),
                {"c": MAU.id, "g": box.wkt, "n": name, "s": stages[name], "d": since[name], "r": reviewed},
            ).scalar_one()
    with begin(engine, Actor("data", MAU.id, "hoa")) as conn:
        pair = [found["Tổ Đông"], found["Tổ Tây"]]
        outcome, (child,) = update_units(
            conn, "merge", dt.date(2030, 7, 1), pair, [{"name": "Tổ Đông Tây"}], "7/NQ-HĐND"
        )
        assert outcome == "done"
    yield found | {"Tổ Đông Tây": child}
    with begin(owner_engine, Actor("system")) as conn:
        conn.execute(sa.text("DELETE FROM group_lineages"))
        conn.execute(sa.text("DELETE FROM groups WHERE external_id IS NULL"))
        conn.execute(sa.text("DELETE FROM group_statuses WHERE group_id NOT IN (SELECT id FROM groups)"))


def see(page: Page, *, day: str = "", against: str = "") -> None:
    """Ask for a day and a comparison by the form."""
    if by(page, "as-of").get_attribute("aria-expanded") != "true":
        by(page, "as-of").click()
    by(page, "as-of-day").fill(day)
    by(page, "compare-day").fill(against)
    by(page, "as-of-go").click()
    settle(page)


def drawn(page: Page) -> set[str]:
    labels = page.locator("path.group").evaluate_all("all => all.map(e => e.getAttribute('aria-label'))")
    return {label.split(":")[0] for label in labels}


def test_the_groups_as_they_were(page_as: PageAs, units: Cast) -> None:
    page = visit(page_as("chi"), VIEW)
    assert {"Tổ Đông Tây", "Tổ Nam"} < drawn(page)
    expect(by(page, "legend-building").locator(".legend-count")).to_have_text("2")
    see(page, day="2030-06-30")
    banner = by(page, "as-of-banner")
    expect(banner).to_contain_text("Đang xem ngày 30/06/2030")
    expect(banner).to_contain_text("Thiết bị và các lớp khác là của hôm nay")
    assert {"Tổ Đông", "Tổ Tây"} < drawn(page)
    assert not {"Tổ Đông Tây", "Tổ Nam"} & drawn(page)
    expect(by(page, "headline")).to_have_text("Đạt 2/6 tổ dân phố không ma túy (33,3\u00a0%)")
    expect(by(page, "legend-maintained").locator(".legend-count")).to_have_text("2")
    page.wait_for_url(re.compile("d=2030-06-30"))
    by(page, "tab-table").click()
    settle(page)
    expect(page.locator("#panel-table tbody tr")).to_have_count(6)
    expect(page.get_by_role("button", name="Tổ Tây")).to_have_count(2)  # in the table and on the map
    expect(banner).to_be_in_viewport()
    # The link leads another person to the same day.
    other = visit(page_as("chi"), page.url)
    expect(by(other, "as-of-banner")).to_contain_text("30/06/2030")
    assert drawn(other) == drawn(page)
    by(page, "as-of-back").click()
    settle(page)
    expect(banner).to_be_hidden()
    assert {"Tổ Đông Tây", "Tổ Nam"} < drawn(page)
    assert "&d=" not in page.evaluate("() => new Promise(r => setTimeout(() => r(location.hash), 400))")


def test_the_past_as_it_was_known(page_as: PageAs, units: Cast, owner_engine: Engine) -> None:
    west = units["Tổ Tây"]
    with begin(owner_engine, Actor("system")) as conn:
        moment = conn.execute(sa.text("SELECT clock_timestamp()")).scalar_one().astimezone(dt.UTC)
        patch = "SELECT record_status(:g, daterange('2030-03-01', '2030-05-01'), '{\"stage\": \"lapsed\"}')"
        conn.execute(sa.text(patch), {"g": west})
    page = visit(page_as("chi"), f"{VIEW}&d=2030-04-01")
    expect(page.locator(f"path.group[data-id='{west}']")).to_have_attribute("data-stage", "lapsed")
    known = visit(page_as("chi"), f"{VIEW}&d=2030-04-01&k={moment:%Y-%m-%dT%H:%M:%S.%f}Z")
    expect(by(known, "as-of-banner")).to_contain_text("như đã biết lúc")
    expect(known.locator(f"path.group[data-id='{west}']")).to_have_attribute("data-stage", "building")


def test_two_days_compared(page_as: PageAs, units: Cast) -> None:
    page = visit(page_as("chi"), VIEW)
    see(page, day="2030-10-01", against="2030-06-30")
    changes = by(page, "changes").locator(".change")
    expect(changes).to_have_count(3)
    merged = page.locator(f".change[data-id='{units['Tổ Đông Tây']}']")
    expect(merged).to_contain_text("sáp nhập từ Tổ Đông, Tổ Tây ngày 01/07/2030")
    gone = page.locator(f".change[data-id='{units['Tổ Tây']}']")
    expect(gone).to_contain_text("Không còn: sáp nhập vào Tổ Đông Tây ngày 01/07/2030")
    expect(page.locator("path.change-here.change-line")).to_have_count(1)
    expect(page.locator("path.change-gone.change-line")).to_have_count(2)
    by(page, f"change-{units['Tổ Tây']}").click()
    settle(page)
    card = by(page, "card")
    expect(card.get_by_role("heading", level=2)).to_have_text("Tổ Tây")
    expect(card.get_by_test_id("card-day")).to_contain_text("30/06/2030")
    expect(page.locator("path.halo-chosen")).to_have_count(2)
    page.wait_for_url(re.compile("c=2030-06-30"))


@pytest.mark.parametrize(
    ("theme", "colour"), [("light", (163, 18, 139)), ("dark", (255, 138, 226)), ("outdoor", (0, 0, 0))]
)
def test_changed_groups_are_outlined_by_more_than_colour(
    page_as: PageAs, units: Cast, theme: str, colour: tuple[int, int, int]
) -> None:
    page = page_as("chi")
    page.context.add_cookies([{"name": "theme", "value": theme, "url": "http://127.0.0.1"}])
    visit(page, f"{VIEW}&d=2030-10-01&c=2030-06-30")
    line = page.locator("path.change-here.change-line")
    style = line.evaluate("e => { const s = getComputedStyle(e); return [s.stroke, s.strokeDasharray]; }")
    assert style[0] == f"rgb{colour}"
    assert style[1].startswith("0.1"), "beads, not a line"
    gone = page.locator("path.change-gone.change-line").first
    assert gone.evaluate("e => getComputedStyle(e).strokeDasharray").startswith("9"), "dashes, not beads"


def test_no_change_says_so(page_as: PageAs, units: Cast) -> None:
    page = visit(page_as("chi"), VIEW)
    see(page, day="2030-09-01", against="2030-08-01")
    expect(by(page, "no-changes")).to_contain_text("Không có thay đổi nào giữa ngày 01/08/2030 và ngày 01/09/2030")
    expect(page.locator(".change-outline")).to_have_count(0)
    for day, text in (("2031-01-01", "chưa tới"), ("2030-08-01", "trùng nhau")):
        see(page, day=day, against="2030-08-01")
        expect(page.locator(".as-of-form [role=alert]")).to_contain_text(text)


def test_changes_of_stage_and_criteria_are_told_in_words(page_as: PageAs, units: Cast) -> None:
    page = visit(page_as("chi"), f"{VIEW}&d=2030-04-01&c=2030-01-15")
    west = page.locator(f".change[data-id='{units['Tổ Tây']}']")
    expect(west).to_contain_text("Đang xây dựng")
    expect(west).to_contain_text("Mất, tạm dừng")
    # The review of 1 February had not been made on 15 January.
    expect(west).to_contain_text("Tiêu chí 1, 2, 3: Chưa rà soát")
    expect(west).to_contain_text("Đạt cả ba")


def test_the_life_of_a_group(page_as: PageAs, units: Cast) -> None:
    page = visit(page_as("chi"), f"{VIEW}&g=groups.{units['Tổ Đông Tây']}")
    history = by(page, "history")
    expect(history.locator(".life")).to_have_count(1)
    expect(history.locator(".life")).to_contain_text("01/07/2030 – nay")
    lineage = by(page, "lineage")
    expect(lineage).to_contain_text("Sáp nhập ngày 01/07/2030 từ:")
    expect(lineage).to_contain_text("7/NQ-HĐND")
    by(page, f"relative-{units['Tổ Tây']}").click()
    settle(page)
    expect(by(page, "as-of-banner")).to_contain_text("30/06/2030")
    expect(by(page, "card").get_by_role("heading", level=2)).to_have_text("Tổ Tây")
    lives = by(page, "history").locator(".life")
    expect(lives.first).to_contain_text("Đang xây dựng")
    expect(lives.first).to_contain_text("01/05/2030 – 30/06/2030")
    expect(lives.first).to_contain_text("12/QĐ-UBND")
    expect(lives.first).to_contain_text("UBND xã Mẫu")
    expect(lives.nth(1)).to_contain_text("Mất, tạm dừng")
    expect(lives.locator("..").locator("[aria-current=date]")).to_contain_text("01/05/2030")
    expect(by(page, "lineage")).to_contain_text("Sáp nhập ngày 01/07/2030 vào:")


def test_the_verdict_ends_with_the_period(page_as: PageAs, units: Cast, frozen: Callable[[dt.date], None]) -> None:
    south = units["Tổ Nam"]
    link = f"{VIEW}&g=groups.{south}"

    def computed(page: Page) -> str:
        rows = page.context.request.get("/api/statuses").json()["groups"]
        return next(str(row["drug_free"]) for row in rows if row["group_id"] == south)

    page = visit(page_as("hoa"), link)
    expect(by(page, "period")).to_have_text("Kỳ đánh giá 15/12/2029 – 14/12/2030")
    expect(by(page, "verdict")).to_have_attribute("data-verdict", "met")
    expect(by(page, "gap-chip")).to_have_count(0)
    expect(page.locator(f"path.group[data-id='{south}']")).not_to_have_attribute(
        "aria-label", re.compile("chưa rà soát")
    )
    assert computed(page) == "met"
    try:
        frozen(LAST_DAY + dt.timedelta(days=1))
        page = visit(page_as("hoa"), link)
        expect(by(page, "period")).to_have_text("Kỳ đánh giá 15/12/2030 – 14/12/2031")
        expect(by(page, "verdict")).to_have_attribute("data-verdict", "not_reviewed")
        expect(by(page, "card").locator(".criterion[data-answer=met]")).to_have_count(0)
        expect(by(page, "card").locator(".criterion").first).to_contain_text("Chưa rà soát trong kỳ này")
        expect(by(page, "card").locator(".criterion").first).to_contain_text("Kỳ trước: Đạt (10/12/2030)")
        expect(by(page, "gap-chip")).to_be_visible()
        expect(page.locator(f"path.group[data-id='{south}']")).to_have_attribute(
            "aria-label", re.compile("Công nhận, chưa rà soát kỳ này")
        )
        assert computed(page) == "not_reviewed"
        # The day before is still what it was.
        page.goto("about:blank")
        visit(page, f"{link}&d={LAST_DAY}")
        expect(by(page, "verdict")).to_have_attribute("data-verdict", "met")
    finally:
        frozen(LAST_DAY)


def test_what_is_not_reviewed_is_marked_until_it_is_switched_off(page_as: PageAs, units: Cast) -> None:
    page = visit(page_as("chi"), VIEW)
    # The four of the sample; the merged one took over February's review.
    count = int(by(page, "gap-count").inner_text())
    marks = page.locator("path.review-gap:not(.is-off)")
    expect(marks).to_have_count(count)
    assert count == 4
    expect(marks.first).to_have_attribute("fill", "url(#fill-unreviewed)")
    expect(by(page, "legend-period")).to_have_text("Kỳ đánh giá 15/12/2029 – 14/12/2030")
    by(page, "gap-switch").uncheck()
    expect(marks).to_have_count(0)
    page.wait_for_url(re.compile("r=0"))
    other = visit(page_as("chi"), page.url)
    expect(by(other, "gap-switch")).not_to_be_checked()
    by(page, "tab-table").click()
    settle(page)
    expect(page.locator("#panel-table .gap-note")).to_have_count(count)


def test_persons_and_steps_by_role(page_as: PageAs, units: Cast) -> None:
    address = f"{VIEW}&g=groups.{units['Tổ Nam']}"
    seen = {}
    for who in ("hoa", "chi", "an", "binh"):
        page = visit(page_as(who), address)
        expect(by(page, "card")).to_be_visible()
        seen[who] = [name for name in ("persons", "propose", "review") if by(page, name).count()]
    assert seen == {"hoa": ["persons", "propose", "review"], "chi": ["propose"], "an": ["persons"], "binh": []}
    page = visit(page_as("hoa"), address)
    expect(by(page, "propose")).to_have_attribute("href", f"/de-nghi?group={units['Tổ Nam']}")
    expect(by(page, "review")).to_have_attribute("href", f"/du-lieu?group={units['Tổ Nam']}")
    expect(by(page, "persons").locator("[data-field=exempt_count] dd")).to_have_text("3")
    expect(by(page, "persons").locator("[data-field=other_count] dd")).to_have_text("0")
    # Counts and steps are of today only.
    page.goto("about:blank")
    visit(page, f"{address}&d=2030-12-01")
    expect(by(page, "card-day")).to_contain_text("01/12/2030")
    assert [by(page, name).count() for name in ("persons", "propose", "review")] == [0, 0, 0]


@pytest.mark.parametrize("theme", ["light", "dark", "outdoor"])
@pytest.mark.parametrize("phone", [False, True])
def test_another_day_has_no_accessibility_violation(page_as: PageAs, units: Cast, theme: str, phone: bool) -> None:
    page = page_as("hoa", phone=phone)
    page.context.add_cookies([{"name": "theme", "value": theme, "url": "http://127.0.0.1"}])
    visit(page, f"{VIEW}&d=2030-10-01&c=2030-06-30")
    by(page, "as-of-more").click()
    if phone:
        page.locator("#grip").click()
        for target in page.locator(".as-of button, .time-parts button, .time-parts summary, .time-parts input").all():
            box = target.bounding_box()
            assert box is not None
            assert box["height"] >= 44, target.evaluate("e => e.outerHTML")
        assert fits(page)
        page.locator("#grip").click()
        expect(page.locator("#panel")).to_have_attribute("data-height", "full")
        still(page, "#panel")
        sheet, banner = page.locator("#panel").bounding_box(), by(page, "as-of-banner").bounding_box()
        assert sheet is not None
        assert banner is not None
        assert banner["y"] + banner["height"] <= sheet["y"], "the banner stays on screen"
    assert violations(page) == []
    by(page, f"change-{units['Tổ Tây']}").click()
    settle(page)
    assert violations(page) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert fits(page)


def test_the_paper_says_which_day_it_shows(page_as: PageAs, units: Cast) -> None:
    page = visit(page_as("chi"), f"/?print=A4&o=landscape{VIEW[1:]}&d=2030-06-30")
    expect(page.locator("#sheet-day")).to_have_text(
        "Tình hình ngày 30/06/2030. Thiết bị và các lớp khác là của hôm nay."
    )
    assert {"Tổ Đông", "Tổ Tây"} < drawn(page)
    expect(page.locator(".sheet-gaps")).to_contain_text("Kỳ đánh giá 15/12/2029 – 14/12/2030")


def test_another_day_is_fetched_when_it_is_asked_for(page_as: PageAs, units: Cast) -> None:
    page = page_as("chi")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    visit(page, VIEW)
    late = ("as_of.js", "as_of_form.js", "compare.js", "changes.js", "history.js", "statuses.js")
    assert [url for url in asked if url.endswith(late)] == []


def test_a_theme_is_of_today(page_as: PageAs, units: Cast) -> None:
    page = visit(page_as("chi"), VIEW)
    choice = by(page, "theme-select")
    choice.select_option(index=1)
    settle(page)
    path = page.locator(f"path.group[data-id='{units['Tổ Nam']}']")
    expect(path).to_have_attribute("fill", re.compile("#fill-t-"))
    expect(page.locator("path.review-gap:not(.is-off)")).to_have_count(0)
    page.wait_for_url(re.compile("t=[a-z]"))
    see(page, day="2030-12-01")
    expect(path).to_have_attribute("fill", "url(#fill-recognised)")
    expect(choice).to_be_hidden()
    by(page, "as-of-back").click()
    settle(page)
    expect(choice).to_have_value("")
    expect(by(page, "legend-recognised")).to_be_visible()
