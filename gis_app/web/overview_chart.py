"""The committee's chart: groups achieved (bars) against cumulative targets (steps), as numbers for an SVG. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from gis_app.jobs.overview import Progress

WIDTH, HEIGHT = 440, 250
LEFT, RIGHT, TOP, BOTTOM = 34, 10, 26, 30


@dataclass(frozen=True)
class Bar:
    """What is achieved in one year."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    value: int


@dataclass(frozen=True)
class Step:
    """A target of one year: a line over its column; `is_second` where a clause has another reading."""

    x1: float
    x2: float
    y: float
    value: int
    is_second: bool


@dataclass(frozen=True)
class Chart:
    """Numbers in a box of WIDTH × HEIGHT; `ticks` are (y, number), `years` (x, year)."""

    width: int
    height: int
    bottom: float
    left: float
    right: float
    bars: tuple[Bar, ...]
    steps: tuple[Step, ...]
    ticks: tuple[tuple[float, int], ...]
    years: tuple[tuple[float, int], ...]


def _tick_step(total: int) -> int:
    return next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 100_000) if total <= step * 6)


def make_chart(progress: Sequence[Progress], total: int) -> Chart:
    """Place bars, steps and ticks; `total` is the number of groups."""
    top = max([total, 1, *(one.achieved or 0 for one in progress)])
    plain = HEIGHT - TOP - BOTTOM
    column = (WIDTH - LEFT - RIGHT) / max(1, len(progress))
    bars, steps, years = [], [], []

    def y_of(value: int) -> float:
        return round(TOP + plain * (1 - value / top), 1)

    for place, one in enumerate(progress):
        start = LEFT + place * column
        middle = round(start + column / 2, 1)
        years.append((middle, one.year))
        if one.achieved is not None:
            y = y_of(one.achieved)
            half = round(column * 0.27, 1)
            bars.append(Bar(middle - half, y, 2 * half, round(HEIGHT - BOTTOM - y, 1), middle, one.achieved))
        targets = () if one.targets is None else one.targets.targets
        wholes = dict.fromkeys(target.whole for target in targets if target.whole)
        for rank, whole in enumerate(wholes):
            steps.append(Step(round(start + 4, 1), round(start + column - 4, 1), y_of(whole), whole, rank > 0))
    ticks = tuple((y_of(value), value) for value in range(0, top + 1, _tick_step(top)))
    return Chart(WIDTH, HEIGHT, HEIGHT - BOTTOM, LEFT, WIDTH - RIGHT, tuple(bars), tuple(steps), ticks, tuple(years))


def share_of(part: int | None, total: int | None) -> str:
    """A length in per cent for an SVG bar."""
    if not part or not total:
        return "0"
    return f"{min(Decimal(100), Decimal(part * 100) / total):.2f}"
