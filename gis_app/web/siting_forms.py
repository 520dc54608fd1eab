"""Siting plans as bodies, forms and answers have them; no views here."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import shapely
from shapely.geometry import mapping

from gis_app.analysis.siting_fields import Fault, FieldReader, flag, name_of, number, one_of, whole
from gis_app.analysis.siting_figures import Drawn, Placed
from gis_app.analysis.siting_settings import HOTSPOTS, KINDS, Settings, read_settings
from gis_app.errors import BadRequest, Conflict, NotFound, PreconditionFailed, Unprocessable
from gis_app.jobs import siting_bound
from gis_app.jobs.kinds import ask
from gis_app.jobs.siting_bound import gap_of
from gis_app.jobs.siting_plan import count_plan, shown_figures, shown_plan
from gis_app.jobs.siting_problem import Bench, check_size, free_slot, open_bench, settings_of
from gis_app.queries import siting as q
from gis_app.queries.jobs import Job, fetch_jobs
from gis_app.queries.siting import Device, Plan
from gis_app.queries.siting_sources import to_degrees, to_metres
from gis_app.web.context import actor, commune, connection
from gis_app.web.i18n import t, words
from layers.base import SITING

KIND = "siting"
MAX_ID = 2**63 - 1
NAME = name_of(120)
# What a person changes of a device.
CHANGES = ("lon", "lat", "azimuth_deg", "model", "year", "fund", "is_locked", "is_forbidden")


def find_plan(plan_id: int) -> Plan:
    """The plan if the actor may read it; 404 alike for another commune's and for none."""
    here = commune()
    found = q.fetch_plans(connection(), here.id, plan_id) if plan_id <= MAX_ID else []
    if not found:
        raise NotFound("siting_plan_not_found")
    return shown_plan(found[0], actor().role)


def list_plans() -> list[Plan]:
    """The plans of the commune as the actor reads them, newest first."""
    return [shown_plan(plan, actor().role) for plan in q.fetch_plans(connection(), commune().id)]


def find_device(plan: Plan, device_id: int) -> Device:
    """A device of a plan."""
    found = q.fetch_devices(connection(), plan.id, device_id) if device_id <= MAX_ID else []
    if not found:
        raise NotFound("siting_device_not_found")
    return found[0]


def open_job(plan_id: int) -> Job | None:
    """The job that solves the plan now, or waits to."""
    jobs = fetch_jobs(connection(), commune().id, kind=KIND, is_open=True)
    return next((job for job in jobs if job.parameters.get("plan_id") == plan_id), None)


def held_plan(plan_id: int) -> Plan:
    """The plan as it is once nobody else changes it; until the transaction ends nobody does, nor asks to solve it."""
    q.lock_plan(connection(), find_plan(plan_id).id)
    return find_plan(plan_id)


def changeable_plan(plan_id: int) -> Plan:
    """The plan, held, if it may be changed now: neither assigned nor being solved."""
    plan = held_plan(plan_id)
    if plan.state == "assigned":
        raise Conflict("siting_plan_assigned")
    if open_job(plan.id) is not None:
        raise Conflict("siting_running")
    return plan


def read_plan(body: Any, *, is_whole: bool, plan: Plan | None = None) -> dict[str, Any]:
    """Check `name` and `settings` of a body; every fault is named at once by its path.

    Models that devices of `plan` use stay: without them a device is none.
    """
    if not isinstance(body, dict):
        raise BadRequest("bad_body")
    faults: list[Fault] = [
        {"field": str(n)[:60], "rule": "unknown_field"} for n in body if n not in ("name", "settings")
    ]
    values: dict[str, Any] = {}
    reader = FieldReader()
    if is_whole or "name" in body:
        values["name"] = reader.take(body, "name", NAME, None)
    settings: Settings | None = None
    if is_whole or "settings" in body:
        settings, found = read_settings(body.get("settings"))
        faults += found
        if plan is not None and settings is not None and _lost_models(plan, settings):
            faults.append({"field": "models", "rule": "in_use"})
    faults += reader.faults
    if faults:
        raise Unprocessable("bad_siting_plan", faults=faults)
    if settings is not None:
        check_size(connection(), commune(), settings)
        values["settings"] = settings.as_json()
    return values


