"""A newer extract of OpenStreetMap against what is there: its news go in, what people changed here stays.

`osm_rows` holds what OpenStreetMap said last. A value that differs from that is a local edit. Rows of the new extract
stand in the buffer of `queries.imports` while these statements run. Row-level security applies.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Connection

from gis_app.tables.osm_rows import osm_rows
from layers.base import Layer

_ELEMENT = "substring({}.external_id FROM '^[nwr][0-9]+')"
# A street of one's own lies on OpenStreetMap's if its middle is so near, in degrees: about 15 m.
_NEAR_DEGREES = 0.00014
_ROW = "(to_jsonb(t) - ARRAY['id', 'commune_id', 'external_id', 'source', 'geom_3857', 'version', 'updated_at'])"
_KEYS = ("commune_id", "external_id", "source")


@dataclass(frozen=True)
class Gone:
    """Rows that the extract has no more: deleted, or kept because somebody has edited them."""

    removed_count: int
    kept_count: int


@dataclass(frozen=True)
class _Names:
    """Names in the statements: the layer's table, the buffer, its columns."""

    layer: str
    buffer: str
    columns: tuple[str, ...]

    @property
    def said(self) -> str:
        """What the extract says of a row of the buffer, as JSON."""
        return f"to_jsonb(b) - ARRAY[{', '.join(map(repr, _KEYS))}]"


def _names(layer: Layer, buffer: sa.Table) -> _Names:
    columns = tuple(column.name for column in buffer.columns if column.name not in _KEYS)
    return _Names(layer.name, f'pg_temp."{buffer.name}"', columns)


def fetch_moment(conn: Connection) -> dt.datetime:
    """The moment at which an extract comes, by the database's clock."""
    found: dt.datetime = conn.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
    return found


def keep_local_edits(conn: Connection, layer: Layer, buffer: sa.Table, at: dt.datetime) -> int:
    """Note what the buffer says, and put local edits in its place; how many rows stay away because they were deleted.

    A row without a note, from before there were notes, is taken as edited if it has ever been changed.
    """
    names = _names(layer, buffer)
    values: dict[str, Any] = {"layer": layer.name, "at": at}
    conn.execute(sa.text(_NOTE.format(buffer=names.buffer, said=names.said)), values)
    sets = ", ".join(
        f'"{name}" = CASE WHEN coalesce(to_jsonb(t."{name}"), \'null\') IS DISTINCT FROM '
        f"coalesce(o.previous, CASE WHEN t.version = 1 THEN to_jsonb(t) END, '{{}}') -> '{name}' "
        f'THEN t."{name}" ELSE b."{name}" END'
        for name in names.columns
    )
    conn.execute(sa.text(_MERGE.format(buffer=names.buffer, table=layer.name, sets=sets)), values)
    return conn.execute(sa.text(_DELETED.format(buffer=names.buffer, table=layer.name)), values).rowcount


def fetch_keys(conn: Connection, layer: Layer, commune_ids: Collection[int]) -> set[str]:
    """Keys of a layer's rows of communes that OpenStreetMap had when it was asked last."""
    o = osm_rows.c
    statement = sa.select(o.external_id).where(
        o.layer == layer.name, o.commune_id.in_(commune_ids), o.base.is_not(None)
    )
    return set(conn.execute(statement).scalars())


def inherit_from_cut(conn: Connection, layer: Layer, buffer: sa.Table, old_keys: Collection[str]) -> int:
    """Where a street is cut anew, its new pieces take the local edits of the old ones, whose keys are `old_keys`.

    Returns how many new pieces stay away because an old one of the same street was redrawn by hand.
    """
    names = _names(layer, buffer)
    values = {"layer": layer.name, "keys": list(old_keys)}
    inherited = [name for name in names.columns if name not in ("geom", "source_node", "target_node")]
    sets = ", ".join(
        f"\"{name}\" = CASE WHEN coalesce(to_jsonb(t.\"{name}\"), 'null') IS DISTINCT FROM o.base -> '{name}' "
        f'THEN t."{name}" ELSE b."{name}" END'
        for name in inherited
    )
    old = _OLD.format(table=layer.name, element_b=_ELEMENT.format("b"), element_o=_ELEMENT.format("o"))
    parts = {"buffer": names.buffer, "table": layer.name, "old": old}
    keys = sa.bindparam("keys", type_=ARRAY(sa.Text))
    conn.execute(sa.text(_INHERIT.format(sets=sets, **parts)).bindparams(keys), values)
    near = values | {"near": _NEAR_DEGREES}
    return conn.execute(sa.text(_REDRAWN.format(**parts)).bindparams(keys), near).rowcount


def remove_gone(
    conn: Connection,
    layer: Layer,
    at: dt.datetime,
    commune_id: int | None,
    box: tuple[float, float, float, float] | None,
) -> Gone:
    """Delete what the extract of that moment has no more, unless it was edited here.

    Gone is a piece of a way of which other pieces came, and whatever lies within the extract's own `box`.
    """
    values: dict[str, Any] = {"layer": layer.name, "at": at, "commune_id": commune_id}
    inside = "false"
    if box is not None:
        inside = "ST_Within(t.geom, ST_MakeEnvelope(:west, :south, :east, :north, 4326))"
        values |= dict(zip(("west", "south", "east", "north"), box, strict=True))
    here = "true" if commune_id is None else "o.commune_id = :commune_id"
    elements = {"element_o": _ELEMENT.format("o"), "element_s": _ELEMENT.format("s")}
    handed_on = _HANDED_ON.format(table=layer.name, **elements) if layer.geometry == "LINESTRING" else "false"
    parts = {"table": layer.name, "row": _ROW, "inside": inside, "here": here, "handed_on": handed_on, **elements}
    conn.execute(sa.text(_FILL.format(table=layer.name, row=_ROW)), {"layer": layer.name, "at": at})
    removed, kept = conn.execute(sa.text(_GONE.format(**parts)), values).one()
    return Gone(int(removed), int(kept))


