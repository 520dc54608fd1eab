"""What a theme is: one file in this folder that exports `theme`; the map colours the residential groups by it.

A theme gives every group one of some classes. Colour and pattern go together (patterns of static/js/core/patterns.js:
solid, dots, diagonal, cross, sparse, lines, grid), so that neither carries the meaning alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from gis_app.analysis.indicators import TITLES
from gis_app.jobs.programme import compute_indicators
from gis_app.queries.communes import fetch_own_id
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


HAS = ThemeClass("has", ("Đã có, đã làm", "Done"), "#3b4788", "solid")
LACKS = ThemeClass("lacks", ("Còn thiếu", "Missing"), "#f8c811", "diagonal")


def indicator_theme(code: str) -> Theme:
    """The theme of an indicator that asks something of every group."""

    def load(conn: Connection) -> ThemeData:
        (found,) = [one for one in compute_indicators(conn, fetch_own_id(conn)) if one.code == code]
        return ThemeData((HAS, LACKS), {group: (HAS if done else LACKS).code for group, done in found.by_group.items()})

    return Theme(title=TITLES[code], load=load)
