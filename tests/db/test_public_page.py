"""The public page: what a stranger reads, the ledger, who releases; and the attack on six releases through the page."""

import datetime as dt
import itertools
import random
import re
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Connection, Engine

from gis_app.db import NOBODY, Actor, act_as, begin
from gis_app.jobs import publish as publishing
from gis_app.jobs.accounts import set_account
from gis_app.jobs.publish import MAX_LATE, is_release_day, last_release_day, publish
from gis_app.jobs.roadmap_fixtures import load_roadmap
from gis_app.queries.loading import insert_rows
from gis_app.tables import accounts
from layers import LAYERS
from tests.builders import BEN, CAST, MAU, PASSWORD, sample_row
from tests.db.test_accounts import post
from tests.unit.test_suppression import ENDS, TOTAL_ENDS, Release, bounds_of

DAY = dt.date(2026, 6, 30)
DAYS = [dt.date(2023, 12, 31)] + [dt.date(y, m, d) for y in (2024, 2025) for m, d in ((6, 30), (12, 31))] + [DAY]
PUBLIC = {"public_releases", "public_cells", "public_settings"}
# When a job last ran (/readyz asks it for everybody), and the usual steps of a stage: no commune's rows.
OF_NOBODY = {"heartbeats", "stage_steps"}
ClientAs = Callable[[str | None], FlaskClient]
PAGE = f"/cong-khai?xa={MAU.id}"


def wipe(engine: Engine) -> None:
    """No release at all: even the owner must put the ledger's guard aside first."""
    with begin(engine, Actor("system")) as conn:
        for table in ("public_cells", "public_releases"):
            conn.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER {table}_ledger")
            conn.exec_driver_sql(f"DELETE FROM {table}")
            conn.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER {table}_ledger")
        conn.exec_driver_sql("DELETE FROM public_settings")


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    with begin(owner_engine, Actor("system")) as conn:
        facilities = conn.exec_driver_sql("SELECT id, name, visibility FROM facilities").all()
    yield
    wipe(owner_engine)
    with begin(owner_engine, Actor("system")) as conn:
        conn.exec_driver_sql("DELETE FROM groups WHERE source = 'public'")
        conn.exec_driver_sql(
            "UPDATE groups SET resident_count = household_count * 4, exempt_count = household_count / 100, "
            "other_count = 0"
        )
        conn.execute(
            sa.text("UPDATE facilities SET name = :name, visibility = :visibility WHERE id = :id"),
            [dict(row._mapping) for row in facilities],
        )
        conn.exec_driver_sql("DELETE FROM accounts WHERE username LIKE 'cong-bo%%'")
        conn.exec_driver_sql("DELETE FROM audit_entries WHERE action LIKE 'public%%'")


def make(engine: Engine, day: dt.date = DAY, *, counts: bool = False) -> dict[str, int]:
    with begin(engine, Actor("system")) as conn:
        if counts:
            conn.exec_driver_sql(
                f"INSERT INTO public_settings (commune_id, with_counts) VALUES ({MAU.id}, true) ON CONFLICT DO NOTHING"
            )
        return dict(publish(conn, day))


def release(engine: Engine, day: dt.date = DAY, place: int = MAU.id) -> None:
    with begin(engine, Actor("committee", place, "chi")) as conn:
        found = conn.execute(
            sa.text("SELECT id, version FROM public_releases WHERE released_on = :day AND commune_id = :place"),
            {"day": day, "place": place},
        ).one()
        statement = sa.text("SELECT decide_public_release(:id, :version, 'released')")
        assert conn.execute(statement, {"id": found.id, "version": found.version}).scalar_one() == "done"


def put(engine: Engine, text: str) -> None:
    with begin(engine, Actor("system")) as conn:
        conn.exec_driver_sql(text)


def test_a_stranger_reads_the_public_tables_and_no_other(engine: Engine, owner_engine: Engine) -> None:
    make(owner_engine)
    release(owner_engine)
    with begin(engine, NOBODY) as conn:
        for name in accounts.metadata.tables:
            may_ask = "SELECT has_table_privilege('gis_app', %(name)s, 'SELECT')"
            if conn.exec_driver_sql(may_ask, {"name": name}).scalar_one() and name not in PUBLIC | OF_NOBODY:
                assert conn.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one() == 0, name
        assert conn.exec_driver_sql("SELECT count(*) FROM public_cells").scalar_one() == 4
        for statement in (
            "INSERT INTO public_cells SELECT * FROM public_cells",
            "UPDATE public_cells SET stage = 'achieved'",
            "DELETE FROM public_releases",
            "UPDATE public_releases SET state = 'draft'",
        ):
            nested = conn.begin_nested()
            with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
                conn.exec_driver_sql(statement)
            nested.rollback()
        missing = conn.exec_driver_sql(f"SELECT decide_public_release({2**40}, 1, 'withdrawn')").scalar_one()
        assert missing == "missing"


