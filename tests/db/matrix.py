"""Addresses of every registered rule with values filled in, rows of the other commune, and answers that compare.

A new endpoint is covered unasked: its ids are found by name (`<int:task_id>` is a row of `tasks`), its parameters by
the list that it reads. Where a name says nothing, `ROWS` or `VALUES` here has to, and the test says so.
"""

import datetime as dt
import gzip
import itertools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Connection
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from gis_app.tables import accounts
from layers import LAYERS
from tests.builders import BEN, MAU, tile_of
from tests.db.neighbours import KHE

TABLES = accounts.metadata.tables
MARK = BEN.marker.lower()
NOWHERE = "ZZZ9"
MISSING = (2**31 - 1, 2**62)
NAMED = {
    "token": "access_tokens",
    "change": "stage_changes",
    "review": "group_reviews",
    "report": "report_snapshots",
    "rule": "target_rules",
    "count": "unit_counts",
    "figures": "commune_figures",
    "plan": "siting_plans",
    "device": "siting_devices",
}
MADE: list[str] = []  # tables in which make_row has made a row
# Rows that the maker of rows cannot guess: table -> columns and values, as SQL.
ROWS: Mapping[str, Mapping[str, str]] = {
    "access_tokens": {
        "token_hash": "'matrix'",
        "account_id": "(SELECT id FROM accounts WHERE username = 'giang')",
        "name": "'BEN2'",
        "scope": "'read'",
        "expires_at": "now() + interval '1 day'",
    },
    "agreements": {
        "commune_a": str(BEN.id),
        "commune_b": str(KHE.id),
        "name_a": "'BEN2'",
        "name_b": "'KHE3'",
        "width_m": "100",
        "layers": "ARRAY['lights']",
        "proposed_on": "vietnam_today()",
        "ends_on": "vietnam_today() + 30",
        "proposed_by": "'ben2'",
    },
    "invitations": {
        "token_hash": "'matrix'",
        "commune_id": str(BEN.id),
        "username": "'ben2.moi'",
        "role": "'data'",
        "invited_by": "'ben2'",
        "expires_at": "now() + interval '1 day'",
    },
    "jobs": {
        "commune_id": str(BEN.id),
        "kind": "'report'",
        "readers": "ARRAY['admin', 'data', 'planner', 'patrol', 'committee', 'supervisor']",
        "asked_by": "'giang'",
        "asked_role": "'data'",
    },
    "imports": {
        "commune_id": str(BEN.id),
        "layer": "'lights'",
        "file_name": "'BEN2.csv'",
        "byte_count": "4",
        "sha256": "repeat('0', 64)",
    },
    "export_files": {
        "commune_id": str(BEN.id),
        "layer": "'BEN2'",
        "asked": "'{}'",
    },
    "unit_counts": {
        "commune_id": str(BEN.id),
        "kind": "'school'",
        "counted_on": "vietnam_today()",
        "unit_count": "3",
    },
    "tasks": {
        "commune_id": str(BEN.id),
        "title": "'BEN2'",
        "holder_role": "'patrol'",
        "responsibility": "'BEN2'",
        "due_on": "vietnam_today()",
        "measure": "'group_stage'",
        "wanted": "1",
    },
    "patrol_plans": {
        "commune_id": str(BEN.id),
        "shift_on": "vietnam_today()",
        "start_min": "1200",
        "end_min": "1380",
        "settings": """'{"shift_on": "2026-11-22", "start": "20:00", "end": "23:00", "teams": [], "seed": 1}'""",
    },
    "tips": {
        "commune_id": str(BEN.id),
        "subject": "'other'",
        "precision": "'point'",
        "geom": "ST_SetSRID(ST_MakePoint(106.7, 20.8), 4326)",
        "body": "'\\x00'",
        "receipt_hash": "repeat('b', 64)",
        "received_at": "half_day()",
    },
    "place_reports": {
        "commune_id": str(BEN.id),
        "geom": f"ST_SetSRID(ST_MakePoint({BEN.at(1500, 1500).x}, {BEN.at(1500, 1500).y}), 4326)",
        "category": "'gathering'",
        "seen_at": "now() - interval '40 days'",
        "source": "'police'",
        "note": "'BEN2'",
    },
    "survey_photos": {
        "layer": "'lights'",
        "client_id": "gen_random_uuid()",
        "data": "'\\xffd8ff'::bytea || decode(repeat('00', 200), 'hex')",
        "sha256": "repeat('0', 64)",
    },
    "patrol_notes": {
        "commune_id": str(BEN.id),
        "client_id": "gen_random_uuid()",
    },
    "public_releases": {
        "commune_id": str(BEN.id),
        "code": "'BEN2'",
        "full_name": "'BEN2'",
        "is_demo": "true",
        "released_on": "'2020-06-30'",
        "has_counts": "false",
    },
    "report_snapshots": {
        "commune_id": str(BEN.id),
        "kind": "'month'",
        "from_on": "'2026-01-01'",
        "to_on": "'2026-01-31'",
        "valid_on": "'2026-01-31'",
        "known_at": "now()",
        "number": "999",
        "made_on": "vietnam_today()",
        "made_by": "'ben2'",
        "content": "'{}'",
        "sha256": "repeat('0', 64)",
    },
    "siting_devices": {
        "kind": "'lamp'",
        "geom": f"ST_SetSRID(ST_MakePoint({BEN.at(1500, 1500).x}, {BEN.at(1500, 1500).y}), 4326)",
        "model": "'BEN2'",
        "cost_vnd": "1",
    },
    "sessions": {
        "token_hash": "'matrix'",
        "account_id": "(SELECT id FROM accounts WHERE username = 'giang')",
        "expires_at": "now() + interval '1 day'",
        "device": "'BEN2'",
    },
}
# What belongs to such a row and must not be reached through its number either.
BELONGING: Mapping[str, str] = {
    "report_snapshots": "INSERT INTO report_files (report_id, format, commune_id, content, sha256) "
    f"SELECT {{id}}, f, {BEN.id}, 'BEN2', repeat('0', 64) FROM unnest(ARRAY['pdf', 'docx', 'xlsx']) AS f"
}
_MIDDLE = BEN.at(1500, 1500)
_AREA = json.dumps(BEN.box(0, 0, 3000, 3000).__geo_interface__)
# What a parameter of that name is asked with: places and rows of the other commune where it can name one.
VALUES: Mapping[str, tuple[str, ...]] = {
    "q": ("pho", "to dan pho"),
    "name": ("Phố Ngang 1 MAU1",),
    "layer": ("lights", "hotspots"),
    "places": ("hotspots", "schools"),
    "devices": ("cameras", "lights"),
    "distance_m": ("1", "2000"),
    "bbox": ("100,5,120,25",),
    "near": (f"{_MIDDLE.x},{_MIDDLE.y}",),
    "within": (_AREA,),
    "limit": ("1000",),
    "username": ("ben2.nguoi",),
    "f": ("csv", "html", "tilejson"),
    "filter": (
        "external_id <> 'x'",
        f"S_INTERSECTS(geom, BBOX({', '.join(map(str, BEN.box(-500, 0, 3000, 3000).bounds))}))",
    ),
    "crs": ("EPSG:9210",),
    "bbox-crs": ("EPSG:4326",),
    "datetime": ("2026-01-01/..",),
    "since": ("2026-01-01",),
    "until": ("2030-01-01",),
}
# Parameters that only mean something beside another.
BESIDE = {"distance_m": "near", "nearest": "near"}
BY_NAME = ("name", "layer")
MANY = ("hotspots", "groups", "cameras", "communes")
SKIPPED = ("static", "assets.show_file")


