"""Figures of a plan's devices as they stand: before, after, what each adds; and differences of two plans."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.engine import Connection

from gis_app.analysis.siting_figures import Counts, Cover, count_covers, figures_of, gain_with, loss_without
from gis_app.analysis.siting_settings import CLASSES, HOTSPOTS
from gis_app.db import Actor
from gis_app.jobs.siting_bound import basis_holds, basis_of
from gis_app.jobs.siting_problem import Bench, covers_of, open_bench, spending_of
from gis_app.queries import siting as q
from gis_app.queries.communes import Commune
from gis_app.queries.siting import Device, Plan
from layers.base import SITING

Figures = dict[str, Any]


def figures_with(bench: Bench, devices: Sequence[Device], covers: Sequence[Cover]) -> Figures:
    """Figures of existing devices (`before`), with these (`after`), what each adds, and the money."""
    counts = count_covers(bench.ground, covers)
    adds = {str(d.id): loss_without(bench.ground, counts, cover) for d, cover in zip(devices, covers, strict=True)}
    return {
        "before": figures_of(bench.ground, count_covers(bench.ground, [])),
        "after": figures_of(bench.ground, counts),
        "adds": adds,
        "spending": spending_of(bench.settings, devices),
        "camera_count": sum(d.kind == "camera" for d in devices),
        "lamp_count": sum(d.kind == "lamp" for d in devices),
    }


def count_plan(conn: Connection, actor: Actor, commune: Commune, plan: Plan) -> Figures:
    """Count a plan's devices anew and write the figures down."""
    bench = open_bench(conn, actor, commune, plan)
    everything = q.fetch_devices(conn, plan.id)
    devices = [d for d in everything if not d.is_forbidden]
    covers = covers_of(bench, devices, q.fetch_metric_places(conn, plan.id, bench.srid))
    found = figures_with(bench, devices, covers)
    holds = basis_holds(plan.solved_basis, basis_of(bench, everything))
    q.upsert_result(conn, commune.id, plan.id, {"figures": found, "bound_holds": holds})
    return found


def marginal_of(bench: Bench, counts: Counts) -> dict[str, Any]:
    """What the best one more camera and the best one more lamp add to devices that are counted, at any candidate.

    Returns
    -------
    dict
        `{"camera": {"weight", "x", "y", "azimuth_deg", "model"} or None, "lamp": …}` in metres.
    """
    # Here, not above: the solver's libraries are not every request's business.
    from gis_app.analysis.siting_columns import Handmade, make_columns  # noqa: PLC0415

    columns = make_columns(bench.ground, bench.settings, bench.poles(), Handmade())
    best: dict[str, Any] = {"camera": None, "lamp": None}
    for placed, targets, infrared in zip(columns.placed, columns.covers, columns.infrared.tolist(), strict=True):
        gain = gain_with(bench.ground, counts, Cover(targets, placed.kind == "camera", infrared))
        if gain > 1e-9 and (best[placed.kind] is None or gain > best[placed.kind]["weight"]):
            best[placed.kind] = {"weight": gain, "x": placed.x, "y": placed.y, "azimuth_deg": placed.azimuth_deg,
                                 "model": placed.model}  # fmt: skip
    return best


def shown_plan(plan: Plan, role: str) -> Plan:
    """A plan as a role reads it: bound and curve are sums that hold the hotspots' weight.

    Kept whatever the settings weigh now: they may be others than those that were solved.
    """
    if role in SITING:
        return plan
    return replace(plan, objective=None, bound=None, gap_share=None, curve=(), history=(), marginal={})


def shown_figures(figures: Mapping[str, Any] | None, role: str) -> Figures | None:
    """Figures as a role reads them: who reads no hotspots reads no figure that holds them."""
    if figures is None or role in SITING:
        return None if figures is None else dict(figures)
    found = {name: value for name, value in figures.items() if name != "adds"}
    for name in ("before", "after"):
        classes = {code: one for code, one in figures[name]["classes"].items() if code != HOTSPOTS}
        sums = {key: sum(one[key] for one in classes.values()) for key in ("weight", "full_weight")}
        found[name] = {**sums, "classes": classes}
    return found


def share(part: float, whole: float) -> float | None:
    """A share, None of nothing."""
    return None if whole <= 0 else part / whole


def shares_of(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Shares of a figure's classes, by day, by night and lit, in the order of CLASSES."""
    return {
        code: {key: share(one[key], one["amount"]) for key in ("day", "night", "lit")}
        for code in CLASSES
        if (one := figures["classes"].get(code)) is not None
    }


def difference_of(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Second less first, of two plans' figures: weight, money, counts, shares by class (in parts of one)."""
    a, b = (shares_of(one["after"]) for one in (first, second))
    classes = {
        code: {
            key: None if a[code][key] is None or b[code][key] is None else b[code][key] - a[code][key]
            for key in ("day", "night", "lit")
        }
        for code in a
        if code in b
    }
    shares = [share(one["after"]["weight"], one["after"]["full_weight"]) for one in (first, second)]
    return {
        "weight": second["after"]["weight"] - first["after"]["weight"],
        "weight_share": None if None in shares else shares[1] - shares[0],  # type: ignore[operator]
        "cost_vnd": second["spending"]["total_vnd"] - first["spending"]["total_vnd"],
        "camera_count": second["camera_count"] - first["camera_count"],
        "lamp_count": second["lamp_count"] - first["lamp_count"],
        "classes": classes,
    }


def only_in(devices: Sequence[Device], others: Sequence[Device]) -> list[Device]:
    """Devices of one plan that the other has not: the same kind, model and bearing at the same place (0.1 m)."""
    known = {_key(device) for device in others}
    return [device for device in devices if _key(device) not in known]


def _key(device: Device) -> tuple[Any, ...]:
    # Six decimals are 0.1 m.
    azimuth = None if device.azimuth_deg is None else round(device.azimuth_deg, 1)
    return device.kind, device.model, round(device.lon, 6), round(device.lat, 6), azimuth