def test_a_draft_is_nobody_else_s_business(owner_engine: Engine, client_as: ClientAs) -> None:
    assert make(owner_engine) == {str(MAU.id): 4, str(BEN.id): 4}
    assert make(owner_engine) == {}
    stranger = client_as(None)
    none, draft = stranger.get("/cong-khai?xa=1"), stranger.get(PAGE)
    assert (none.status_code, draft.status_code) == (404, 404)
    assert none.json["title"] == draft.json["title"]
    assert str(MAU.id) not in stranger.get("/cong-khai").text
    for username in ("chi", "hoa", "lan"):
        page = client_as(username).get("/cong-bo").text
        assert "MAU1" in page
        assert "BEN2" not in page
    for username in ("an", "binh"):
        assert client_as(username).get("/cong-bo").status_code == 403
    release(owner_engine)
    assert stranger.get(PAGE).status_code == 200
    assert str(MAU.id) in stranger.get("/cong-khai").text
    assert str(BEN.id) not in stranger.get("/cong-khai").text


def desk(client: FlaskClient) -> tuple[str, str]:
    """(address of the draft, its version) on the desk."""
    page = client.get("/cong-bo").text
    found = re.search(r'action="(/cong-bo/\d+/cong-bo)">.*?name="version" value="(\d+)"', page, re.DOTALL)
    assert found is not None
    return found[1], found[2]


def test_who_releases_and_from_which_version(owner_engine: Engine, client_as: ClientAs) -> None:
    make(owner_engine)
    committee = client_as("chi")
    address, version = desk(committee)
    for username in ("hoa", "lan", "an", "binh"):
        assert post(client_as(username), address, version=version)[0] == 403
    with begin(owner_engine, Actor("system")) as conn:
        set_account(conn, "cong-bo.ben", PASSWORD, "committee", BEN.id)
    foreign = client_as("cong-bo.ben")
    answers = [
        post(foreign, a, version=version) for a in (address, f"/cong-bo/{2**40}/cong-bo", f"/cong-bo/{2**70}/cong-bo")
    ]
    assert {status for status, _ in answers} == {404}
    assert post(committee, address, version="9")[0] == 412
    assert post(committee, address)[0] == 412
    assert post(committee, address, version=version) == (302, "/cong-bo?done=released")
    assert post(committee, address, version="2")[0] == 409
    with owner_engine.begin() as conn:
        query = "SELECT username, commune_id FROM audit_entries WHERE action = 'public_released'"
        assert [tuple(row) for row in conn.execute(sa.text(query))] == [("chi", MAU.id)]
    assert client_as(None).get(PAGE).status_code == 200
    assert (
        post(committee, address.replace("/cong-bo", "/rut-lai").replace("/rut-lai/", "/cong-bo/", 1), version="2")[0]
        == 302
    )
    assert client_as(None).get(PAGE).status_code == 404
    # Not again: the difference of two releases of one day would be one correction.
    assert str(MAU.id) not in make(owner_engine)


def test_before_its_day_nothing_is_released(owner_engine: Engine, client_as: ClientAs) -> None:
    future = dt.date(2098, 12, 31)
    make(owner_engine, future)
    committee = client_as("chi")
    address, version = desk(committee)
    assert post(committee, address, version=version)[0] == 409
    put(owner_engine, "UPDATE public_releases SET state = 'released', decided_by = 'x'")
    assert client_as(None).get(PAGE).status_code == 404


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE public_cells SET stage = 'achieved'",
        "DELETE FROM public_cells",
        "DELETE FROM public_releases",
        "UPDATE public_releases SET total_class = 'few'",
        "UPDATE public_releases SET released_on = '2025-06-30'",
        "UPDATE public_releases SET state = 'draft'",
    ],
)
def test_the_ledger_stands_even_for_the_owner(statement: str, owner_engine: Engine) -> None:
    make(owner_engine, counts=True)
    release(owner_engine)
    release(owner_engine, place=BEN.id)
    with pytest.raises(sa.exc.DBAPIError, match="never changed"), begin(owner_engine, Actor("system")) as conn:
        conn.exec_driver_sql(statement)


@pytest.mark.parametrize("day", ["2026-12-14", "2026-07-01", "2026-11-22"])
def test_only_on_fixed_days(day: str, owner_engine: Engine) -> None:
    assert not is_release_day(dt.date.fromisoformat(day))
    with pytest.raises(sa.exc.IntegrityError, match="released_on_fixed"):
        make(owner_engine, dt.date.fromisoformat(day))


