"""Moments of invented shifts: those of the shift, not of the loading (owner rights alone change an issued plan)."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.tables.notices import notices
from gis_app.tables.patrol import patrol_plans
from gis_app.tables.visits import patrol_visits, patrol_walks

_P, _V, _W = patrol_plans.c, patrol_visits.c, patrol_walks.c


def count_plans(conn: Connection, commune_id: int) -> int:
    """Return how many shifts a commune has."""
    statement = sa.select(sa.func.count()).select_from(patrol_plans).where(_P.commune_id == commune_id)
    return int(conn.execute(statement).scalar_one())


def update_moments(conn: Connection, plan_id: int, issued_at: dt.datetime, closed_at: dt.datetime) -> None:
    """Put the server's moments of a shift where they would have been: soon after the device's, else at its end."""
    soon = dt.timedelta(seconds=20)
    for table, received, device in ((patrol_visits, _V, _V.device_at), (patrol_walks, _W, _W.device_at)):
        moment = sa.func.coalesce(device + soon, closed_at)
        conn.execute(table.update().where(received.plan_id == plan_id).values(received_at=moment))
    conn.execute(patrol_plans.update().where(_P.id == plan_id).values(issued_at=issued_at))
    # Nobody is told today of what was issued weeks ago.
    conn.execute(notices.delete().where(notices.c.link == f"/tuan-tra/{plan_id}"))
