"""Two totals of the same thing: what the software counts and what the field counted, with the reason."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.tables.programme import reconciliations
from layers import LAYERS, table_of

_C = reconciliations.c
SHORTEST_REASON = 5
# Whatever has rows that can be counted in the field.
SUBJECTS = tuple(sorted(name for name, layer in LAYERS.items() if not layer.bundle and not layer.tenant))


def count_own(conn: Connection, commune_id: int, subject: str) -> int:
    """How many the software has: groups that are present, devices that stand there, rows of other layers."""
    layer = LAYERS[subject]
    table = table_of(layer)
    statement = sa.select(sa.func.count()).select_from(table).where(table.c.commune_id == commune_id)
    if layer.is_device:
        statement = statement.where(table.c.state.in_(("working", "broken")))
    return int(conn.execute(statement).scalar_one())


def insert_reconciliation(
    conn: Connection, commune_id: int, subject: str, own_count: int, values: Mapping[str, Any]
) -> dict[str, Any]:
    """Write both totals down, dated today; return the row."""
    statement = (
        sa.insert(reconciliations)
        .values(
            commune_id=commune_id,
            subject=subject,
            counted_on=sa.func.vietnam_today(),
            own_count=own_count,
            field_count=values["field_count"],
            reason=values["reason"],
        )
        .returning(*_named())
    )
    return dict(conn.execute(statement).mappings().one())


def _named() -> list[sa.Column[Any]]:
    return [_C.id, _C.subject, _C.counted_on, _C.own_count, _C.field_count, _C.reason, _C.made_at]


def fetch_reconciliations(conn: Connection, commune_id: int) -> list[dict[str, Any]]:
    """Return the comparisons of a commune, newest first."""
    statement = sa.select(*_named()).where(_C.commune_id == commune_id).order_by(_C.id.desc()).limit(200)
    return [dict(row) for row in conn.execute(statement).mappings()]
