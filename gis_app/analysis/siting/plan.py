"""What a solved siting problem answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from gis_app.analysis.siting.problem import Ints, SitingProblem

OPTIMAL, TIME_LIMIT, STOPPED = "optimal", "time_limit", "stopped"
NOTHING_COVERABLE, ZERO_BUDGET, NO_CANDIDATE = "nothing_coverable", "zero_budget", "no_candidate"
MUST_INFEASIBLE = "must_infeasible"


@dataclass(frozen=True)
class Progress:
    """How far it is: weights with what existing devices cover, numbers of chosen devices."""

    seconds: float
    incumbent: float
    bound: float
    cameras: int
    lamps: int


OnProgress = Callable[[Progress], bool | None]


@dataclass(frozen=True)
class Weights:
    """Covered weight by day, by night, and for second cameras."""

    day: float
    night: float
    backup: float

    @property
    def total(self) -> float:
        """What the objective adds up."""
        return self.day + self.night + self.backup


@dataclass(frozen=True, eq=False)
class SitingPlan:
    """The devices to add and how good that is.

    `year` (0 is the first) and `fund` have an entry per device, cameras first, then lamps. `objective`, `bound`,
    `before` and `after` are weights with what existing devices cover (`objective` = `after`). `gap_share`: no plan
    adds more than this share on top of what this one adds ("tốt nhất có thể hơn tối đa x %"); with equity, no plan
    with the same floor, and `floor_bound` says how high a floor can be. `missing`: targets that must be covered and
    that the nearest plan leaves out; `conflict` is "must" or "locked" (locked devices cost more than there is).
    """

    cameras: Ints
    lamps: Ints
    year: Ints
    fund: Ints
    cost: float
    objective: float
    bound: float
    gap_share: float
    before: float
    after: float
    before_parts: Weights
    after_parts: Weights
    status: str
    history: Sequence[tuple[float, float, float]] = ()
    missing: tuple[int, ...] = ()
    conflict: str = ""
    floor: float = 0.0
    floor_bound: float = 0.0

    @property
    def camera_year(self) -> Ints:
        """Year of each camera."""
        return self.year[: len(self.cameras)]

    @property
    def lamp_year(self) -> Ints:
        """Year of each lamp."""
        return self.year[len(self.cameras) :]


def weights_of(problem: SitingProblem, cameras: Ints, lamps: Ints) -> Weights:
    """Covered weight with some columns added, from the problem's own rows: the check of every plan."""
    count = problem.standing + _hits(problem.camera_sees, cameras, problem.targets)
    infrared = cameras[problem.camera_infrared[cameras]]
    lit = problem.lit | (_hits(problem.lamp_lights, lamps, problem.targets) > 0)
    night = problem.seen_infrared | (_hits(problem.camera_sees, infrared, problem.targets) > 0) | (lit & (count > 0))
    twice = problem.backup & (count >= 2)
    return Weights(float(problem.weight_day[count > 0].sum()), float(problem.weight_night[night].sum()),
                   float(problem.backup_share * problem.weight_day[twice].sum()))  # fmt: skip


def _hits(matrix: sp.csr_matrix, ids: Ints, size: int) -> Ints:
    """How many of some rows hold each column."""
    return np.bincount(matrix[ids].indices, minlength=size)
