"""Plans of shifts as bodies, forms and answers have them; no views here."""

from typing import Any

from shapely.geometry import mapping

from gis_app.analysis.patrol_clock import clock_text
from gis_app.analysis.patrol_weights import read_weights
from gis_app.errors import BadRequest, Conflict, Forbidden, NotFound, PreconditionFailed, Unprocessable
from gis_app.jobs import patrol_plan as plans
from gis_app.jobs.kinds import ask
from gis_app.jobs.patrol_hours import end_on
from gis_app.jobs.patrol_list import drawn_of, groups_over, pins_gone, weights_of
from gis_app.jobs.patrol_words import at_clock, reason_text, title_of
from gis_app.queries import patrol as q
from gis_app.queries.jobs import Job, fetch_jobs
from gis_app.queries.patrol import Plan, RouteRow, StopRow
from gis_app.web.context import actor, commune, connection
from gis_app.web.i18n import words

KIND = "patrol"
MAX_ID = 2**63 - 1
ISSUED_ERRORS = {
    "missing": NotFound, "stale": PreconditionFailed, "not_draft": Conflict, "running": Conflict, "none": Conflict,
    "old": Conflict, "must": Conflict, "over": Conflict, "force": Conflict, "late": Conflict, "role": Forbidden,
}  # fmt: skip
ISSUED_CODES = {
    "missing": "patrol_plan_not_found", "stale": "stale_version", "not_draft": "patrol_plan_issued",
    "running": "patrol_running", "none": "patrol_not_solved", "old": "patrol_routes_old",
    "must": "patrol_must_missing", "over": "patrol_over_limit", "force": "patrol_force", "late": "patrol_late",
    "role": "role_not_allowed",
}  # fmt: skip


def find_plan(plan_id: int) -> Plan:
    """The plan if the actor may read it; 404 alike for another commune's and for none."""
    here = commune()
    found = q.fetch_plans(connection(), here.id, plan_id) if plan_id <= MAX_ID else []
    if not found:
        raise NotFound("patrol_plan_not_found")
    return found[0]


def open_job(plan_id: int) -> Job | None:
    """The job that solves the plan now, or waits to."""
    jobs = fetch_jobs(connection(), commune().id, kind=KIND, is_open=True)
    return next((job for job in jobs if job.parameters.get("plan_id") == plan_id), None)


def draft_plan(plan_id: int, version: int | None = None) -> Plan:
    """The plan, if it may be changed now: a draft of the version, not being solved."""
    plan = find_plan(plan_id)
    if plan.state != "draft":
        raise Conflict("patrol_plan_issued")
    if open_job(plan.id) is not None:
        raise Conflict("patrol_running")
    q.lock_plan(connection(), plan.id)
    plan = find_plan(plan_id)
    if version is not None and plan.version != version:
        raise stale(plan)
    return plan


def stale(plan: Plan) -> PreconditionFailed:
    """The version that a write starts from is not the present one."""
    return PreconditionFailed("stale_version", version=plan.version)


def create(body: Any) -> int:
    """Make a plan; what the body leaves out is as tonight's default."""
    if not isinstance(body, dict):
        raise BadRequest("bad_body")
    here = commune()
    return plans.create(connection(), here, {**plans.defaults_of(connection(), here), **body})


def change(plan_id: int, version: int, body: Any) -> None:
    """Change some settings of a draft of a version; the list of stops is made anew."""
    if not isinstance(body, dict):
        raise BadRequest("bad_body")
    plan = draft_plan(plan_id, version)
    if not plans.change(connection(), commune(), plan, body):
        raise stale(plan)


def ask_solving(plan_id: int) -> int:
    """Ask for the job that solves a plan, or find the one that is on its way; the job's id."""
    plan = find_plan(plan_id)
    if plan.state != "draft":
        raise Conflict("patrol_plan_issued")
    running = open_job(plan.id)
    return running.id if running is not None else ask(connection(), KIND, {"plan_id": plan.id})


