"""T-X5: every page of every role in Vietnamese, found by its links, says nothing in English."""

import html
import re
from collections import Counter
from collections.abc import Callable, Iterator
from urllib.parse import urljoin, urlsplit

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from gis_app.jobs.accounts import set_account
from gis_app.jobs.roadmap_fixtures import load_roadmap
from gis_app.tables.roadmap import clauses, commune_figures, resolutions, target_rules, unit_counts
from gis_app.words import catalogue
from layers import LAYERS
from tests.builders import MAU, PASSWORD
from tests.db.tip_kit import open_tips, wipe_tips
from tests.vietnamese import english_in, texts_of

ClientAs = Callable[[str | None], FlaskClient]
ADMIN = "mau.quan-tri"
PEOPLE = ("an", "binh", "chi", "hoa", "lan", ADMIN, None)
# Pages that nothing leads to, refusals among them.
MORE = ("/nhat-ky", "/quan-tri/tai-khoan", "/khong-co", "/viec/999999", "/du-lieu?x=1", "/tuan-tra/999/di", "/tin/x")
# Of one kind of page this many are read.
OF_A_KIND = 2


@pytest.fixture(scope="module", autouse=True)
def _rows(owner_engine: Engine) -> Iterator[None]:
    with begin(owner_engine, Actor("system")) as conn:
        conn.exec_driver_sql("DELETE FROM audit_entries")
        set_account(conn, ADMIN, PASSWORD, "admin", MAU.id)
        load_roadmap(conn, MAU.id, "11455")
    open_tips(owner_engine, MAU)
    yield
    wipe_tips(owner_engine)
    with begin(owner_engine, Actor("system")) as conn:
        for table in (target_rules, clauses, resolutions, unit_counts, commune_figures):
            conn.execute(sa.delete(table))
        conn.exec_driver_sql(f"DELETE FROM accounts WHERE username = '{ADMIN}'")
        conn.exec_driver_sql("DELETE FROM audit_entries")


def read_all(client: FlaskClient, start: list[str]) -> Iterator[tuple[str, str]]:
    """Every page that links lead to, as (address, HTML)."""
    waiting, seen = list(start), Counter[str]()
    while waiting:
        address = waiting.pop(0)
        kind = re.sub(r"\d+", "#", address)
        seen[kind] += 1
        if seen[kind] > OF_A_KIND:
            continue
        answer = client.get(address, headers={"Accept": "text/html"}, follow_redirects=True)
        if answer.mimetype != "text/html":
            continue
        yield address, answer.text
        for link in re.findall(r'href="([^"#]+)', answer.text):
            parts = urlsplit(urljoin(f"http://here{address}", html.unescape(link)))
            outside = parts.netloc != "here" or parts.path.startswith(("/static/", "/api/", "/ogc/"))
            if not outside and "lang=" not in parts.query:
                waiting.append(parts.path + (f"?{parts.query}" if parts.query else ""))


@pytest.mark.parametrize("username", PEOPLE)
def test_no_page_speaks_english(username: str | None, client_as: ClientAs) -> None:
    start = (
        ["/dang-nhap", "/cong-khai", "/tin", *MORE] if username is None else ["/", "/tong-quan", "/tai-khoan", *MORE]
    )
    found: dict[str, list[str]] = {}
    count = 0
    for address, page in read_all(client_as(username), start):
        assert '<html lang="vi"' in page, address
        # The sample rows are named by their columns, a poster has a word by chance; an example of a filter is
        # written as programs read it.
        texts = [
            re.sub(r"(?:MAU1 )+\w+(?: point| area)?|/tin/\d+-\S+", "", text)
            for text in texts_of(page)
            if "state = 'broken'" not in text
        ]
        # Keys of messages that are missing show as they are.
        missing = [text for text in texts if re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", text) and "mau." not in text]
        if wrong := english_in(texts) + missing:
            found[address] = wrong
        count += 1
    assert found == {}
    assert count > (10 if username is None else 30)


def test_the_log_names_every_table_that_it_keeps(owner_engine: Engine) -> None:
    query = """SELECT DISTINCT t.tgrelid::regclass::text FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
               WHERE p.proname LIKE 'audit%' AND NOT t.tgisinternal"""
    with owner_engine.connect() as conn:
        kept = set(conn.execute(sa.text(query)).scalars())
    assert len(kept) > 25
    assert {name for name in kept if name not in LAYERS and f"audit.table.{name}" not in catalogue("vi")} == set()
