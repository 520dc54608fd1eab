"""Storing many rows of a layer at once. Row-level security applies; the actor must be an editor.

COPY FROM is refused on tables under row-level security, so rows go by COPY into a temporary table of this
transaction and from there by one INSERT … ON CONFLICT, which the policies and checks see.
"""

import io
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection

from layers import LAYERS, table_of
from layers.base import STORED_SRID, Layer

_COMMUNES = table_of(LAYERS["communes"])
# A national file takes longer than a page may.
_STATEMENT_TIMEOUT = "600s"
# A centimetre; of long outlines it would cost too much to tell.
_ROUNDED_M, _ROUNDED_DEG, _FEW_VERTICES = 0.01, 1e-7, 500
_SPECIAL = re.compile(r"[\\\t\n\r]")
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


@dataclass(frozen=True)
class Outline:
    """The outline of a commune: WKB in EPSG:4326."""

    id: int
    code: str
    full_name: str
    metric_srid: int | None
    wkb: bytes


@dataclass(frozen=True)
class Stored:
    """What became of the rows of one `merge_rows`."""

    inserted_count: int
    updated_count: int


def fetch_outlines(
    conn: Connection, *, commune_id: int | None = None, bbox: tuple[float, float, float, float] | None = None
) -> list[Outline]:
    """Outlines that the actor sees, by id: one commune's, or those that meet a box (west, south, east, north)."""
    c = _COMMUNES.c
    statement = sa.select(c.id, c.code, c.full_name, c.metric_srid, sa.func.ST_AsBinary(c.geom)).order_by(c.id)
    if commune_id is not None:
        statement = statement.where(c.id == commune_id)
    if bbox is not None:
        # && uses the GiST index of communes.geom.
        statement = statement.where(c.geom.op("&&")(sa.func.ST_MakeEnvelope(*bbox, STORED_SRID)))
    return [Outline(*row[:4], wkb=bytes(row[4])) for row in conn.execute(statement)]


@dataclass(frozen=True)
class Landmarks:
    """What people know a place by, as WKB in EPSG:4326."""

    streets: list[bytes]
    waters: list[bytes]


def fetch_landmarks(conn: Connection, commune_id: int, limit: int = 300) -> Landmarks:
    """Main streets and waters of a commune, thinned for a small drawing: the largest `limit` of each."""

    def largest(layer: str, *order: Any) -> list[bytes]:
        c = table_of(LAYERS[layer]).c
        thin = sa.func.ST_AsBinary(sa.func.ST_Simplify(c.geom, 0.00005, True))
        statement = sa.select(thin).where(c.commune_id == commune_id).order_by(*order, c.id).limit(limit)
        return [bytes(wkb) for wkb in conn.execute(statement).scalars()]

    streets = table_of(LAYERS["roads"]).c
    ranks = {f.name: f for f in LAYERS["roads"].fields}["class"].choices
    rank = sa.case({choice.code: at for at, choice in enumerate(ranks)}, value=streets["class"], else_=len(ranks))
    return Landmarks(
        largest("roads", rank, sa.func.ST_Length(streets.geom).desc()),
        largest("water_areas", sa.func.ST_Area(table_of(LAYERS["water_areas"]).c.geom).desc()),
    )


def allow_long_statements(conn: Connection) -> None:
    """Lift the statement timeout of pages for this transaction."""
    conn.execute(sa.text("SELECT set_config('statement_timeout', :value, true)"), {"value": _STATEMENT_TIMEOUT})


def make_buffer(conn: Connection, layer: Layer, names: Sequence[str]) -> sa.Table:
    """Make the temporary table that takes the rows: key, `geom` and the columns `names`."""
    table = table_of(layer)
    key = ("id",) if layer.tenant else ("commune_id",)
    columns = [sa.Column(name, table.c[name].type) for name in (*key, "external_id", "source", *names)]
    geom = sa.Column("geom", Geometry(layer.geometry, STORED_SRID, spatial_index=False))
    buffer = sa.Table(f"import_{layer.name}", sa.MetaData(), *columns, geom, prefixes=["TEMPORARY"])
    conn.execute(sa.text(f"DROP TABLE IF EXISTS pg_temp.{buffer.name}"))
    conn.execute(sa.schema.CreateTable(buffer))
    return buffer


