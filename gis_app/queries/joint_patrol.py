"""Planned presence of patrols in a strip that two communes share (migrations/sql/effort.sql)."""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

BAND_HOURS = 2
DAYS = 7
OWN, NEIGHBOUR = "own", "neighbour"


@dataclass(frozen=True)
class Presence:
    """A side sends a team through the strip on a day between `band` * 2 o'clock and two hours later."""

    side: str
    day: dt.date
    band: int


def fetch_presence(conn: Connection, agreement_id: int) -> list[Presence]:
    """Return who is in the strip when, this week; nothing unless the agreement is in force and the actor is police."""
    call = sa.func.joint_patrol_presence(agreement_id).table_valued("side", "shift_on", "band")
    rows = conn.execute(sa.select(call.c.side, call.c.shift_on, call.c.band))
    return [Presence(str(side), day, int(band)) for side, day, band in rows]
