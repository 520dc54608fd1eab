"""The committee's page: exact sentences, every year, nothing of another commune, fast for 43 groups of 3 years."""

import re
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from gis_app.jobs.roadmap_fixtures import load_roadmap
from gis_app.queries.loading import insert_rows
from gis_app.tables.roadmap import clauses, commune_figures, resolutions, target_rules, unit_counts
from layers import LAYERS
from tests.builders import BEN, MAU, PASSWORD
from tests.db.statements import asked

ClientAs = Callable[[str | None], FlaskClient]


@pytest.fixture(scope="module")
def do_son(owner_engine: Engine) -> Iterator[Engine]:
    """Xã Mẫu with 23 groups, two of them achieved, and Đồ Sơn's roadmap; Xã Bên with Tân An's."""
    layer = LAYERS["groups"]
    names = ["Trung Dũng", "Cầu Tre", *(f"số {k}" for k in range(3, 20))]
    rows = []
    for k, name in enumerate(names):
        stage = ("recognised", "building")[k > 0]
        spot = MAU.box(20 * k, 20 * k, 20 * k + 15, 20 * k + 15)
        rows.append((f"MAU1-ov{k}", spot, {"name": f"Tổ dân phố {name}", "stage": stage, "kind": "residential_group"}))
    with begin(owner_engine, Actor("system")) as conn:
        insert_rows(conn, layer, MAU.id, rows, "overview")
        load_roadmap(conn, MAU.id, "11455")
        load_roadmap(conn, BEN.id, "11167")
    yield owner_engine
    with begin(owner_engine, Actor("system")) as conn:
        conn.execute(sa.text("DELETE FROM groups WHERE source = 'overview'"))
        for table in (target_rules, clauses, resolutions, unit_counts, commune_figures):
            conn.execute(sa.delete(table))


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_the_sentence_and_every_year(do_son: Engine, client_as: ClientAs) -> None:
    page = client_as("chi").get("/tong-quan?nam=2027").text
    found = re.search(r'data-testid="headline">([^<]+)<', page)
    assert found
    assert found.group(1).startswith("Đạt 2/23 tổ dân phố không ma túy (8,7 %) · ")
    for sentence in (
        "Mục tiêu 2026: 5/23 (20 % = 4,6 → làm tròn lên)",
        "Mục tiêu 2027: 12/23 (50 % = 11,5 → làm tròn lên)",
        "Mục tiêu 2028: 19/23 (80 % = 18,4 → làm tròn lên)",
        "Mục tiêu 2029: 23/23 (100 %)",
    ):
        assert sentence in page
    shown = re.findall(r'data-testid="targets-(\d+)"( hidden)?', page)
    assert [year for year, hidden in shown if not hidden] == ["2027"]
    part = text_of(page[page.index('data-testid="targets-2027"') : page.index('data-testid="targets-2028"')])
    assert "Giữ vững 5" in part
    assert "Xây mới 7" in part
    assert "Đã đạt 2, còn thiếu 10" in part


def test_legend_and_table_have_all_groups(do_son: Engine, client_as: ClientAs) -> None:
    page = client_as("lan").get("/tong-quan").text
    counts = [int(x) for x in re.findall(r'data-testid="legend-(?!gap)\w+">.*?<b>(\d+)</b>', page, re.DOTALL)]
    assert (sum(counts), len(counts)) == (23, 7)
    assert len(re.findall(r"<tr data-group=", page)) == 23
    assert BEN.marker not in page
    assert "Chưa đủ căn cứ" in page
    # No count of persons, whoever reads.
    for label in ("loại trừ</th>", "exempt", "other_count"):
        assert label not in page.split('id="boot"')[0]


def test_both_readings_stand_there_until_one_is_chosen(do_son: Engine, client_as: ClientAs) -> None:
    page = client_as("giang").get("/tong-quan?nam=2027").text
    part = text_of(page[page.index('data-testid="targets-2027"') : page.index('data-testid="targets-2028"')])
    assert "hoặc" in part
    assert "chưa chọn cách hiểu" in part
    assert "Cộng dồn: đến hết năm 2027 có 50 % số thôn" in part
    assert "Xây dựng thêm 50 % số thôn" in part


def test_where_people_land(do_son: Engine, client_as: ClientAs) -> None:
    for username, address in (("chi", "/tong-quan"), ("binh", "/do-phu"), ("hoa", "/du-lieu"), ("lan", "/tong-quan")):
        client = client_as(None)
        page = client.get("/dang-nhap").text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token
        form = {"csrf_token": token.group(1), "username": username, "password": PASSWORD, "next": "/"}
        assert client.post("/dang-nhap", data=form).headers["Location"] == address
        assert client.get("/dang-nhap").headers["Location"] == address
        assert client.get("/dang-nhap?next=/lo-trinh").headers["Location"] == "/lo-trinh"
    assert client_as("quantri").get("/tong-quan").status_code == 403


def test_strange_years_show_this_year(do_son: Engine, client_as: ClientAs) -> None:
    client = client_as("chi")
    assert client.get("/tong-quan?nam=2099").status_code == 200
    assert client.get("/tong-quan?nam=x").status_code == 400


def statements_of(client: FlaskClient) -> int:
    """How often the page asks the database."""
    with asked() as statements:
        assert client.get("/tong-quan").status_code == 200
    return len(statements)


def test_more_groups_and_years_ask_the_database_no_oftener(do_son: Engine, client_as: ClientAs) -> None:
    """What the page takes with Kiến An's 43 groups is in benchmarks/programme.py."""
    client = client_as("chi")
    client.get("/tong-quan")
    before = statements_of(client)
    layer = LAYERS["groups"]
    more = [
        (f"MAU1-ovx{k}", MAU.box(1000 + 20 * k, 20 * k, 1015 + 20 * k, 20 * k + 15), {"name": f"Tổ {k}"})
        for k in range(20)
    ]
    with begin(do_son, Actor("system")) as conn:
        insert_rows(conn, layer, MAU.id, more, "overview")
        for year in (2023, 2024, 2025):
            for month in range(1, 13):
                held = sa.text(
                    "SELECT record_status(id, daterange(make_date(:y, :m, 1), NULL), "
                    "jsonb_build_object('last_reviewed_on', make_date(:y, :m, 1))) "
                    "FROM groups WHERE commune_id = :c AND source = 'overview'"
                )
                conn.execute(held, {"y": year, "m": month, "c": MAU.id})
    assert statements_of(client) == before
    page = client.get("/tong-quan").text
    assert len(re.findall(r"<tr data-group=", page)) == 43
