"""Every registered address × every role × own, foreign, missing and guessed: nothing of the other commune.

Three questions. Does a foreign id answer as a missing one does, by every method, and change nothing? Does the other
commune's marker stand in any answer? And the strongest: does any answer change, in body, count, header or ETag, when
the other commune's rows change? tests/db/matrix.py finds the addresses.
"""

import itertools
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from gis_app.jobs.accounts import set_account
from gis_app.queries.loading import insert_rows
from layers import LAYERS
from layers.base import DATA
from tests.builders import BEN, MAU, PASSWORD, make_commune, sample_row
from tests.db import matrix
from tests.db.neighbours import KHE

ClientAs = Callable[[str | None], FlaskClient]
# Everybody of Xã Mẫu, a city reader of it, and a stranger. Who is in no commune reads outlines of all, and is tested
# in test_city.py and test_endpoints.py.
PEOPLE = ("an", "binh", "chi", "hoa", "lan", "mau.quantri", "mau.thanhpho", None)
# They tell of this moment, or of the own commune's last minutes: their marker is looked for, their bytes not compared.
# Files of layers hold the second in which they were packed; tests/db/test_layer_files.py reads what is in them.
OF_THE_MOMENT = {
    "/metrics", "/readyz", "/healthz", "/api/audit", "/nhat-ky",
    "/api/exports/layers/<name>", "/api/exports/tiles/<tileset>",
}  # fmt: skip
UNSAFE = ("POST", "PATCH", "PUT", "DELETE")


@pytest.fixture(scope="module", autouse=True)
def _both_sides(owner_engine: Engine) -> Iterator[None]:
    """A third commune, people of both sides, and a row of the other commune in every table that an id can name."""
    with begin(owner_engine, Actor("system")) as conn:
        make_commune(conn, KHE)
        set_account(conn, "mau.quantri", PASSWORD, "admin", MAU.id)
        set_account(conn, "mau.thanhpho", PASSWORD, "city", None)
        set_account(conn, "ben2.nguoi", PASSWORD, "data", BEN.id)
        conn.exec_driver_sql(
            "INSERT INTO commune_grants (account_id, commune_id, until_on) "
            f"SELECT id, {MAU.id}, vietnam_today() + 30 FROM accounts WHERE username = 'mau.thanhpho'"
        )
        conn.exec_driver_sql(
            "INSERT INTO audit_entries (commune_id, role, username, action, table_name) "
            f"VALUES ({BEN.id}, 'data', 'ben2.nguoi', 'export', 'BEN2')"
        )
    yield
    with begin(owner_engine, Actor("system")) as conn:
        conn.exec_driver_sql("DELETE FROM agreements")
        conn.exec_driver_sql("DELETE FROM access_tokens")
        conn.exec_driver_sql("DELETE FROM invitations")
        conn.exec_driver_sql("DELETE FROM public_releases")
        conn.exec_driver_sql("DELETE FROM accounts WHERE username IN ('mau.quantri', 'mau.thanhpho', 'ben2.nguoi')")
        conn.exec_driver_sql("DELETE FROM audit_entries")
        conn.exec_driver_sql("DELETE FROM idempotency_keys")
        for name in LAYERS:
            conn.exec_driver_sql(f"DELETE FROM {name} WHERE source = 'matrix'")
        # The last first: whatever refers to a row goes before it.
        for table in reversed(matrix.TABLES["accounts"].metadata.sorted_tables):
            if "commune_id" in table.c:
                conn.exec_driver_sql(f"DELETE FROM {table.name} WHERE commune_id = {KHE.id}")
                if table.name not in {*LAYERS, "accounts", "group_statuses", "layer_versions", "place_classes"}:
                    # The sample commune has its layers, its classes and its people, and nothing else.
                    conn.exec_driver_sql(f"DELETE FROM {table.name} WHERE commune_id = {BEN.id}")