def copy_rows(conn: Connection, buffer: sa.Table, rows: Iterable[Sequence[Any]]) -> None:
    """Send rows into the buffer by COPY; values in the order of its columns, geometry as hexadecimal EWKB."""
    text = io.StringIO()
    for row in rows:
        text.write("\t".join(map(_copy_text, row)))
        text.write("\n")
    text.seek(0)
    names = ", ".join(f'"{column.name}"' for column in buffer.columns)
    cursor: Any = conn.connection.cursor()
    try:
        cursor.copy_expert(f'COPY pg_temp."{buffer.name}" ({names}) FROM STDIN', text)
    finally:
        cursor.close()


def _copy_text(value: Any) -> str:
    if value is None:
        return "\\N"
    if type(value) is str:
        return value.translate(_ESCAPES) if _SPECIAL.search(value) else value
    if value is True or value is False:
        return "t" if value else "f"
    return str(value)


def moves(layer: Layer, old: Any, new: Any) -> sa.ColumnElement[bool]:
    """Whether a shape becomes another: what a file rounded, less than about a centimetre, is no change."""
    if layer.geometry == "POINT":
        away = sa.func.ST_DistanceSphere(old, new) >= _ROUNDED_M
    else:
        count = sa.func.ST_NPoints(old)
        alike = sa.and_(count == sa.func.ST_NPoints(new), count <= _FEW_VERTICES)
        away = sa.case((alike, sa.func.ST_HausdorffDistance(old, new) >= _ROUNDED_DEG), else_=True)
    return sa.case((old.is_distinct_from(new), away), else_=False)


def merge_rows(conn: Connection, layer: Layer, buffer: sa.Table, only_new: Collection[str] = ()) -> Stored:
    """Move the buffer's rows into the layer: new keys are inserted, changed rows updated, equal rows left alone.

    Columns of `only_new` are filled in new rows and left alone in others.
    """
    table = table_of(layer)
    names = [column.name for column in buffer.columns]
    kept = {"id", "commune_id", "external_id", "source", *only_new}
    changed = [name for name in names if name not in kept]
    # ORDER BY a geometry is Hilbert order: neighbours on the map become neighbours on disk.
    rows = sa.select(*buffer.columns).order_by(buffer.c.geom)
    insert = postgresql.insert(table).from_select(names, rows)
    new, old = insert.excluded, table.c
    plain = [old[name].is_distinct_from(new[name]) for name in changed if name != "geom"]
    differs = sa.or_(moves(layer, old.geom, new.geom), *plain)
    statement: Any = insert.on_conflict_do_update(
        index_elements=["id"] if layer.tenant else ["commune_id", "external_id"],
        set_={name: new[name] for name in (*changed, "source")},
        where=differs,
    ).returning(sa.literal_column(f"({table.name}.xmax = 0)").label("is_new"))
    done = statement.cte("done")
    counts = sa.select(
        sa.func.count().filter(done.c.is_new), sa.func.count().filter(sa.not_(done.c.is_new))
    ).select_from(done)
    inserted, updated = conn.execute(counts).one()
    return Stored(int(inserted), int(updated))


def clear_buffer(conn: Connection, buffer: sa.Table) -> None:
    """Empty the buffer for the next portion."""
    conn.execute(sa.text(f'TRUNCATE pg_temp."{buffer.name}"'))


def drop_buffer(conn: Connection, buffer: sa.Table) -> None:
    """Remove the buffer."""
    conn.execute(sa.text(f'DROP TABLE pg_temp."{buffer.name}"'))
