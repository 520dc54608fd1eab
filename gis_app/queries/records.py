"""Rows of tables that are not layers: insert, change and delete by version. Row-level security applies.

A write names the version that it starts from; a row that has moved on is not touched.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection


def fetch_record(conn: Connection, table: sa.Table, record_id: int) -> sa.Row[Any] | None:
    """One row that the actor may see, or None."""
    return conn.execute(sa.select(table).where(table.c.id == record_id)).one_or_none()


def fetch_records(conn: Connection, table: sa.Table, commune_id: int, *order: str) -> list[sa.Row[Any]]:
    """All rows of a commune that the actor may see, in the order of the named columns, then by id."""
    columns = [table.c[name] for name in order]
    statement = sa.select(table).where(table.c.commune_id == commune_id).order_by(*columns, table.c.id)
    return list(conn.execute(statement))


def insert_record(conn: Connection, table: sa.Table, commune_id: int, values: Mapping[str, Any]) -> sa.Row[Any]:
    """Insert a row and return it; checks that fail raise an IntegrityError that names the constraint."""
    statement = sa.insert(table).values(dict(values) | {"commune_id": commune_id}).returning(table)
    return conn.execute(statement).one()


def update_record(
    conn: Connection, table: sa.Table, record_id: int, version: int, values: Mapping[str, Any]
) -> sa.Row[Any] | None:
    """Change a row of that version and return it; None if it has moved on, is gone, or is not the actor's."""
    mine = (table.c.id == record_id, table.c.version == version)
    if not values:
        return conn.execute(sa.select(table).where(*mine)).one_or_none()
    return conn.execute(sa.update(table).where(*mine).values(dict(values)).returning(table)).one_or_none()


def delete_record(conn: Connection, table: sa.Table, record_id: int, version: int) -> bool:
    """Delete a row of that version; False as in update_record."""
    done = conn.execute(sa.delete(table).where(table.c.id == record_id, table.c.version == version))
    return done.rowcount == 1