def _lost_models(plan: Plan, settings: Settings) -> list[str]:
    used = {(device.kind, device.model) for device in q.fetch_devices(connection(), plan.id)}
    known = {("camera", one.name) for one in settings.cameras} | {("lamp", one.name) for one in settings.lamps}
    return sorted(name for _, name in used - known)


def create(body: Any) -> int:
    """Make a plan; its id."""
    values, here = read_plan(body, is_whole=True), commune()
    if q.count_plans(connection(), here.id) >= q.MOST_PLANS:
        raise Conflict("too_many_siting_plans", limit=q.MOST_PLANS)
    return q.insert_plan(connection(), here.id, values["name"], values["settings"])


def ask_solving(plan_id: int) -> int:
    """Ask for the job that solves a plan, or find the one that is on its way; the job's id."""
    plan = held_plan(plan_id)
    if plan.state == "assigned":
        raise Conflict("siting_plan_assigned")
    running = open_job(plan.id)
    if running is not None:
        return running.id
    check_size(connection(), commune(), settings_of(plan))
    return ask(connection(), KIND, {"plan_id": plan.id})


def bench_of(plan: Plan) -> Bench:
    """The plan's workbench."""
    return open_bench(connection(), actor(), commune(), plan)


def stale(version: int) -> PreconditionFailed:
    """The version that a write starts from is not the present one."""
    return PreconditionFailed("stale_version", version=version)


def read_device(body: Any, plan: Plan, now: Device | None) -> dict[str, Any]:
    """Check what a body says of a device: all of a new one, the named values of one that is there (`now`)."""
    if not isinstance(body, dict):
        raise BadRequest("bad_body")
    settings, reader = settings_of(plan), FieldReader()
    known = CHANGES if now is not None else ("kind", *CHANGES)
    reader.part(body, "", known)
    kind = now.kind if now is not None else reader.take(body, "kind", one_of(KINDS), "camera")
    models = {m.name: m.cost_vnd for m in (settings.cameras if kind == "camera" else settings.lamps)}
    funds = [fund.name for fund in settings.funds]
    readers = {
        "lon": number(102, 118),
        "lat": number(6, 24),
        "azimuth_deg": lambda value: number(0, 360)(value) % 360,
        "model": one_of(tuple(models)),
        "year": lambda value: None if value is None else whole(settings.years[0], settings.years[-1])(value),
        "fund": lambda value: None if value is None else one_of(funds)(value),
        "is_locked": flag,
        "is_forbidden": flag,
    }
    needed = {"lon", "lat", "model"} | ({"azimuth_deg"} if kind == "camera" else set()) if now is None else set()
    values = {n: reader.take(body, n, read, None) for n, read in readers.items() if n in body or n in needed}
    if kind == "lamp" and "azimuth_deg" in values:
        reader.fault("azimuth_deg", "unknown_field")
    if now is not None and ("lon" in values) != ("lat" in values):
        reader.fault("lon" if "lat" in values else "lat", "required")
    locked, refused = (values.get(n, getattr(now, n, False)) for n in ("is_locked", "is_forbidden"))
    if locked and refused:
        # The last word of a person wins; both at once say nothing.
        if "is_locked" in values and "is_forbidden" in values:
            reader.fault("is_forbidden", "choice")
        values |= {"is_locked": not values.get("is_forbidden"), "is_forbidden": bool(values.get("is_forbidden"))}
    if reader.faults:
        raise Unprocessable("bad_siting_device", faults=reader.faults)
    if "model" in values:
        values["cost_vnd"] = models[values["model"]]
    return values | ({"kind": kind} if now is None else {})


def check_place(bench: Bench, lon: float, lat: float) -> tuple[float, float]:
    """Metres of a place where a device may stand: in the commune, in no exclusion area."""
    spot = to_metres(connection(), [shapely.Point(lon, lat)], bench.srid)[0]
    reason = bench.may_stand(spot.x, spot.y)
    if reason is not None:
        raise Unprocessable("bad_siting_device", faults=[{"field": "lon", "rule": reason}])
    return float(spot.x), float(spot.y)


def pay_for(plan: Plan, values: dict[str, Any]) -> None:
    """A new device goes to the first year and fund with money for it, if any and none is named."""
    if values.get("year") is None and values.get("fund") is None:
        devices = [d for d in q.fetch_devices(connection(), plan.id) if not d.is_forbidden]
        slot = free_slot(settings_of(plan), devices, values["kind"], values["cost_vnd"])
        values |= dict(zip(("year", "fund"), slot or (None, None), strict=True))


