"""Stops of a shift: every stop's points are the sum of stated reasons (patrol_weights.py), rounded to one place each.

A hotspot that was verified counts w(class) * severity / 3 * 2^(-days / half-life) * (1 in its hours, less outside).
Events that patrols found themselves count nothing: where one looks more one finds more, and the list would feed itself.
A share of the list is drawn by seed from streets that nothing speaks for. No group gets more stops in seven days than
the cap. Places that lie together are one stop with all their reasons. A verified hotspot with a stated limit of days
without a visit is due where the limit would pass before the next shift: due stops come first, within the cap.
"""

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from gis_app.analysis.patrol_caps import WEEK_DAYS, drawn_share, week_counts
from gis_app.analysis.patrol_clock import end_after, meetings
from gis_app.analysis.patrol_weights import Weights

# Of hotspots: verified, or verified and watched since.
COUNTED_STATES = ("verified", "watched")
PATROL = "patrol"
# A hotspot whose hours nobody has written down.
UNKNOWN_HOURS = 0.6
# A visit counts for the stops within.
SAME_STOP_M = 60.0
# Drawn streets keep away from each other and from other stops.
EXPLORE_APART_M = 80.0
WINDOWED = "school"
EXPLORE = "explore"
DUE = "due"


@dataclass(frozen=True)
class Place:
    """A candidate: `key` is its layer and id; `facts` what its kind counts by; metres of the commune's zone."""

    key: str
    kind: str
    title: str
    x: float
    y: float
    group: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Reason:
    """Why a stop has points; `values` are for the sentence."""

    code: str
    points: float
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Stop:
    """A stop with its reasons; `keys` of all places in it; service must start within open and close (minutes)."""

    key: str
    kind: str
    title: str
    x: float
    y: float
    group: str
    reasons: tuple[Reason, ...]
    keys: tuple[str, ...]
    open_min: int | None = None
    close_min: int | None = None
    police_only: bool = False
    is_pinned: bool = False
    is_dropped: bool = False
    # Days that a stop with a limit may still wait; below 0 it is due. None: it has no limit.
    spare_days: int | None = None

    @property
    def points(self) -> float:
        """The sum of the reasons."""
        return round(sum(reason.points for reason in self.reasons), 1)

    @property
    def due(self) -> Reason | None:
        """Why it must be visited now, if so."""
        return next((reason for reason in self.reasons if reason.code == DUE), None)


@dataclass(frozen=True)
class Shift:
    """The shift: minutes (patrol_clock.py), how many stops to offer, what the leader pinned and dropped, the seed."""

    start_min: int
    end_min: int
    stop_count: int
    pinned: Collection[str] = ()
    dropped: Collection[str] = ()
    seed: int = 0


@dataclass(frozen=True)
class Visit:
    """A stop where a team was: where, how many days before the shift (below 0: after it), in which group.

    `is_done` False: an issued plan sends somebody, and nobody has been there yet; it counts for the cap alone.
    """

    x: float
    y: float
    days: int
    group: str
    is_done: bool = True


@dataclass(frozen=True)
class Left:
    """A due stop that the list has no room for: `why` is cap (of its group) or count."""

    stop: Stop
    why: str


@dataclass(frozen=True)
class StopList:
    """Stops to offer, due ones first, then most points; how many their group's cap left out, and how many had fewer.

    `left_due`: the due ones among those left out.
    """

    stops: tuple[Stop, ...]
    capped: int
    fewer: int
    left_due: tuple[Left, ...] = ()


