"""A shift on the streets: stops and depots in the travel matrix of each mode, the clock of a route, its streets.

Nodes: stops are 0 to n - 1, then start and end of every team in turn. Seconds count from the shift's start.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely

from gis_app.analysis.patrol_settings import PlanSettings, Team
from gis_app.analysis.street_graph import Flags, Floats, StreetGraph, without
from gis_app.analysis.street_laying import lay, shares_of
from gis_app.analysis.street_ways import TravelMatrix, Way, snap, travel_matrix, way_through

Routes = tuple[tuple[int, ...], ...]
# Ways that take longer are no ways; an order by hand may be longer than the shift, and is told so.
LONGEST_SHIFTS = 3.0
# Of a plan's metres at most this share lies on streets of another alternative, or of the last shifts.
MOST_SHARED = 0.5


@dataclass(frozen=True)
class StopNode:
    """A stop as the search sees it; metres; minutes of the day between which service must start."""

    id: int
    key: str
    keys: Sequence[str]
    x: float
    y: float
    points: float
    open_min: int | None
    close_min: int | None
    police_only: bool
    is_pinned: bool
    is_dropped: bool
    is_due: bool = False


@dataclass(frozen=True, eq=False)
class ShiftGround:
    """What a shift is planned on; `barred` stops lie in an avoid area."""

    settings: PlanSettings
    stops: Sequence[StopNode]
    matrices: Mapping[str, TravelMatrix]
    barred: Flags

    @property
    def modes(self) -> list[str]:
        """Modes of the teams in their order, each once."""
        return list(dict.fromkeys(team.mode for team in self.settings.teams))

    def start_of(self, team: int) -> int:
        """Node at which a team starts."""
        return len(self.stops) + 2 * team

    def matrix_of(self, team: int) -> TravelMatrix:
        """The matrix of a team's mode."""
        return self.matrices[self.settings.teams[team].mode]


def may_serve(team: Team, stop: StopNode) -> bool:
    """Whether the team has who the stop needs."""
    return not stop.police_only or team.force != "security"


@dataclass(frozen=True)
class Walk:
    """A team's route by the clock: when each stop is reached and its service starts, the end, seconds on the way.

    `late`: stops that are reached after their window.
    """

    arrive_s: Sequence[float]
    begin_s: Sequence[float]
    duration_s: float
    travel_s: float
    late: Sequence[int]


def make_ground(
    graph: StreetGraph,
    settings: PlanSettings,
    stops: Sequence[StopNode],
    depots: Floats,
    avoid: Sequence[shapely.Geometry],
) -> ShiftGround:
    """Put stops and depots onto the streets and measure the ways.

    Parameters
    ----------
    depots
        (2 t, 2) metres: start and end of every team in turn.
    avoid
        Areas in metres: nobody goes through them, and what lies in them is no stop.
    """
    open_graph = without(graph, avoid)
    xy = np.array([(stop.x, stop.y) for stop in stops], dtype=float).reshape(-1, 2)
    places = np.vstack([xy, depots])
    barred = np.zeros(len(stops), dtype=bool)
    if avoid:
        barred = np.asarray(shapely.intersects(shapely.union_all(list(avoid)), shapely.points(xy)), dtype=bool)
    modes = {team.mode for team in settings.teams}
    matrices = {
        mode: travel_matrix(open_graph, snap(open_graph, places, mode), float(settings.shift_s))
        for mode in sorted(modes)
    }
    return ShiftGround(settings, stops, matrices, barred)


def keeping_off(ground: ShiftGround, streets: Mapping[int, float], factor: float) -> ShiftGround:
    """The same shift on other ways: a street that is wholly in `streets` (0 to 1) counts so many times its length."""
    found = {}
    for mode, matrix in ground.matrices.items():
        dearer = np.ones(len(matrix.graph.streets.lines))
        for street, share in streets.items():
            dearer[street] = 1 + (factor - 1) * min(1.0, share)
        found[mode] = travel_matrix(matrix.graph, matrix.stops, LONGEST_SHIFTS * ground.settings.shift_s, dearer)
    return replace(ground, matrices=found)


def window_of(stop: StopNode, settings: PlanSettings) -> tuple[float, float]:
    """Seconds of the shift between which service at a stop must start."""
    open_s = 0.0 if stop.open_min is None else max(0.0, (stop.open_min - settings.start_min) * 60.0)
    close_s = float(settings.shift_s) if stop.close_min is None else (stop.close_min - settings.start_min) * 60.0
    return open_s, max(open_s, close_s)


def walk(ground: ShiftGround, team: int, order: Sequence[int]) -> Walk:
    """Follow a route by the clock, as early as can be; inf where there is no way."""
    seconds, start = ground.matrix_of(team).seconds, ground.start_of(team)
    clock = travel = service = 0.0
    here, stay = start, ground.settings.stay_min * 60.0
    arrive, begin, late = [], [], []
    for node in order:
        step = float(seconds[here, node])
        travel += step
        arrive.append(clock + service + step)
        open_s, close_s = window_of(ground.stops[node], ground.settings)
        clock, service, here = max(arrive[-1], open_s), stay, node
        begin.append(clock)
        if clock > close_s + 1e-6:
            late.append(node)
    step = float(seconds[here, start + 1])
    return Walk(arrive, begin, clock + service + step, travel + step, late)


def way_of(ground: ShiftGround, team: int, order: Sequence[int]) -> Way:
    """The line of a route along the streets, from its start to its end."""
    start = ground.start_of(team)
    return way_through(ground.matrix_of(team), [start, *order, start + 1])


def recent_shares(graph: StreetGraph, lines: Sequence[shapely.Geometry], width_m: float = 8.0) -> dict[int, float]:
    """Share of each street (by the graph's `source`) that earlier routes ran along; streets without are left out."""
    streets = graph.streets.lines
    return shares_of(streets, lay(streets, lines, width_m)) if len(streets) else {}


def metres_by_street(ways: Sequence[Way]) -> dict[int, float]:
    """Metres of all teams on each street."""
    found: dict[int, float] = {}
    for way in ways:
        for street, metres in way.by_street.items():
            found[street] = found.get(street, 0.0) + metres
    return found


def share_of(mine: Mapping[int, float], others: Mapping[int, float]) -> float:
    """Share of metres on streets, weighted by what part of each street is meant (others: 0 to 1)."""
    total = sum(mine.values())
    return sum(metres * min(1.0, others.get(street, 0.0)) for street, metres in mine.items()) / total if total else 0.0


def one_more_team(ground: ShiftGround) -> ShiftGround:
    """The same shift with the last team twice."""
    teams = [*ground.settings.teams, ground.settings.teams[-1]]
    last = len(ground.stops) + 2 * (len(ground.settings.teams) - 1)
    matrices = {mode: _with_depots(matrix, last) for mode, matrix in ground.matrices.items()}
    return replace(ground, settings=replace(ground.settings, teams=teams), matrices=matrices)


def _with_depots(matrix: TravelMatrix, last: int) -> TravelMatrix:
    order = [*range(len(matrix.seconds)), last, last + 1]
    return replace(matrix, seconds=matrix.seconds[np.ix_(order, order)])
