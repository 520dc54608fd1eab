"""Devices of a commune in figures: how many, what they cost. Row-level security applies."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from layers import LAYERS, table_of
from layers.base import Layer


def count_devices(conn: Connection, layer: Layer, commune_id: int) -> tuple[int, int]:
    """Return how many devices of a layer stand or are broken (not proposed, not removed), and how many work."""
    table = table_of(layer)
    standing = sa.func.count().filter(table.c.state.in_(("working", "broken")))
    working = sa.func.count().filter(table.c.state == "working")
    row = conn.execute(sa.select(standing, working).where(table.c.commune_id == commune_id)).one()
    return int(row[0]), int(row[1])


@dataclass(frozen=True)
class Spent:
    """What standing devices cost, by who paid and the year of installation; None: not told."""

    fund: str | None
    year: int | None
    device_count: int
    cost_vnd: int


def fetch_spent(conn: Connection, commune_id: int) -> list[Spent]:
    """Return costs of the cameras and lights that stand and whose cost is known; the newest year and largest first."""
    tables = [table_of(layer) for layer in LAYERS.values() if layer.is_device and layer.field("cost_vnd")]
    parts = [
        sa.select(t.c.fund, sa.cast(sa.extract("year", t.c.installed_on), sa.Integer).label("year"), t.c.cost_vnd)
        .where(t.c.commune_id == commune_id, t.c.state.in_(("working", "broken")), t.c.cost_vnd.is_not(None))
        for t in tables
    ]  # fmt: skip
    paid = sa.union_all(*parts).subquery("paid")
    total = sa.func.sum(paid.c.cost_vnd)
    statement = (
        sa.select(paid.c.fund, paid.c.year, sa.func.count(), total)
        .group_by(paid.c.fund, paid.c.year)
        .order_by(paid.c.year.desc().nulls_last(), total.desc(), paid.c.fund)
    )
    return [Spent(row[0], row[1], int(row[2]), int(row[3])) for row in conn.execute(statement)]
