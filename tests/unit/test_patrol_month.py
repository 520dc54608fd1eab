"""Thirty shifts one after the other, as they are planned: overlap, revisit, cap and exploration hold."""

import random
from collections import Counter, defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
import shapely

from benchmarks.patrol_data import shift_ground
from benchmarks.streets import town
from gis_app.analysis.patrol_family import Alternative, Effort, draw, plan_family
from gis_app.analysis.patrol_settings import PlanSettings
from gis_app.analysis.patrol_shift import (
    MOST_SHARED,
    StopNode,
    make_ground,
    metres_by_street,
    recent_shares,
    share_of,
    walk,
)
from gis_app.analysis.patrol_stops import Place, Shift, Stop, StopList, Visit, suggest_stops
from gis_app.analysis.patrol_weights import DEFAULTS, Weights, read_weights
from gis_app.analysis.street_graph import StreetGraph, make_graph

DAYS, SIDE, CAP = 30, 16, 30
START, END = 20 * 60, 22 * 60 + 30


def mine() -> Weights:
    found, faults = read_weights({**DEFAULTS, "group_week_cap": CAP})
    assert found is not None, faults
    return found


@dataclass
class Month:
    """A small town, what lies in it, and what its patrols have done."""

    graph: StreetGraph
    places: list[Place]
    settings: PlanSettings
    done: list[tuple[int, Stop]] = field(default_factory=list)
    lines: deque[list[shapely.Geometry]] = field(default_factory=lambda: deque(maxlen=3))
    last: dict[str, int] = field(default_factory=dict)


def make_month(seed: int) -> Month:
    rng = random.Random(seed)
    graph = make_graph(town(SIDE, seed))
    edge = (SIDE - 1) * 100

    def place(kind: str, number: int, x: float, y: float, facts: Mapping[str, object]) -> Place:
        group = f"Tổ {1 + (x > edge / 2) + 2 * (y > edge / 2)}"
        return Place(f"{kind}:{number}", kind, "", x, y, group, facts)

    found = []
    for number in range(60):
        kind = "hotspot" if number < 12 else rng.choice(["venue", "dark", "gateway"])
        facts: dict[str, object] = {
            "hotspot": {"class": rng.choice(["risk", "gathering", "complex_point"]), "severity": rng.randrange(1, 6),
                        "hour_from": 19, "hour_to": 23, "state": "verified", "source_kind": "unit", "days": 3},
            "venue": {"kind": "karaoke"}, "dark": {"dark_m": rng.uniform(60, 300)}, "gateway": {},
        }[kind]  # fmt: skip
        found.append(place(kind, number, rng.uniform(0, edge), rng.uniform(0, edge), facts))
    middle = shapely.get_coordinates(shapely.line_interpolate_point(graph.streets.lines, 0.5, normalized=True))
    found += [place("explore", number, x, y, {}) for number, (x, y) in enumerate(middle.tolist())]
    settings = shift_ground(0, 1, 2).settings
    return Month(graph, found, replace(settings, start_min=START, end_min=END, stay_min=8, stop_count=20))


def plan_shift(month: Month, day: int) -> tuple[StopList, Alternative, Mapping[int, str]]:
    """What the job does: the list, the ground, the alternatives, the draw."""
    visits = [Visit(stop.x, stop.y, day - on, stop.group) for on, stop in month.done]
    listed = suggest_stops(month.places, mine(), Shift(START, END, month.settings.stop_count, seed=day), visits)
    nodes = [
        StopNode(n, stop.key, stop.keys, stop.x, stop.y, stop.points, stop.open_min, stop.close_min, stop.police_only,
                 stop.is_pinned, stop.is_dropped, stop.due is not None)
        for n, stop in enumerate(listed.stops)
    ]  # fmt: skip
    depot = (SIDE - 1) * 50.0
    ground = make_ground(month.graph, month.settings, nodes, np.full((4, 2), depot), [])
    recent = recent_shares(month.graph, [line for lines in month.lines for line in lines])
    family = plan_family(ground, recent, Effort(day, 150, 60.0))
    number = draw([(n, one.is_within) for n, one in enumerate(family.alternatives)], day)
    one = family.alternatives[number]
    mine_m = metres_by_street(one.ways)
    assert one.shared_recent == pytest.approx(share_of(mine_m, recent))
    for team, route in enumerate(one.routes):
        assert walk(one.ground, team, route).duration_s <= month.settings.shift_s + 0.5
    return listed, one, family.unserved


def test_thirty_shifts() -> None:
    month, limits = make_month(1), mine().revisit_limit
    warned, full, gaps = 0, 0, defaultdict(list)
    for day in range(DAYS):
        listed, one, unserved = plan_shift(month, day)
        # Overlap: at most half with the last three shifts, or the page warns.
        assert one.is_within or max([one.shared_recent, *one.shared_others.values()]) > MOST_SHARED
        warned += one.shared_recent > MOST_SHARED
        # Exploration: a tenth to a fifth of the list.
        drawn = sum(stop.kind == "explore" for stop in listed.stops)
        assert len(listed.stops) < 6 or 0.1 <= drawn / len(listed.stops) <= 0.2
        full += len(listed.stops) >= 10
        served = [listed.stops[node] for route in one.routes for node in route]
        # What is due is served, or named with what keeps it off.
        for node, stop in enumerate(listed.stops):
            assert stop.due is None or stop in served or node in unserved
        for stop in served:
            for key in stop.keys:
                if key in month.last:
                    gaps[key].append(day - month.last[key])
                month.last[key] = day
        month.done += [(day, stop) for stop in served]
        month.lines.append([way.line for way in one.ways])
        # Cap: of every group in any seven days.
        week = Counter(stop.group for on, stop in month.done if day - 7 < on <= day)
        assert max(week.values()) <= CAP
    hotspots = {place.key: limits[place.facts["class"]] for place in month.places if place.kind == "hotspot"}
    # All could be served here, so nobody waited longer than was promised, to the last day.
    for key, limit in hotspots.items():
        assert max([*gaps[key], DAYS - 1 - month.last[key]]) <= limit, key
    assert warned <= DAYS // 3
    assert full >= DAYS // 2
    assert sum(len(found) for found in gaps.values()) > 150
