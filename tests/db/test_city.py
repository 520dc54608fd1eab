"""A city account reads totals of granted communes, detail only where granted; the nationwide reader no tiny counts."""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from typing import Any

import mapbox_vector_tile
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Connection, Engine

from gis_app.db import Actor, act_as, begin
from gis_app.jobs.accounts import set_account
from gis_app.jobs.roadmap_fixtures import load_roadmap
from gis_app.queries.city import upsert_grant
from gis_app.queries.records import insert_record
from gis_app.tables.roadmap import clauses, commune_figures, resolutions, target_rules, unit_counts
from gis_app.web.users import session_memory
from layers import LAYERS
from layers.base import Layer
from migrations.helpers import rules_of
from tests.builders import BEN, MAU, PASSWORD, tile_of
from tests.db import neighbours as nb
from tests.db.test_writes import Officer

FAR = dt.date(2999, 1, 1)
NATIONAL = [layer for layer in LAYERS.values() if layer.national]


@pytest.fixture(scope="module")
def place(owner_engine: Engine) -> Iterator[Engine]:
    nb.make_neighbourhood(owner_engine)
    with begin(owner_engine, Actor("system")) as conn:
        for username in ("thanh", "pho"):
            set_account(conn, username, PASSWORD, "city", None)
    yield owner_engine
    with begin(owner_engine, Actor("system")) as conn:
        conn.execute(sa.text("DELETE FROM accounts WHERE role = 'city'"))
    nb.drop_neighbourhood(owner_engine)


@pytest.fixture
def grant(place: Engine) -> Iterator[Callable[..., None]]:
    """`grant("thanh", MAU, detail=True)`; taken back at the end."""

    def give(username: str, to: nb.SampleCommune, *, detail: bool = False, until: dt.date = FAR) -> None:
        with begin(place, Actor("system")) as conn:
            assert upsert_grant(conn, username, to.id, until, detail=detail)
        session_memory.forget_all()

    yield give
    with begin(place, Actor("system")) as conn:
        conn.execute(sa.text("DELETE FROM commune_grants"))
        nb.clear_agreements(conn)


def totals(client: FlaskClient) -> dict[int, dict[str, Any]]:
    answer = client.get("/api/city/communes")
    assert answer.status_code == 200, answer.text
    return {one["id"]: one for one in answer.json["communes"]}


def enter(client: FlaskClient, commune_id: int | None) -> int:
    body = {"commune_id": "" if commune_id is None else commune_id}
    return Officer(client).send("POST", "/api/session/commune", body).status_code


def test_totals_of_granted_communes_and_no_others(grant: Callable[..., None], client_as: nb.ClientAs) -> None:
    client = client_as("thanh")
    assert totals(client) == {}
    grant("thanh", MAU)
    grant("thanh", BEN, detail=True)
    grant("pho", nb.KHE)
    found = totals(client)
    assert set(found) == {MAU.id, BEN.id}
    assert found[MAU.id]["group_count"] == 4
    assert {k: n for k, n in found[MAU.id]["groups"].items() if n} == {
        "maintained": 1, "building": 1, "not_selected": 1, "lapsed": 1,
    }  # fmt: skip
    assert set(found[MAU.id]) == {"id", "code", "full_name", "groups", "group_count", "detail", "until_on"}
    assert (found[MAU.id]["detail"], found[BEN.id]["detail"]) == (False, True)
    whole = client.get("/api/city/communes").json
    assert (whole["group_count"], whole["groups"]["lapsed"]) == (8, 2)
    page = client.get("/thanh-pho").text
    assert "Xã Mẫu" in page
    assert "Xã Khe" not in page
    assert f'value="{BEN.id}"' in page
    assert f'value="{MAU.id}"' not in page


def test_a_grant_ends_with_its_day(grant: Callable[..., None], client_as: nb.ClientAs) -> None:
    client = client_as("thanh")
    grant("thanh", MAU, detail=True, until=dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1))
    assert enter(client, MAU.id) == 200
    assert client.get("/api/layers/cameras/features").status_code == 200
    grant("thanh", MAU, detail=True, until=dt.datetime.now(dt.UTC).date() - dt.timedelta(days=2))
    assert client.get("/api/layers/cameras/features").status_code == 403
    assert totals(client) == {}
    assert enter(client, MAU.id) == 404