@pytest.fixture
def ids(app: Flask, owner_engine: Engine) -> dict[str, int]:
    """A foreign row of every table that an address can name."""
    names = set()
    for rule in app.url_map.iter_rules():
        for argument in rule.arguments:
            if argument.endswith("_id"):
                names |= {matrix.table_of_id(argument, layer) for layer in matrix.layer_names(rule, few=False)}
    with begin(owner_engine, Actor("system")) as conn:
        conn.exec_driver_sql("DELETE FROM sessions WHERE token_hash = 'matrix'")
        conn.exec_driver_sql("DELETE FROM access_tokens")
        conn.exec_driver_sql("DELETE FROM invitations")
        conn.exec_driver_sql("DELETE FROM agreements")
        return {name: matrix.make_row(conn, name) for name in sorted(names)}


def token_of(client: FlaskClient) -> str:
    return str((client.get("/api/session").json or {}).get("csrf_token", ""))


@pytest.mark.parametrize("username", PEOPLE)
def test_a_foreign_id_answers_as_a_missing_one(
    username: str | None, ids: dict[str, int], client_as: ClientAs, app: Flask, owner_engine: Engine
) -> None:
    client = client_as(username)
    token = token_of(client)
    with owner_engine.begin() as conn:
        before = matrix.foreign_sum(conn)
    count = 0
    for method in ("GET", *UNSAFE):
        for rule in matrix.rules_of(app, method):
            named = sorted(argument for argument in rule.arguments if argument.endswith("_id"))
            for layer in matrix.layer_names(rule, few=method != "GET") if named else ():
                foreign = {argument: ids[matrix.table_of_id(argument, layer)] for argument in named}
                query = next(iter(sorted(matrix.queries_of(app.view_functions[rule.endpoint]), key=str)), {})
                for content in ({},) if method == "GET" else ({"json": {}}, {"json": {"role": "data"}}, {"data": {}}):
                    answers = []
                    for numbers in (foreign, *(dict.fromkeys(named, number) for number in matrix.MISSING)):
                        path = matrix.fill_path(rule, layer, numbers) + ("?" + urlencode(query) if query else "")
                        answer = matrix.send(client, method, path, token, **content)
                        answers.append(matrix.fingerprint(answer, *numbers.values()))
                        assert matrix.MARK.encode() not in matrix.body_of(answer).lower(), (method, path)
                        assert answer.status_code >= 400, (method, path, answer.status_code)
                        assert answer.status_code < 500, (method, path, answer.text)
                        count += 1
                    # The last is no number that a row can have, and a form may say so.
                    assert answers[0] == answers[1], (method, rule.rule, layer, content)
    with owner_engine.begin() as conn:
        assert matrix.foreign_sum(conn) == before
    assert count > 300


