"""What a measure of a task is: one file in this folder that exports `measure`.

The file says what a person chooses; the database's function `task_measure_<file name>(task)` answers the value now
(migrations/sql/task_measures.sql). A task is reached where that value is at least the task's `wanted`.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from layers.base import Choice


@dataclass(frozen=True)
class Option:
    """What else a measure must be told: one of some codes, or (no `choices`) a day, not after today."""

    name: str
    title: tuple[str, str]
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class Measure:
    """One measure.

    `place`: group, feature (a row of one of `layers`) or commune; `unit` says how values are written: count, share
    (per cent), yes (0 or 1), criteria (of three), rank (a code of the option) or groups. `wanted`: (lowest, highest,
    proposed) where a person chooses, else the number it always is, or for a rank the number of each code.
    `by_coverage`: coverage is computed before it is asked; on figures of before it answers nothing.
    """

    title: tuple[str, str]
    place: str
    unit: str
    option: Option | None = None
    layers: tuple[str, ...] = ()
    wanted: tuple[int, int, int] | None = None
    always: int = 1
    ranks: Mapping[str, int] = dataclasses.field(default_factory=dict)
    by_coverage: bool = False
