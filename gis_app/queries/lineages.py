"""Merging, splitting and renaming groups, and where the commune itself came from."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from shapely import wkb
from shapely.geometry.base import BaseGeometry
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection

from gis_app.crs import STORED
from gis_app.tables.statuses import commune_lineages

KINDS = ("merge", "split", "rename")
_C = commune_lineages.c


def update_units(
    conn: Connection,
    kind: str,
    changed_on: dt.date,
    parent_ids: Sequence[int],
    children: Sequence[Mapping[str, Any]],
    document: str | None,
) -> tuple[str, list[int]]:
    """End the parents on a day and begin the children; return the outcome (`done`) and the children's ids.

    A child is {name, household_count?, geom?}; `geom` (shapely, EPSG:4326) is what a split needs.
    """
    plain = [
        {name: _hex(value) if isinstance(value, BaseGeometry) else value for name, value in child.items()}
        for child in children
    ]
    ids = sa.cast(list(parent_ids), sa.ARRAY(sa.BigInteger))
    call = sa.func.change_units(kind, changed_on, ids, sa.cast(plain, JSONB), document)
    rows = call.table_valued(sa.column("outcome", sa.Text), sa.column("child_ids", sa.ARRAY(sa.BigInteger)))
    row = conn.execute(sa.select(rows.c.outcome, rows.c.child_ids)).one()
    return row.outcome, list(row.child_ids or ())


def _hex(shape: BaseGeometry) -> str:
    return str(wkb.dumps(shape, hex=True, srid=STORED))


def fetch_commune_lineage(conn: Connection, commune_id: int) -> list[dict[str, Any]]:
    """Return the communes that this one came of."""
    named = ("id", "kind", "changed_on", "parent_code", "parent_name", "household_share", "document")
    statement = sa.select(*(_C[name] for name in named)).where(_C.commune_id == commune_id)
    return [
        dict(row)
        for row in conn.execute(statement.order_by(_C.changed_on, sa.collate(_C.parent_name, "vi_numeric"))).mappings()
    ]


def insert_parent(conn: Connection, commune_id: int, values: Mapping[str, Any]) -> int:
    """Write down a commune that this one came of; IntegrityError where it stands there already. Return its number."""
    statement = commune_lineages.insert().values({"commune_id": commune_id, **values}).returning(_C.id)
    return int(conn.execute(statement).scalar_one())


def delete_parent(conn: Connection, commune_id: int, commune_lineage_id: int) -> bool:
    """Take one out again; False: it is not there."""
    mine = (_C.id == commune_lineage_id, _C.commune_id == commune_id)
    return conn.execute(commune_lineages.delete().where(*mine)).rowcount == 1