def after_edit(plan: Plan) -> None:
    """Count the plan anew; a plan changed by hand says so."""
    q.update_state(connection(), plan.id, "edited")
    count_plan(connection(), actor(), commune(), plan)


def share_text(value: float | None) -> str:
    """A share of one in per cent with one place, as readers write it."""
    if value is None:
        return "–"
    return f"{words().number((Decimal(str(value)) * 100).quantize(Decimal('0.1')))} %"


def points_text(value: float | None) -> str:
    """A difference of two shares in percentage points, with its sign."""
    if value is None:
        return "–"
    points = (Decimal(str(value)) * 100).quantize(Decimal("0.1"))
    return t("siting.points", value=f"{'+' if points > 0 else ''}{words().number(points)}")


def bound_text(plan: Plan) -> str:
    """The sentence about how good the plan is."""
    return siting_bound.bound_text(plan, words())


def plan_summary(plan: Plan) -> dict[str, Any]:
    """A plan in a list: no devices, no settings."""
    figures = shown_figures(plan.figures, actor().role)
    return {
        "id": plan.id,
        "version": plan.version,
        "name": plan.name,
        "state": plan.state,
        "status": plan.status,
        "gap_share": gap_of(plan),
        "bound_text": bound_text(plan),
        "updated_at": plan.updated_at.isoformat(),
        "solved_at": None if plan.solved_at is None else plan.solved_at.isoformat(),
        "figures": figures,
    }


def plan_dict(plan: Plan) -> dict[str, Any]:
    """A plan with all of it: settings, devices, figures, curve, history; who reads no hotspots gets no weights."""
    is_maker = actor().role in SITING
    job = open_job(plan.id) if is_maker else None
    devices = q.fetch_devices(connection(), plan.id)
    return plan_summary(plan) | {
        "settings": dict(plan.settings),
        "devices": [device_dict(device, plan, is_maker=is_maker) for device in devices],
        "objective": plan.objective if is_maker else None,
        "bound": plan.bound if is_maker else None,
        "floor": plan.floor if is_maker else None,
        "floor_bound": plan.floor_bound if is_maker else None,
        "conflict": plan.conflict,
        "missing": missing_dicts(plan),
        "curve": list(plan.curve) if is_maker else [],
        "history": list(plan.history) if is_maker else [],
        "marginal": dict(plan.marginal) if is_maker else {},
        "job_id": None if job is None else job.id,
        "without_sign": q.fetch_without_sign(connection(), plan.id),
    }


def missing_dicts(plan: Plan) -> list[dict[str, Any]]:
    """Targets that must be covered and cannot be, as the actor may read them."""
    rows = plan.missing if siting_bound.is_current(plan) else ()
    found = [{"class": name, "lon": lon, "lat": lat} for name, lon, lat in rows]
    return found if actor().role in SITING else [one for one in found if one["class"] != HOTSPOTS]


def device_dict(device: Device, plan: Plan, *, is_maker: bool) -> dict[str, Any]:
    """A device as JSON; `adds_weight` is what the plan would lose without it."""
    names = ("id", "version", "kind", "lon", "lat", "azimuth_deg", "model", "cost_vnd", "year", "fund", "is_locked",
             "is_forbidden", "by_hand", "feature_layer", "feature_id", "task_id")  # fmt: skip
    adds = (plan.figures or {}).get("adds", {}).get(str(device.id)) if is_maker else None
    return {name: getattr(device, name) for name in names} | {"adds_weight": adds}


def drawn_dict(bench: Bench, drawn: Drawn) -> dict[str, Any]:
    """What a device shows on a map, EPSG:4326."""
    shape = None if drawn.polygon.is_empty else to_degrees(connection(), [drawn.polygon], bench.srid)[0]
    return {
        "polygon": None if shape is None else mapping(shapely.set_precision(shape, 1e-7)),
        "is_inside": drawn.inside,
        "reach_m": round(drawn.reach_m, 2),
    }


def placed_at(values: Mapping[str, Any], xy: tuple[float, float]) -> Placed:
    """A device that is not stored, at metres."""
    return Placed(values["kind"], *xy, values.get("azimuth_deg"), values["model"])
