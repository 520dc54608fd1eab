"""An issued shift of Xã Mẫu as rows: two teams, five stops, without the planner's work. In a test of its own."""

import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gis_app.analysis.patrol_clock import clock_text
from gis_app.db import Actor, begin
from tests.builders import MAU, SampleCommune

# Team, position, metres east and north of the commune's corner.
STOPS = ((1, 1, 1000, 1000), (1, 2, 1500, 1000), (1, 3, 2000, 1000), (2, 1, 1000, 2000), (2, 2, 1500, 2000))
LETTERS = "ABCDE"


@dataclass(frozen=True)
class Shift:
    """Numbers of a plan and of its stops, in order of team and position; codes likewise."""

    plan: int
    stops: list[int]
    codes: list[str]


EVENING, NIGHT = (1200, 1380), (1320, 1560)


def put_shift(
    engine: Engine, days: int = 1, place: SampleCommune = MAU, state: str = "issued",
    hours: tuple[int, int] = EVENING,
) -> Shift:  # fmt: skip
    """A shift from 20:00 to 23:00, `days` after today."""
    with begin(engine, Actor("system")) as conn:
        return _put(conn, days, place, state, hours)


def _put(conn: Connection, days: int, place: SampleCommune, state: str, hours: tuple[int, int]) -> Shift:
    spot = list(place.at(500, 500).coords[0])
    teams = [{"name": f"Tổ {n}", "mode": "walk", "force": "mixed", "start": spot, "end": spot} for n in (1, 2)]
    settings = {"start": clock_text(hours[0]), "end": clock_text(hours[1]), "teams": teams, "stay_min": 10,
                "stop_count": 40, "pinned": [], "dropped": [], "locked": [], "avoid": [], "seed": 1,
                "iterations": 100}  # fmt: skip
    plan = conn.execute(
        sa.text(
            "INSERT INTO patrol_plans (commune_id, shift_on, start_min, end_min, settings, settings_version, "
            "solved_version, chosen, state, issued_at) SELECT :here, d, :start, :end, "
            "CAST(:settings AS jsonb) || jsonb_build_object('shift_on', d), 1, 1, 1, 'draft', NULL "
            "FROM (SELECT vietnam_today() + :days) AS day (d) RETURNING id"
        ),
        {"here": place.id, "days": days, "settings": json.dumps(settings), "start": hours[0], "end": hours[1]},
    ).scalar_one()
    stops, codes = [], []
    for n, (team, position, east, north) in enumerate(STOPS):
        code = f"MA{plan % 29:02d}{LETTERS[n]}Z".replace("0", "X").replace("1", "Y")[:6]
        values: dict[str, Any] = {
            "here": place.id, "plan": plan, "key": f"venue:{n + 1}", "code": code, "title": f"Điểm {n + 1}",
            "lon": place.at(east, north).x, "lat": place.at(east, north).y, "team": team, "position": position,
        }  # fmt: skip
        stops.append(
            conn.execute(
                sa.text(
                    "INSERT INTO patrol_stops (commune_id, plan_id, key, kind, code, title, geom, points, reasons, "
                    "team, position, arrive_s) VALUES (:here, :plan, :key, 'venue', :code, :title, "
                    "ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), 3, "
                    '\'[{"code": "venue", "points": 3, "values": {"kind": "karaoke"}}]\', '
                    ":team, :position, 600 * :position) RETURNING id"
                ),
                values,
            ).scalar_one()
        )
        codes.append(code)
    for team, north in ((1, 1000), (2, 2000)):
        conn.execute(
            sa.text(
                "INSERT INTO patrol_routes (commune_id, plan_id, alternative, team, geom, stops, duration_s, travel_s, "
                "length_m, prize, shared_share) VALUES (:here, :plan, 1, :team, "
                "ST_SetSRID(ST_GeomFromText(:line), 4326), '[]', 5400, 3000, 2400, 9, 0)"
            ),
            {"here": place.id, "plan": plan, "team": team, "line": place.line((500, north), (2000, north)).wkt},
        )
    if state != "draft":
        conn.execute(
            sa.text("UPDATE patrol_plans SET state = :state, issued_at = now() WHERE id = :plan"),
            {"plan": plan, "state": state},
        )
    return Shift(plan, stops, codes)


def clear(engine: Engine) -> None:
    """Take every shift away, with visits and what the requests left."""
    with begin(engine, Actor("system")) as conn:
        conn.exec_driver_sql("DELETE FROM patrol_plans")
        conn.exec_driver_sql("DELETE FROM idempotency_keys")