def suggest_stops(places: Sequence[Place], weights: Weights, shift: Shift, visits: Sequence[Visit] = ()) -> StopList:
    """Choose the stops that a shift is offered; the same arguments give the same list."""
    scored = [(place, score_place(place, weights, shift)) for place in places if place.kind != EXPLORE]
    stops = [_with_visits(stop, weights, visits) for stop in _merge(scored, weights, shift)]
    stops = [_marked(stop, shift) for stop in stops]
    dropped = [stop for stop in stops if stop.is_dropped]
    pinned = [stop for stop in stops if stop.is_pinned and not stop.is_dropped]
    open_stops = _ranked(stop for stop in stops if not stop.is_dropped and not stop.is_pinned)
    used = week_counts((visit.days, visit.group) for visit in visits)
    used.update(stop.group for stop in pinned if stop.group)
    chosen = list(pinned)
    left = _fill(chosen, open_stops, used, shift.stop_count - round(weights.explore_share * shift.stop_count), weights)
    drawn, left = _with_drawn(places, chosen, dropped, weights, shift, used, left)
    dropped += [_drawn(place, 0.1, shift) for place in places if place.kind == EXPLORE and place.key in shift.dropped]
    why = Counter(one.why for one in left)
    due = tuple(one for one in left if one.stop.due is not None)
    return StopList(tuple(_ranked(chosen + drawn) + dropped), why["cap"], why["count"], due)


def _fill(
    chosen: list[Stop], stops: Sequence[Stop], used: Counter[str], most: int, weights: Weights
) -> list[Left]:  # fmt: skip
    """Choose of the ranked stops what caps and number allow; what is left, with why."""
    left: list[Left] = []
    # Of a group's cap so much is kept for its stops that will be due before the week is over.
    kept = Counter(stop.group for stop in stops if _is_kept(stop))
    for stop in stops:
        kept[stop.group] -= _is_kept(stop)
        room = weights.group_week_cap - (0 if stop.due else kept[stop.group])
        if stop.group and used[stop.group] >= room:
            left.append(Left(stop, "cap"))
        elif len(chosen) >= most:
            left.append(Left(stop, "count"))
        else:
            chosen.append(stop)
            used[stop.group] += 1
    return left


def _with_drawn(
    places: Sequence[Place], chosen: list[Stop], dropped: Sequence[Stop], weights: Weights, shift: Shift,
    used: Counter[str], left: Sequence[Left],
) -> tuple[list[Stop], list[Left]]:  # fmt: skip
    """Streets that are drawn beside the chosen stops, and what is left out at the end.

    Where caps leave no room for a street, the last of the chosen makes it, if then one can be drawn in its place. Where
    there are too few streets, stops take the places that were meant for them.
    """
    drawn, found = _explore(places, chosen, dropped, weights, shift, used), list(left)
    for stop in chosen[::-1]:
        if len(drawn) >= drawn_share(len(chosen), weights.explore_share):
            break
        # What must be visited stays even so.
        if stop.is_pinned or stop.due:
            continue
        others = [one for one in chosen if one is not stop]
        fewer = used - Counter([stop.group])
        more = _explore(places, others, dropped, weights, shift, fewer)
        if len(more) > len(drawn):
            found.append(Left(stop, "cap"))
            drawn = more
            chosen[:] = others
            used.subtract([stop.group])
    if len(drawn) < drawn_share(len(chosen), weights.explore_share):
        waiting = [one.stop for one in found if one.why == "count"]
        taken = used + Counter(stop.group for stop in drawn)
        again = _fill(chosen, waiting, taken, shift.stop_count - len(drawn), weights)
        found = [one for one in found if one.why != "count"] + again
    return drawn, found


def _is_kept(stop: Stop) -> bool:
    return stop.spare_days is not None and stop.due is None and stop.spare_days < WEEK_DAYS


def score_place(place: Place, weights: Weights, shift: Shift) -> tuple[Reason, ...]:
    """The reasons that a place has by itself; none: it is no stop of this shift."""
    scoring = {
        "hotspot": _hotspot, "school": _school, "venue": _venue, "dark": _dark,
        "gateway": lambda *_: _plain("gateway", weights.gateway),
        "key_route": lambda *_: _plain("key_route", weights.key_route),
    }  # fmt: skip
    return scoring[place.kind](place, weights, shift)


