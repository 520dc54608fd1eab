"""Invented shifts of the last weeks for the demonstration communes, so that their effort can be looked at.

The product's own steps, rules and functions, but routes that are filled up (patrol_mend.py), not searched: it is fast.
"""

import datetime as dt
import random
import uuid
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from gis_app.db import Actor, act_as
from gis_app.jobs import patrol_plan as plans
from gis_app.jobs.patrol_hours import CLOSES_AFTER, moment_of
from gis_app.queries import demo_patrol as q
from gis_app.queries import visits as v
from gis_app.queries.communes import Commune, fetch_communes
from gis_app.queries.patrol import Plan, fetch_plans, fetch_stops, update_issued
from gis_app.queries.tasks import fetch_today

SEED = 28_2025
STOPS = 20


@dataclass(frozen=True)
class Invented:
    """A shift: days before today, hours; how much of its stops each team was at, why not at the others.

    Without a reason nobody ended the walk, and it closed itself.
    """

    days: int
    start: str
    end: str
    shares: tuple[float, float] = (1.0, 1.0)
    reasons: tuple[str, str] = ("no_time", "no_time")


SHIFTS = (
    Invented(16, "20:00", "23:00", (1.0, 0.7), ("no_time", "")),
    Invented(11, "22:00", "02:00"),
    Invented(6, "19:30", "22:30", (0.9, 0.5), ("closed", "called_away")),
    Invented(2, "20:00", "23:00", (1.0, 0.9), ("no_time", "no_way")),
)


def load_patrols(conn: Connection) -> int:
    """Invent shifts for every demonstration commune that has none (owner rights); how many. Same day, same shifts."""
    count, today = 0, fetch_today(conn)
    for commune in fetch_communes(conn):
        if not commune.is_demo or q.count_plans(conn, commune.id):
            continue
        act_as(conn, Actor("patrol", commune.id, "demo"))
        for number, shift in enumerate(SHIFTS):
            _walk(conn, commune, shift, _issue(conn, commune, shift, today, SEED + number))
            count += 1
        act_as(conn, Actor("system"))
    return count


def _issue(conn: Connection, commune: Commune, shift: Invented, today: dt.date, seed: int) -> Plan:
    usual = plans.defaults_of(conn, commune)
    teams = [{**team, "name": f"Tổ minh họa {number}"} for number, team in enumerate(usual["teams"], 1)]
    day = (today - dt.timedelta(days=shift.days)).isoformat()
    plan_id = plans.create(conn, commune, {
        **usual, "shift_on": day, "start": shift.start, "end": shift.end, "teams": teams, "stop_count": STOPS,
        "seed": seed,
    })  # fmt: skip
    plan = fetch_plans(conn, commune.id, plan_id)[0]
    plans.lay(conn, commune, plan)
    said = update_issued(conn, plan_id, fetch_plans(conn, commune.id, plan_id)[0].version)
    if said != "issued":
        raise RuntimeError(f"{commune.name}: {said}")
    return fetch_plans(conn, commune.id, plan_id)[0]


def _walk(conn: Connection, commune: Commune, shift: Invented, plan: Plan) -> None:
    """Visits in order, a little late, and the ends of both teams."""
    chance = random.Random(SEED + shift.days * 7 + commune.id)  # noqa: S311 # nosec B311 - invented data
    begin, end = moment_of(plan, plan.start_min), moment_of(plan, plan.end_min)
    stops = sorted((stop for stop in fetch_stops(conn, plan.id) if stop.team), key=lambda stop: stop.position or 0)
    for team, (share, reason) in enumerate(zip(shift.shares, shift.reasons, strict=True), 1):
        mine = [stop for stop in stops if stop.team == team]
        if not mine:
            continue
        done = mine[: max(1, round(share * len(mine)))]
        for stop in done:
            at = begin + dt.timedelta(seconds=(stop.arrive_s or 0) + chance.randrange(20, 200))
            is_outside = chance.random() < 0.04
            visit = v.NewVisit(
                stop.id, uuid.uuid5(uuid.NAMESPACE_URL, f"demo/{commune.id}/{stop.id}"), at, is_outside,
                chance.randrange(11, 30) * 10 if is_outside else chance.randrange(0, 5) * 10, chance.randrange(8, 15),
                "code" if chance.random() < 0.1 else "button",
            )  # fmt: skip
            v.insert_visit(conn, plan.id, visit)
        if reason:
            missed = {stop.id: reason for stop in mine[len(done) :]}
            v.insert_end(conn, plan.id, team, missed, end - dt.timedelta(minutes=chance.randrange(2, 12)))
    v.close_overdue(conn)
    q.update_moments(conn, plan.id, moment_of(plan, 16 * 60 + 40), end + CLOSES_AFTER)
