"""Devices of a plan as tasks with the five clarities; no views here."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from gis_app.errors import Conflict, Forbidden, NotFound, PreconditionFailed, Unprocessable
from gis_app.queries import siting as q
from gis_app.queries.siting import Device, Plan
from gis_app.queries.tasks import NewTask, fetch_today, insert_task
from gis_app.web.context import actor, commune, connection
from gis_app.web.i18n import t
from gis_app.web.task_forms import read_task

MEASURE = "device_installed"
HOLDER = "planner"
FIELDS = ("holder_role", "holder_unit_id", "responsibility", "due_on")


def assign(plan: Plan, version: int, body: Mapping[str, Any]) -> list[Device]:
    """Make proposed rows and tasks of a plan's devices; the devices afterwards."""
    unknown = [{"field": str(name)[:60], "rule": "unknown_field"} for name in body if name not in FIELDS]
    if unknown:
        raise Unprocessable("bad_task", faults=unknown)
    conn, here = connection(), commune()
    today = fetch_today(conn)
    streets = q.fetch_near_streets(conn, plan.id, here.metric_srid)
    _check(q.update_proposed(conn, plan.id, version), plan)
    devices = [device for device in q.fetch_devices(conn, plan.id) if not device.is_forbidden]
    for number, device in enumerate(devices, 1):
        new = _task(device, body, today, (number, streets.get(device.id, "")))
        q.update_device(conn, plan.id, device.id, {"task_id": insert_task(conn, here.id, new)})
    q.update_state(conn, plan.id, "assigned")
    return [device for device in q.fetch_devices(conn, plan.id) if not device.is_forbidden]


def _check(outcome: str, plan: Plan) -> None:
    errors = {
        "role": Forbidden("role_not_allowed", role=actor().role),
        "missing": NotFound("siting_plan_not_found"),
        "stale": PreconditionFailed("stale_version", version=plan.version),
        "assigned": Conflict("siting_plan_assigned"),
        "running": Conflict("siting_running"),
        "none": Conflict("siting_no_devices"),
    }
    if outcome in errors:
        raise errors[outcome]


def _task(device: Device, body: Mapping[str, Any], today: dt.date, named: tuple[int, str]) -> NewTask:
    """The task of a device, checked as every task is."""
    number, street = named
    end = dt.date(device.year or today.year, 12, 31)
    kind = t(f"siting.kind.{device.kind}")
    title = t("siting.task_title_street" if street else "siting.task_title", kind=kind, number=number, street=street)
    raw = {
        "title": title[:200],
        "responsibility": t(f"siting.task_duty.{device.kind}"),
        "due_on": max(end, today).isoformat(),
        "measure": MEASURE,
        "feature": {"layer": device.feature_layer, "id": device.feature_id},
        "source": "gap",
    } | {name: value for name, value in body.items() if value not in (None, "")}
    if not raw.get("holder_role") and not raw.get("holder_unit_id"):
        raw["holder_role"] = HOLDER
    return read_task(raw)