def test_from_outside_there_are_totals_only(grant: Callable[..., None], client_as: nb.ClientAs) -> None:
    grant("thanh", MAU, detail=True)
    client = client_as("thanh")
    z, x, y = tile_of(MAU.at(1500, 1500), 14)
    for name in LAYERS:
        for address in (f"/api/layers/{name}/features", f"/tiles/{name}/{z}/{x}/{y}", f"/api/layers/{name}/features/1"):
            assert client.get(address).status_code == 403, address
    for address in ("/api/layers", "/api/search?q=pho", "/api/audit", "/api/agreements", "/api/exports/map.html"):
        assert client.get(address).status_code == 403, address
    assert client.get("/api/session").json["role"] == "city"
    assert client.get("/").headers["Location"] == "/thanh-pho"
    assert client_as("lan").get("/api/city/communes").status_code == 403
    assert client_as("quantri").get("/api/city/communes").status_code == 403


def test_detail_lets_in_like_a_supervisor(grant: Callable[..., None], client_as: nb.ClientAs, place: Engine) -> None:
    grant("thanh", MAU, detail=True)
    grant("thanh", BEN)
    client = client_as("thanh")
    assert [enter(client, number) for number in (BEN.id, nb.KHE.id, 12345, MAU.id)] == [404, 404, 404, 200]
    session = client.get("/api/session").json
    assert (session["role"], session["commune"]["id"], session["chooses_commune"]) == ("supervisor", MAU.id, True)
    text = client.get("/api/layers/cameras/features").text
    assert MAU.marker in text
    assert BEN.marker not in text
    groups = client.get("/api/layers/groups/features").json["features"]
    assert "exempt_count" not in groups[0]["properties"]
    assert client.get("/api/layers/hotspots/features").status_code == 403
    light = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [106.9, 20.8]}, "properties": {}}
    made = Officer(client).send("POST", "/api/layers/lights/features", light, Idempotency_Key="k" * 20)
    assert made.status_code == 403
    entries = client_as("lan").get("/api/audit?action=city_entered").json["entries"]
    assert [entry["username"] for entry in entries] == ["thanh"]
    assert enter(client, None) == 200
    assert client.get("/api/session").json["role"] == "city"
    # A supervisor of the commune, and its officers, stay where they are.
    assert enter(client_as("lan"), BEN.id) == 403
    assert enter(client_as("hoa"), BEN.id) == 403


def test_what_neighbours_share_is_not_the_citys(grant: Callable[..., None], client_as: nb.ClientAs) -> None:
    sides = nb.Sides(Officer(client_as("hoa")), Officer(client_as("mai")))
    number = sides.agree()
    grant("thanh", MAU, detail=True)
    client = client_as("thanh")
    enter(client, MAU.id)
    assert client_as("lan").get(f"/api/agreements/{number}/layers/lights/features").json["features"]
    for address in nb.doors(number):
        assert BEN.marker not in client.get(address).text, address
    assert client.get(f"/api/agreements/{number}/layers/lights/features").json["features"] == []


def test_grants_are_for_the_gate_alone(grant: Callable[..., None], conn_as: Callable[[str], Connection]) -> None:
    grant("thanh", MAU, detail=True)
    conn = conn_as("hoa")
    for actor in (Actor("city", None, "thanh"), Actor("admin", MAU.id, "x"), Actor("data", MAU.id, "hoa")):
        act_as(conn, actor)
        assert conn.execute(sa.text("SELECT count(*) FROM commune_grants")).scalar_one() == 0
    # Neither the role alone nor the name alone opens the totals.
    for actor, count in ((Actor("city", None, "pho"), 0), (Actor("data", MAU.id, "thanh"), 0),
                         (Actor("city", None, "hoa"), 0), (Actor("city", None, "thanh"), 4)):  # fmt: skip
        act_as(conn, actor)
        assert conn.execute(sa.text("SELECT count(*) FROM city_totals()")).scalar_one() == count, actor


