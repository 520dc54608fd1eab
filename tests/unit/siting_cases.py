"""Small siting problems at random, and every plan of them tried out."""

from dataclasses import dataclass
from itertools import product

import numpy as np
import scipy.sparse as sp

from gis_app.analysis.siting import SitingProblem


@dataclass(frozen=True)
class Traits:
    """Which options a random problem has."""

    lamps: bool = False
    years: int = 1
    funds: bool = False
    carry_over: bool = False
    heads: bool = False
    must: bool = False
    backup: bool = False
    equity: bool = False
    existing: bool = False
    locks: bool = False
    real_weights: bool = False


def random_problem(seed: int, traits: Traits, targets: int = 8, cameras: int = 6, lamps: int = 3) -> SitingProblem:
    """A few columns, sets with a third of the targets."""
    rng = np.random.default_rng(seed)
    lamps = lamps if traits.lamps else 0
    poles = max(2, (cameras + lamps) // 2) if traits.heads else cameras + lamps
    day, night = rng.integers(0, 9, targets).astype(float), rng.integers(0, 9, targets) * float(traits.lamps)
    if traits.real_weights:
        day, night = day * rng.random(targets), night * rng.random(targets)
    standing = rng.integers(0, 3, targets) * (rng.random(targets) < 0.4) if traits.existing else np.zeros(targets, int)
    infrared = (standing > 0) & (rng.random(targets) < 0.3)
    camera_pole = rng.integers(0, poles, cameras) if traits.heads else np.arange(cameras)
    funds = [{"camera"}, {"lamp"}, {"camera", "lamp"}] if traits.funds else [{"camera", "lamp"}]
    budgets = rng.integers(0, 9, (traits.years, len(funds))).astype(float)
    budgets[0, -1] += 3
    total = cameras + lamps
    picked = rng.permutation(total)
    camera_cost = rng.integers(1, 4, cameras).astype(float)
    locked = picked[:1] if traits.locks else picked[:0]
    return SitingProblem(
        weight_day=day, weight_night=night, seen=standing > 0, seen_infrared=infrared,
        lit=(rng.random(targets) < 0.3) & traits.existing, seen_count=standing, camera_pole=camera_pole,
        camera_cost=camera_cost, camera_infrared=(rng.random(cameras) < 0.3) & traits.lamps,
        camera_sees=sp.csr_matrix(rng.random((cameras, targets)) < 0.35),
        lamp_pole=rng.integers(0, poles, lamps) if traits.heads else cameras + np.arange(lamps),
        lamp_cost=rng.integers(1, 3, lamps).astype(float),
        lamp_lights=sp.csr_matrix(rng.random((lamps, targets)) < 0.4),
        heads=rng.integers(1, 3, poles) if traits.heads else np.ones(poles, int),
        exclusive=(rng.random(poles) < 0.5) & traits.heads, budgets=budgets, fund_kinds=funds,
        carry_over=traits.carry_over, backup=(rng.random(targets) < 0.6) & traits.backup,
        backup_share=0.5 if traits.backup else 0.0, must=(rng.random(targets) < 0.15) & traits.must,
        zone=rng.integers(0, 3, targets), equity=traits.equity, locked=locked,
        forbidden=picked[1:2] if traits.locks else picked[:0],
    )  # fmt: skip


def weight_by_hand(problem: SitingProblem, chosen: set[int]) -> tuple[float, np.ndarray, bool]:
    """The objective, each zone's share, and whether the must set is covered: target by target."""
    sees, lights, total, must = problem.camera_sees.toarray(), problem.lamp_lights.toarray(), 0.0, True
    zones = int(problem.zone.max()) + 1
    got, all_of = np.zeros(zones), np.zeros(zones)
    for i in range(problem.targets):
        cameras = [j for j in chosen if j < problem.cameras and sees[j, i]]
        count = max(int(problem.seen_count[i]), int(problem.seen[i] or problem.seen_infrared[i])) + len(cameras)
        lit = problem.lit[i] or any(j >= problem.cameras and lights[j - problem.cameras, i] for j in chosen)
        night = problem.seen_infrared[i] or any(problem.camera_infrared[j] for j in cameras) or (lit and count > 0)
        weight = problem.weight_day[i] * (count > 0) + problem.weight_night[i] * night
        got[problem.zone[i]] += weight
        all_of[problem.zone[i]] += problem.weight_day[i] + problem.weight_night[i]
        total += weight + problem.backup_share * problem.weight_day[i] * (problem.backup[i] and count >= 2)
        must &= bool(not problem.must[i] or count > 0)
    return total, np.where(all_of > 0, got / np.where(all_of > 0, all_of, 1), 1.0), must


def payable(problem: SitingProblem, chosen: list[int]) -> bool:
    """Whether some year and fund can pay for each device, every way tried."""
    money = problem.budgets.sum(axis=0)[None, :] if problem.carry_over else problem.budgets

    def pay(rest: list[int], left: np.ndarray) -> bool:
        if not rest:
            return True
        kind, cost = ("camera" if rest[0] < problem.cameras else "lamp"), problem.cost[rest[0]]
        for year, fund in product(range(left.shape[0]), range(left.shape[1])):
            if kind in problem.fund_kinds[fund] and left[year, fund] >= cost - 1e-9:
                less = left.copy()
                less[year, fund] -= cost
                if pay(rest[1:], less):
                    return True
        return False

    return pay(sorted(chosen, key=lambda one: -problem.cost[one]), money)


def has_room(problem: SitingProblem, chosen: list[int]) -> bool:
    """Whether the poles carry them."""
    for pole in range(len(problem.heads)):
        mine = [one for one in chosen if problem.pole[one] == pole]
        if sum(one < problem.cameras for one in mine) > problem.heads[pole]:
            return False
        if problem.exclusive[pole] and len(mine) > 1:
            return False
    return True


def active_zones(problem: SitingProblem) -> list[int]:
    """Zones that some set of usable columns raises, money and room aside."""
    usable = {one for one in range(len(problem.cost)) if one not in set(problem.forbidden.tolist())
              and payable(problem, [one]) and has_room(problem, [one])} | set(problem.locked.tolist())  # fmt: skip
    least, most = weight_by_hand(problem, set())[1], weight_by_hand(problem, usable)[1]
    return [zone for zone in range(len(least)) if most[zone] > least[zone] + 1e-12]


def best_by_trying(problem: SitingProblem) -> tuple[float, float] | None:
    """(least share of a zone that can gain, weight) of the best plan of all; None when none is allowed."""
    best, zones = None, active_zones(problem) if problem.equity else []
    for mask in range(2 ** len(problem.cost)):
        chosen = [one for one in range(len(problem.cost)) if mask >> one & 1]
        if not set(problem.locked.tolist()) <= set(chosen) or set(problem.forbidden.tolist()) & set(chosen):
            continue
        weight, shares, must = weight_by_hand(problem, set(chosen))
        key = (round(float(shares[zones].min()), 9) if zones else 0.0, weight)
        better = best is None or key > best
        if better and must and has_room(problem, chosen) and payable(problem, chosen):
            best = key
    return best
