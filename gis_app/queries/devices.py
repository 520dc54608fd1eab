"""Devices of a commune in two figures. Row-level security applies."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from layers import table_of
from layers.base import Layer


def count_devices(conn: Connection, layer: Layer, commune_id: int) -> tuple[int, int]:
    """Return how many devices of a layer stand or are broken (not proposed, not removed), and how many work."""
    table = table_of(layer)
    standing = sa.func.count().filter(table.c.state.in_(("working", "broken")))
    working = sa.func.count().filter(table.c.state == "working")
    row = conn.execute(sa.select(standing, working).where(table.c.commune_id == commune_id)).one()
    return int(row[0]), int(row[1])