@dataclass(frozen=True)
class Asked:
    """A request of one rule: the address, and the id in it, if it has one."""

    rule: str
    address: str
    row_id: int | None = None


def table_of_id(argument: str, layer: str) -> str:
    """The table of a row that an argument names."""
    noun = argument.removesuffix("_id")
    if noun in NAMED:
        return NAMED[noun]
    many = noun[:-1] + "ies" if noun.endswith("y") else noun + ("es" if noun.endswith("s") else "s")
    for name in (layer if noun == "feature" else "", noun + "s", many):
        if name and name in TABLES:
            return name
    pytest.fail(f"<int:{argument}>: no table of that name; name it <noun>_id after its table")


def layer_names(rule: Rule, *, few: bool) -> list[str]:
    """The layers to put where a rule has one in its path; one empty name where it has none."""
    if not set(rule.arguments) & {*BY_NAME, "tileset"}:
        return [""]
    return list(MANY if few else LAYERS)


def fill_path(rule: Rule, layer: str, ids: Mapping[str, int]) -> str:
    """The path with a layer, ids, and a tile on the boundary of the two communes."""
    z, x, y = tile_of(BEN.at(10, 1500), 14)
    plain = {"z": z, "x": x, "y": y, "period_year": dt.datetime.now(dt.UTC).year, **ids}

    def value(match: re.Match[str]) -> str:
        argument = match[2]
        if argument in plain:
            return str(plain[argument])
        return layer if argument in (*BY_NAME, "tileset") else "1" if "int" in match[1] else NOWHERE

    return re.sub(r"<((?:\w+(?:\([^)]*\))?:)?)(\w+)>", value, rule.rule)


