"""Resolutions, clauses and rules through the web: who may, versions, faults, choice of a reading, the page."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Connection, Engine
from werkzeug.test import TestResponse

from gis_app.db import Actor, act_as, begin
from gis_app.jobs.accounts import set_account
from gis_app.jobs.roadmap import roadmap_of
from gis_app.jobs.roadmap_fixtures import load_roadmap
from gis_app.queries.city import upsert_grant
from gis_app.queries.statuses import GroupStatus, fetch_statuses
from gis_app.tables.roadmap import clauses, commune_figures, resolutions, target_rules, unit_counts
from tests.builders import BEN, MAU, PASSWORD
from tests.db.officers import Officer

ClientAs = Callable[[str | None], FlaskClient]
TABLES = (target_rules, clauses, resolutions, unit_counts, commune_figures)


@pytest.fixture
def clean(owner_engine: Engine) -> Iterator[Engine]:
    """What a test writes is gone afterwards."""
    yield owner_engine
    with begin(owner_engine, Actor("system")) as conn:
        for table in TABLES:
            conn.execute(sa.delete(table))
        conn.execute(sa.text("DELETE FROM audit_entries"))


@pytest.fixture
def do_son(clean: Engine) -> Engine:
    """Đồ Sơn's roadmap in Xã Mẫu (4 groups, one maintained), Tân An's in Xã Bên."""
    with begin(clean, Actor("system")) as conn:
        load_roadmap(conn, MAU.id, "11455")
        load_roadmap(conn, BEN.id, "11167")
    return clean


@pytest.fixture
def hoa(client_as: ClientAs, clean: Engine) -> Officer:
    """The data officer of Xã Mẫu."""
    return Officer(client_as("hoa"))


def post(officer: Officer, address: str, body: dict[str, Any], **headers: str) -> TestResponse:
    return officer.send("POST", address, body, Idempotency_Key=uuid4().hex, **headers)


def make_clause(officer: Officer) -> tuple[int, int]:
    title = {"title": "Nghị quyết thử", "number": "01-NQ/ĐU", "issued_on": "2026-01-05"}
    resolution = post(officer, "/api/resolutions", title)
    assert resolution.status_code == 201, resolution.text
    number = resolution.json["id"]
    text = {"resolution_id": number, "line": 7, "text": "Năm 2026: xây dựng\nthành công 20 %"}
    clause = post(officer, "/api/clauses", text)
    assert clause.status_code == 201, clause.text
    assert clause.json["text"] == "Năm 2026: xây dựng thành công 20 %"
    return number, clause.json["id"]


def rule(clause_id: int, **values: Any) -> dict[str, Any]:
    return {"clause_id": clause_id, "kind": "group", "part": "new", "year": 2026, "share": "20"} | values


def test_enter_a_resolution_and_read_its_roadmap(hoa: Officer) -> None:
    resolution, clause = make_clause(hoa)
    made = post(hoa, "/api/target-rules", rule(clause, year=2090))
    assert (made.status_code, made.headers["ETag"]) == (201, '"1"')
    assert (made.json["share"], made.json["until_year"], made.json["rounding"]) == ("20", 2090, "ceil")
    listed = hoa.client.get("/api/resolutions").json["resolutions"]
    assert [len(c["rules"]) for r in listed for c in r["clauses"]] == [1]
    found = hoa.client.get("/api/roadmap?until=2090").json
    # 20 % of 4 groups are 0.8, so 1; group 1 is maintained.
    assert (found["group_count"], found["achieved_count"]) == (4, 1)
    year = found["years"][0]
    assert (year["year"], year["achieved"], year["targets"][0]["gap"]) == (2090, 1, 0)
    target = year["targets"][0]
    assert (target["exact"], target["share"], target["whole"], target["met"]) == ("0.8", "20", 1, True)
    assert year["sentence"] == "mục tiêu 2090: 1/4 (20 % = 0,8 → làm tròn lên)"
    changed = hoa.send("PATCH", f"/api/target-rules/{made.json['id']}", {"operator": ">"}, If_Match='"1"')
    assert (changed.status_code, changed.json["version"]) == (200, 2)
    for address, version in ((f"/api/clauses/{clause}", 1), (f"/api/resolutions/{resolution}", 1)):
        row = hoa.client.get(address)
        assert row.headers["ETag"] == f'"{version}"'
    done = hoa.send("DELETE", f"/api/resolutions/{resolution}", If_Match='"1"')
    assert done.status_code == 204
    assert hoa.client.get("/api/roadmap").json["years"] == []
    assert hoa.client.get(f"/api/target-rules/{made.json['id']}").status_code == 404


def test_the_sentence_of_the_committee(do_son: Engine, client_as: ClientAs) -> None:
    found = client_as("chi").get("/api/roadmap?until=2029").json
    sentences = {y["year"]: y["sentence"] for y in found["years"] if (y["kind"], y["subject"]) == ("group", "")}
    assert sentences == {
        2026: "mục tiêu 2026: 1/4 (20 % = 0,8 → làm tròn lên)",
        2027: "mục tiêu 2027: 2/4 (50 %)",
        2028: "mục tiêu 2028: 4/4 (80 % = 3,2 → làm tròn lên)",
        2029: "mục tiêu 2029: 4/4 (100 %)",
    }
    assert found["headline"].startswith("Đạt 1/4 tổ dân phố không ma túy (25 %) · mục tiêu ")
    half = client_as("chi").get("/api/roadmap?until=2029&rounding=half_up").json
    wholes = [y["targets"][0]["whole"] for y in half["years"] if (y["kind"], y["subject"]) == ("group", "")]
    assert wholes == [1, 2, 3, 4]
    english = client_as("chi").get("/api/roadmap?lang=en").json
    assert "rounded up" in str(english)


def test_per_tranche_is_refused_with_the_figures(do_son: Engine, client_as: ClientAs, hoa: Officer) -> None:
    answer = client_as("chi").get("/api/roadmap?rounding=tranche")
    assert (answer.status_code, answer.json["code"]) == (422, "per_tranche_rounding")
    # 0.8, 1.2, 1.2, 0.8 of 4 groups: 1 + 2 + 2 + 1.
    assert answer.json["params"] == {"tranches": [1, 2, 2, 1], "sum": 6, "unit_count": 4, "cumulative": 4}
    number = hoa.client.get("/api/resolutions").json["resolutions"][0]
    address = f"/api/resolutions/{number['id']}"
    refused = hoa.send("PATCH", address, {"rounding": "tranche"}, If_Match='"1"')
    assert refused.json["code"] == "per_tranche_rounding"
    first = number["clauses"][1]["rules"][0]
    for body in ({"rounding": "tranche"},):
        refused = hoa.send("PATCH", f"/api/target-rules/{first['id']}", body, If_Match='"1"')
        assert refused.json["code"] == "per_tranche_rounding"
    stated = hoa.send("PATCH", address, {"rounding": "half_up"}, If_Match='"1"')
    assert stated.status_code == 200
    rules = [r for c in hoa.client.get("/api/resolutions").json["resolutions"][0]["clauses"] for r in c["rules"]]
    assert {r["rounding"] for r in rules} == {"half_up"}


@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({"share": "101"}, "share", "range"),
        ({"share": "33.3333"}, "share", "places"),
        ({"share": None}, "share", "amount_missing"),
        ({"share": "100", "operator": ">"}, "operator", "unreachable"),
        ({"part": "keep"}, "part", "keep_without_new"),
        ({"until_year": 2025}, "until_year", "year_order"),
        ({"kind": "person"}, "kind", "choice"),
        ({"year": None}, "year", "required"),
        ({"named": "A;A"}, "named", "named_twice"),
        ({"count": 3, "named": ["A", "B"]}, "named", "named_count"),
        ({"readings": [{"code": "a", "basis": "total", "share": 5}]}, "readings", "readings_few"),
        ({"readings": [{"code": "a"}]}, "readings", "readings"),
        ({"chosen_reading": "a"}, "chosen_reading", "unknown_field"),
        ({"commune_id": BEN.id}, "commune_id", "unknown_field"),
    ],
)
def test_each_fault_is_named(values: dict[str, Any], field: str, code: str, hoa: Officer) -> None:
    _, clause = make_clause(hoa)
    answer = post(hoa, "/api/target-rules", rule(clause, **values))
    assert answer.status_code == 422, answer.text
    assert (field, code) in {(fault["field"], fault["rule"]) for fault in answer.json["params"]["faults"]}


def test_what_others_keep_cannot_be_deleted(hoa: Officer) -> None:
    _, clause = make_clause(hoa)
    built = post(hoa, "/api/target-rules", rule(clause)).json
    assert post(hoa, "/api/target-rules", rule(clause, year=2027, part="keep")).status_code == 201
    answer = hoa.send("DELETE", f"/api/target-rules/{built['id']}", If_Match='"1"')
    assert answer.json["params"]["faults"][0]["rule"] == "keep_without_new"
    assert hoa.client.get(f"/api/target-rules/{built['id']}").status_code == 200
    assert post(hoa, "/api/target-rules", rule(clause, year=2027, share="81")).json["code"] == "bad_rules"


def test_two_readings_until_the_committee_chooses(
    do_son: Engine, client_as: ClientAs, hoa: Officer, conn_as: Callable[[str], Connection]
) -> None:
    giang = Officer(client_as("giang"))
    found = giang.client.get("/api/roadmap").json
    year = next(y for y in found["years"] if (y["kind"], y["year"]) == ("group", 2027))
    assert [t["whole"] for t in year["targets"]] == [8, 10]
    assert year["sentence"].endswith("(chưa chọn cách hiểu)")
    (open_rule,) = found["open_rules"]
    address = f"/api/target-rules/{open_rule['rule_id']}"
    assert post(giang, f"{address}/reading", {"code": "total"}, If_Match='"1"').status_code == 403
    # The committee is Xã Mẫu's: another commune's rule is none.
    chi = Officer(client_as("chi"))
    assert post(chi, f"{address}/reading", {"code": "total"}, If_Match='"1"').status_code == 404
    conn = conn_as("giang")
    for role, outcome in (("committee", "chosen"), ("admin", "stale"), ("data", "role"), ("supervisor", "role")):
        act_as(conn, Actor(role, BEN.id, "x"))
        call = sa.func.choose_reading(open_rule["rule_id"], "total", 1)
        assert conn.execute(sa.select(call)).scalar_one() == outcome, role
    act_as(conn, Actor("committee", BEN.id, "x"))
    assert conn.execute(sa.select(sa.func.choose_reading(open_rule["rule_id"], "x", 2))).scalar_one() == "unknown"
    years = [y for y in roadmap_of(conn, BEN.id).years if (y.kind, y.year) == ("group", 2027)]
    assert [[t.whole for t in y.targets] for y in years] == [[8]]
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
        conn.execute(sa.update(target_rules).values(chosen_reading="added"))


def test_a_changed_clause_opens_the_choice_again(clean: Engine, client_as: ClientAs, hoa: Officer) -> None:
    _, clause = make_clause(hoa)
    readings = [{"code": basis, "text": basis, "basis": basis, "share": "50"} for basis in ("total", "added")]
    post(hoa, "/api/target-rules", rule(clause))
    made = post(hoa, "/api/target-rules", rule(clause, year=2027, share=None, readings=readings))
    assert made.status_code == 201, made.text
    address = f"/api/target-rules/{made.json['id']}"
    chi = Officer(client_as("chi"))
    chosen = post(chi, f"{address}/reading", {"code": "added"}, If_Match='"1"')
    assert (chosen.status_code, chosen.json["chosen_reading"], chosen.json["version"]) == (200, "added", 2)
    assert post(chi, f"{address}/reading", {"code": "total"}, If_Match='"1"').status_code == 412
    assert post(chi, f"{address}/reading", {"code": "nothing"}, If_Match='"2"').status_code == 422
    note = hoa.send("PATCH", address, {"note": "đã họp"}, If_Match='"2"')
    assert note.json["chosen_reading"] == "added"
    changed = hoa.send("PATCH", address, {"year": 2028, "until_year": 2028}, If_Match='"3"')
    assert (changed.status_code, changed.json["chosen_reading"]) == (200, None)
    with begin(clean, Actor("system")) as conn:
        log = (
            "SELECT action, username FROM audit_entries WHERE table_name = 'target_rules' AND row_id = :id ORDER BY id"
        )
        rows = conn.execute(sa.text(log), {"id": made.json["id"]}).all()
    assert [tuple(r) for r in rows] == [("insert", "hoa"), ("update", "chi"), ("update", "hoa"), ("update", "hoa")]


def test_who_may_write(do_son: Engine, client_as: ClientAs) -> None:
    for username in ("an", "binh", "chi", "lan"):
        officer = Officer(client_as(username))
        assert post(officer, "/api/resolutions", {"title": "x"}).status_code == 403
        assert officer.client.get("/api/resolutions").status_code == 200
        assert "Trại Mũa" not in officer.client.get("/api/resolutions").text
    foreign = client_as("giang").get("/api/resolutions").json["resolutions"][0]
    hoa = Officer(client_as("hoa"))
    for address in (
        f"/api/resolutions/{foreign['id']}",
        f"/api/clauses/{foreign['clauses'][0]['id']}",
        f"/api/target-rules/{foreign['clauses'][0]['rules'][0]['id']}",
    ):
        assert hoa.client.get(address).status_code == 404
        assert hoa.send("PATCH", address, {}, If_Match='"1"').status_code == 404
        assert hoa.send("DELETE", address, If_Match='"1"').status_code == 404
        assert hoa.send("DELETE", address).status_code == 428
    mixed = {"resolution_id": foreign["id"], "text": "của xã khác"}
    assert post(hoa, "/api/clauses", mixed).status_code == 404


@pytest.mark.parametrize(
    ("answer", "found"), [("met", (1, True)), ("not_reviewed", (None, None)), ("not_met", (0, False))]
)
def test_the_commune_is_not_reached_before_its_groups(
    hoa: Officer, monkeypatch: pytest.MonkeyPatch, answer: str, found: tuple[object, object]
) -> None:
    target = rule(make_clause(hoa)[1], kind="commune", share=None, count=1, year=2090)
    assert post(hoa, "/api/target-rules", target).status_code == 201
    count = {"kind": "commune", "counted_on": "2026-06-01", "unit_count": 1, "achieved_count": 1}
    assert post(hoa, "/api/unit-counts", count).status_code == 201

    def answered(*args: Any, **options: Any) -> list[GroupStatus]:
        groups = [replace(group, drug_free="met") for group in fetch_statuses(*args, **options)]
        return [*groups[:-1], replace(groups[-1], drug_free=answer)]

    monkeypatch.setattr("gis_app.jobs.roadmap.fetch_statuses", answered)
    year = hoa.client.get("/api/roadmap?until=2090").json["years"][0]
    assert (year["achieved"], year["targets"][0]["met"]) == found


def test_counts_of_other_units_measure_targets(hoa: Officer) -> None:
    _, clause = make_clause(hoa)
    values = {"kind": "residential_area", "operator": ">", "share": "80", "basis": "total", "year": 2025}
    assert post(hoa, "/api/target-rules", rule(clause, **values)).status_code == 201
    assert hoa.client.get("/api/roadmap").json["years"][0]["targets"][0]["whole"] is None
    for day, achieved in (("2025-05-01", 16), ("2025-06-01", 17), ("2025-04-01", 3)):
        count = {"kind": "residential_area", "counted_on": day, "unit_count": 20, "achieved_count": achieved}
        assert post(hoa, "/api/unit-counts", count).status_code == 201
    year = hoa.client.get("/api/roadmap").json["years"][0]
    assert (year["achieved"], year["targets"][0]["met"]) == (17, True)
    assert year["measured_on"] == "2025-12-31"
    assert year["sentence"] == "mục tiêu 2025: 17/20 (trên 80 % = 16 → ít nhất 17)"
    rows = hoa.client.get("/api/unit-counts").json["unit_counts"]
    assert [row["counted_on"] for row in rows] == ["2025-04-01", "2025-05-01", "2025-06-01"]
    address = f"/api/unit-counts/{rows[-1]['id']}"
    again = {"kind": "residential_area", "counted_on": "2025-06-01", "unit_count": 9}
    assert post(hoa, "/api/unit-counts", again).status_code == 409
    assert hoa.send("PATCH", address, {"achieved_count": 21}, If_Match='"1"').status_code == 422
    assert hoa.send("PATCH", address, {"achieved_count": 16}, If_Match='"1"').json["version"] == 2
    assert hoa.client.get("/api/roadmap").json["years"][0]["targets"][0]["gap"] == 1
    assert hoa.send("DELETE", address, If_Match='"2"').status_code == 204


def test_figures_are_for_police_and_the_type_for_all(hoa: Officer, client_as: ClientAs) -> None:
    figures = {
        "period_year": 2026, "resident_count": 20000, "addict_user_count": 100, "use_point_count": 2,
        "arrested_count": 7, "plant_count": 0, "plant_area_m2": "0", "on_key_route": True,
    }  # fmt: skip
    made = post(hoa, "/api/commune-figures", figures)
    assert (made.status_code, made.json["commune_type"]) == (201, "I")
    assert made.json["reasons"] == {
        "levels": {"a": "I", "b": "I", "c": "III", "d": "III"}, "criteria_count": 3, "route": "I", "unknown": [],
    }  # fmt: skip
    assert post(hoa, "/api/commune-figures", figures).status_code == 409
    address = f"/api/commune-figures/{made.json['id']}"
    patched = hoa.send("PATCH", address, {"on_key_route": False}, If_Match='"1"')
    assert (patched.json["commune_type"], patched.json["version"]) == ("III", 2)
    assert hoa.send("PATCH", address, {"arrested_count": -1}, If_Match='"2"').status_code == 422
    assert client_as("an").get(address).json["addict_user_count"] == 100
    for username in ("binh", "chi", "lan"):
        client = client_as(username)
        assert client.get(address).status_code == 403
        assert client.get("/api/commune-figures").status_code == 403
        types = client.get("/api/commune-types").json["commune_types"]
        assert types[0] | {"period_from": "2025-12-15", "commune_type": "III"} == types[0]
        assert not {"addict_user_count", "levels", "reasons"} & set(types[0])
        page = client.get("/lo-trinh").text
        assert "Loại III" in page
        assert "20.000" not in page
    assert client_as("giang").get(address).status_code == 404
    assert client_as("giang").get("/api/commune-types").json["commune_types"] == []


def test_the_database_keeps_counts_from_others(hoa: Officer, conn_as: Callable[[str], Connection]) -> None:
    post(hoa, "/api/commune-figures", {"period_year": 2026, "resident_count": 900})
    conn = conn_as("chi")
    for role in ("committee", "planner", "supervisor", "city", "gate", ""):
        act_as(conn, Actor(role, MAU.id, "x"))
        assert conn.execute(sa.select(sa.func.count()).select_from(commune_figures)).scalar_one() == 0, role
    act_as(conn, Actor("committee", MAU.id, "x"))
    assert conn.execute(sa.text("SELECT count(*) FROM commune_types")).scalar_one() == 1
    act_as(conn, Actor("committee", BEN.id, "x"))
    assert conn.execute(sa.text("SELECT count(*) FROM commune_types")).scalar_one() == 0


def test_a_city_reader_adds_up_granted_communes_only(do_son: Engine, client_as: ClientAs) -> None:
    with begin(do_son, Actor("system")) as conn:
        set_account(conn, "thanh", PASSWORD, "city", None)
        upsert_grant(conn, "thanh", MAU.id, sa.func.vietnam_today(), detail=False)
    try:
        client = client_as("thanh")
        found = client.get("/api/city/roadmap?year=2027").json
        assert [(c["id"], c["achieved_count"], c["target"], c["gap"]) for c in found["communes"]] == [(MAU.id, 1, 2, 1)]
        assert client.get("/api/roadmap").status_code == 403
        admin = client_as("quantri").get("/api/city/roadmap?year=2027").json
        by_id = {c["id"]: c for c in admin["communes"]}
        assert (by_id[BEN.id]["target"], by_id[BEN.id]["target_highest"]) == (8, 10)
        assert admin["totals"]["target"] == 10
        assert client_as("hoa").get("/api/city/roadmap").status_code == 403
    finally:
        with begin(do_son, Actor("system")) as conn:
            conn.execute(sa.text("DELETE FROM accounts WHERE role = 'city'"))


def token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found.group(1)


def submit(client: FlaskClient, path: str, **form: Any) -> Any:
    page = client.get("/lo-trinh").text
    return client.post(path, data={"csrf_token": token(page)} | form, headers={"Accept": "text/html"})


def test_the_page_works_without_javascript(clean: Engine, client_as: ClientAs) -> None:
    hoa, chi = client_as("hoa"), client_as("chi")
    empty = hoa.get("/lo-trinh").text
    assert set(re.findall(r"js/pages/(\w+)\.js", empty)) == {"fields", "shell", "sign_out"}
    form = {"title": "Kế hoạch thử", "text": "Năm 2027: 50 %", "line": "12", "kind": "group", "part": "new",
            "operator": "=", "basis": "added", "rounding": "ceil", "year": "2026", "share": "20,5"}  # fmt: skip
    wrong = submit(hoa, "/lo-trinh/van-ban", **form | {"share": "120"})
    assert wrong.status_code == 422
    assert "Tỷ lệ (%)" in wrong.text
    assert hoa.get("/api/resolutions").json["resolutions"] == []
    assert submit(hoa, "/lo-trinh/van-ban", **form).status_code == 303
    (resolution,) = hoa.get("/api/resolutions").json["resolutions"]
    assert resolution["clauses"][0]["rules"][0]["share"] == "20.5"
    clause = resolution["clauses"][0]["id"]
    more = form | {"year": "2027", "share": "50", "two_ways": "1"}
    assert submit(hoa, f"/lo-trinh/dieu-khoan/{clause}/muc-tieu", **more).status_code == 303
    tranche = submit(hoa, f"/lo-trinh/van-ban/{resolution['id']}/lam-tron", version="1", rounding="tranche")
    assert tranche.status_code == 422
    assert "Không làm tròn từng đợt" in tranche.text
    half = submit(hoa, f"/lo-trinh/van-ban/{resolution['id']}/lam-tron", version="1", rounding="half_up")
    assert half.status_code == 303
    open_rule = chi.get("/api/roadmap").json["open_rules"][0]["rule_id"]
    assert f"choose-{open_rule}-added" not in hoa.get("/lo-trinh").text
    page = chi.get("/lo-trinh").text
    assert f"choose-{open_rule}-added" in page
    assert 'data-testid="add-form"' not in page
    version = chi.get(f"/api/target-rules/{open_rule}").json["version"]
    chosen = submit(chi, f"/lo-trinh/muc-tieu/{open_rule}/cach-hieu", version=str(version), code="added")
    assert chosen.status_code == 303
    assert chi.get("/api/roadmap").json["open_rules"] == []
    count = {"kind": "clan", "counted_on": "2026-06-01", "unit_count": "9", "achieved_count": ""}
    assert submit(hoa, "/lo-trinh/so-luong", **count).status_code == 303
    figures = {"period_year": "2026", "resident_count": "", "arrested_count": "0"}
    assert submit(hoa, "/lo-trinh/chi-so", **figures).status_code == 303
    assert "Còn thiếu số liệu" in chi.get("/lo-trinh").text
    row = hoa.get("/api/commune-figures").json["commune_figures"][0]
    fix = {"figures_id": str(row["id"]), "version": "1", "resident_count": "20000", "arrested_count": "30"}
    assert submit(hoa, "/lo-trinh/chi-so", **fix).status_code == 303
    assert submit(hoa, "/lo-trinh/chi-so", **fix).status_code == 412
    assert submit(hoa, f"/lo-trinh/dieu-khoan/{clause}/xoa", version="1").status_code == 303
    assert submit(hoa, f"/lo-trinh/van-ban/{resolution['id']}/xoa", version="x").status_code == 400
    assert submit(hoa, f"/lo-trinh/van-ban/{resolution['id']}/xoa", version="1").status_code == 303
