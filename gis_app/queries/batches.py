"""One edit of many rows, in one statement, and taking edits back. Row-level security checks commune and role."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gis_app.queries.filters import shape_parameter
from gis_app.queries.writes import Written
from layers import table_of
from layers.base import Layer

UNDO_AGE = timedelta(hours=24)


def fetch_versions(
    conn: Connection, layer: Layer, limit: int, *, ids: Sequence[int] = (), within: BaseGeometry | None = None
) -> list[Written]:
    """Id and version of the rows with these ids, or of those that touch an area (EPSG:4326); at most `limit` + 1."""
    table = table_of(layer)
    statement = sa.select(table.c.id, table.c.version).order_by(table.c.id).limit(limit + 1)
    if within is None:
        statement = statement.where(table.c.id.in_(ids))
    else:
        area = shape_parameter(within)
        statement = statement.where(
            table.c.geom.op("&&", is_comparison=True)(area), sa.func.ST_Intersects(table.c.geom, area)
        )
    if layer.row_end:
        ends = table.c[layer.row_end]
        statement = statement.where(sa.or_(ends.is_(None), ends > sa.func.vietnam_today()))
    return [Written(row.id, row.version) for row in conn.execute(statement)]


def _named(wanted: Sequence[Written]) -> sa.FromClause:
    """The rows that a batch names, as a table of `id` and `version`."""
    columns = (sa.column("id", sa.BigInteger), sa.column("version", sa.Integer))
    return sa.values(*columns, name="wanted").data([(one.id, one.version) for one in wanted])


def update_features(
    conn: Connection, layer: Layer, wanted: Sequence[Written], values: Mapping[str, Any], shape: BaseGeometry | None
) -> list[Written]:
    """Give the same values, and of points the same place, to all rows that are still of the version named."""
    table, named = table_of(layer), _named(wanted)
    written = dict(values) | ({} if shape is None else {"geom": shape_parameter(shape)})
    statement = (
        sa.update(table)
        .where(table.c.id == named.c.id, table.c.version == named.c.version)
        .values(written)
        .returning(table.c.id, table.c.version)
    )
    return sorted((Written(row.id, row.version) for row in conn.execute(statement)), key=lambda one: one.id)


def undo_updates(conn: Connection, layer: Layer, wanted: Sequence[Written], username: str) -> list[Written]:
    """Take back the actor's own last edit of rows, where it made the version named and is younger than 24 hours.

    A row gets its old values and its very same old coordinates; the undo is an edit of its own in the history. A row
    where only managed columns changed stays: a decided stage change or review is taken back by its own page.
    """
    names = ["external_id", "source", *(f.name for f in layer.fields if not f.managed)]
    columns = ", ".join(f'"{name}" = old."{name}"' for name in names)
    statement = sa.text(
        f"""WITH last AS (
          SELECT DISTINCT ON (a.row_id) a.row_id, a.username, a.action, a.before, a.after FROM audit_entries AS a
          WHERE a.table_name = :layer AND a.row_id = ANY (:ids) AND a.at > now() - CAST(:age AS interval)
          ORDER BY a.row_id, a.id DESC)
        UPDATE {layer.name} AS t SET {columns}, geom = ST_GeomFromEWKB(decode(last.before ->> 'geom', 'hex'))
        FROM last JOIN unnest(CAST(:ids AS bigint[]), CAST(:versions AS int[])) AS wanted(id, version)
               ON wanted.id = last.row_id,
             LATERAL jsonb_populate_record(NULL::{layer.name}, last.before - 'geom') AS old
        WHERE t.id = last.row_id AND t.version = wanted.version AND last.username = :username
          AND last.action = 'update' AND (last.after ->> 'version')::int = t.version
          AND EXISTS (SELECT 1 FROM unnest(CAST(:names AS text[])) AS n
                      WHERE last.before -> n IS DISTINCT FROM last.after -> n)
        RETURNING t.id, t.version"""  # noqa: S608
    )
    values = {
        "layer": layer.name,
        "ids": [one.id for one in wanted],
        "versions": [one.version for one in wanted],
        "age": UNDO_AGE,
        "username": username,
        "names": [*names, "geom"],
    }
    return sorted((Written(row.id, row.version) for row in conn.execute(statement, values)), key=lambda one: one.id)
