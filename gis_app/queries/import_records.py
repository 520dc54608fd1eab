"""Imports of the wizard: the record, its file, its faults. Row-level security applies: data officers of the commune."""

import datetime as dt
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.tables.imports import MAX_PART_BYTES, import_parts, imports

_I, _P = imports.c, import_parts.c
MOST = 50
_FAULTS_A_PART = 5_000


@dataclass(frozen=True)
class ImportRecord:
    """An import; instants in UTC."""

    id: int
    layer: str
    file_name: str
    byte_count: int
    sha256: str
    state: str
    options: Mapping[str, Any]
    found: Mapping[str, Any] | None
    report: Mapping[str, Any] | None
    created_by: str
    created_at: dt.datetime
    applied_at: dt.datetime | None
    applied_by: str | None
    undone_at: dt.datetime | None
    version: int


def insert_import(conn: Connection, commune_id: int, layer: str, file_name: str, byte_count: int, sha256: str) -> int:
    """Note a new import; return its id."""
    values = {"commune_id": commune_id, "layer": layer, "file_name": file_name, "byte_count": byte_count}
    statement = sa.insert(imports).values(values | {"sha256": sha256}).returning(_I.id)
    return int(conn.execute(statement).scalar_one())


def insert_file(conn: Connection, commune_id: int, import_id: int, pieces: Iterable[bytes]) -> None:
    """Keep the file, piece by piece."""
    for number, piece in enumerate(pieces):
        values = {"commune_id": commune_id, "import_id": import_id, "kind": "file", "number": number, "content": piece}
        conn.execute(sa.insert(import_parts).values(values))


def write_file(conn: Connection, import_id: int, path: Path) -> bool:
    """Write the file to a path; False where it is kept no more."""
    numbers = sa.select(_P.number).where(_P.import_id == import_id, _P.kind == "file").order_by(_P.number)
    kept = conn.execute(numbers).scalars().all()
    with path.open("wb") as stream:
        for number in kept:
            stream.write(_part(conn, import_id, "file", number))
    return bool(kept)


def _part(conn: Connection, import_id: int, kind: str, number: int) -> bytes:
    where = (_P.import_id == import_id, _P.kind == kind, _P.number == number)
    return bytes(conn.execute(sa.select(_P.content).where(*where)).scalar_one())


def replace_faults(conn: Connection, commune_id: int, import_id: int, faults: Iterable[Mapping[str, Any]]) -> None:
    """Keep every fault of the last check in place of those of the one before."""
    conn.execute(sa.delete(import_parts).where(_P.import_id == import_id, _P.kind == "faults"))
    lines: list[str] = []
    number = 0
    for fault in faults:
        lines.append(json.dumps(fault, ensure_ascii=False, default=str))
        if len(lines) >= _FAULTS_A_PART:
            number = _keep_lines(conn, commune_id, import_id, number, lines)
    if lines:
        _keep_lines(conn, commune_id, import_id, number, lines)


def _keep_lines(conn: Connection, commune_id: int, import_id: int, number: int, lines: list[str]) -> int:
    """Keep the lines, in halves where they do not fit; the next number."""
    content = zlib.compress("\n".join(lines).encode("utf-8", "replace"))
    if len(content) > MAX_PART_BYTES and len(lines) > 1:
        middle = len(lines) // 2
        first, second = lines[:middle], lines[middle:]
        number = _keep_lines(conn, commune_id, import_id, number, first)
        number = _keep_lines(conn, commune_id, import_id, number, second)
    else:
        values = {"commune_id": commune_id, "import_id": import_id, "kind": "faults", "number": number}
        conn.execute(sa.insert(import_parts).values(values | {"content": content}))
        number += 1
    lines.clear()
    return number


def read_faults(conn: Connection, import_id: int) -> Iterator[dict[str, Any]]:
    """Every fault of the last check, in order."""
    numbers = sa.select(_P.number).where(_P.import_id == import_id, _P.kind == "faults").order_by(_P.number)
    for number in conn.execute(numbers).scalars().all():
        for line in zlib.decompress(_part(conn, import_id, "faults", number)).decode().split("\n"):
            yield json.loads(line)


def fetch_imports(conn: Connection, commune_id: int, *, import_id: int | None = None) -> list[ImportRecord]:
    """The newest imports of the commune, newest first, without what was found in them; or one, whole."""
    whole = import_id is not None
    heavy = (_I.found, _I.report) if whole else (sa.null().label("found"), sa.null().label("report"))
    statement = sa.select(
        _I.id, _I.layer, _I.file_name, _I.byte_count, _I.sha256, _I.state, _I.options, *heavy, _I.created_by,
        _I.created_at, _I.applied_at, _I.applied_by, _I.undone_at, _I.version,
    ).where(_I.commune_id == commune_id)  # fmt: skip
    if whole:
        statement = statement.where(_I.id == import_id)
    rows = conn.execute(statement.order_by(_I.id.desc()).limit(MOST))
    return [ImportRecord(**row) for row in rows.mappings()]


def update_import(conn: Connection, import_id: int, version: int, values: Mapping[str, Any]) -> bool:
    """Change the import of that version; False if it has moved on."""
    changed = {name: _storable(value) for name, value in values.items()} | {"version": _I.version + 1}
    statement = sa.update(imports).where(_I.id == import_id, _I.version == version).values(changed)
    return conn.execute(statement).rowcount == 1


def _storable(value: Any) -> Any:
    """A value of JSON as the database can hold it: no NUL and no half of a surrogate pair in its texts."""
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {_storable(key): _storable(one) for key, one in value.items()}
    return [_storable(one) for one in value] if isinstance(value, list | tuple) else value


def delete_parts(conn: Connection, import_id: int) -> None:
    """Forget the file and the faults."""
    conn.execute(sa.delete(import_parts).where(_P.import_id == import_id))


def fetch_is_young(conn: Connection, import_id: int, age: dt.timedelta) -> bool:
    """Whether an import was applied less than so long ago, by the database's clock."""
    statement = sa.select(_I.applied_at > sa.func.now() - age).where(_I.id == import_id)
    return bool(conn.execute(statement).scalar_one_or_none())


def lock_import(conn: Connection, import_id: int) -> None:
    """Let nobody else apply or undo it until the transaction ends."""
    conn.execute(sa.text("SELECT pg_advisory_xact_lock(73029, CAST(:id % 2147483647 AS int))"), {"id": import_id})


def delete_import(conn: Connection, import_id: int, version: int) -> bool:
    """Throw away an import that was not applied."""
    return conn.execute(sa.delete(imports).where(_I.id == import_id, _I.version == version)).rowcount == 1


def delete_old_imports(conn: Connection) -> int:
    """Delete files and unfinished imports past their time, of every commune (the daily retention's)."""
    return int(conn.execute(sa.select(sa.func.delete_old_imports())).scalar_one())