def _fault(field: str, rule: str) -> Unprocessable:
    return Unprocessable("bad_patrol_plan", faults=[{"field": field, "rule": rule}])


def choose(plan_id: int, version: int, body: Any) -> None:
    """Take an alternative by its number, or draw one by a seed that is kept."""
    if not isinstance(body, dict) or not body.keys() <= {"alternative", "draw", "draw_seed"}:
        raise BadRequest("bad_body")
    plan = draft_plan(plan_id, version)
    known = [one["number"] for one in (plan.figures or {}).get("alternatives", [])]
    if not known:
        raise Conflict("patrol_not_solved")
    number, seed, draw = body.get("alternative"), body.get("draw_seed"), body.get("draw", False)
    if type(draw) is not bool:
        raise _fault("draw", "choice")
    if number is None:
        seed = plans.new_seed() if seed is None else seed
        if type(seed) is not int or not 0 <= seed <= plans.MAX_SEED:
            raise _fault("draw_seed", "whole")
        number = plans.drawn(plan, seed)
    elif type(number) is not int or number not in known:
        raise _fault("alternative", "choice")
    elif draw or seed is not None:
        # The sheet would tell of a draw that was none.
        raise _fault("draw_seed", "unknown_field")
    plans.choose(connection(), plan.id, number, seed)


def reorder(plan_id: int, version: int, body: Any) -> None:
    """Give a team its stops in a person's order."""
    if not isinstance(body, dict) or not body.keys() <= {"team", "stops"}:
        raise BadRequest("bad_body")
    plan = draft_plan(plan_id, version)
    if plan.chosen is None or not plan.is_solved:
        raise Conflict("patrol_not_solved")
    team, stops = body.get("team"), body.get("stops")
    numbers = isinstance(stops, list) and len(stops) <= 200 and all(type(one) is int for one in stops)
    if (
        type(team) is not int
        or not 1 <= team <= len(plan.settings["teams"])
        or not numbers
        or not isinstance(stops, list)
    ):
        raise _fault("stops" if type(team) is int else "team", "choice")
    plans.reorder(connection(), commune(), plan, team - 1, stops)


def issue(plan_id: int, version: int) -> None:
    """Issue the version of a plan; it changes no more."""
    plan, conn, here = find_plan(plan_id), connection(), commune()
    q.lock_issuing(conn, here.id)
    if plan.state == "draft" and plan.version == version:
        groups, cap = groups_over(conn, here, plan)
        if groups:
            raise Conflict("patrol_week_cap", groups=", ".join(groups), cap=cap)
    said = q.update_issued(connection(), plan_id, version)
    if said != "issued":
        plan = find_plan(plan_id)
        raise ISSUED_ERRORS[said](ISSUED_CODES[said], **_about(said, plan))


