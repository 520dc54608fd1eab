"""Data quality in four measured words: đúng (correct), đủ (complete), sạch (clean), sống (current).

Every check belongs to one word and reads only what no other word's check reads of the same row, so that a fault moves
its own bar alone. Checks over layers are made from the layer files. Row-level security applies.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.queries.writes import OUTSIDE_TOLERANCE_M
from gis_app.tables.statuses import CRITERION_CODES
from layers import LAYERS, table_of
from layers.base import Layer

WORDS = ("correct", "complete", "clean", "current")
MOST_NAMED = 200
_GROUPS = table_of(LAYERS["groups"])
_COMMUNES = table_of(LAYERS["communes"])
# Two outlines may share a border drawn twice; more than this share of the smaller one is an overlap.
OVERLAP_SHARE = 0.01
# The same thing entered twice stands on the same spot.
SAME_SPOT_M = 0.5
REVIEW_HALF_LIFE_DAYS = 92


@dataclass(frozen=True)
class Fault:
    """A row with a fault."""

    layer: str
    id: int
    name: str


@dataclass(frozen=True)
class Check:
    """What a check found: of `checked_count` rows these have the fault; `score` from 0 to 1."""

    word: str
    code: str
    layer: str
    checked_count: int
    fault_count: int
    score: float
    faults: list[Fault]


Selecting = tuple[str, str, Layer, sa.Select[Any]]
"""Word, code, layer, and a selection of id, name, score (0 to 1) and whether the row is at fault."""


def fetch_checks(conn: Connection, commune_id: int, role: str, metric_srid: int) -> list[Check]:
    """Run every check over what the role reads; `metric_srid` is the commune's zone, for metres."""
    found = []
    for make in _MAKERS:
        for word, code, layer, statement in make(commune_id, metric_srid):
            if role in layer.readers - layer.coarse_readers:
                found.append(_run(conn, word, code, layer.name, statement))
    return found


def _run(conn: Connection, word: str, code: str, layer: str, statement: sa.Select[Any]) -> Check:
    rows = statement.subquery("rows")
    c = rows.c
    totals = conn.execute(
        sa.select(sa.func.count(), sa.func.count().filter(c.is_fault), sa.func.avg(c.score)).select_from(rows)
    ).one()
    named = sa.select(c.id, c.name).where(c.is_fault).order_by(c.id).limit(MOST_NAMED)
    faults = [Fault(layer, row.id, row.name or "") for row in conn.execute(named)] if totals[1] else []
    return Check(
        word, code, layer, int(totals[0]), int(totals[1]), 1.0 if totals[2] is None else float(totals[2]), faults
    )


def _rows(layer: Layer, commune_id: int, is_fault: sa.ColumnElement[Any], *where: Any) -> sa.Select[Any]:
    """One row a feature: at fault or not."""
    table = table_of(layer)
    name = table.c[layer.label] if layer.label else table.c.external_id
    flag = sa.func.coalesce(is_fault, False)
    score = sa.case((flag, 0.0), else_=1.0)
    statement = sa.select(table.c.id, name.label("name"), score.label("score"), flag.label("is_fault"))
    return statement.where(table.c.commune_id == commune_id, *where)


def _present(layer: Layer) -> list[sa.ColumnElement[bool]]:
    table = table_of(layer)
    return [table.c.state.in_(("working", "broken"))] if layer.is_device else []


def _outside(commune_id: int, metric_srid: int) -> Iterator[Selecting]:
    """Points that lie farther outside the commune than a pole on the far side of the street."""
    outline = (
        sa.select(sa.func.ST_Buffer(sa.func.ST_Transform(_COMMUNES.c.geom, metric_srid), OUTSIDE_TOLERANCE_M))
        .where(_COMMUNES.c.id == commune_id)
        .scalar_subquery()
    )
    for layer in LAYERS.values():
        if layer.is_point and not layer.bundle:
            spot = sa.func.ST_Transform(table_of(layer).c.geom, metric_srid)
            away = sa.not_(sa.func.ST_Intersects(spot, outline))
            yield "correct", "outside", layer, _rows(layer, commune_id, away)


def _overlaps(commune_id: int, metric_srid: int) -> Iterator[Selecting]:
    """Groups that lie over another one."""
    other = _GROUPS.alias("other")
    share = sa.func.ST_Area(sa.func.ST_Intersection(_GROUPS.c.geom, other.c.geom)) / sa.func.least(
        sa.func.ST_Area(_GROUPS.c.geom), sa.func.ST_Area(other.c.geom)
    )
    over = sa.exists(
        sa.select(sa.literal(1))
        .select_from(other)
        .where(
            other.c.commune_id == commune_id,
            other.c.id != _GROUPS.c.id,
            other.c.geom.op("&&", is_comparison=True)(_GROUPS.c.geom),
            share > OVERLAP_SHARE,
        )
    )
    yield "correct", "overlap", LAYERS["groups"], _rows(LAYERS["groups"], commune_id, over)


def _future_days(commune_id: int, metric_srid: int) -> Iterator[Selecting]:
    """Looks on site that are dated after today."""
    for layer in LAYERS.values():
        if layer.checked_field:
            looked = table_of(layer).c[layer.checked_field]
            yield "correct", "future", layer, _rows(layer, commune_id, looked > sa.func.vietnam_today())


def _expected_places(commune_id: int, metric_srid: int) -> Iterator[Selecting]:
    """One tip box and one board with three numbers is expected in every group."""
    groups = LAYERS["groups"]
    for code, name in (("no_tip_box", "tip_boxes"), ("no_notice_board", "notice_boards")):
        table = table_of(LAYERS[name])
        inside = sa.exists(
            sa.select(sa.literal(1))
            .select_from(table)
            .where(
                table.c.commune_id == commune_id,
                table.c.state == "working",
                table.c.geom.op("&&", is_comparison=True)(_GROUPS.c.geom),
                sa.func.ST_Intersects(table.c.geom, _GROUPS.c.geom),
            )
        )
        yield "complete", code, groups, _rows(groups, commune_id, sa.not_(inside))


