"""The check of the groups' boundaries: faults in degrees for a map, and repairs with what they would change."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from sqlalchemy.engine import Connection

from gis_app.analysis.boundaries import Bounded, Fault, find_faults, repair, repair_all
from gis_app.queries import boundaries as q
from gis_app.queries.communes import Commune
from gis_app.queries.siting_sources import to_degrees
from gis_app.queries.writes import Written, update_feature
from layers import LAYERS

SAFE = frozenset({"self_crossing", "sliver", "outside", "hole"})
# Mended together by one click: what nobody would decide otherwise.
TOGETHER = ("self_crossing", "hole", "sliver")
# Which group gets it is for a person to say.
DECIDED = frozenset({"overlap", "gap"})
MOST_KEEPERS = 4


@dataclass(frozen=True)
class Found:
    """A fault for a page: names of its groups, and its shape in EPSG:4326."""

    fault: Fault
    names: tuple[str, ...]
    shape: Any

    @property
    def is_safe(self) -> bool:
        """Whether one click may mend it."""
        return self.fault.kind in SAFE and bool(self.fault.group_ids)

    @property
    def is_mended_together(self) -> bool:
        """Whether one click for all may mend it."""
        return self.is_safe and self.fault.kind in TOGETHER

    @property
    def keepers(self) -> list[tuple[int, str]]:
        """Groups, with their names, that a person may give it to."""
        if self.fault.kind not in DECIDED:
            return []
        return list(zip(self.fault.group_ids, self.names, strict=True))[:MOST_KEEPERS]


@dataclass(frozen=True)
class Proposed:
    """A repair: the group, its version, its shape before and after (EPSG:4326), and its area before and after (m2)."""

    found: Found
    group_id: int
    name: str
    version: int
    before: Any
    after: Any
    before_m2: float
    after_m2: float


class Boundaries:
    """The groups of a commune and what is wrong with their boundaries."""

    def __init__(self, conn: Connection, commune: Commune) -> None:
        self.conn, self.srid = conn, commune.metric_srid
        rows = q.fetch_metric_groups(conn, commune.id, self.srid)
        self.groups: Sequence[Bounded] = [Bounded(one.id, one.name, one.version, one.shape) for one in rows]
        self.by_id = {group.id: group for group in self.groups}
        self.outline = q.fetch_metric_outline(conn, commune.id, self.srid)

    def faults(self) -> list[Found]:
        """Every fault, by kind and size."""
        found = find_faults(self.groups, self.outline)
        shapes = to_degrees(self.conn, [fault.shape for fault in found], self.srid)
        names = [tuple(self.by_id[one].name for one in fault.group_ids) for fault in found]
        return [Found(*parts) for parts in zip(found, names, shapes, strict=True)]

    def propose(self, key: str, keeper: int | None = None) -> Proposed | None:
        """The repair of a fault, in favour of `keeper` if one is named; None where it is gone or nobody has decided."""
        found = next((one for one in self.faults() if one.fault.key == key), None)
        made = {} if found is None else repair(found.fault, self.groups, self.outline, keeper)
        if found is None or not made:
            return None
        group_id, shape = next(iter(made.items()))
        group = self.by_id[group_id]
        before, after = self._stored([group.shape, shape])
        return Proposed(found, group_id, group.name, group.version, before, after, group.shape.area, shape.area)

    def _stored(self, shapes: Sequence[Any]) -> list[Any]:
        """Shapes in degrees; what the database keeps must be valid there, too."""
        return [
            one if one.is_valid else shapely.make_valid(one, method="structure", keep_collapsed=False)
            for one in to_degrees(self.conn, shapes, self.srid)
        ]

    def apply_all(self) -> list[Written] | None:
        """Make every repair of the kinds `TOGETHER`; None where a group has moved on meanwhile."""
        made = repair_all(self.groups, self.outline, TOGETHER)
        written = []
        for group_id, shape in zip(made, self._stored(list(made.values())), strict=True):
            group = self.by_id[group_id]
            done = update_feature(self.conn, LAYERS["groups"], group_id, group.version, {}, shape)
            if done is None:
                return None
            written.append(Written(group_id, done.version))
        return written

    def apply(self, proposed: Proposed, version: int) -> int | None:
        """Store a repair of the group's version; the new version, or None where the group has moved on."""
        done = update_feature(self.conn, LAYERS["groups"], proposed.group_id, version, {}, proposed.after)
        return None if done is None else done.version