def test_the_command_line_grants_and_takes_back(place: Engine, app: Flask, client_as: nb.ClientAs) -> None:
    runner = app.test_cli_runner()
    options = ["--commune", str(MAU.id)]
    given = runner.invoke(args=["city", "grant", "thanh", *options, "--until", "2999-01-01", "--detail"])
    assert given.exit_code == 0, given.output
    assert totals(client_as("thanh"))[MAU.id]["detail"]
    assert runner.invoke(args=["city", "grant", "hoa", *options, "--until", "2999-01-01"]).exit_code == 1
    entries = client_as("lan").get("/api/audit?table=commune_grants").json["entries"]
    assert [entry["action"] for entry in entries] == ["granted"]
    assert runner.invoke(args=["city", "revoke", "thanh", *options]).exit_code == 0
    assert runner.invoke(args=["city", "revoke", "thanh", *options]).exit_code == 1
    assert totals(client_as("thanh")) == {}


@pytest.mark.parametrize("layer", NATIONAL, ids=lambda layer: layer.name)
def test_the_nationwide_reader_has_single_columns(layer: Layer, owner_engine: Engine) -> None:
    query = sa.text(
        "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(:t) AND attnum > 0 AND NOT attisdropped "
        "AND has_column_privilege('gis_national', attrelid, attnum, 'SELECT')"
    )
    with owner_engine.connect() as conn:
        found = set(conn.execute(query, {"t": layer.name}).scalars())
        whole = conn.execute(sa.text(f"SELECT has_table_privilege('gis_national', '{layer.name}', 'SELECT')"))
        assert not whole.scalar_one()
    assert found == set(rules_of(layer)["national"])
    assert not {"exempt_count", "other_count"} & found


def test_nationwide_doors_work_without_tiny_counts(
    client_as: nb.ClientAs, conn_as: Callable[[str], Connection]
) -> None:
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
        conn_as("quantri").execute(sa.text("SELECT exempt_count FROM groups"))
    client = client_as("quantri")
    for fmt in ("geojson", "csv"):
        answer = client.get(f"/api/layers/groups/features?f={fmt}&limit=10")
        assert answer.status_code == 200
        assert "stage" in answer.text
        assert "exempt_count" not in answer.text
    number = client.get("/api/layers/groups/features?limit=1").json["features"][0]["id"]
    assert "exempt_count" not in client.get(f"/api/layers/groups/features/{number}").text
    assert client.get("/api/layers/groups/features?near=106.7,20.8&distance_m=5").status_code in (200, 403)
    assert client.get("/api/layers/groups/features?bbox=105,20,108,22").status_code == 200
    z, x, y = tile_of(MAU.at(1500, 1500), 13)
    tile = mapbox_vector_tile.decode(client.get(f"/tiles/groups/{z}/{x}/{y}").data)
    assert {"stage", "name"} <= set(tile["groups"]["features"][0]["properties"])
    assert client.get("/api/layers").status_code == 200
    assert "exempt_count" not in client.get("/api/layers").text
    assert client.get("/", headers={"Accept": "text/html"}).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE", "HISTORY"])
def test_nationwide_there_is_no_writing(method: str, client_as: nb.ClientAs) -> None:
    client = client_as("quantri")
    number = client.get("/api/layers/groups/features?limit=1").json["features"][0]["id"]
    address = f"/api/layers/groups/features/{number}"
    if method == "HISTORY":
        answer = client.get(f"{address}/history")
    else:
        address = "/api/layers/groups/features" if method == "POST" else address
        body = {"type": "Feature", "properties": {"name": "x"}}
        answer = Officer(client).send(method, address, body, If_Match='"1"', Idempotency_Key="k" * 20)
    assert (answer.status_code, answer.json["code"]) == (403, "no_commune")


