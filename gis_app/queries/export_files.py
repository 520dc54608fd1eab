"""Files that were asked for as jobs. Row-level security applies: their owner's alone, in the role that asked."""

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.tables.exports import KEPT_DAYS, MAX_PART_BYTES, export_files, export_parts

_F, _P = export_files.c, export_parts.c
# Who asks for more loses the oldest.
MOST_KEPT = 20


@dataclass(frozen=True)
class ExportFile:
    """A file, or one that is being made (`made_at` None); instants in UTC."""

    id: int
    layer: str
    asked: Mapping[str, Any]
    job_id: int | None
    created_at: dt.datetime
    made_at: dt.datetime | None
    file_name: str | None
    media_type: str | None
    row_count: int | None
    byte_count: int | None
    sha256: str | None

    @property
    def kept_until(self) -> dt.datetime:
        """When retention takes it away."""
        return self.created_at + dt.timedelta(days=KEPT_DAYS)


def fetch_files(conn: Connection, commune_id: int, *, export_id: int | None = None) -> list[ExportFile]:
    """The actor's files, newest first; or the one of that id."""
    names = [_F[name] for name in ExportFile.__dataclass_fields__]
    statement = sa.select(*names).where(_F.commune_id == commune_id)
    if export_id is not None:
        statement = statement.where(_F.id == export_id)
    rows = conn.execute(statement.order_by(_F.id.desc()).limit(MOST_KEPT))
    return [ExportFile(**row) for row in rows.mappings()]


def insert_file(conn: Connection, commune_id: int, layer: str, asked: Mapping[str, Any]) -> int:
    """Note what is asked for; return its id. The oldest of the actor's goes where there are too many."""
    old = sa.select(_F.id).where(_F.commune_id == commune_id, _F.made_at.is_not(None)).order_by(_F.id.desc())
    conn.execute(sa.delete(export_files).where(_F.id.in_(old.offset(MOST_KEPT - 1))))
    values = {"commune_id": commune_id, "layer": layer, "asked": asked}
    return int(conn.execute(sa.insert(export_files).values(values).returning(_F.id)).scalar_one())


def update_job(conn: Connection, export_id: int, job_id: int) -> None:
    """Say which job makes it."""
    conn.execute(sa.update(export_files).where(_F.id == export_id).values(job_id=job_id))


def keep_content(conn: Connection, commune_id: int, export_id: int, content: bytes, about: Mapping[str, Any]) -> None:
    """Keep a file piece by piece; `about` its file_name, media_type and row_count."""
    for number, at in enumerate(range(0, len(content), MAX_PART_BYTES)):
        piece = {"number": number, "content": content[at : at + MAX_PART_BYTES]}
        values = {"export_file_id": export_id, "commune_id": commune_id} | piece
        conn.execute(sa.insert(export_parts).values(values))
    made = {"made_at": sa.func.now(), "byte_count": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    conn.execute(sa.update(export_files).where(_F.id == export_id).values(dict(about) | made))


def read_content(conn: Connection, export_id: int) -> Iterator[bytes]:
    """The file, piece by piece."""
    numbers = sa.select(_P.number).where(_P.export_file_id == export_id).order_by(_P.number)
    for number in conn.execute(numbers).scalars().all():
        piece = sa.select(_P.content).where(_P.export_file_id == export_id, _P.number == number)
        yield bytes(conn.execute(piece).scalar_one())


def delete_file(conn: Connection, export_id: int) -> bool:
    """Throw a file away; False if there is none of the actor's."""
    return conn.execute(sa.delete(export_files).where(_F.id == export_id)).rowcount == 1


def delete_old_exports(conn: Connection) -> int:
    """Delete files past their time, of every commune (the daily retention's)."""
    return int(conn.execute(sa.select(sa.func.delete_old_exports(KEPT_DAYS))).scalar_one())
