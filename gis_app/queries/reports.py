"""Frozen reports: freeze, list, read, and their files. Row-level security applies; nothing is ever changed.

Outlines are in the commune's metric zone (whole metres), everything else is text and counts.
"""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.tables.reports import report_files, report_snapshots
from layers import LAYERS, table_of

_R = report_snapshots.c
_F = report_files.c
_COMMUNES = table_of(LAYERS["communes"])
# Who makes reports, who reads them; the database's functions and policies say the same.
MAKERS = frozenset({"admin", "committee", "data"})
READERS = MAKERS | {"supervisor"}
# Everything in a report is read as this role reads: no reader of reports reads less. Who asks makes no difference.
LEAST_READER = "committee"
FORMATS = ("pdf", "docx", "xlsx")
PAGE = 100


@dataclass(frozen=True)
class Snapshot:
    """A frozen report without its content; days in Vietnam, instants in UTC."""

    id: int
    kind: str
    from_on: dt.date
    to_on: dt.date
    valid_on: dt.date
    known_at: dt.datetime
    number: int
    made_on: dt.date
    made_at: dt.datetime
    made_by: str
    conclusions: str
    sha256: str


def _columns() -> list[sa.Column[Any]]:
    return [_R[name] for name in Snapshot.__dataclass_fields__]


def fetch_snapshots(conn: Connection, commune_id: int, report_id: int | None = None) -> list[Snapshot]:
    """Return the commune's reports, newest first, at most 100; with `report_id` that one, or none."""
    statement = sa.select(*_columns()).where(_R.commune_id == commune_id)
    if report_id is not None:
        statement = statement.where(_R.id == report_id)
    rows = conn.execute(statement.order_by(_R.id.desc()).limit(PAGE))
    return [Snapshot(**row) for row in rows.mappings()]


def fetch_content(conn: Connection, commune_id: int, report_id: int) -> dict[str, Any] | None:
    """Return what a report froze, or None."""
    statement = sa.select(_R.content).where(_R.commune_id == commune_id, _R.id == report_id)
    content: dict[str, Any] | None = conn.execute(statement).scalar_one_or_none()
    return content


def fetch_same_moment(
    conn: Connection, commune_id: int, days: tuple[str, dt.date, dt.date], known_at: dt.datetime
) -> dict[str, Any] | None:
    """Return the content of the first report of the same kind and days that was frozen as known at the same moment."""
    kind, from_on, to_on = days
    statement = sa.select(_R.content).where(
        _R.commune_id == commune_id,
        _R.kind == kind,
        _R.from_on == from_on,
        _R.to_on == to_on,
        _R.known_at == known_at,
    )
    content: dict[str, Any] | None = conn.execute(statement.order_by(_R.id).limit(1)).scalar_one_or_none()
    return content


def fetch_file(conn: Connection, commune_id: int, report_id: int, fmt: str) -> bytes | None:
    """Return a printed file of a report, or None."""
    statement = sa.select(_F.content).where(_F.commune_id == commune_id, _F.report_id == report_id, _F.format == fmt)
    content = conn.execute(statement).scalar_one_or_none()
    return None if content is None else bytes(content)


def fetch_file_hashes(conn: Connection, commune_id: int, report_id: int) -> dict[str, str]:
    """Return the SHA-256 of the printed files of a report, by format."""
    statement = sa.select(_F.format, _F.sha256).where(_F.commune_id == commune_id, _F.report_id == report_id)
    return {row.format: row.sha256 for row in conn.execute(statement.order_by(_F.format))}


def insert_snapshot(
    conn: Connection, frozen: Mapping[str, Any], *, conclusions: str, content: Mapping[str, Any], sha256: str
) -> int | None:
    """Freeze (`frozen`: kind, from_on, to_on, valid_on, known_at); return the id, or None: the role may not."""
    call = sa.text(
        "SELECT freeze_report(:kind, :from_on, :to_on, :valid_on, :known_at, :conclusions, "
        "CAST(:content AS jsonb), :sha256)"
    )
    values = {**frozen, "conclusions": conclusions, "sha256": sha256}
    values["content"] = json.dumps(content, ensure_ascii=False)
    report_id: int | None = conn.execute(call, values).scalar_one()
    return report_id


def insert_file(conn: Connection, commune_id: int, report_id: int, fmt: str, printed: tuple[bytes, str]) -> None:
    """Keep a printed file (bytes, SHA-256), in the transaction that froze the report."""
    content, sha256 = printed
    values = {"commune_id": commune_id, "report_id": report_id, "format": fmt, "content": content, "sha256": sha256}
    conn.execute(sa.insert(report_files).values(values))


def fetch_commune_outline(conn: Connection, commune_id: int, tolerance_m: float) -> dict[str, Any]:
    """Return the commune's outline as GeoJSON in its metric zone, whole metres, straightened by at most a tolerance."""
    metric = sa.func.ST_Transform(_COMMUNES.c.geom, _COMMUNES.c.metric_srid)
    shape = sa.func.ST_AsGeoJSON(sa.func.ST_SimplifyPreserveTopology(metric, tolerance_m), 0)
    text = conn.execute(sa.select(shape).where(_COMMUNES.c.id == commune_id)).scalar_one()
    outline: dict[str, Any] = json.loads(text)
    return outline