@pytest.mark.parametrize("username", PEOPLE[:-1])
def test_guessed_numbers_lead_to_own_rows_only(username: str, client_as: ClientAs, owner_engine: Engine) -> None:
    """Numbers around a foreign row's: whatever answers is of the own commune."""
    client = client_as(username)
    for name in LAYERS:
        with owner_engine.begin() as conn:
            text = f"SELECT min(id), max(id) FROM {name} WHERE commune_id = {BEN.id}"
            low, high = conn.exec_driver_sql(text).one()
        for number in {0, 1, low - 1, low, low + 1, (low + high) // 2, high, high + 1, 2**31, 2**63 - 1, 2**64}:
            answer = client.get(f"/api/layers/{name}/features/{number}")
            assert answer.status_code in (200, 403, 404), (name, number, answer.status_code)
            assert matrix.MARK.encode() not in answer.data.lower(), (name, number)


@pytest.mark.parametrize("username", PEOPLE)
def test_a_foreign_word_answers_as_an_unknown_one(username: str | None, client_as: ClientAs, app: Flask) -> None:
    """Search, filters, streets: asking for the other commune's words gives what asking for nonsense gives."""
    client, count = client_as(username), 0
    for rule in matrix.rules_of(app, "GET"):
        view = app.view_functions[rule.endpoint]
        texts = [p for p in getattr(view, "params", ()) if p.schema.get("type") == "string" and "enum" not in p.schema]
        if any(argument.endswith("_id") for argument in rule.arguments):
            continue
        base = next(iter(matrix.queries_of(view)), {})
        for param, phrase in itertools.product(texts, ("{}", "Phố Ngang 1 {}", "{} gan")):
            path = matrix.fill_path(rule, "lights", {})
            found = []
            for word in (BEN.marker, matrix.NOWHERE):
                answer = matrix.send(client, "GET", path + "?" + urlencode(base | {param.name: phrase.format(word)}))
                status, body, headers = matrix.fingerprint(answer)
                # A redirection repeats the question.
                told = [(name, value.replace(word, "-")) for name, value in headers]
                found.append((status, body.replace(word, "-").replace(word.lower(), "-"), told))
            count += 1
            if rule.rule not in OF_THE_MOMENT:
                assert found[0] == found[1], (rule.rule, param.name)
    assert count > 5


def snapshot(app: Flask, client: FlaskClient) -> dict[str, tuple[object, ...]]:
    """Every address that names no row, with what it answers; the marker stands in none of them."""
    found = {}
    for rule, path, query in matrix.readings(app):
        answer = matrix.send(client, "GET", path + ("?" + urlencode(query) if query else ""))
        assert answer.status_code < 500, (path, query, answer.text)
        body = matrix.body_of(answer).lower()
        for value in query.values():
            body = body.replace(value.lower().encode(), b"")
        assert matrix.MARK.encode() not in body, (path, query)
        if rule not in OF_THE_MOMENT:
            found[f"{path} {query}"] = matrix.fingerprint(answer)
    return found


def change_the_other_commune(engine: Engine) -> None:
    """More rows of every layer, other words in the old ones, rows on the boundary, people, entries of the log."""
    with begin(engine, Actor("data", BEN.id, "ben2.nguoi")) as conn:
        for layer in LAYERS.values():
            if layer.tenant:
                continue
            _, shape, values = sample_row(layer, BEN)
            near = {"POINT": BEN.at(3, 1500), "LINESTRING": BEN.line((1, 1490), (60, 1500))}.get(layer.geometry, shape)
            rows = [(f"{BEN.marker}-matrix-{n}", near, values) for n in range(7)]
            insert_rows(conn, layer, BEN.id, rows, "matrix")
            free = (f for f in layer.fields if f.type == "text" and not f.choices and f.name != layer.own_classes)
            text = next((f.name for f in free if f.max_length > 30), None)
            if text and DATA & layer.editors:
                conn.exec_driver_sql(f"UPDATE {layer.name} SET {text} = 'BEN2 khác' WHERE commune_id = {BEN.id}")
        conn.exec_driver_sql(
            "INSERT INTO place_classes (commune_id, name, letters, color, shape) "
            f"VALUES ({BEN.id}, 'BEN2 khác', 'Z9', '#a61e4d', 'point')"
        )
    with begin(engine, Actor("system")) as conn:
        set_account(conn, "ben2.nguoi", PASSWORD, "planner", BEN.id)


@pytest.mark.parametrize("username", PEOPLE)
def test_no_answer_depends_on_the_other_commune(
    username: str | None, client_as: ClientAs, app: Flask, owner_engine: Engine
) -> None:
    client = client_as(username)
    first, second = snapshot(app, client), snapshot(app, client)
    unsteady = {key for key in first if first[key] != second[key]}
    assert not unsteady, "answers that change by themselves: make them steady, or name them in OF_THE_MOMENT"
    change_the_other_commune(owner_engine)
    try:
        third = snapshot(app, client)
        assert {key for key in first if first[key] != third[key]} == set()
    finally:
        with owner_engine.begin() as conn:
            for name in LAYERS:
                conn.exec_driver_sql(f"DELETE FROM {name} WHERE source = 'matrix'")
            conn.exec_driver_sql("DELETE FROM place_classes WHERE name = 'BEN2 khác'")
    assert len(first) > 100


def test_the_test_would_see_a_leak(client_as: ClientAs, app: Flask, owner_engine: Engine) -> None:
    """A policy opened by mistake is found: nobody may believe a test that cannot fail."""
    client = client_as("binh")
    before = snapshot(app, client)
    with owner_engine.begin() as conn:
        conn.execute(sa.text("CREATE POLICY matrix_hole ON tip_boxes FOR SELECT TO gis_app USING (true)"))
    try:
        with pytest.raises(AssertionError):
            assert snapshot(app, client) == before
    finally:
        with owner_engine.begin() as conn:
            conn.execute(sa.text("DROP POLICY matrix_hole ON tip_boxes"))
