"""Areas for a before-and-after study of one group: where trouble may move to, and what to compare with."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from gis_app.analysis.measurability import rank_controls
from gis_app.queries.communes import Commune
from gis_app.queries.group_facts import GroupFacts, fetch_group_facts
from gis_app.queries.measurability import Distance, fetch_distances

# Displacement is looked for next door; a control must be out of its reach (one or two street blocks).
NEXT_DOOR_M = 50.0
APART_M = 200.0
CONTROL_COUNT = 3


@dataclass(frozen=True)
class Zone:
    """A group as an area of a study: metres from the treated one, open hotspots, households."""

    group_id: int
    name: str
    away_m: float
    open_hotspot_count: int
    household_count: int | None


@dataclass(frozen=True)
class StudyZones:
    """The treated group, its neighbours, and the most alike groups out of their reach, best first."""

    treated: Zone
    displacement: Sequence[Zone]
    control: Sequence[Zone]


def find_zones(conn: Connection, commune: Commune, group_id: int, today: dt.date) -> StudyZones | None:
    """Suggest the zones of a group's study; None where the actor's commune has no such group.

    Alike: open hotspots, households, households on a square kilometre, street lights.
    """
    distances = fetch_distances(conn, commune.id, group_id, commune.metric_srid)
    if not distances:
        return None
    facts = {one.group_id: one for one in fetch_group_facts(conn, commune.id, (today.replace(day=1), today))}
    zones = {one.group_id: _zone(one, facts[one.group_id]) for one in distances}
    near = [one.group_id for one in distances if one.group_id != group_id and one.away_m <= NEXT_DOOR_M]
    far = [one.group_id for one in distances if one.away_m >= APART_M]
    features = {one.group_id: _features(one, facts[one.group_id]) for one in distances}
    ranked = rank_controls(features, group_id, far)[:CONTROL_COUNT]
    return StudyZones(zones[group_id], [zones[one] for one in near], [zones[one] for one in ranked])


def _zone(one: Distance, facts: GroupFacts) -> Zone:
    return Zone(one.group_id, one.name, round(one.away_m, 1), facts.open_hotspot_count, facts.household_count)


def _features(one: Distance, facts: GroupFacts) -> tuple[float, ...]:
    households = float(facts.household_count or 0)
    per_km2 = households / max(one.area_m2 / 1e6, 1e-6)
    return float(facts.open_hotspot_count), households, per_km2, float(facts.light_count)
