"""Boxes and boards with a code, and which groups have one. Row-level security: the acting commune's."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from layers import LAYERS, table_of

_GROUPS, _BOXES, _BOARDS = (table_of(LAYERS[name]) for name in ("groups", "tip_boxes", "notice_boards"))


@dataclass(frozen=True)
class Entrance:
    """A box ("h") or board ("b") that a code leads from."""

    kind: str
    id: int
    place: str | None
    group_name: str | None


def _here(table: sa.Table) -> Any:
    """The group in which a box or board stands."""
    return (
        sa.select(_GROUPS.c.name)
        .where(_GROUPS.c.commune_id == table.c.commune_id, sa.func.ST_Intersects(_GROUPS.c.geom, table.c.geom))
        .order_by(_GROUPS.c.id)
        .limit(1)
        .scalar_subquery()
    )


def fetch_entrances(conn: Connection, commune_id: int) -> list[Entrance]:
    """Working boxes and boards, by group in Vietnamese order, boxes first."""
    parts = [
        sa.select(sa.literal(kind).label("kind"), table.c.id, table.c.place, _here(table).label("name")).where(
            table.c.commune_id == commune_id, table.c.state == "working"
        )
        for kind, table in (("h", _BOXES), ("b", _BOARDS))
    ]
    every = sa.union_all(*parts).subquery()
    order = (sa.collate(every.c.name, "vi_numeric"), every.c.kind.desc(), every.c.id)
    return [Entrance(*row) for row in conn.execute(sa.select(every).order_by(*order))]


def fetch_cover(conn: Connection, commune_id: int) -> tuple[int, list[str]]:
    """How many groups there are, and the names of those without a working box, in Vietnamese order."""
    has_box = (
        sa.select(_BOXES.c.id)
        .where(
            _BOXES.c.commune_id == commune_id,
            _BOXES.c.state == "working",
            sa.func.ST_Intersects(_GROUPS.c.geom, _BOXES.c.geom),
        )
        .exists()
    )
    statement = sa.select(_GROUPS.c.name, has_box).where(_GROUPS.c.commune_id == commune_id)
    rows = conn.execute(statement.order_by(sa.collate(_GROUPS.c.name, "vi_numeric"))).all()
    return len(rows), [name for name, found in rows if not found]