def _plain(code: str, points: float, **values: Any) -> tuple[Reason, ...]:
    rounded = round(points, 1)
    return (Reason(code, rounded, values),) if rounded > 0 else ()


def _hotspot(place: Place, weights: Weights, shift: Shift) -> tuple[Reason, ...]:
    facts = place.facts
    if facts.get("source_kind") == PATROL or facts["state"] not in COUNTED_STATES:
        return ()
    days = max(0, int(facts.get("days") or 0))
    at = hour_share(facts.get("hour_from"), facts.get("hour_to"), shift, weights.off_hours_share)
    points = weights.hotspot[facts["class"]] * int(facts["severity"]) / 3
    points *= math.pow(0.5, days / weights.half_life_days) * at
    return _plain("hotspot", points, **{"class": facts["class"], "severity": int(facts["severity"]), "days": days})


def hour_share(low: int | None, high: int | None, shift: Shift, off: float) -> float:
    """1 where the shift meets the hours from low to high (over midnight too), `off` outside, between if unknown."""
    if low is None or high is None:
        return UNKNOWN_HOURS
    start = low * 60
    return 1.0 if meetings(start, end_after(start, high * 60), shift.start_min, shift.end_min) else off


def _school(_place: Place, weights: Weights, shift: Shift) -> tuple[Reason, ...]:
    return _plain("school", weights.school) if _window(weights, shift) else ()


def _window(weights: Weights, shift: Shift) -> tuple[int, int] | None:
    """The first of the gates' hours that the shift meets."""
    hours = sorted(weights.school_hours)
    found = [one for low, high in hours for one in meetings(low, high, shift.start_min, shift.end_min)]
    return min(found, key=lambda one: one[0], default=None)


def _venue(place: Place, weights: Weights, shift: Shift) -> tuple[Reason, ...]:
    inside = any(meetings(low, high, shift.start_min, shift.end_min) for low, high in weights.venue_hours)
    kind = place.facts["kind"]
    return _plain("venue", weights.venue[kind] * (1.0 if inside else weights.off_hours_share), kind=kind)


def _dark(place: Place, weights: Weights, _shift: Shift) -> tuple[Reason, ...]:
    metres = float(place.facts["dark_m"])
    return _plain("dark", min(weights.dark_most, weights.dark_per_100m * metres / 100), metres=round(metres))


def _merge(scored: Sequence[tuple[Place, tuple[Reason, ...]]], weights: Weights, shift: Shift) -> list[Stop]:
    """Places to stops: the strongest keeps its spot, what lies within `merge_m` gives it its reasons.

    Schools stay alone: they have hours.
    """
    order = sorted(
        ((place, reasons) for place, reasons in scored if reasons),
        key=lambda one: (-sum(reason.points for reason in one[1]), one[0].key),
    )
    found: list[Stop] = []
    spots = np.full((len(order), 2), np.inf)
    window = _window(weights, shift)
    for place, reasons in order:
        police = place.kind == "hotspot" and place.facts["class"] in weights.police_only
        if place.kind == WINDOWED and window is not None:
            found.append(Stop(place.key, place.kind, place.title, place.x, place.y, place.group, reasons, (place.key,),
                              *window))  # fmt: skip
            continue
        away = np.hypot(spots[: len(found), 0] - place.x, spots[: len(found), 1] - place.y)
        near = int(np.argmin(away)) if found else -1
        if near >= 0 and away[near] <= weights.merge_m:
            old = found[near]
            found[near] = replace(old, reasons=_added(old.reasons, reasons), keys=(*old.keys, place.key),
                                  police_only=old.police_only or police)  # fmt: skip
            continue
        spots[len(found)] = place.x, place.y
        found.append(Stop(place.key, place.kind, place.title, place.x, place.y, place.group, reasons, (place.key,),
                          police_only=police))  # fmt: skip
    return found