def test_days_of_release() -> None:
    assert last_release_day(dt.date(2026, 11, 22)) == DAY
    assert last_release_day(dt.date(2026, 12, 31)) == dt.date(2026, 12, 31)
    assert last_release_day(dt.date(2026, 6, 29)) == dt.date(2025, 12, 31)
    days = sorted(dt.date(2026, m, d) for m, d in ((6, 30), (12, 31)))
    assert min(later - day for day, later in itertools.pairwise(days)) > MAX_LATE


def test_the_command(app: Flask, owner_engine: Engine) -> None:
    run = app.test_cli_runner()
    assert run.invoke(args=["publish", "--on", "2026-12-14"]).exit_code == 2
    for late in ("2098-12-31", "2020-06-30"):
        done = run.invoke(args=["publish", "--on", late])
        assert (done.exit_code, "nothing was made" in done.output) == (1, True)
    with begin(owner_engine, Actor("system")) as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM public_releases").scalar_one() == 0


def test_the_page_is_the_same_for_all_and_may_be_kept(owner_engine: Engine, client_as: ClientAs, app: Flask) -> None:
    make(owner_engine)
    release(owner_engine)
    strangers = client_as(None).get(PAGE)
    for username in (*CAST, None):
        for address in (PAGE, f"{PAGE}&ky={DAY}", f"{PAGE}&lang=en", "/cong-khai"):
            answer = client_as(username).get(
                address, headers={"Cookie": "theme=dark; lang=en"} if username is None else {}
            )
            assert answer.status_code == 200, address
            assert "Set-Cookie" not in answer.headers
            assert answer.headers["Cache-Control"] == "public, max-age=300"
            assert "Cookie" not in answer.headers.get("Vary", "")
            assert "csrf" not in answer.text
            if address == PAGE:
                assert answer.data == strangers.data
    again = app.test_client().get(PAGE, headers={"If-None-Match": strangers.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert "<script" not in strangers.text
    for wrong in ("&ky=2025-06-30", "&ky=gestern", "&x=1", "&lang=fr"):
        assert app.test_client().get(PAGE + wrong).status_code in (400, 404)


def test_the_hotlines_are_the_commune_s(owner_engine: Engine, client_as: ClientAs) -> None:
    make(owner_engine)
    release(owner_engine)
    committee = client_as("chi")
    fields = {"commune_phone": "0225 3861 234", "pc04_phone": "069.278.5379", "c04_phone": "", "version": "0"}
    assert post(client_as("hoa"), "/cong-bo/cai-dat", **fields)[0] == 403
    assert post(committee, "/cong-bo/cai-dat", **fields) == (302, "/cong-bo?done=settings")
    assert post(committee, "/cong-bo/cai-dat", **fields)[0] == 412
    for bad in ("gọi tôi", "1" * 30, "javascript:1", "-1"):
        assert post(committee, "/cong-bo/cai-dat", **fields | {"version": "1", "c04_phone": bad})[0] == 422
    page = client_as(None).get(PAGE).text
    assert 'href="tel:02253861234"' in page
    assert 'href="tel:0692785379"' in page
    assert "chưa có số" in page
    assert 'href="tel:113"' in page
    assert "VNeID" in page


def test_nothing_but_classes_reaches_the_page(owner_engine: Engine, client_as: ClientAs) -> None:
    """Other numbers of the same classes, another name of a clinic, another hotspot: the same page, byte for byte."""
    put(owner_engine, f"UPDATE groups SET exempt_count = 1, other_count = 0 WHERE commune_id = {MAU.id}")
    put(owner_engine, "UPDATE groups SET resident_count = 49 WHERE external_id = 'MAU1-g3'")
    make(owner_engine, counts=True)
    release(owner_engine)
    first = client_as(None).get(PAGE)
    wipe(owner_engine)
    put(owner_engine, f"UPDATE groups SET exempt_count = 4, other_count = 3 WHERE commune_id = {MAU.id}")
    put(
        owner_engine,
        "UPDATE groups SET exempt_count = 40, stage = 'lapsed', resident_count = 3 WHERE external_id = 'MAU1-g3'",
    )
    # A group that has fallen back is worked on, as one that is being built.
    put(owner_engine, "UPDATE groups SET stage = 'lapsed' WHERE external_id = 'MAU1-g2'")
    put(owner_engine, "UPDATE facilities SET name = 'MAU1 methadone', visibility = 'public'")
    put(owner_engine, "DELETE FROM hotspots WHERE external_id = 'MAU1-h-xa'")
    try:
        make(owner_engine, counts=True)
        release(owner_engine)
        second = client_as(None).get(PAGE)
    finally:
        put(owner_engine, "UPDATE groups SET stage = 'building' WHERE external_id = 'MAU1-g2'")
        put(owner_engine, "UPDATE groups SET stage = 'not_selected' WHERE external_id = 'MAU1-g3'")
        layer = LAYERS["hotspots"]
        _, _, values = sample_row(layer, MAU, severity=2, state="verified")
        values |= {"class": "risk", "place": "MAU1 xa"}
        with begin(owner_engine, Actor("system")) as conn:
            insert_rows(conn, layer, MAU.id, [("MAU1-h-xa", MAU.at(2900, 2950), values)], "test")
    assert first.text == second.text
    assert first.headers["ETag"] == second.headers["ETag"]
    assert "methadone" not in second.text.lower()


def test_the_target_is_the_roadmap_s(
    owner_engine: Engine, client_as: ClientAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    with owner_engine.connect() as conn:
        act_as(conn, Actor("system"))
        assert publishing._target(conn, MAU.id, 2026) is None
        load_roadmap(conn, MAU.id, "11455")
        # A fifth of four groups, rounded up.
        assert publishing._target(conn, MAU.id, 2026) == (1, 2026)
        conn.rollback()
    monkeypatch.setattr(publishing, "_target", lambda *_: (3, 2026))
    make(owner_engine)
    release(owner_engine)
    assert "Mục tiêu đến hết năm 2026: 3 tổ dân phố" in client_as(None).get(PAGE).text


def read_page(text: str) -> Release:
    """What an attacker reads: the classes of the groups that show one, and the total's."""
    words = {"0": "none", "1–4": "few", "5–9": "some", "từ 10": "many"}
    table = text.split('data-testid="public-list"')[1]
    rows, foot = table.split("</tbody>")[0], table.split("</tbody>")[1].split("</table>")[0]
    cells = re.findall(r"<td[^>]*>([^<]*)</td>\s*</tr>", rows)
    total = re.findall(r"<td>([^<]*)</td>\s*</tr>", foot)
    codes = [words[cell] for cell in cells if cell in words]
    return codes, TOTAL_ENDS[words[total[0]]] if total and total[0] in words else None


@pytest.fixture
def more_groups(owner_engine: Engine) -> list[str]:
    layer = LAYERS["groups"]
    rows = []
    for number in range(1, 6):
        _, _, values = sample_row(layer, MAU, name=f"Thôn {number}", resident_count=300, exempt_count=1)
        values |= {"valid_from": None, "valid_to": None}
        rows.append((f"MAU1-p{number}", MAU.box(100 * number, 0, 100 * number + 90, 90), values))
    with begin(owner_engine, Actor("system")) as conn:
        insert_rows(conn, layer, MAU.id, rows, "public")
    return [row[0] for row in rows] + [f"MAU1-g{n}" for n in range(1, 5)]


def set_counts(conn: Connection, names: list[str], counts: list[int]) -> None:
    statement = sa.text("UPDATE groups SET exempt_count = :count WHERE external_id = :name")
    conn.execute(statement, [{"name": n, "count": c} for n, c in zip(names, counts, strict=True)])


@pytest.mark.parametrize("seed", range(4))
def test_six_releases_read_from_the_page_give_no_count_away(
    seed: int, more_groups: list[str], owner_engine: Engine, client_as: ClientAs
) -> None:
    draw, stranger = random.Random(seed), client_as(None)
    counts = [draw.choice((0, 1, 1, 2, 3, 4, 6, 11)) for _ in more_groups]
    history, seen = [], []
    for day in DAYS:
        with begin(owner_engine, Actor("system")) as conn:
            set_counts(conn, more_groups, counts)
        make(owner_engine, day, counts=True)
        release(owner_engine, day)
        seen.append(read_page(stranger.get(f"{PAGE}&ky={day}").text))
        history.append(list(counts))
        counts = [max(0, count + draw.choice((-1, 0, 0, 1))) for count in counts]
    assert len(seen) == 6
    assert [len(codes) for codes, _ in seen] == [9] * 6
    for steady in (False, True):
        for (when, group), ends in bounds_of(seen, steady=steady).items():
            assert ends == ENDS[seen[when][0][group]], (when, group, history[when])


def test_counts_rest_for_two_releases_after_a_merger(
    more_groups: list[str], owner_engine: Engine, client_as: ClientAs
) -> None:
    shown = []
    for number, day in enumerate(DAYS[:5]):
        if number == 1:
            put(owner_engine, "DELETE FROM groups WHERE external_id = 'MAU1-p5'")
        make(owner_engine, day, counts=True)
        release(owner_engine, day)
        shown.append(bool(read_page(client_as(None).get(f"{PAGE}&ky={day}").text)[0]))
    assert shown == [True, False, False, True, True]
