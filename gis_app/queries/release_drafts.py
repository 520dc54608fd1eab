"""What the job that writes drafts of public releases reads and writes, with the owner's rights. Shapes: EPSG:4326."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.tables.public import public_cells, public_releases
from layers import LAYERS, table_of

_R, _C = public_releases.c, public_cells.c
_GROUPS, _COMMUNES = table_of(LAYERS["groups"]), table_of(LAYERS["communes"])


@dataclass(frozen=True)
class DraftCell:
    """One group of a draft; the shape is GeoJSON."""

    group_id: int
    name: str
    stage: str | None
    lit_class: str | None
    count_class: str | None
    shape: Mapping[str, Any]


def fetch_earlier_groups(conn: Connection, commune_id: int, released_on: dt.date) -> list[frozenset[int]]:
    """The sets of groups of earlier releases, newest first, whatever became of them: the ledger."""
    statement = (
        sa.select(sa.func.array_agg(_C.group_id))
        .join_from(public_releases, public_cells, _C.release_id == _R.id)
        .where(_R.commune_id == commune_id, _R.released_on < released_on)
        .group_by(_R.id, _R.released_on)
        .order_by(_R.released_on.desc())
    )
    return [frozenset(row[0]) for row in conn.execute(statement)]


def is_made(conn: Connection, commune_id: int, released_on: dt.date) -> bool:
    """Whether the commune has a release of that date, in any state."""
    statement = sa.exists().where(_R.commune_id == commune_id, _R.released_on == released_on)
    return bool(conn.execute(sa.select(statement)).scalar_one())


def fetch_counts(conn: Connection, commune_id: int) -> dict[int, int | None]:
    """Persons in exempt classes (treatment, rehabilitation, post-rehabilitation) by group, as they are now."""
    c = _GROUPS.c
    return {row[0]: row[1] for row in conn.execute(sa.select(c.id, c.exempt_count).where(c.commune_id == commune_id))}


# One union of the lamps of each group: of all lamps at once it took minutes at ward size, of each street's seconds.
# 0.001 degrees are over 100 m everywhere in Vietnam, more than any lamp reaches; the box reads the GiST index.
_LIT = sa.text(
    """
    SELECT g.id, ST_Length(ST_Intersection(streets.geom, lamps.geom)) / nullif(ST_Length(streets.geom), 0)
    FROM groups AS g
    CROSS JOIN LATERAL (
      SELECT ST_Collect(ST_Transform(ST_CollectionExtract(ST_Intersection(r.geom, g.geom), 2), :srid)) AS geom
      FROM roads AS r
      WHERE r.commune_id = g.commune_id AND r.geom && g.geom AND ST_Intersects(r.geom, g.geom)) AS streets
    CROSS JOIN LATERAL (
      SELECT coalesce(ST_Union(ST_Buffer(ST_Transform(l.geom, :srid), coalesce(l.radius_m, 15), 4)),
                      ST_SetSRID('POLYGON EMPTY'::geometry, :srid)) AS geom
      FROM lights AS l
      WHERE l.commune_id = g.commune_id AND l.state = 'working' AND l.geom && ST_Expand(g.geom, 0.001)) AS lamps
    WHERE g.commune_id = :commune_id AND streets.geom IS NOT NULL
    """
)


def fetch_lit_shares(conn: Connection, commune_id: int, metric_srid: int) -> dict[int, float | None]:
    """Share of each group's street length that a working light reaches (0 to 1); groups without streets are left out.

    Lengths are metres in the commune's own zone.
    """
    rows = conn.execute(_LIT, {"commune_id": commune_id, "srid": metric_srid})
    return {row[0]: None if row[1] is None else float(row[1]) for row in rows}


def insert_release(
    conn: Connection,
    commune_id: int,
    released_on: dt.date,
    cells: Sequence[DraftCell],
    total_class: str | None,
    target: tuple[int, int] | None,
) -> int:
    """Write a draft with its cells, in their order; `target`: (groups, year). Return its number."""
    c = _COMMUNES.c
    columns = ("commune_id", "code", "full_name", "province_name", "is_demo", "released_on", "has_counts",
               "total_class", "target_count", "target_year")  # fmt: skip
    has_counts = any(cell.count_class for cell in cells)
    count, year = target or (None, None)
    values = (
        sa.literal(released_on, sa.Date), sa.literal(has_counts), sa.literal(total_class, sa.Text),
        sa.literal(count, sa.Integer), sa.literal(year, sa.Integer),
    )  # fmt: skip
    place = sa.select(c.id, c.code, c.full_name, c.province_name, c.is_demo, *values).where(c.id == commune_id)
    made = sa.insert(public_releases).from_select(columns, place).returning(_R.id)
    release_id = int(conn.execute(made).scalar_one())
    rows = [
        {"release": release_id, "commune": commune_id, "position": position, "group": cell.group_id,
         "name": cell.name, "stage": cell.stage, "lit": cell.lit_class, "count": cell.count_class,
         "shape": json.dumps(cell.shape)}
        for position, cell in enumerate(cells, 1)
    ]  # fmt: skip
    conn.execute(_INSERT_CELL, rows)
    return release_id


def release_all(conn: Connection, released_on: dt.date, username: str) -> None:
    """Release every draft of a day in one go: for invented communes only, where nobody sits at the desk."""
    demo = sa.update(public_releases).where(_R.released_on == released_on, _R.state == "draft", _R.is_demo)
    values = {"state": "released", "decided_by": username, "decided_at": sa.func.now(), "version": _R.version + 1}
    conn.execute(demo.values(values))


# Outlines to about 5 m: a public page needs no more.
_INSERT_CELL = sa.text(
    """
    INSERT INTO public_cells (release_id, group_id, commune_id, position, name, stage, lit_class, count_class, geom)
    SELECT :release, :group, :commune, :position, :name, :stage, :lit, :count,
           ST_Multi(ST_SimplifyPreserveTopology(ST_SetSRID(ST_GeomFromGeoJSON(:shape), 4326), 0.00005))
    """
)
