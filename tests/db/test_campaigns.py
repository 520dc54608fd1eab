"""Campaigns: who makes them, what pages and the report tell of them."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gis_app.analysis.report_periods import Period
from gis_app.db import Actor, begin
from gis_app.jobs.report_content import gather
from gis_app.queries import campaigns as q
from gis_app.queries.communes import fetch_commune
from tests.builders import BEN, MAU
from tests.db import programme as pg
from tests.db.coverage_kit import ClientAs
from tests.db.patrol_rows import clear, put_shift

PAGE = "/tong-quan/cao-diem"
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    yield
    with begin(owner_engine, Actor("system")) as conn:
        conn.exec_driver_sql("DELETE FROM campaigns")
    pg.clear(owner_engine)


def send(client_as: ClientAs, username: str, address: str = "", **form: Any) -> Any:
    officer = pg.Officer(client_as(username))
    return officer.client.post(f"{PAGE}{address}", data={"csrf_token": officer.token, **form})


def form(first: int = -10, last: int = 21, **values: Any) -> dict[str, Any]:
    days = {"starts_on": pg.TODAY + first * DAY, "ends_on": pg.TODAY + last * DAY}
    return {"name": "Cao điểm cuối năm", "target_tip_boxes": "100", **days, **values}


def only(engine: Engine) -> Any:
    with engine.connect() as conn:
        return conn.execute(sa.text("SELECT * FROM campaigns")).one()


def test_leaders_make_change_and_delete(client_as: ClientAs, owner_engine: Engine) -> None:
    for username in ("hoa", "binh", "an", "lan"):
        assert send(client_as, username, **form()).status_code == 403, username
        page = client_as(username).get(PAGE)
        assert page.status_code == 200
        assert 'data-testid="create"' not in page.text
    assert send(client_as, "chi", **form()).status_code == 303
    made = only(owner_engine)
    assert (made.commune_id, made.targets) == (MAU.id, {"tip_boxes": 100})
    again = send(client_as, "chi", **form())
    assert again.status_code == 422
    assert 'value="Cao điểm cuối năm"' in again.text
    page = client_as("an").get(PAGE).text
    assert "Còn 21 ngày" in page
    assert f'data-testid="target-{made.id}-tip_boxes"' in page
    changed = form(name="Cao điểm 2", version=made.version, last=0)
    assert send(client_as, "chi", f"/{made.id}", **changed).status_code == 303
    stale = send(client_as, "chi", f"/{made.id}", **{**changed, "name": "Tên của tôi"})
    assert stale.status_code == 412
    # Who was second sees what it is called now, and loses nothing that was typed.
    assert f'<h2 id="c{made.id}">Cao điểm 2</h2>' in stale.text
    assert 'value="Tên của tôi"' in stale.text
    assert "Hôm nay là ngày cuối" in client_as("an").get(PAGE).text
    # Another commune's is not there.
    assert "Cao điểm 2" not in client_as("giang").get(PAGE).text
    assert send(client_as, "chi", f"/{made.id}/xoa", version=1).status_code == 412
    assert send(client_as, "chi", f"/{made.id}/xoa", version=2).status_code == 303
    assert send(client_as, "chi", f"/{made.id}/xoa", version=2).status_code == 404
    with owner_engine.connect() as conn:
        log = conn.execute(sa.text("SELECT action FROM audit_entries WHERE table_name = 'campaigns' ORDER BY id"))
        assert list(log.scalars()) == ["insert", "update", "delete"]


def test_who_reads_sums_of_patrols_goes_on_to_those_of_its_days(client_as: ClientAs, owner_engine: Engine) -> None:
    assert send(client_as, "chi", **form()).status_code == 303
    one = only(owner_engine)
    address = f"/tuan-tra/no-luc?from={one.starts_on}&amp;to={one.ends_on}"
    for username, may in (("an", True), ("hoa", True), ("chi", True), ("binh", False), ("lan", False)):
        assert (address in client_as(username).get(PAGE).text) is may, username
    assert client_as("an").get(address.replace("&amp;", "&")).status_code == 200


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"name": " "}, "Tên đợt"),
        ({"name": "Gọi 0912345678"}, "Tên đợt"),
        ({"last": -11}, "Đến hết ngày"),
        ({"last": 400}, "Đến hết ngày"),
        ({"starts_on": "mai"}, "Từ ngày"),
        ({"target_tip_boxes": "101"}, "Có hòm thư tố giác"),
        ({"target_reviews": "một"}, "Rà soát đủ ba tiêu chí"),
    ],
)
def test_each_fault_is_named(values: dict[str, Any], said: str, client_as: ClientAs, owner_engine: Engine) -> None:
    wanted = {key: value for key, value in values.items() if key != "last"}
    answer = send(client_as, "chi", **(form(last=values.get("last", 21)) | wanted))
    assert answer.status_code == 422
    assert said in answer.text.partition('data-testid="error"')[2].partition("</div>")[0]
    with owner_engine.connect() as conn:
        assert conn.execute(sa.text("SELECT count(*) FROM campaigns")).scalar_one() == 0


def test_the_database_keeps_communes_apart(conn_as: Any, owner_engine: Engine, client_as: ClientAs) -> None:
    assert send(client_as, "chi", **form()).status_code == 303
    add = "INSERT INTO campaigns (commune_id, name, starts_on, ends_on) VALUES (:here, 'x', '2026-01-01', '2026-01-02')"
    for username, here in (("chi", BEN.id), ("hoa", MAU.id), ("an", MAU.id)):
        with pytest.raises(sa.exc.ProgrammingError):
            conn_as(username).execute(sa.text(add), {"here": here})
    assert conn_as("giang").execute(sa.text("SELECT count(*) FROM campaigns")).scalar_one() == 0
    for statement in ("UPDATE campaigns SET name = 'y'", "DELETE FROM campaigns"):
        assert conn_as("hoa").execute(sa.text(statement)).rowcount == 0
    assert only(owner_engine).name == "Cao điểm cuối năm"


def test_who_takes_a_name_at_the_same_moment_is_told(client_as: ClientAs, conn_as: Any) -> None:
    """Between the question whether a name is free and the writing somebody else may have taken it."""
    for name in ("Một", "Hai"):
        assert send(client_as, "chi", **form(name=name)).status_code == 303
    conn = conn_as("chi")
    one, other = q.fetch_campaigns(conn, MAU.id)
    assert not q.update_campaign(conn, one, one.version, {"name": other.name})
    assert q.update_campaign(conn, one, one.version, {"name": "Ba"})


def test_pages_of_the_work_count_down(client_as: ClientAs, owner_engine: Engine) -> None:
    assert send(client_as, "chi", **form()).status_code == 303
    assert send(client_as, "chi", **form(name="Năm sau", first=40, last=60)).status_code == 303
    hoa = pg.Officer(client_as("hoa"))
    group = pg.group_ids(owner_engine, MAU.id)[0]
    for days in (3, 30):
        body = pg.task(group, due_on=(pg.TODAY + days * DAY).isoformat())
        assert pg.post(hoa, "/api/tasks", body).status_code == 201
    for username, address in (("chi", "/tong-quan"), ("an", "/tuan-tra/ca")):
        page = client_as(username).get(address).text
        banner = " ".join(page.partition('<p class="notice campaign"')[2].partition("</p>")[0].split())
        assert "Còn 21 ngày" in banner, username
        assert "xong 0/1 việc" in banner
        assert "0 ca tuần tra" in banner
        assert ("chỉ tiêu" in banner) == (username == "chi")
        assert "Năm sau" not in page
    assert 'class="notice campaign"' not in client_as("giang").get("/tong-quan").text


def test_the_report_of_a_campaign_sums_it_up(client_as: ClientAs, conn_as: Any) -> None:
    assert send(client_as, "chi", **form(last=0, target_notice_boards="50")).status_code == 303
    conn = conn_as("chi")
    here = fetch_commune(conn, MAU.id)
    assert here is not None
    now = dt.datetime.now(dt.UTC)

    def sections(kind: str, first: int = -10) -> dict[str, Any]:
        period = Period(kind, pg.TODAY + first * DAY, pg.TODAY)
        found = gather(conn, here, period, now, now=now, step=lambda *_: None)["sections"]
        return {one["name"]: one for one in found}

    told = sections("campaign")["campaign"]
    assert "Cao điểm cuối năm" in told["blocks"][0]["text"]
    table = next(block for block in told["blocks"] if block["type"] == "table")
    assert [row[1] for row in table["rows"]] == ["100 %", "50 %"]
    assert {row[4] for row in table["rows"]} <= {"Đạt", "Chưa đạt", "Chưa có số liệu"}
    assert "campaign" not in sections("range")
    assert "campaign" not in sections("campaign", first=-9)


def test_shifts_are_those_of_its_days(client_as: ClientAs, owner_engine: Engine) -> None:
    """The committee is told of whole weeks: in the first one of a campaign, of the week before."""
    before = -7 - pg.TODAY.weekday()
    try:
        put_shift(owner_engine, before)
        assert send(client_as, "chi", **form(first=-pg.TODAY.weekday())).status_code == 303
        assert "0 ca tuần tra" in client_as("chi").get(PAGE).text
        made = only(owner_engine)
        longer = form(first=before, version=made.version)
        assert send(client_as, "chi", f"/{made.id}", **longer).status_code == 303
        assert "1 ca tuần tra" in client_as("chi").get(PAGE).text
    finally:
        clear(owner_engine)


@pytest.mark.parametrize(
    ("counts", "page", "paper"),
    [(None, "dưới 5 điểm", "dưới 5"), ((13, 7), "7/13", "khoảng 5/khoảng 15")],
)
def test_hotspots_are_told_as_elsewhere(
    counts: tuple[int, int] | None, page: str, paper: str, client_as: ClientAs, conn_as: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Not the few, and on paper none by the one."""
    monkeypatch.setattr("gis_app.jobs.programme.count_period", lambda *_: counts)
    wanted = form(last=0, target_tip_boxes="", target_hotspots_handled="50")
    assert send(client_as, "chi", **wanted).status_code == 303
    row = client_as("chi").get(PAGE).text.partition("-hotspots_handled")[2].partition("</tr>")[0]
    assert page in row
    here, now = fetch_commune(conn_as("chi"), MAU.id), dt.datetime.now(dt.UTC)
    assert here is not None
    period = Period("campaign", pg.TODAY - 10 * DAY, pg.TODAY)
    found = gather(conn_as("chi"), here, period, now, now=now, step=lambda *_: None)["sections"]
    told = next(one for one in found if one["name"] == "campaign")
    table = next(block for block in told["blocks"] if block["type"] == "table")
    assert [row[2:4] for row in table["rows"]] == [[paper, ""]]