def queries_of(view: Any) -> Iterator[dict[str, str]]:
    """Query strings: the required parameters in all their values, then each other one beside them."""
    params = {p.name: p for p in getattr(view, "params", ())}

    def values(name: str) -> tuple[str, ...]:
        schema = params[name].schema
        if name in VALUES:
            return VALUES[name]
        if "enum" in schema:
            return tuple(str(v) for v in schema["enum"])
        if schema.get("type") in ("integer", "number"):
            return ("1",)
        return (dt.date(2026, 6, 30).isoformat(),) if schema.get("format") == "date" else (BEN.marker,)

    required = [name for name, p in params.items() if p.required]
    for chosen in itertools.product(*(values(name) for name in required)):
        base = dict(zip(required, chosen, strict=True))
        yield base
        for name in params.keys() - set(required):
            beside = {BESIDE[name]: VALUES[BESIDE[name]][0]} if name in BESIDE and BESIDE[name] in params else {}
            for value in values(name):
                yield base | beside | {name: value}


def rules_of(app: Flask, method: str) -> list[Rule]:
    """The rules that answer a method, but for files of the front end."""
    found = [r for r in app.url_map.iter_rules() if method in (r.methods or ()) and r.endpoint not in SKIPPED]
    return sorted(found, key=lambda r: r.rule)


def readings(app: Flask) -> list[tuple[str, str, dict[str, str]]]:
    """(rule, path, query) of every GET that names no row."""
    found = []
    for rule in rules_of(app, "GET"):
        if any(argument.endswith("_id") for argument in rule.arguments):
            continue
        queries = sorted(queries_of(app.view_functions[rule.endpoint]), key=str)
        for layer in layer_names(rule, few=False):
            wanted = queries if layer in ("", *MANY) else queries[:1]
            found += [(rule.rule, fill_path(rule, layer, {}), query) for query in wanted]
    return found


def send(client: FlaskClient, method: str, path: str, token: str = "", **more: Any) -> TestResponse:
    """A request as a page or a program of ours sends it."""
    headers = {"X-CSRFToken": token, "Idempotency-Key": uuid4().hex, "If-Match": '"1"'} if token else {}
    answer = client.open(path, method=method, headers=headers, **more)
    answer.get_data()
    answer.close()
    return answer


def body_of(answer: TestResponse) -> bytes:
    """The body as a reader sees it: tiles come compressed."""
    data: bytes = answer.get_data()
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def fingerprint(answer: TestResponse, *ids: int) -> tuple[int, str, tuple[tuple[str, str], ...]]:
    """Status, body and headers, but for what belongs to the request: its id, CSRF tokens, the number asked for."""

    def plain(text: str) -> str:
        text = re.sub(r"[0-9a-f]{32}", "-", text)
        # When the stand-alone map was made.
        text = re.sub(r"\d\d:\d\d \d\d/\d\d/\d{4}", "-", text)
        # Of scripts that hold such an id, in the stand-alone map.
        text = re.sub(r"('sha256-[^']+' ?)+", "-", text)
        text = re.sub(r'(csrf_token"?(?: value=|: ?)")[^"]*', r"\1-", text)
        for number in ids:
            # A small number stands on any page: it is looked for in addresses only.
            text = re.sub(rf"\b{number}\b" if number > 100_000 else rf"(?<=/){number}\b", "-", text)
        return text

    kept = sorted(
        (name, plain(value)) for name, value in answer.headers if name not in ("X-Request-ID", "Content-Length", "Date")
    )
    return answer.status_code, plain(body_of(answer).decode("latin-1")), tuple(h for h in kept if h[0] != "Set-Cookie")


