"""Plans of shifts, their stops and routes, the weights. Row-level security applies: the police of the commune alone.

Places are EPSG:4326 (lon, lat); times of routes are seconds since the shift's start.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
import sqlalchemy as sa
from geoalchemy2.shape import from_shape
from sqlalchemy.engine import Connection

from gis_app.crs import STORED
from gis_app.tables.patrol import patrol_plans, patrol_routes, patrol_stops, patrol_weights
from layers.base import POLICE

MAKERS = tuple(sorted(POLICE))
MOST_PLANS = 200

_P, _S, _R, _W = patrol_plans.c, patrol_stops.c, patrol_routes.c, patrol_weights.c
_PLAN = (_P.id, _P.version, _P.shift_on, _P.start_min, _P.end_min, _P.settings, _P.settings_version,
         _P.weights_version, _P.solved_version, _P.figures, _P.chosen, _P.draw_seed, _P.state, _P.issued_at,
         _P.updated_at, _P.left_due)  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """A plan; `figures` of the last solving or None; minutes since its day began, past 1440 of the next."""

    id: int
    version: int
    shift_on: dt.date
    start_min: int
    end_min: int
    settings: Mapping[str, Any]
    settings_version: int
    weights_version: int
    solved_version: int | None
    figures: Mapping[str, Any] | None
    chosen: int | None
    draw_seed: int | None
    state: str
    issued_at: dt.datetime | None
    updated_at: dt.datetime
    left_due: Sequence[Mapping[str, Any]]

    @property
    def shift_s(self) -> int:
        """Seconds of the shift."""
        return (self.end_min - self.start_min) * 60

    @property
    def is_solved(self) -> bool:
        """Whether the routes are those of the settings as they are."""
        return self.solved_version == self.settings_version


@dataclass(frozen=True)
class StopRow:
    """A stop of a plan; `team` (from 1), `position` and `arrive_s` in the chosen alternative, None: in none."""

    id: int
    key: str
    keys: Sequence[str]
    kind: str
    code: str
    title: str
    lon: float
    lat: float
    group_name: str
    points: float
    reasons: Sequence[Mapping[str, Any]]
    open_min: int | None
    close_min: int | None
    police_only: bool
    is_pinned: bool
    is_dropped: bool
    away_m: float | None
    team: int | None
    position: int | None
    arrive_s: int | None

    @property
    def due(self) -> Mapping[str, Any] | None:
        """`days` and `limit` of a stop that must be visited now."""
        return next((reason["values"] for reason in self.reasons if reason["code"] == "due"), None)


@dataclass(frozen=True)
class RouteRow:
    """A team's route in an alternative; `stops`: [{"id", "arrive_s", "begin_s"}] in order."""

    alternative: int
    team: int
    line: shapely.Geometry
    stops: Sequence[Mapping[str, Any]]
    duration_s: float
    travel_s: float
    length_m: float
    prize: float
    shared_share: float


def fetch_plans(conn: Connection, commune_id: int, plan_id: int | None = None) -> list[Plan]:
    """Return the plans of the commune, the latest shift first; with `plan_id` that one, or none."""
    statement = sa.select(*_PLAN).where(_P.commune_id == commune_id)
    if plan_id is not None:
        statement = statement.where(_P.id == plan_id)
    order = (_P.shift_on.desc(), _P.start_min.desc(), _P.id.desc())
    return [Plan(*tuple(row)) for row in conn.execute(statement.order_by(*order).limit(MOST_PLANS))]


def lock_plan(conn: Connection, plan_id: int) -> None:
    """Wait for whoever else changes the plan; until the transaction ends nobody else does."""
    conn.execute(sa.select(_P.id).where(_P.id == plan_id).with_for_update())


def lock_issuing(conn: Connection, commune_id: int) -> None:
    """Wait for whoever else issues a plan of the commune, until that transaction ends."""
    conn.execute(sa.text("SELECT pg_advisory_xact_lock(73024, :here)"), {"here": commune_id})


def _plan_values(settings: Mapping[str, Any], hours: tuple[int, int]) -> dict[str, Any]:
    day = dt.date.fromisoformat(settings["shift_on"])
    return {"shift_on": day, "start_min": hours[0], "end_min": hours[1], "settings": dict(settings)}