@pytest.fixture
def roadmaps(place: Engine) -> Iterator[None]:
    """MAU copies Đồ Sơn's clauses; BEN names a group that is not there, so it cannot be met by others."""
    with begin(place, Actor("system")) as conn:
        load_roadmap(conn, MAU.id, "11455")
        resolution = insert_record(conn, resolutions, BEN.id, {"title": "Nghị quyết thử"})
        clause = insert_record(conn, clauses, BEN.id, {"resolution_id": resolution.id, "text": "Nêu tên"})
        year = dt.datetime.now(dt.UTC).year
        rule = {"clause_id": clause.id, "kind": "group", "part": "new", "count": 1, "year": year, "until_year": year}
        insert_record(conn, target_rules, BEN.id, rule | {"named": ["Tổ không có"]})
    yield
    with begin(place, Actor("system")) as conn:
        for table in (target_rules, clauses, resolutions, unit_counts, commune_figures):
            conn.execute(sa.delete(table))


def test_the_page_tells_targets_and_gaps(grant: Callable[..., None], roadmaps: None, client_as: nb.ClientAs) -> None:
    grant("thanh", MAU)
    grant("thanh", BEN, detail=True)
    client = client_as("thanh")
    by_id = {one["id"]: one for one in client.get("/api/city/roadmap").json["communes"]}
    assert by_id[MAU.id]["achieved_count"] == 1
    # One group of BEN is achieved and one is asked for, but by its name.
    assert (by_id[BEN.id]["target"], by_id[BEN.id]["achieved_count"], by_id[BEN.id]["gap"]) == (1, 1, 1)
    assert by_id[BEN.id]["verdict"] == "not_met"
    page = client.get("/thanh-pho").text
    assert "Đạt 2/8 tổ dân phố, thôn không ma túy (25\u00a0%) ở 2 phường, xã" in page.replace(" %", "\u00a0%")
    assert "Tổ không có" not in page
    assert client.get("/api/city/roadmap").text.count("Tổ không có") == 0
    for name in ("exempt", "other_count"):
        assert name not in page


def lines_of(client: FlaskClient, query: str) -> list[str]:
    """Codes of the communes of the page, in its order."""
    answer = client.get(f"/thanh-pho?{query}")
    assert answer.status_code == 200, answer.text
    return re.findall(r'data-testid="line-([0-9]+)"', answer.text)


def test_sorted_and_filtered(grant: Callable[..., None], roadmaps: None, client_as: nb.ClientAs) -> None:
    for place in (MAU, BEN, nb.KHE):
        grant("thanh", place)
    client = client_as("thanh")
    by_name = lines_of(client, "")
    assert len(by_name) == 3
    assert lines_of(client, "chieu=giam") == by_name[::-1]
    roadmap = {one["code"]: one for one in client.get("/api/city/roadmap").json["communes"]}
    gaps = [
        -1 if roadmap[code]["gap"] is None else roadmap[code]["gap"]
        for code in lines_of(client, "xep=thieu&chieu=giam")
    ]
    assert gaps == sorted(gaps, reverse=True)
    unmet = {code for code, one in roadmap.items() if one["verdict"] in ("not_met", "open")}
    assert set(lines_of(client, "loc=chua-dat")) == unmet
    assert len(unmet) < 3
    for query in ("xep=users", "chieu=x", "loc=x", "trang=0", "trang=x", "nam=2026"):
        assert client.get(f"/thanh-pho?{query}").status_code == 400, query
    assert lines_of(client, "trang=99") == by_name


def test_a_group_that_ended_today_is_not_counted_beside_its_successor(
    grant: Callable[..., None], client_as: nb.ClientAs, place: Engine
) -> None:
    """On the day of a merge the parents have ended and the child has begun: neither address counts the parents."""
    grant("thanh", MAU)
    client = client_as("thanh")
    with begin(place, Actor("system")) as conn:
        conn.execute(
            sa.text(
                "INSERT INTO groups (commune_id, geom, source, name, stage, valid_from, valid_to) "
                "SELECT commune_id, geom, 'manual', 'Tổ đã gộp', 'maintained', vietnam_today() - 9, vietnam_today() "
                "FROM groups WHERE commune_id = :c LIMIT 1"
            ),
            {"c": MAU.id},
        )
    try:
        assert totals(client)[MAU.id]["group_count"] == 4
        assert client.get("/api/city/roadmap").json["communes"][0]["group_count"] == 4
    finally:
        with begin(place, Actor("system")) as conn:
            conn.execute(sa.text("DELETE FROM groups WHERE name = 'Tổ đã gộp'"))