def make_row(conn: Connection, name: str) -> int:
    """The id of a row of the other commune in a table, made if there is none."""
    table = TABLES[name]
    if "commune_id" in table.c and name not in ("access_tokens", "invitations", "sessions"):
        found = conn.execute(sa.select(sa.func.min(table.c.id)).where(table.c.commune_id == BEN.id)).scalar_one()
        if found is not None:
            return int(found)
    told = ROWS.get(name, {})
    values = {c.name: _guess(conn, table, c) for c in table.c if _is_needed(c) and c.name not in told} | told
    # A number that stands nowhere else.
    values = {"id": str(7_000_001 + len(MADE)), **values}
    text = f"INSERT INTO {name} ({', '.join(values)}) VALUES ({', '.join(values.values())}) RETURNING id"
    try:
        made = int(conn.exec_driver_sql(text).scalar_one())
        MADE.append(name)
        if name in BELONGING:
            conn.exec_driver_sql(BELONGING[name].format(id=made))
    except sa.exc.DBAPIError as error:
        pytest.fail(f"no row of {name} could be made ({error.orig}): describe one in ROWS of tests/db/matrix.py")
    return made


def _is_needed(column: sa.Column[Any]) -> bool:
    has_value = column.server_default is not None or column.identity is not None or column.computed is not None
    return column.name == "commune_id" or not (column.nullable or has_value)


def _guess(conn: Connection, table: sa.Table, column: sa.Column[Any]) -> str:
    """A value, as SQL, that the column's checks let through."""
    if column.name.startswith("commune") and isinstance(column.type, sa.Integer):
        return str(BEN.id)
    for key in column.foreign_keys:
        if key.column.table.name != table.name:
            return str(make_row(conn, key.column.table.name))
    noun = NAMED.get(column.name.removesuffix("_id"), column.name.removesuffix("_id") + "s")
    if column.name.endswith("_id") and noun in TABLES and noun != table.name:
        return str(make_row(conn, noun))
    checks = " ".join(str(c.sqltext) for c in table.constraints if isinstance(c, sa.CheckConstraint))
    choice = re.search(rf"\b{column.name} IN \('([^']*)'", checks)
    low = re.search(rf"\b{column.name} BETWEEN ([0-9]+) AND", checks)
    number = low[1] if low else "1"
    kinds = {
        sa.Text: f"'{choice[1]}'" if choice else f"'{BEN.marker} {column.name}'",
        sa.Boolean: "false",
        sa.Date: "vietnam_today()",
        sa.DateTime: "now()",
        sa.Integer: number,
        sa.Numeric: number,
    }
    return next((text for kind, text in kinds.items() if isinstance(column.type, kind)), "'{}'")


def foreign_sum(conn: Connection) -> dict[str, str]:
    """A sum over every row of the other commune, table by table: nothing that is asked may change one."""
    conn.execute(sa.text("SELECT set_config('timezone', 'UTC', true)"))
    found = {}
    for name, table in TABLES.items():
        if "commune_id" in table.c and name not in ("tile_cache", "layer_versions", "audit_entries", "accounts"):
            text = f"SELECT coalesce(sum(hashtextextended(t::text, 1)::numeric), 0)::text FROM {name} AS t"
            found[name] = conn.exec_driver_sql(f"{text} WHERE commune_id = {BEN.id}").scalar_one()
    text = "SELECT string_agg(concat(id, role, is_active, password_hash, version), ',' ORDER BY id) FROM accounts"
    found["accounts"] = conn.exec_driver_sql(f"{text} WHERE commune_id = {BEN.id}").scalar_one()
    return found


OWN, FOREIGN = MAU, BEN
