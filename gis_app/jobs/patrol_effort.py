"""The effort of a commune's patrols over a period, for the page, the API and the file alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Connection

from gis_app.analysis.patrol_effort import Column, StreetEffort, columns_of, metres_on_streets, per_thousand
from gis_app.queries import patrol_effort as q
from gis_app.queries.communes import Commune

FIGURES = ("shifts", "planned", "done", "missed", "extra", "visits", "minutes", "untimed", "outside")
NONE: Mapping[str, Any] = dict.fromkeys(FIGURES, 0)


@dataclass(frozen=True)
class GroupEffort:
    """A group: its sums, and minutes for each thousand of its residents (None: not known, or too few of them)."""

    id: int | None
    name: str
    residents: int | None
    sums: Mapping[str, Any]
    per_thousand: float | None


@dataclass(frozen=True)
class Effort:
    """Sums over everything, by group, by kind of stop; columns over time; reasons; gaps; streets."""

    total: Mapping[str, Any]
    groups: Sequence[GroupEffort]
    kinds: Mapping[str, Mapping[str, Any]]
    columns: Sequence[Column]
    reasons: Mapping[str, int]
    walks: Mapping[str, int]
    gaps: Mapping[str, Any]
    streets: q.StreetSums

    @property
    def rates(self) -> list[float]:
        """Minutes per thousand of the groups that have a rate, the lowest first."""
        return sorted(one.per_thousand for one in self.groups if one.per_thousand is not None)


def effort_of(conn: Connection, commune: Commune, period: q.Period) -> Effort:
    """Sums as the actor's role may read them; a role that may not has none."""
    found = q.fetch_effort(conn, period) or {"sums": [], "reasons": {}, "walks": {}, "gaps": {}}
    parts: dict[str, dict[str, Mapping[str, Any]]] = {"total": {}, "group": {}, "kind": {}, "day": {}}
    for one in found["sums"]:
        parts[one["part"]][one["name"]] = {name: int(one[name]) for name in FIGURES}
    days = [{"name": name, **sums} for name, sums in parts["day"].items()]
    return Effort(
        total=parts["total"].get("", NONE), groups=_groups(conn, commune, parts["group"]), kinds=parts["kind"],
        columns=columns_of(days, period.first, period.last), reasons=found["reasons"], walks=found["walks"],
        gaps=found["gaps"], streets=q.fetch_street_sums(conn, period),
    )  # fmt: skip


def _groups(conn: Connection, commune: Commune, sums: Mapping[str, Mapping[str, Any]]) -> list[GroupEffort]:
    """Every group of today, also without effort; then names that no group has any more, and stops in none."""
    known = q.fetch_groups(conn, commune.id)
    found = []
    for group in known:
        mine = sums.get(group.name, NONE)
        rate = per_thousand(mine["minutes"], group.residents)
        found.append(GroupEffort(group.id, group.name, group.residents, mine, rate))
    others = sorted(sums.keys() - {group.name for group in known}, reverse=True)
    return found + [GroupEffort(None, name, None, sums[name], None) for name in others]


@dataclass(frozen=True)
class EffortMap:
    """Shapes as GeoJSON text (EPSG:4326): groups with their rate; streets with metres and routes, None: not to be read.

    `off_m`: metres of routes that lie on no street of today.
    """

    groups: Sequence[tuple[GroupEffort, str]]
    streets: Sequence[tuple[int, str, str, float, int]] | None
    off_m: float


def map_of(conn: Connection, commune: Commune, period: q.Period, *, with_streets: bool) -> EffortMap:
    """Groups and, for the police, streets: the sum of the streets' metres is that of the walked routes."""
    effort = effort_of(conn, commune, period)
    shapes = {group.id: group.shape for group in q.fetch_groups(conn, commune.id)}
    groups = [(one, shapes[one.id]) for one in effort.groups if one.id is not None]
    if not with_streets:
        return EffortMap(groups, None, 0.0)
    routes = q.fetch_walked_routes(conn, commune.id, period, commune.metric_srid)
    about, lines = q.fetch_street_lines(conn, commune.id, commune.metric_srid)
    found: StreetEffort = metres_on_streets(lines, routes)
    streets = [(*about[k], round(metres, 1), found.times.get(k, 0)) for k, metres in sorted(found.metres.items())]
    return EffortMap(groups, streets, round(found.off_m, 1))