def insert_plan(
    conn: Connection, commune_id: int, settings: Mapping[str, Any], hours: tuple[int, int], weights_version: int
) -> int:
    """Make a plan; return its id."""
    values = _plan_values(settings, hours) | {"commune_id": commune_id, "weights_version": weights_version}
    return int(conn.execute(patrol_plans.insert().values(values).returning(_P.id)).scalar_one())


def update_settings(
    conn: Connection, plan: Plan, settings: Mapping[str, Any], hours: tuple[int, int], weights_version: int
) -> bool:
    """Change the settings of a draft of this version; False: another version, or issued."""
    values = _plan_values(settings, hours) | {
        "settings_version": _P.settings_version + 1, "weights_version": weights_version
    }  # fmt: skip
    statement = patrol_plans.update().where(_P.id == plan.id, _P.version == plan.version, _P.state == "draft")
    return conn.execute(statement.values(values)).rowcount == 1


def update_plan(conn: Connection, plan_id: int, values: Mapping[str, Any], version: int | None = None) -> bool:
    """Write figures or the choice; with `version` only that one."""
    statement = patrol_plans.update().where(_P.id == plan_id)
    if version is not None:
        statement = statement.where(_P.version == version)
    return conn.execute(statement.values(dict(values))).rowcount == 1


def delete_plan(conn: Connection, plan_id: int, version: int) -> bool:
    """Delete a draft of a version with its stops and routes; False: another version, or issued."""
    statement = patrol_plans.delete().where(_P.id == plan_id, _P.version == version, _P.state == "draft")
    return conn.execute(statement).rowcount == 1


def update_issued(conn: Connection, plan_id: int, version: int) -> str:
    """Issue a plan; return what issue_patrol_plan of migrations/sql/patrol.sql answers."""
    return str(conn.execute(sa.select(sa.func.issue_patrol_plan(plan_id, version))).scalar_one())


def delete_old(conn: Connection) -> int:
    """Retention: plans of more than a year ago go; return how many."""
    return int(conn.execute(sa.select(sa.func.delete_old_patrol_plans())).scalar_one())


def fetch_stops(conn: Connection, plan_id: int) -> list[StopRow]:
    """Return the stops of a plan, most points first, dropped ones last."""
    statement = (
        sa.select(
            _S.id, _S.key, _S["keys"], _S.kind, _S.code, _S.title, sa.func.ST_X(_S.geom), sa.func.ST_Y(_S.geom),
            _S.group_name, _S.points, _S.reasons, _S.open_min, _S.close_min, _S.police_only, _S.is_pinned,
            _S.is_dropped, _S.away_m, _S.team, _S.position, _S.arrive_s,
        )
        .where(_S.plan_id == plan_id)
        .order_by(_S.is_dropped, _S.points.desc(), _S.id)
    )  # fmt: skip
    return [StopRow(*tuple(row)) for row in conn.execute(statement)]


def fetch_metric_places(conn: Connection, plan_id: int, srid: int) -> dict[int, tuple[float, float]]:
    """Return x, y in metres of each stop of a plan."""
    spot = sa.func.ST_Transform(_S.geom, srid)
    rows = conn.execute(sa.select(_S.id, sa.func.ST_X(spot), sa.func.ST_Y(spot)).where(_S.plan_id == plan_id))
    return {int(row[0]): (float(row[1]), float(row[2])) for row in rows}


def fetch_codes(conn: Connection, commune_id: int, codes: Sequence[str]) -> set[str]:
    """Return which codes are taken in the commune."""
    statement = sa.select(_S.code).where(_S.commune_id == commune_id, _S.code.in_(list(codes)))
    return set(conn.execute(statement).scalars())


