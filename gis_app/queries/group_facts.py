"""What lies in each group and what was done there, for indicators, the adviser and data quality.

Places count to the group whose outline holds them. Row-level security applies; counts of hotspots come from a function
of the database, since a committee reads how many there are in a group and never where.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.tables.statuses import CRITERION_CODES, group_reviews, group_statuses
from layers import LAYERS, table_of

_GROUPS = table_of(LAYERS["groups"])
_BOXES = table_of(LAYERS["tip_boxes"])
_BOARDS = table_of(LAYERS["notice_boards"])
_LIGHTS = table_of(LAYERS["lights"])
_SCHOOLS = table_of(LAYERS["schools"])
_VENUES = table_of(LAYERS["venues"])
_CAMERAS = table_of(LAYERS["cameras"])
# A school year begins in September.
SCHOOL_MONTH = 9
_R = group_reviews.c
_S = group_statuses.c


@dataclass(frozen=True)
class GroupFacts:
    """Of one present group: counts of places, of work done, and when things were last looked at."""

    group_id: int
    name: str
    household_count: int | None
    tip_box_count: int
    board_count: int
    light_count: int
    broken_light_count: int
    open_hotspot_count: int
    communication_count: int | None
    pledge_household_count: int | None
    month_state: str | None
    last_reviewed_on: dt.date | None


@dataclass(frozen=True)
class Place:
    """A place with a pledge or a date that is asked of it."""

    id: int
    name: str
    is_done: bool


def _counted(name: str, table: sa.Table, *conditions: Any) -> sa.Subquery:
    """How many rows of a layer lie in each group; one on a shared border goes to the group of the lowest id.

    The box reads the GiST index of the groups.
    """
    home = (
        sa.select(_GROUPS.c.id)
        .where(
            _GROUPS.c.commune_id == table.c.commune_id,
            _GROUPS.c.geom.op("&&", is_comparison=True)(table.c.geom),
            sa.func.ST_Intersects(_GROUPS.c.geom, table.c.geom),
        )
        .order_by(_GROUPS.c.id)
        .limit(1)
        .correlate(table)
        .lateral("home")
    )
    counts = sa.select(home.c.id.label("group_id"), sa.func.count().label("row_count"))
    return counts.select_from(table.join(home, sa.true())).where(*conditions).group_by(home.c.id).subquery(name)


def fetch_group_facts(conn: Connection, commune_id: int, month: tuple[dt.date, dt.date]) -> list[GroupFacts]:
    """Return the facts of every present group of a commune, in Vietnamese name order; work done is of the month."""
    sent = _R.state == "approved"
    monthly = sa.and_(_R.group_id == _GROUPS.c.id, _R.kind == "month", _R.starts_on == month[0])
    latest = group_reviews.alias("latest").c
    pledge = (
        sa.select(latest.pledge_household_count)
        .where(
            latest.group_id == _GROUPS.c.id,
            latest.state == "approved",
            latest.pledge_household_count.is_not(None),
        )
        .order_by(latest.starts_on.desc(), latest.id.desc())
        .limit(1)
        .correlate(_GROUPS)
        .scalar_subquery()
    )
    hotspots = sa.func.open_hotspots_by_group().table_valued("group_id", "hotspot_count").alias("hotspots")
    numbers = (_BOARDS.c.has_commune_police, _BOARDS.c.has_pc04, _BOARDS.c.has_c04)
    counted = [
        _counted("boxes", _BOXES, _BOXES.c.state == "working"),
        _counted("boards", _BOARDS, _BOARDS.c.state == "working", *numbers),
        _counted("lamps", _LIGHTS, _LIGHTS.c.state.in_(("working", "broken"))),
        _counted("broken", _LIGHTS, _LIGHTS.c.state == "broken"),
    ]
    joined = _GROUPS.outerjoin(group_reviews, monthly).outerjoin(hotspots, hotspots.c.group_id == _GROUPS.c.id)
    for one in counted:
        joined = joined.outerjoin(one, one.c.group_id == _GROUPS.c.id)
    statement = (
        sa.select(
            _GROUPS.c.id,
            _GROUPS.c.name,
            _GROUPS.c.household_count,
            *(sa.func.coalesce(one.c.row_count, 0) for one in counted),
            sa.func.coalesce(hotspots.c.hotspot_count, 0),
            sa.case((sent, _R.communication_count)),
            pledge,
            _R.state,
            _GROUPS.c.last_reviewed_on,
        )
        .select_from(joined)
        .where(_GROUPS.c.commune_id == commune_id)
        .order_by(sa.collate(_GROUPS.c.name, "vi_numeric"), _GROUPS.c.id)
    )
    rows: Sequence[Any] = conn.execute(statement).all()
    return [GroupFacts(*row) for row in rows]


def fetch_pledges(conn: Connection, commune_id: int) -> Mapping[str, list[Place]]:
    """Return schools, venues and cameras, each with whether it has what is asked of all of its kind."""
    today = sa.func.vietnam_today()
    due = sa.or_(_VENUES.c.next_due_on.is_(None), _VENUES.c.next_due_on >= today)
    # The first of September before or on today: eight months back, the year's first day, and eight months on.
    back = sa.func.make_interval(0, SCHOOL_MONTH - 1)
    school_year = sa.cast(sa.func.date_trunc("year", today - back) + back, sa.Date)
    standing = _CAMERAS.c.state.in_(("working", "broken"))
    asked: Mapping[str, tuple[sa.Table, Any, Any]] = {
        "school_pledges": (_SCHOOLS, _SCHOOLS.c.has_pledge, sa.true()),
        "school_briefings": (_SCHOOLS, sa.func.coalesce(_SCHOOLS.c.last_briefed_on >= school_year, False), sa.true()),
        "venue_pledges": (_VENUES, _VENUES.c.has_pledge, sa.true()),
        "venue_checks": (_VENUES, due, sa.true()),
        "camera_signs": (_CAMERAS, _CAMERAS.c.has_notice_sign, standing),
    }
    found: dict[str, list[Place]] = {}
    for name, (table, done, there) in asked.items():
        # A camera is known by its number, or its pole.
        title = table.c.name if "name" in table.c else sa.func.coalesce(table.c.external_id, table.c.pole_code)
        statement = (
            sa.select(table.c.id, sa.func.coalesce(title, ""), done)
            .where(table.c.commune_id == commune_id, there)
            .order_by(sa.collate(title, "vi_numeric"), table.c.id)
        )
        found[name] = [Place(row[0], row[1], bool(row[2])) for row in conn.execute(statement)]
    return found


def fetch_newly_met(conn: Connection, commune_id: int, since: dt.date) -> dict[int, int]:
    """Return, by group, how many more criteria are met today than on a day; fewer is negative: the trend."""

    def met(day: sa.ColumnElement[Any]) -> sa.Subquery:
        count = sum(
            (sa.case((_S[f"{code}_answer"] == "met", 1), else_=0) for code in CRITERION_CODES[1:]),
            start=sa.case((_S[f"{CRITERION_CODES[0]}_answer"] == "met", 1), else_=0),
        )
        return (
            sa.select(_S.group_id, count.label("met_count"))
            .where(
                _S.commune_id == commune_id,
                sa.func.upper_inf(_S.known),
                _S.valid.op("@>", is_comparison=True)(day),
            )
            .subquery()
        )

    now, then = met(sa.func.vietnam_today()), met(sa.literal(since, sa.Date))
    statement = sa.select(now.c.group_id, now.c.met_count - sa.func.coalesce(then.c.met_count, now.c.met_count))
    joined = now.outerjoin(then, then.c.group_id == now.c.group_id)
    return {row[0]: int(row[1]) for row in conn.execute(statement.select_from(joined))}
