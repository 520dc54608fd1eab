"""How good a plan is: by how much another may be better, said only of the question that was solved.

A bound is of settings, of the ground (targets, what stands, what is in the way) and of the devices that were locked or
refused when it was found. Where any of these is another now, nothing is proven.
"""

import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from gis_app.jobs.siting_problem import Bench
from gis_app.queries.siting import Device, Plan
from gis_app.tables.siting import SOLVED
from gis_app.words import Words

Basis = Mapping[str, Any]
# Under this share a difference has no figure at one place of a per cent.
_SMALL = 0.0005


def basis_of(bench: Bench, devices: Sequence[Device]) -> dict[str, Any]:
    """What a bound is of, besides the settings."""
    return {"ground": ground_hash(bench), "fixed": sorted(_fixed(one) for one in devices if _is_fixed(one))}


def ground_hash(bench: Bench) -> str:
    """Another one whenever a target, its weight, what stands, or what is in the way is another."""
    ground, found = bench.ground, hashlib.sha256()
    for values in (ground.xy, ground.kind, ground.weight_day, ground.weight_night, ground.zone, ground.must,
                   ground.backup, ground.seen_count, ground.seen_infrared, ground.lit, ground.obstacles.starts,
                   ground.obstacles.ends, ground.standing.camera_xy, bench.light_xy):  # fmt: skip
        # Fractions of a micrometre are of the computation.
        kept = np.round(values, 6) if values.dtype.kind == "f" else values
        found.update(str(kept.shape).encode() + np.ascontiguousarray(kept).tobytes())
    return found.hexdigest()


def _is_fixed(device: Device) -> bool:
    return device.is_locked or device.is_forbidden


def _fixed(device: Device) -> list[Any]:
    # The azimuth of a lamp, and of what is refused, says nothing.
    azimuth = -1.0 if device.azimuth_deg is None or device.is_forbidden else round(device.azimuth_deg, 6)
    model = "" if device.is_forbidden else device.model
    return [device.is_forbidden, device.kind, round(device.lon, 8), round(device.lat, 8), azimuth, model]


def basis_holds(solved: Basis | None, now: Basis) -> bool:
    """Whether the ground is the same and all that was fixed still is; more that is fixed makes no plan better."""
    return (
        solved is not None and solved["ground"] == now["ground"] and all(one in now["fixed"] for one in solved["fixed"])
    )


def is_current(plan: Plan) -> bool:
    """Whether the last solving answered the question that the plan asks now."""
    return plan.status is not None and plan.bound_holds and plan.solved_version == plan.settings_version


def gap_of(plan: Plan) -> float | None:
    """By what share of what the devices add the best plan may be better; None: no bound, or nothing is added.

    A device moved by hand to where no candidate was may pass the bound: 0 then. With equity the bound is of plans with
    the same floor, so there is none for devices that were changed by hand.
    """
    if plan.bound is None or plan.figures is None or plan.status not in SOLVED or not is_current(plan):
        return None
    if plan.settings.get("equity") and _is_edited(plan):
        return None
    before, after = plan.figures["before"]["weight"], plan.figures["after"]["weight"]
    more = plan.bound - after
    if more <= 1e-9 * max(1.0, abs(plan.bound)):
        return 0.0
    return None if after - before <= 0 else float(more / (after - before))


def _is_edited(plan: Plan) -> bool:
    """Whether the devices are others than the solver left; a plan that became tasks says so by its weight alone."""
    if plan.state == "edited" or plan.figures is None or plan.objective is None:
        return True
    return abs(plan.figures["after"]["weight"] - plan.objective) > 1e-6 * max(1.0, abs(plan.objective))


def bound_text(plan: Plan, words: Words) -> str:
    """The sentence about how good the plan is."""
    if plan.status is None or not is_current(plan):
        return words.say("siting.not_solved" if plan.status is None else "siting.not_current")
    if plan.status not in SOLVED:
        why = f"_{plan.conflict}" if plan.status == "must_infeasible" and plan.conflict else ""
        return words.say(f"siting.status.{plan.status}{why}")
    if plan.bound is None:
        # Kept from who does not read hotspots, which it counts; so is the floor.
        return words.say("siting.bound_kept")
    return _gap_text(plan, gap_of(plan), words)


def _gap_text(plan: Plan, gap: float | None, words: Words) -> str:
    if gap is None:
        return words.say("siting.no_bound")
    if plan.settings.get("equity"):
        return _with_floor(plan, gap, words)
    if gap > 0:
        return words.say("siting.bound_small" if gap < _SMALL else "siting.bound", share=_per_cent(gap, words))
    return words.say("siting.proven_edited" if _is_edited(plan) else "siting.proven")


def _with_floor(plan: Plan, gap: float, words: Words) -> str:
    name = "proven" if gap == 0 else "bound_small" if gap < _SMALL else "bound"
    said = words.say(f"siting.{name}_equity", share=_per_cent(gap, words), floor=_per_cent(plan.floor or 0.0, words))
    if plan.floor_bound is None or plan.floor is None or plan.floor_bound - plan.floor < _SMALL:
        return said
    return f"{said} {words.say('siting.floor_bound', most=_per_cent(plan.floor_bound, words))}"


def _per_cent(value: float, words: Words) -> str:
    return f"{words.number((Decimal(str(value)) * 100).quantize(Decimal('0.1')))} %"
