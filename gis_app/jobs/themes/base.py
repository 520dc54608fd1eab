"""What a theme is: one file in this folder that exports `theme`; the map colours the residential groups by it.

A theme gives every group one of some classes. Colour and pattern go together (patterns of static/js/core/patterns.js:
solid, dots, diagonal, cross, sparse, lines, grid), so that neither carries the meaning alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from layers.base import STAFF

Title = tuple[str, str]


@dataclass(frozen=True)
class ThemeClass:
    """One class: `code` is [a-z0-9_]+; `title` (Vietnamese, English)."""

    code: str
    title: Title
    color: str
    pattern: str = "solid"


@dataclass(frozen=True)
class ThemeData:
    """The classes in the order of the legend, and the class of each group; a group that is not named has none."""

    classes: Sequence[ThemeClass]
    values: Mapping[int, str]


@dataclass(frozen=True)
class Theme:
    """A theme; `load(conn)` reads under row-level security, for the actor's commune. `readers`: roles that see it."""

    title: Title
    load: Callable[[Connection], ThemeData]
    readers: frozenset[str] = STAFF