def _filled(commune_id: int, metric_srid: int) -> Iterator[Selecting]:
    """Values without which nothing is computed: a camera's direction and angle, a group's households, a last look."""
    cameras = LAYERS["cameras"]
    c = table_of(cameras).c
    blind = sa.and_(c.azimuth_deg.is_(None), sa.func.coalesce(c.fov_deg, 0) < 360)
    yield "complete", "no_direction", cameras, _rows(cameras, commune_id, sa.or_(blind, c.fov_deg.is_(None)))
    # A camera in a public place tells that it is there (Decree 356/2025).
    yield "complete", "no_sign", cameras, _rows(cameras, commune_id, sa.not_(c.has_notice_sign), *_present(cameras))
    groups = LAYERS["groups"]
    yield "complete", "no_households", groups, _rows(groups, commune_id, _GROUPS.c.household_count.is_(None))
    for layer in LAYERS.values():
        if layer.checked_field:
            missing = table_of(layer).c[layer.checked_field].is_(None)
            yield "complete", "never_checked", layer, _rows(layer, commune_id, missing, *_present(layer))


def _on_one_spot(table: sa.Table, commune_id: int, metric_srid: int) -> sa.Select[Any]:
    """Ids of points that lie where an earlier one of the same kind lies.

    Clusters are found in one pass: asked for each point what lies in a box around it, the planner left the GiST index
    aside and read half the table each time, 2 s for 2,000 lights.
    """
    kinds = [table.c[name] for name in ("azimuth_deg", "kind", "class", "level") if name in table.c]
    spot = sa.func.ST_Transform(table.c.geom, metric_srid)
    cluster = sa.func.ST_ClusterDBSCAN(spot, SAME_SPOT_M, 2).over(partition_by=kinds or None)
    columns = [table.c.id, spot.label("spot"), cluster.label("cluster"), *kinds]
    found = sa.select(*columns).where(table.c.commune_id == commune_id).cte("found")
    later, earlier = found.alias("later"), found.alias("earlier")
    same = [sa.not_(earlier.c[kind.name].is_distinct_from(later.c[kind.name])) for kind in kinds]
    near = sa.func.ST_DWithin(later.c.spot, earlier.c.spot, SAME_SPOT_M)
    joined = later.join(earlier, sa.and_(earlier.c.cluster == later.c.cluster, earlier.c.id < later.c.id, near, *same))
    return sa.select(later.c.id).select_from(joined)


def _duplicates(commune_id: int, metric_srid: int) -> Iterator[Selecting]:
    """The same kind of thing twice on one spot (of cameras: with one direction), and two groups of one name."""
    for layer in LAYERS.values():
        if not layer.is_point or layer.bundle:
            continue
        table = table_of(layer)
        twice = table.c.id.in_(_on_one_spot(table, commune_id, metric_srid))
        yield "clean", "duplicate", layer, _rows(layer, commune_id, twice)
    twin = _GROUPS.alias("twin")
    named = sa.exists(
        sa.select(sa.literal(1))
        .select_from(twin)
        .where(twin.c.commune_id == commune_id, twin.c.id < _GROUPS.c.id, twin.c.name == _GROUPS.c.name)
    )
    yield "clean", "same_name", LAYERS["groups"], _rows(LAYERS["groups"], commune_id, named)


def _contradictions(commune_id: int, metric_srid: int) -> Iterator[Selecting]:
    """Groups that count as reached while a criterion is not met; answers without a document."""
    groups = LAYERS["groups"]
    not_met = sa.or_(*(_GROUPS.c[f"{code}_answer"] == "not_met" for code in CRITERION_CODES))
    wrong = sa.and_(_GROUPS.c.stage.in_(("recognised", "maintained")), not_met)
    yield "clean", "contradiction", groups, _rows(groups, commune_id, wrong)
    bare = sa.or_(
        *(
            sa.and_(_GROUPS.c[f"{code}_answer"] != "not_reviewed", _GROUPS.c[f"{code}_document"].is_(None))
            for code in CRITERION_CODES
        )
    )
    yield "clean", "no_document", groups, _rows(groups, commune_id, bare)


def _ages(commune_id: int, metric_srid: int) -> Iterator[Selecting]:
    """A look on site is worth half after the layer's half-life: score = 2 ** -(age / half-life); at fault past it."""
    dated = [
        (layer, table_of(layer).c[layer.checked_field], layer.half_life_days)
        for layer in LAYERS.values()
        if layer.checked_field
    ]
    dated.append((LAYERS["groups"], _GROUPS.c.last_reviewed_on, REVIEW_HALF_LIFE_DAYS))
    for layer, looked, half_life in dated:
        table = table_of(layer)
        age = sa.func.greatest(sa.func.vietnam_today() - looked, 0)
        worth = sa.func.power(2.0, -sa.cast(age, sa.Float) / half_life)
        name = table.c[layer.label] if layer.label else table.c.external_id
        statement = sa.select(
            table.c.id, name.label("name"), worth.label("score"), (age > half_life).label("is_fault")
        ).where(table.c.commune_id == commune_id, looked.is_not(None), *_present(layer))
        yield "current", "old", layer, statement


_MAKERS: tuple[Callable[[int, int], Iterator[Selecting]], ...] = (
    _outside,
    _overlaps,
    _future_days,
    _expected_places,
    _filled,
    _duplicates,
    _contradictions,
    _ages,
)