def _added(old: Sequence[Reason], new: Sequence[Reason]) -> tuple[Reason, ...]:
    """All reasons; a dark street, a gateway or a key route counts once a stop."""
    once = {reason.code for reason in old} & {"dark", "gateway", "key_route"}
    return (*old, *(reason for reason in new if reason.code not in once))


def _with_visits(stop: Stop, weights: Weights, visits: Sequence[Visit]) -> Stop:
    near = [
        visit.days
        for visit in visits
        if visit.is_done and visit.days >= 0 and math.hypot(visit.x - stop.x, visit.y - stop.y) <= SAME_STOP_M
    ]
    days = min(near, default=weights.revisit_days)
    points = weights.revisit * min(1.0, max(0, days) / weights.revisit_days)
    code = "revisit" if near else "never"
    stop = replace(stop, reasons=(*stop.reasons, *_plain(code, points, days=days)))
    return _with_limit(stop, weights, min(near, default=None))


def _with_limit(stop: Stop, weights: Weights, days: int | None) -> Stop:
    """With how long it may wait; due where its limit would pass before the next shift, or nobody ever was there."""
    classes = [reason.values["class"] for reason in stop.reasons if reason.code == "hotspot"]
    limits = [weights.revisit_limit[name] for name in classes if weights.revisit_limit[name]]
    if not limits:
        return stop
    spare = -1 if days is None else min(limits) - days - weights.shift_every_days
    if spare >= 0:
        return replace(stop, spare_days=spare)
    due = Reason(DUE, round(weights.due, 1), {"days": days, "limit": min(limits)})
    return replace(stop, spare_days=spare, reasons=(*stop.reasons, due))


def _marked(stop: Stop, shift: Shift) -> Stop:
    pinned = any(key in shift.pinned for key in stop.keys)
    dropped = any(key in shift.dropped for key in stop.keys)
    # Of places that are one stop now: what must be visited is, whatever was dropped beside it.
    return replace(stop, is_pinned=pinned, is_dropped=dropped and not pinned)


def _ranked(stops: Any) -> list[Stop]:
    return sorted(stops, key=lambda stop: (stop.due is None, -stop.points, stop.key))


def _explore(
    places: Sequence[Place],
    chosen: Sequence[Stop],
    dropped: Sequence[Stop],
    weights: Weights,
    shift: Shift,
    used: Counter[str],
) -> list[Stop]:
    """Streets drawn by seed; each is worth the middle of the list, so that it has the same chance of being walked."""
    count = min(drawn_share(len(chosen), weights.explore_share), shift.stop_count - len(chosen))
    found: list[Stop] = []
    if count <= 0:
        return found
    middle = round(float(np.median([stop.points for stop in chosen])), 1)
    spots = [(stop.x, stop.y) for stop in (*chosen, *dropped)]
    taken = Counter(used)
    # By key, so that the draw does not depend on the order in which streets were read.
    named = sorted((place for place in places if place.kind == EXPLORE), key=lambda place: place.key)
    order = np.random.default_rng([shift.seed, 15]).permutation(len(named))
    for place in sorted((named[k] for k in order.tolist()), key=lambda place: place.key not in shift.pinned):
        if len(found) == count:
            break
        barred = place.key in shift.dropped or (place.group and taken[place.group] >= weights.group_week_cap)
        if barred or any(math.hypot(place.x - x, place.y - y) < EXPLORE_APART_M for x, y in spots):
            continue
        spots.append((place.x, place.y))
        taken[place.group] += 1
        found.append(_drawn(place, max(middle, 0.1), shift))
    return found


def _drawn(place: Place, points: float, shift: Shift) -> Stop:
    """A street that is drawn, or was and is dropped."""
    reasons, dropped = _plain(EXPLORE, points), place.key in shift.dropped
    return Stop(place.key, EXPLORE, place.title, place.x, place.y, place.group, reasons, (place.key,),
                is_pinned=place.key in shift.pinned and not dropped, is_dropped=dropped)  # fmt: skip
