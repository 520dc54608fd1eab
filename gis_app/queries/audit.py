"""The audit log: events, pages of entries, seals. Times are UTC; row-level security applies to readers."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.tables import audit_entries, audit_seals
from layers import LAYERS

_E, _S = audit_entries.c, audit_seals.c
# Without the contents of rows: all that administrators and supervisors read of the log.
_HEADS = sa.Table(
    "audit_heads",
    sa.MetaData(),
    *(sa.Column(name, _E[name].type) for name in ("id", "at", "role", "username", "action", "table_name", "row_id")),
)
_H = _HEADS.c
# What the first seals covered; later ones cover the salted hash of before and after in their place.
_FIRST_COLUMNS = (_E.commune_id, _E.role, _E.username, _E.action, _E.table_name, _E.row_id, _E.before, _E.after)
SCHEME = 2
# What retention blanks (queries/retention.py): contents of layers that expire, and the words about hotspots.
REDACTABLE = (*(layer.name for layer in LAYERS.values() if layer.row_expiry), "hotspot_steps")
PAGE = 100
BATCH = 10_000


@dataclass(frozen=True)
class AuditFilter:
    """Which entries: by day (UTC, both ends included), person, table or action."""

    since: datetime | None = None
    until: datetime | None = None
    username: str | None = None
    table_name: str | None = None
    action: str | None = None
    before_id: int | None = None


@dataclass(frozen=True)
class Verification:
    """What a check of the seals found: entries and seals checked, and the faults in words."""

    entry_count: int
    seal_count: int
    unsealed_count: int
    faults: tuple[str, ...]
    head: str


def record_event(conn: Connection, event: str, subject: str, detail: Mapping[str, Any] | None = None) -> None:
    """Log what changes no row: sign-in, export, report. Actor and commune are the transaction's."""
    text = None if detail is None else json.dumps(detail, ensure_ascii=False, default=str)
    statement = sa.text("SELECT audit_event(:event, :subject, CAST(:detail AS jsonb))")
    conn.execute(statement, {"event": event, "subject": subject, "detail": text})


def fetch_entries(conn: Connection, wanted: AuditFilter) -> list[sa.Row[Any]]:
    """A page of entries (id, at, role, username, action, table_name, row_id), newest first."""
    statement = sa.select(_HEADS)
    pairs = ((_H.username, wanted.username), (_H.table_name, wanted.table_name), (_H.action, wanted.action))
    for column, value in pairs:
        if value:
            statement = statement.where(column == value)
    if wanted.since is not None:
        statement = statement.where(_H.at >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(_H.at < wanted.until)
    if wanted.before_id is not None:
        statement = statement.where(_H.id < wanted.before_id)
    return list(conn.execute(statement.order_by(_H.id.desc()).limit(PAGE)))


def _line(row: sa.Row[Any]) -> bytes:
    """One entry as bytes that say all of it, the same on every machine."""
    values = [value.isoformat() if isinstance(value, datetime) else value for value in row]
    return json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _entries(conn: Connection, first_id: int, last_id: int, scheme: int) -> Iterator[sa.Row[Any]]:
    columns: list[Any] = [_E.id, sa.func.timezone("UTC", _E.at), *_FIRST_COLUMNS]
    if scheme == SCHEME:
        made = sa.func.content_digest(_E.salt, _E.before, _E.after)
        columns[-2:] = [sa.case((_E.redacted_at.is_not(None), _E.digest), else_=made)]
    statement = sa.select(*columns).where(_E.id.between(first_id, last_id)).order_by(_E.id)
    yield from conn.execute(statement.execution_options(yield_per=1000))


def _seal_hash(conn: Connection, previous: str, first_id: int, last_id: int, scheme: int = SCHEME) -> tuple[str, int]:
    digest = hashlib.sha256(previous.encode())
    count = 0
    for row in _entries(conn, first_id, last_id, scheme):
        digest.update(_line(row) + b"\n")
        count += 1
    return digest.hexdigest(), count


def insert_seals(conn: Connection) -> int:
    """Seal all entries that are committed by now (owner rights); return how many were sealed.

    The lock waits for writers in flight, so no entry with a lower number can appear behind a seal.
    """
    conn.execute(sa.text("LOCK TABLE audit_entries IN SHARE MODE"))
    conn.execute(sa.text("LOCK TABLE audit_seals IN EXCLUSIVE MODE"))
    last = conn.execute(sa.select(_S.last_id, _S.hash).order_by(_S.id.desc()).limit(1)).one_or_none()
    done, previous = (last.last_id, last.hash) if last else (0, "")
    newest = conn.execute(sa.select(sa.func.coalesce(sa.func.max(_E.id), 0))).scalar_one()
    sealed = 0
    while done < newest:
        upto = min(done + BATCH, newest)
        previous, count = _seal_hash(conn, previous, done + 1, upto)
        values = {"first_id": done + 1, "last_id": upto, "entry_count": count, "hash": previous, "scheme": SCHEME}
        conn.execute(sa.insert(audit_seals).values(values))
        sealed += count
        done = upto
    return sealed


def _odd_redactions(conn: Connection) -> list[str]:
    """Only contents of what expires may be blanked, and only of rows that are gone."""
    statement = sa.select(_E.table_name, sa.func.count()).where(
        _E.redacted_at.is_not(None), sa.or_(_E.table_name.not_in(REDACTABLE), _E.row_id.is_(None))
    )
    rows = conn.execute(statement.group_by(_E.table_name).order_by(_E.table_name))
    return [f"{count} entries of {name} were blanked, which retention never does" for name, count in rows]


def verify_seals(conn: Connection) -> Verification:
    """Make every hash again (owner rights) and say where entries were changed, added or deleted.

    Cutting off the newest seals together with their entries leaves a sound shorter chain: keep `head` elsewhere.
    """
    faults, previous, done, entries = [], "", 0, 0
    seals = list(conn.execute(sa.select(_S.first_id, _S.last_id, _S.entry_count, _S.hash, _S.scheme).order_by(_S.id)))
    for seal in seals:
        span = f"{seal.first_id}-{seal.last_id}"
        if seal.first_id != done + 1:
            faults.append(f"seal missing before entries {span}")
        found, count = _seal_hash(conn, previous, seal.first_id, seal.last_id, seal.scheme)
        if count != seal.entry_count:
            faults.append(f"entries {span}: {seal.entry_count} were sealed, {count} are there")
        elif found != seal.hash:
            faults.append(f"entries {span}: changed after sealing")
        previous, done = seal.hash, seal.last_id
        entries += count
    faults += _odd_redactions(conn)
    unsealed = conn.execute(sa.select(sa.func.count()).where(_E.id > done)).scalar_one()
    return Verification(entries, len(seals), int(unsealed), tuple(faults), previous)
