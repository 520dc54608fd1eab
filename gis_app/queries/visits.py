"""Visits of stops and ends of walks. Row-level security: the police of the commune; functions of the database write."""

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.tables.patrol import patrol_stops
from gis_app.tables.visits import patrol_visits, patrol_walks

_V, _W, _S = patrol_visits.c, patrol_walks.c, patrol_stops.c


@dataclass(frozen=True)
class NewVisit:
    """What a device tells of a visit; `distance_m` in tens of metres, no place."""

    stop_id: int
    client_id: uuid.UUID
    device_at: dt.datetime
    is_outside: bool | None
    distance_m: int | None
    minutes: int | None
    method: str


@dataclass(frozen=True)
class VisitRow:
    """A visit, or with `reason` that nobody came."""

    stop_id: int
    client_id: uuid.UUID | None
    device_at: dt.datetime | None
    received_at: dt.datetime
    is_outside: bool | None
    distance_m: int | None
    minutes: int | None
    method: str | None
    reason: str | None


@dataclass(frozen=True)
class WalkEnd:
    """How a team's walk ended; `device_at` None: by itself."""

    team: int
    outcome: str
    device_at: dt.datetime | None
    received_at: dt.datetime


def insert_visit(conn: Connection, plan_id: int, visit: NewVisit) -> str:
    """Write a visit once; return what record_patrol_visit of migrations/sql/visits.sql answers."""
    text = sa.text(
        "SELECT record_patrol_visit(:plan, :stop, CAST(:client AS uuid), :seen_at, CAST(:outside AS boolean), "
        "CAST(:away AS integer), CAST(:stay AS integer), :way)"
    )
    values = {
        "plan": plan_id, "stop": visit.stop_id, "client": str(visit.client_id), "seen_at": visit.device_at,
        "outside": visit.is_outside, "away": visit.distance_m, "stay": visit.minutes, "way": visit.method,
    }  # fmt: skip
    return str(conn.execute(text, values).scalar_one())


def insert_end(conn: Connection, plan_id: int, team: int, missed: Mapping[int, str], device_at: dt.datetime) -> str:
    """End a team's walk; return what end_patrol_walk of migrations/sql/visits.sql answers."""
    text = sa.text("SELECT end_patrol_walk(:plan, :team, CAST(:missed AS jsonb), :seen_at)")
    reasons = json.dumps({str(stop): reason for stop, reason in missed.items()})
    return str(
        conn.execute(text, {"plan": plan_id, "team": team, "missed": reasons, "seen_at": device_at}).scalar_one()
    )


def close_overdue(conn: Connection) -> int:
    """End every shift that is 30 minutes past its end; return how many."""
    return int(conn.execute(sa.select(sa.func.close_patrol_shifts())).scalar_one())


def fetch_visits(conn: Connection, commune_id: int, plan_id: int) -> list[VisitRow]:
    """Return the visits and the missed stops of a plan, in order of arrival."""
    statement = (
        sa.select(
            _V.stop_id, _V.client_id, _V.device_at, _V.received_at, _V.is_outside, _V.distance_m, _V.minutes,
            _V.method, _V.reason,
        )
        .where(_V.commune_id == commune_id, _V.plan_id == plan_id)
        .order_by(_V.id)
    )  # fmt: skip
    return [VisitRow(*tuple(row)) for row in conn.execute(statement)]


def fetch_ends(conn: Connection, commune_id: int, plan_id: int) -> list[WalkEnd]:
    """Return how the walks of a plan ended, by team."""
    statement = (
        sa.select(_W.team, _W.outcome, _W.device_at, _W.received_at)
        .where(_W.commune_id == commune_id, _W.plan_id == plan_id)
        .order_by(_W.team)
    )
    return [WalkEnd(*tuple(row)) for row in conn.execute(statement)]


def fetch_stop_id(conn: Connection, commune_id: int, plan_id: int, code: str) -> int | None:
    """Return the stop of a plan that has a code."""
    statement = sa.select(_S.id).where(_S.commune_id == commune_id, _S.plan_id == plan_id, _S.code == code)
    found = conn.execute(statement).scalar_one_or_none()
    return None if found is None else int(found)