def replace_stops(conn: Connection, commune_id: int, plan_id: int, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the list of a plan anew; rows have `lon`, `lat` and columns; routes of the old list go."""
    conn.execute(patrol_routes.delete().where(_R.plan_id == plan_id))
    conn.execute(patrol_stops.delete().where(_S.plan_id == plan_id))
    found = []
    for row in rows:
        values = dict(row)
        spot = shapely.Point(values.pop("lon"), values.pop("lat"))
        values |= {"commune_id": commune_id, "plan_id": plan_id, "geom": from_shape(spot, srid=STORED)}
        found.append(values)
    if found:
        conn.execute(patrol_stops.insert(), found)


def fetch_routes(conn: Connection, plan_id: int) -> list[RouteRow]:
    """Return the routes of all alternatives, by alternative and team."""
    statement = (
        sa.select(
            _R.alternative, _R.team, sa.func.ST_AsBinary(_R.geom), _R.stops, _R.duration_s, _R.travel_s, _R.length_m,
            _R.prize, _R.shared_share,
        )
        .where(_R.plan_id == plan_id)
        .order_by(_R.alternative, _R.team)
    )  # fmt: skip
    return [
        RouteRow(row[0], row[1], shapely.from_wkb(bytes(row[2])), *tuple(row)[3:]) for row in conn.execute(statement)
    ]


def delete_routes(conn: Connection, plan_id: int) -> None:
    """Take all routes of a plan away."""
    conn.execute(patrol_routes.delete().where(_R.plan_id == plan_id))


def replace_routes(conn: Connection, commune_id: int, plan_id: int, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write routes in place of those of the same alternative and team; rows have `line` (EPSG:4326) and columns."""
    for row in rows:
        values = dict(row)
        values |= {"commune_id": commune_id, "plan_id": plan_id, "geom": from_shape(values.pop("line"), srid=STORED)}
        same = (_R.plan_id == plan_id, _R.alternative == row["alternative"], _R.team == row["team"])
        conn.execute(patrol_routes.delete().where(*same))
        conn.execute(patrol_routes.insert().values(values))


def update_order(conn: Connection, plan_id: int, rows: Sequence[tuple[int, int, int, int]]) -> None:
    """Write team, position and arrival of stops (id, team, position, arrive_s); the others have none."""
    nothing = {"team": None, "position": None, "arrive_s": None}
    conn.execute(patrol_stops.update().where(_S.plan_id == plan_id, _S.team.is_not(None)).values(nothing))
    if rows:
        statement = sa.text(
            "UPDATE patrol_stops AS s SET team = n.team, position = n.position, arrive_s = n.arrive_s "
            "FROM unnest(CAST(:ids AS bigint[]), CAST(:teams AS int[]), CAST(:positions AS int[]), "
            "CAST(:arrivals AS int[])) AS n (id, team, position, arrive_s) WHERE s.id = n.id AND s.plan_id = :plan"
        )
        ids, teams, positions, arrivals = (list(column) for column in zip(*rows, strict=True))
        values = {"ids": ids, "teams": teams, "positions": positions, "arrivals": arrivals, "plan": plan_id}
        conn.execute(statement, values)


def fetch_weights(
    conn: Connection, commune_id: int, version: int | None = None
) -> tuple[int, Mapping[str, Any]] | None:
    """Return the version and the weights: the latest, or those of a version; None: the program's."""
    statement = sa.select(_W.version, _W.weights).where(_W.commune_id == commune_id)
    if version is not None:
        statement = statement.where(_W.version == version)
    row = conn.execute(statement.order_by(_W.version.desc()).limit(1)).one_or_none()
    return None if row is None else (int(row[0]), row[1])


def fetch_weight_versions(conn: Connection, commune_id: int, limit: int = 20) -> list[tuple[int, dt.datetime]]:
    """Return the versions and when they were made, latest first."""
    statement = sa.select(_W.version, _W.created_at).where(_W.commune_id == commune_id)
    rows = conn.execute(statement.order_by(_W.version.desc()).limit(limit))
    return [(int(row[0]), row[1]) for row in rows]


def insert_weights(conn: Connection, commune_id: int, seen: int, weights: Mapping[str, Any]) -> int | None:
    """Add the version after the one that was seen; None: somebody else did."""
    now = fetch_weights(conn, commune_id)
    if (0 if now is None else now[0]) != seen:
        return None
    values = {"commune_id": commune_id, "version": seen + 1, "weights": dict(weights)}
    with conn.begin_nested() as savepoint:
        try:
            conn.execute(patrol_weights.insert().values(values))
        except sa.exc.IntegrityError:
            savepoint.rollback()
            return None
    return seen + 1
