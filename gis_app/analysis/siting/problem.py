"""What a siting plan is asked: targets, candidate cameras and lamps, money, rules.

Budgeted maximal covering (Church and ReVelle, The maximal covering location problem, 1974; with money in place of a
number of sites: Khuller, Moss and Naor, The budgeted maximum coverage problem, 1999; a second camera: Hogan and
ReVelle, Concepts and applications of backup coverage, 1986), with bearings and two kinds of device, over years:

    x_j in {0, 1}   camera j: a pole, a model, a bearing        l_j in {0, 1}   lamp j
    c_i <= E_i + sum of x_j that see i                          target i is seen by day
    e_i <= I_i + sum of l_j that light i + infrared x_j that see i
    n_i <= c_i, n_i <= e_i                                      by night: seen, and lit or with infrared
    b_i <= c_i, b_i + c_i <= (existing cameras) + sum of x_j    a second camera, where asked
    c_i = 1 where i must be covered
    sum of x_j of pole p <= heads(p); with exclusivity sum of x_j + l_j of pole p <= 1
    sum of q(cost class, year, fund) over what a device may be paid from = number chosen of that class
    sum of cost * q(., year, fund) <= budget(year, fund)        a year's rest stays in the fund where it carries over

    maximise sum of day_i c_i + night_i n_i + share * day_i b_i

Only x, l and q are whole numbers; c, e, n, b then are by themselves. Ids of `locked` and `forbidden` count the cameras
first: camera j is j, lamp j is (number of cameras) + j.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from gis_app.errors import Unprocessable

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

CAMERA, LAMP = "camera", "lamp"
MOST_CANDIDATES = 200_000
# Targets seen, over all candidates: memory.
MOST_ENTRIES = 8_000_000


class BadSitingProblem(Unprocessable):
    """The numbers of a siting problem do not fit together; `field` names which."""


def sums(places: Ints, weights: Floats, size: int) -> Floats:
    """Weights added up by place (numpy counts in whole numbers when there are none)."""
    return np.bincount(places, weights, minlength=size).astype(np.float64)


def refuse(rule: str, name: str) -> BadSitingProblem:
    """The error of one field."""
    return BadSitingProblem(f"siting_{rule}", field=name)


@dataclass(frozen=True, eq=False)
class SitingProblem:
    """Targets (n), camera columns (k: pole x model x bearing), lamp columns (l), poles, money (years x funds, VND)."""

    weight_day: Floats
    weight_night: Floats
    seen: Bools
    seen_infrared: Bools
    lit: Bools
    seen_count: Ints
    camera_pole: Ints
    camera_cost: Floats
    camera_infrared: Bools
    camera_sees: sp.csr_matrix
    lamp_pole: Ints
    lamp_cost: Floats
    lamp_lights: sp.csr_matrix
    heads: Ints
    exclusive: Bools
    budgets: Floats
    fund_kinds: Sequence[Collection[str]]
    carry_over: bool = False
    backup: Bools = field(default_factory=lambda: np.zeros(0, bool))
    backup_share: float = 0.0
    must: Bools = field(default_factory=lambda: np.zeros(0, bool))
    zone: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    equity: bool = False
    locked: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    forbidden: Ints = field(default_factory=lambda: np.zeros(0, np.int64))

    def __post_init__(self) -> None:
        for one in fields(self):
            if one.name in _KINDS:
                object.__setattr__(self, one.name, _array(self, one.name, _KINDS[one.name]))
        for name in ("backup", "must"):
            if not getattr(self, name).size:
                object.__setattr__(self, name, np.zeros(self.targets, bool))
        if not self.zone.size:
            object.__setattr__(self, "zone", np.zeros(self.targets, np.int64))
        for name, count in (("camera_sees", self.cameras), ("lamp_lights", self.lamps)):
            object.__setattr__(self, name, _matrix(getattr(self, name), count, self.targets, name))
        _check_sizes(self)
        _check_numbers(self)
        _check_columns(self)

    @property
    def targets(self) -> int:
        """How many targets."""
        return len(self.weight_day)

    @property
    def cameras(self) -> int:
        """How many camera columns."""
        return len(self.camera_cost)

    @property
    def lamps(self) -> int:
        """How many lamp columns."""
        return len(self.lamp_cost)

    @cached_property
    def cost(self) -> Floats:
        """Cost of every column, cameras first."""
        return np.concatenate((self.camera_cost, self.lamp_cost))

    @cached_property
    def pole(self) -> Ints:
        """Pole of every column, cameras first."""
        return np.concatenate((self.camera_pole, self.lamp_pole))

    @cached_property
    def is_camera(self) -> Bools:
        """Whether a column is a camera."""
        return np.arange(self.cameras + self.lamps) < self.cameras

    @cached_property
    def standing(self) -> Ints:
        """How many existing cameras see a target, in accord with `seen` and `seen_infrared`."""
        return np.maximum(self.seen_count, (self.seen | self.seen_infrared).astype(np.int64))

    @cached_property
    def lights(self) -> sp.csr_matrix:
        """What makes a target usable by night, all columns x targets: infrared cameras that see it, lamps on it."""
        mask = sp.diags_array(self.camera_infrared.astype(np.int8), dtype=np.int8).tocsr()
        return sp.csr_matrix(sp.vstack((mask @ self.camera_sees, self.lamp_lights), format="csr"))


_KINDS: dict[str, type] = {
    "weight_day": np.float64, "weight_night": np.float64, "seen": np.bool_, "seen_infrared": np.bool_,
    "lit": np.bool_, "seen_count": np.int64, "camera_pole": np.int64, "camera_cost": np.float64,
    "camera_infrared": np.bool_, "lamp_pole": np.int64, "lamp_cost": np.float64, "heads": np.int64,
    "exclusive": np.bool_, "budgets": np.float64, "backup": np.bool_, "must": np.bool_, "zone": np.int64,
    "locked": np.int64, "forbidden": np.int64,
}  # fmt: skip


def _array(problem: SitingProblem, name: str, kind: type) -> npt.NDArray[np.generic]:
    """A field as an array of its kind; a fraction, a NaN or text where a whole number stands is refused."""
    value = getattr(problem, name)
    try:
        found = np.asarray(value)
        if kind is not np.float64 and found.dtype.kind == "f" and not np.array_equal(found, np.trunc(found)):
            raise refuse("not_whole", name)
        found = found.astype(kind)
    except (TypeError, ValueError, OverflowError) as error:
        raise refuse("not_a_number", name) from error
    if found.ndim != (2 if name == "budgets" else 1):
        raise refuse("shape", name)
    return found


def _matrix(value: Any, rows: int, columns: int, name: str) -> sp.csr_matrix:
    """0 and 1, canonical."""
    try:
        given = sp.csr_matrix(value)
    except (TypeError, ValueError) as error:
        raise refuse("shape", name) from error
    if given.shape != (rows, columns):
        raise refuse("shape", name)
    if given.dtype.kind not in "biu" and not np.isfinite(given.data).all():
        raise refuse("not_finite", name)
    # Built anew: a caller's arrays stay as they are. Truth values added twice stay true.
    found = sp.csr_matrix(sp.coo_matrix(sp.csr_matrix((given.data != 0, given.indices, given.indptr), given.shape)))
    found.sum_duplicates()
    found.eliminate_zeros()
    return found.astype(np.int8)


def _check_sizes(problem: SitingProblem) -> None:
    """Same lengths where they must be."""
    of_targets = ("weight_night", "seen", "seen_infrared", "lit", "seen_count", "backup", "must", "zone")
    for names, size in ((of_targets, problem.targets), (("camera_pole", "camera_infrared"), problem.cameras),
                        (("lamp_pole",), problem.lamps), (("exclusive",), len(problem.heads))):  # fmt: skip
        for name in names:
            if len(getattr(problem, name)) != size:
                raise refuse("shape", name)
    if problem.budgets.shape[1] != len(problem.fund_kinds):
        raise refuse("shape", "fund_kinds")
    if any(not set(kinds) <= {CAMERA, LAMP} for kinds in problem.fund_kinds):
        raise refuse("unknown_kind", "fund_kinds")
    if problem.cameras + problem.lamps > MOST_CANDIDATES:
        raise BadSitingProblem("siting_too_many", field="camera_cost", limit=MOST_CANDIDATES)
    if problem.camera_sees.nnz + problem.lamp_lights.nnz > MOST_ENTRIES:
        raise BadSitingProblem("siting_too_many", field="camera_sees", limit=MOST_ENTRIES)


def _check_numbers(problem: SitingProblem) -> None:
    """Finite and not below zero."""
    for name in ("weight_day", "weight_night", "camera_cost", "lamp_cost", "budgets", "heads", "seen_count"):
        found = getattr(problem, name)
        if not np.isfinite(found).all():
            raise refuse("not_finite", name)
        if found.size and found.min() < 0:
            raise refuse("negative", name)
    if not 0 <= problem.backup_share <= 1:
        raise refuse("out_of_range", "backup_share")


def _check_columns(problem: SitingProblem) -> None:
    """Poles and columns that exist; a lock that is not forbidden, on a pole that can carry it."""
    poles, columns = len(problem.heads), problem.cameras + problem.lamps
    for name, limit in (("camera_pole", poles), ("lamp_pole", poles), ("locked", columns), ("forbidden", columns)):
        found = getattr(problem, name)
        if found.size and not (found.min() >= 0 and found.max() < limit):
            raise refuse("unknown_id", name)
    if np.intersect1d(problem.locked, problem.forbidden).size:
        raise refuse("locked_forbidden", "locked")
    locked = np.unique(problem.locked)
    views = np.bincount(problem.pole[locked][problem.is_camera[locked]], minlength=poles)
    devices = np.bincount(problem.pole[locked], minlength=poles)
    if (views > problem.heads).any() or (devices[problem.exclusive] > 1).any():
        raise refuse("locked_pole", "locked")
