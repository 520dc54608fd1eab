"""The job "siting": solve a plan. Best and bound are told as they move; asked to finish, the best so far is kept."""

import datetime as dt
import time
from collections.abc import Mapping, Sequence
from typing import Any

import shapely

from gis_app.analysis.siting_settings import CLASSES
from gis_app.errors import Conflict, NotFound
from gis_app.jobs.kinds import JobKind, Work
from gis_app.queries import siting as q
from gis_app.queries.communes import fetch_commune
from gis_app.queries.siting import Device, Plan
from gis_app.queries.siting_sources import to_degrees
from gis_app.tables.siting import SOLVED
from layers.base import SITING

TOLD_EVERY_S = 0.4
# Points of the history that are kept, for a drawing.
MOST_HISTORY = 200
MOST_MISSING = 200
FROM, TO = 20, 85


class _Telling:
    """Tells best and bound to who looks on, not oftener than they can read it; asks whether to finish."""

    def __init__(self, work: Work, time_limit_s: float) -> None:
        self.work, self.limit = work, time_limit_s
        self.told_at, self.asked = 0.0, False

    def __call__(self, progress: Any) -> bool:
        """Whether the solver is to stop with the best so far."""
        now = time.monotonic()
        if not self.asked and now - self.told_at >= TOLD_EVERY_S:
            self.told_at = now
            percent = FROM + int((TO - FROM) * min(1.0, progress.seconds / self.limit))
            self.asked = self.work.step(percent, "solving", _detail(progress))
        return self.asked


def _detail(progress: Any) -> dict[str, Any]:
    """The figures of a moment; a bound that is not known yet is left out."""
    found = {"seconds": round(progress.seconds, 2), "cameras": int(progress.cameras), "lamps": int(progress.lamps)}
    for name, value in (("best", progress.incumbent), ("bound", progress.bound)):
        # Infinity and NaN are no JSON.
        found[name] = round(float(value), 4) if abs(value) < 1e300 else None
    return found


def _run(work: Work) -> str:
    # Here, not above: the solver's libraries are a second of start that the web does not need.
    from gis_app.analysis import siting as solver  # noqa: PLC0415
    from gis_app.analysis.siting_columns import Handmade, make_columns, make_problem  # noqa: PLC0415
    from gis_app.jobs.siting_bound import basis_of  # noqa: PLC0415
    from gis_app.jobs.siting_plan import count_plan  # noqa: PLC0415
    from gis_app.jobs.siting_problem import open_bench, placed_of  # noqa: PLC0415

    work.step(2, "reading")
    commune = None if work.actor.commune_id is None else fetch_commune(work.conn, work.actor.commune_id)
    plan = None if commune is None else _plan(work, commune.id)
    if commune is None or plan is None:
        raise NotFound("siting_plan_not_found")
    if plan.state == "assigned":
        raise Conflict("siting_plan_assigned")
    bench = open_bench(work.conn, work.actor, commune, plan)
    work.step(10, "seeing")
    devices = q.fetch_devices(work.conn, plan.id)
    places = q.fetch_metric_places(work.conn, plan.id, bench.srid)
    locked = [device for device in devices if device.is_locked]
    _check_locked(bench, locked, places)
    refused = [placed_of(device, places) for device in devices if device.is_forbidden]
    handmade = Handmade([placed_of(device, places) for device in locked], refused)
    columns = make_columns(bench.ground, bench.settings, bench.poles(), handmade)
    problem = make_problem(bench.ground, bench.settings, columns)
    work.step(FROM, "solving")
    limit = bench.settings.time_limit_s
    found = solver.solve(problem, seed=0, time_limit_s=limit, on_progress=_Telling(work, limit))
    work.step(TO, "curve")
    values = (
        _result(found)
        | _rules(work, bench, found)
        | {
            "solved_version": plan.settings_version,
            "curve": [[float(cost), float(weight)] for cost, weight in solver.cost_curve(problem, found)],
            "marginal": _marginal(solver.marginal(problem, found)),
        }
    )
    work.step(95, "writing")
    _hold(work, plan, devices)
    _write(work, commune.id, plan, (bench, columns, found, locked))
    # Read once more: money, but no place, of a locked device is the solver's.
    values["solved_basis"] = basis_of(bench, q.fetch_devices(work.conn, plan.id))
    q.upsert_result(work.conn, commune.id, plan.id, values)
    count_plan(work.conn, work.actor, commune, _plan(work, commune.id) or plan)
    return f"/do-phu/kich-ban/{plan.id}"