def _about(said: str, plan: Plan) -> dict[str, Any]:
    if said == "role":
        return {"role": actor().role}
    if said == "stale":
        return {"version": plan.version}
    if said == "over":
        chosen = [route for route in q.fetch_routes(connection(), plan.id) if route.alternative == plan.chosen]
        worst = max(chosen, key=lambda route: route.duration_s)
        over = -(-int(worst.duration_s - plan.shift_s) // 60)
        return {"team": plan.settings["teams"][worst.team - 1]["name"], "minutes": max(1, over)}
    if said in ("force", "late"):
        return _wrong_team(said, plan)
    if said == "must":
        left = [stop.code for stop in q.fetch_stops(connection(), plan.id) if stop.is_pinned and stop.team is None]
        return {"codes": ", ".join(left)}
    return {}


def _wrong_team(said: str, plan: Plan) -> dict[str, Any]:
    """The first team with stops that are not for it, or that it reaches after their hours."""
    teams, late = plan.settings["teams"], late_stops(plan)
    stops = [stop for stop in q.fetch_stops(connection(), plan.id) if stop.team is not None]
    wrong = [
        (stop.team, stop.code)
        for stop in stops
        if (stop.id in late if said == "late" else stop.police_only and teams[stop.team - 1]["force"] == "security")
    ]
    team = min((number for number, _ in wrong), default=1)
    return {"team": teams[team - 1]["name"], "codes": ", ".join(code for number, code in wrong if number == team)}


def late_stops(plan: Plan) -> set[int]:
    """Stops of the chosen alternative that are reached after their hours."""
    known = (plan.figures or {}).get("alternatives", [])
    return {stop for one in known if one["number"] == plan.chosen for stop in one.get("late", [])}


def save_weights(version: int, body: Any) -> int:
    """Add a version of the weights after the one that was seen; its number."""
    found, faults = read_weights(body)
    if found is None:
        raise Unprocessable("bad_patrol_weights", faults=faults)
    made = q.insert_weights(connection(), commune().id, version, found.raw)
    if made is None:
        raise PreconditionFailed("stale_version", version=weights_of(connection(), commune().id).version)
    return made


def plan_summary(plan: Plan) -> dict[str, Any]:
    """A plan in a list."""
    return {
        "id": plan.id,
        "version": plan.version,
        "shift_on": plan.shift_on.isoformat(),
        "start": clock_text(plan.start_min),
        "end": clock_text(plan.end_min),
        "end_on": end_on(plan).isoformat(),
        "state": plan.state,
        "team_count": len(plan.settings["teams"]),
        "seed": plan.settings["seed"],
        "chosen": plan.chosen,
        "draw_seed": plan.draw_seed,
        "is_solved": plan.is_solved,
        "weights_version": plan.weights_version,
        "figures": None if plan.figures is None else dict(plan.figures),
        "issued_at": None if plan.issued_at is None else plan.issued_at.isoformat(),
        "updated_at": plan.updated_at.isoformat(),
        "left_due": [dict(one) for one in plan.left_due],
    }


def plan_dict(plan: Plan) -> dict[str, Any]:
    """A plan with all of it: settings, stops with reasons, routes of every alternative."""
    conn = connection()
    job = open_job(plan.id) if plan.state == "draft" else None
    stops = q.fetch_stops(conn, plan.id)
    drawn, wanted = drawn_of(conn, commune().id, plan, stops)
    return plan_summary(plan) | {
        "settings": dict(plan.settings),
        "stops": [stop_dict(stop, plan) for stop in stops],
        "drawn": {"count": drawn, "wanted": wanted},
        "pins_gone": pins_gone(plan, stops),
        "routes": [route_dict(route, plan) for route in q.fetch_routes(conn, plan.id)],
        "job_id": None if job is None else job.id,
    }


def stop_dict(stop: StopRow, plan: Plan) -> dict[str, Any]:
    """A stop as JSON; `text` of a reason is in the reader's language."""
    names = ("id", "key", "keys", "kind", "code", "lon", "lat", "group_name", "points", "police_only", "is_pinned",
             "is_dropped", "away_m", "team", "position", "arrive_s")  # fmt: skip
    return {name: getattr(stop, name) for name in names} | {
        "title": title_of(words(), stop.kind, stop.title),
        "reasons": [{**reason, "text": reason_text(words(), reason)} for reason in stop.reasons],
        "open": None if stop.open_min is None else clock_text(stop.open_min),
        "close": None if stop.close_min is None else clock_text(stop.close_min),
        "arrive": None if stop.arrive_s is None else at_clock(plan.start_min, stop.arrive_s),
        "is_due": stop.due is not None,
    }


def route_dict(route: RouteRow, plan: Plan) -> dict[str, Any]:
    """A team's route as JSON; `is_over`: longer than the shift."""
    names = ("alternative", "team", "duration_s", "travel_s", "length_m", "prize", "shared_share")
    return {name: getattr(route, name) for name in names} | {
        "stops": [dict(stop) for stop in route.stops],
        "is_over": route.duration_s > plan.shift_s + 0.5,
        "geometry": mapping(route.line),
    }