def undo_notes(conn: Connection, commune_id: int, at: dt.datetime, username: str) -> None:
    """Go back to before the extract of that moment; rows that came with it are forgotten, so they may return."""
    conn.execute(sa.text(_FORGET), {"commune_id": commune_id, "at": at, "username": username})
    o = osm_rows.c
    conn.execute(
        sa.update(osm_rows).where(o.commune_id == commune_id, o.seen_at >= at).values(base=o.previous, previous=None)
    )


_FORGET = """
DELETE FROM osm_rows AS o USING audit_entries AS a
WHERE o.commune_id = :commune_id AND a.commune_id = o.commune_id AND a.at = :at AND a.username = :username
  AND a.action = 'insert' AND a.table_name = o.layer AND a.after ->> 'external_id' = o.external_id
"""

_NOTE = """
INSERT INTO osm_rows AS o (commune_id, layer, external_id, base, seen_at)
SELECT b.commune_id, :layer, b.external_id, {said}, :at FROM {buffer} AS b
ON CONFLICT (commune_id, layer, external_id)
DO UPDATE SET previous = o.base, base = coalesce(o.base, '{{}}') || excluded.base, seen_at = :at
"""

_MERGE = """
UPDATE {buffer} AS b SET {sets}
FROM {table} AS t JOIN osm_rows AS o ON o.commune_id = t.commune_id AND o.external_id = t.external_id
WHERE o.layer = :layer AND t.commune_id = b.commune_id AND t.external_id = b.external_id
"""

# The columns that OpenStreetMap does not fill, as a new row has them: whoever fills one has edited the row.
_FILL = """
UPDATE osm_rows AS o SET base = {row} || o.base FROM {table} AS t
WHERE o.layer = :layer AND o.seen_at = :at AND o.previous IS NULL AND t.version = 1
  AND t.commune_id = o.commune_id AND t.external_id = o.external_id
"""

_DELETED = """
DELETE FROM {buffer} AS b USING osm_rows AS o
WHERE o.layer = :layer AND o.commune_id = b.commune_id AND o.external_id = b.external_id AND o.previous IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM {table} AS t WHERE t.commune_id = b.commune_id AND t.external_id = b.external_id)
"""

# Old pieces of the same way that are not in the extract, each with what OpenStreetMap said of it.
_OLD = """
FROM osm_rows AS o JOIN {table} AS t ON t.commune_id = o.commune_id AND t.external_id = o.external_id
WHERE o.layer = :layer AND o.base IS NOT NULL AND o.commune_id = b.commune_id
  AND o.external_id = ANY (:keys) AND {element_o} = {element_b}
"""

_INHERIT = """
UPDATE {buffer} AS b SET {sets} {old}
  AND NOT EXISTS (SELECT 1 FROM {table} AS own WHERE own.commune_id = b.commune_id AND own.external_id = b.external_id)
  AND ST_DWithin(t.geom, ST_LineInterpolatePoint(b.geom, 0.5), 0.000001)
"""

_REDRAWN = """
DELETE FROM {buffer} AS b WHERE EXISTS (SELECT 1 {old}
  AND to_jsonb(t.geom) IS DISTINCT FROM o.base -> 'geom'
  AND ST_DWithin(t.geom, ST_LineInterpolatePoint(b.geom, 0.5), :near))
"""

# Its edits went to new pieces of the same way that lie on it (`inherit_from_cut`).
_HANDED_ON = """
to_jsonb(t.geom) = o.base -> 'geom' AND EXISTS (
  SELECT 1 FROM osm_rows AS s JOIN {table} AS n ON n.commune_id = s.commune_id AND n.external_id = s.external_id
  WHERE s.commune_id = o.commune_id AND s.layer = o.layer AND s.seen_at = :at AND {element_s} = {element_o}
    AND ST_DWithin(t.geom, ST_LineInterpolatePoint(n.geom, 0.5), 0.000001))
"""

_GONE = """
WITH gone AS (
  SELECT o.id, t.id AS row_id, {row} <@ o.base OR {handed_on} AS goes
  FROM osm_rows AS o JOIN {table} AS t ON t.commune_id = o.commune_id AND t.external_id = o.external_id
  WHERE o.layer = :layer AND o.base IS NOT NULL AND o.seen_at < :at AND {here}
    AND ({inside} OR EXISTS (
      SELECT 1 FROM osm_rows AS s
      WHERE s.commune_id = o.commune_id AND s.layer = o.layer AND s.seen_at = :at AND {element_s} = {element_o}))),
removed AS (DELETE FROM {table} AS t USING gone WHERE t.id = gone.row_id AND gone.goes),
noted AS (UPDATE osm_rows AS o SET previous = o.base, base = NULL, seen_at = :at FROM gone
  WHERE o.id = gone.id AND gone.goes)
SELECT count(*) FILTER (WHERE goes), count(*) FILTER (WHERE NOT goes) FROM gone
"""