def _plan(work: Work, commune_id: int) -> Plan | None:
    found = q.fetch_plans(work.conn, commune_id, int(work.parameters["plan_id"]))
    return found[0] if found else None


def _check_locked(bench: Any, locked: Sequence[Device], places: Mapping[int, tuple[float, float]]) -> None:
    """A locked device where none may stand any more is the planner's to decide."""
    for device in locked:
        if bench.may_stand(*places[device.id]) is not None:
            raise Conflict("siting_locked_excluded", device=device.id)


def _result(found: Any) -> dict[str, Any]:
    history = [[round(float(v), 4) if abs(v) < 1e300 else None for v in point] for point in found.history]
    step = max(1, len(history) // MOST_HISTORY + 1)
    return {
        "status": found.status,
        "objective": float(found.objective),
        "bound": float(found.bound),
        "gap_share": max(0.0, float(found.gap_share)),
        "solved_at": dt.datetime.now(dt.UTC),
        "history": [*history[:-1:step], *history[-1:]],
        # A target that no candidate sees is a fault of what must be, too.
        "conflict": (found.conflict or "must") if found.status == "must_infeasible" else None,
    }


def _rules(work: Work, bench: Any, found: Any) -> dict[str, Any]:
    """The floor of the groups, if asked; class and place of the targets that must be covered and are left out."""
    floor, most = (min(1.0, max(0.0, float(one))) for one in (found.floor, found.floor_bound))
    has_floor = bench.settings.equity and found.status in SOLVED
    ids = list(found.missing[:MOST_MISSING])
    spots = to_degrees(work.conn, [shapely.Point(*bench.ground.xy[one]) for one in ids], bench.srid)
    kinds = [CLASSES[int(bench.ground.kind[one])] for one in ids]
    return {
        "missing": [[k, round(p.x, 6), round(p.y, 6)] for k, p in zip(kinds, spots, strict=True)],
        "floor": floor if has_floor else None,
        "floor_bound": max(floor, most) if has_floor else None,
    }


def _hold(work: Work, plan: Plan, devices: Sequence[Device]) -> None:
    """Lock the plan; an answer to a question that is no longer the plan's is not written."""
    q.lock_plan(work.conn, plan.id)
    now = _plan(work, work.actor.commune_id or 0)
    asked = {device.id: device.version for device in devices}
    there = {device.id: device.version for device in q.fetch_devices(work.conn, plan.id)}
    if now is None or now.settings_version != plan.settings_version or now.state == "assigned" or there != asked:
        raise Conflict("siting_changed")


def _marginal(found: Any) -> dict[str, float]:
    """What one more camera, one more lamp and one of each add, whatever the money."""
    return {"camera": float(found.camera), "lamp": float(found.lamp), "pair": float(found.pair)}


def _write(work: Work, commune_id: int, plan: Plan, solved: tuple[Any, Any, Any, Sequence[Device]]) -> None:
    """Locked devices stay as they are but for who pays; what was found before and nobody locked makes room."""
    bench, columns, found, locked = solved
    settings = bench.settings
    q.delete_found(work.conn, plan.id, [])
    ids = [*found.cameras.tolist(), *(found.lamps + columns.camera_count).tolist()]
    kept = {int(column): device for column, device in zip(columns.locked, locked, strict=True)}
    paid = zip(ids, found.year.tolist(), found.fund.tolist(), strict=True)
    money = {column: {"year": settings.years[y], "fund": settings.funds[f].name} for column, y, f in paid}
    for column, device in kept.items():
        values = money.get(column, {"year": None, "fund": None}) | {"cost_vnd": int(columns.cost[column])}
        q.update_device(work.conn, plan.id, device.id, values)
    fresh = [column for column in ids if column not in kept]
    spots = to_degrees(work.conn, [shapely.Point(columns.placed[c].x, columns.placed[c].y) for c in fresh], bench.srid)
    rows = []
    for column, spot in zip(fresh, spots, strict=True):
        placed = columns.placed[column]
        rows.append(
            {"kind": placed.kind, "lon": spot.x, "lat": spot.y, "azimuth_deg": placed.azimuth_deg,
             "model": placed.model, "cost_vnd": int(columns.cost[column])} | money[column]
        )  # fmt: skip
    q.insert_devices(work.conn, commune_id, plan.id, rows)
    q.update_state(work.conn, plan.id, "solved")


job = JobKind(SITING, _run, keeps_best=True)
