"""Hotspot statistics of a commune: what the API answers and the page shows.

Everything here takes a second at most (bounds below), so nothing waits in the queue. `coarse` is how planners read:
places are middles of streets, and what stands for fewer than `SMALLEST_TOLD` events is not told.
"""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry import mapping
from sqlalchemy.engine import Connection

from gis_app.analysis.hotspot_stats import cells, clusters, density, local, near_repeat
from gis_app.analysis.hotspot_stats import network_density as streets
from gis_app.analysis.hotspot_stats.events import (
    LEAST_ON_MAP,
    NEVER_COUNTED,
    SMALLEST_TOLD,
    Events,
    Wanted,
    counted,
)
from gis_app.jobs.patrol_streets import open_ways
from gis_app.jobs.report_sources import VIETNAM
from gis_app.queries.communes import Commune
from gis_app.queries.place_reports import fetch_events
from gis_app.queries.siting_sources import fetch_outline, to_degrees

# More reports of a period than this are refused: the statistics would take more than a second.
MOST_EVENTS, MOST_COARSE = 20_000, 3_000
MOST_PAIRS = 60_000
# Coarse places lie on middles of streets: finer shapes would tell of the snapping, not of events.
COARSE_BANDWIDTH_M, COARSE_BANDS = 150.0, (0.25, 0.5)
# The Gaussian along streets that spreads as far as the quartic kernel of this bandwidth: h / sqrt(8).
QUARTIC_SD = 8**-0.5
HULL_M = 25.0
SEED = 20_260


@dataclass(frozen=True)
class Asked:
    """The first and last day (Vietnam), which hours and categories; how it is read."""

    from_on: dt.date
    to_on: dt.date
    wanted: Wanted
    coarse: bool = False

    @property
    def period(self) -> tuple[dt.datetime, dt.datetime]:
        """[since, until)."""
        first = dt.datetime.combine(self.from_on, dt.time(), tzinfo=VIETNAM)
        return first, dt.datetime.combine(self.to_on + dt.timedelta(days=1), dt.time(), tzinfo=VIETNAM)

    @property
    def days(self) -> int:
        """How many days."""
        return (self.to_on - self.from_on).days + 1


@dataclass(frozen=True, eq=False)
class Loaded:
    """The events that count, and how many patrols found (None to coarse readers); `too_many`: not all were read."""

    events: Events
    by_patrol: int | None
    too_many: bool

    @property
    def verdict(self) -> str:
        """ok, too_few or too_many."""
        return "too_many" if self.too_many else "too_few" if len(self.events) < LEAST_ON_MAP else "ok"


def load_events(conn: Connection, here: Commune, asked: Asked) -> Loaded:
    """Read the events of a period and let through those that count."""
    limit = MOST_COARSE if asked.coarse else MOST_EVENTS
    rows = fetch_events(conn, here.id, here.metric_srid, asked.period, coarse=asked.coarse, limit=limit)
    everything = Events(rows.xy, rows.hour, rows.category, rows.source)
    found = None if asked.coarse else sum(one == NEVER_COUNTED for one in rows.source)
    return Loaded(counted(everything, asked.wanted), found, len(rows.xy) > limit)


def about(loaded: Loaded) -> dict[str, Any]:
    """What every answer says of its events."""
    return {
        "verdict": loaded.verdict,
        "event_count": len(loaded.events),
        "found_by_patrol": loaded.by_patrol,
        "least_events": LEAST_ON_MAP,
    }


class Desk:
    """One question of a commune, answered in parts; every part is {about…, "features"} with shapes in EPSG:4326."""

    def __init__(self, conn: Connection, here: Commune, asked: Asked) -> None:
        self.conn, self.here, self.asked = conn, here, asked
        self.loaded = load_events(conn, here, asked)
        self.events = self.loaded.events

    def _outline(self) -> shapely.Geometry:
        return fetch_outline(self.conn, self.here.id, self.here.metric_srid)

    def _features(self, shapes: Sequence[Any], properties: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        if not shapes:
            return []
        # 0.1 m in degrees.
        degrees = shapely.set_precision(to_degrees(self.conn, shapes, self.here.metric_srid), 1e-6)
        return [
            {"type": "Feature", "geometry": mapping(shape), "properties": dict(told)}
            for shape, told in zip(degrees, properties, strict=True)
            if not shape.is_empty
        ]

    def bandwidth(self, chosen: float | None) -> tuple[float, str]:
        """Metres, and whether a rule or a person chose them."""
        found, rule = (chosen, "chosen") if chosen else (density.bandwidth_of(self.events.xy), "silverman")
        if rule == "silverman" and found >= density.BANDWIDTH_M[1]:
            rule = "most"
        if self.asked.coarse and found < COARSE_BANDWIDTH_M:
            return COARSE_BANDWIDTH_M, "coarse"
        return found, rule

    def density(self, chosen_m: float | None = None) -> dict[str, Any]:
        """Areas that hold a quarter, half … of the density."""
        answer = about(self.loaded) | {"features": []}
        if self.loaded.verdict != "ok":
            return answer
        width, rule = self.bandwidth(chosen_m)
        found = density.kernel_density(self.events.xy, density.make_grid(self._outline(), width), width)
        bands = COARSE_BANDS if self.asked.coarse else density.BANDS
        # Corners of cells say nothing: rounded by a cell, which keeps each area within the next.
        cell = found.grid.cell_m
        shapes = [shape.buffer(cell).buffer(-2 * cell).buffer(cell) for shape in density.band_shapes(found, bands)]
        told = [
            {"share": share, "area_ha": round(shape.area / 1e4, 1)} for share, shape in zip(bands, shapes, strict=True)
        ]
        return answer | {
            "bandwidth_m": width,
            "rule": rule,
            "kernel": "quartic",
            "cell_m": round(found.grid.cell_m, 1),
            # The widest first: a map draws the densest on top.
            "features": self._features(shapes[::-1], told[::-1]),
        }

    def street_density(self, chosen_m: float | None = None) -> dict[str, Any]:
        """Streets by the share of the density that they hold."""
        answer = about(self.loaded) | {"features": []}
        if self.loaded.verdict != "ok":
            return answer
        width, rule = self.bandwidth(chosen_m)
        spread = float(round(width * QUARTIC_SD))
        graph = open_ways(self.conn, self.here).graph
        found = streets.street_density(self.events.xy, graph, spread)
        bands = COARSE_BANDS if self.asked.coarse else density.BANDS[:3]
        levels = density.band_levels(found.value, found.mesh.length_m, bands)
        shapes, told, above = [], [], np.inf
        for share, level in zip(bands, levels, strict=True):
            at = np.flatnonzero((found.value >= level) & (found.value < above) & (found.value > 0))
            above = min(above, level)
            lines = streets.segment_lines(graph, found.mesh, at)
            if lines:
                shapes.append(shapely.line_merge(shapely.multilinestrings(lines)))
                told.append({"share": share, "length_m": round(float(found.mesh.length_m[at].sum()))})
        return answer | {
            "bandwidth_m": spread, "rule": rule, "kernel": "heat", "on_street": found.event_count,
            "left_out": found.left_out, "farthest_m": streets.FARTHEST_M,
            "features": self._features(shapes[::-1], told[::-1]),
        }  # fmt: skip

    def clusters(self, method: str = "dbscan") -> dict[str, Any]:
        """Clusters as outlines, largest first."""
        events, answer = self.events, about(self.loaded) | {"features": [], "method": method}
        if method == "hdbscan" and self.loaded.verdict == "ok" and len(events) > clusters.MOST_FOR_HDBSCAN:
            answer["verdict"] = "too_many"
        if answer["verdict"] != "ok":
            return answer
        label = clusters.hdbscan(events.xy) if method == "hdbscan" else clusters.dbscan(events.xy)
        names = open_ways(self.conn, self.here)
        shapes, told = [], []
        for number in range(int(label.max()) + 1):
            at = np.flatnonzero(label == number)
            if self.asked.coarse and len(at) < SMALLEST_TOLD:
                continue
            hull = shapely.convex_hull(shapely.multipoints(events.xy[at])).buffer(HULL_M, quad_segs=6)
            shapes.append(hull)
            told.append(self._cluster(number, at, hull, names))
        clustered = int((label >= 0).sum())
        return answer | {
            "eps_m": clusters.EPS_M, "min_samples": clusters.MIN_SAMPLES, "min_size": clusters.MIN_SIZE,
            "cluster_count": len(shapes), "clustered": clustered, "features": self._features(shapes, told),
        }  # fmt: skip

    def _cluster(self, number: int, at: Any, hull: shapely.Geometry, ways: Any) -> dict[str, Any]:
        kind, times = Counter(self.events.category[k] for k in at.tolist()).most_common(1)[0]
        found = {
            "number": number + 1, "event_count": len(at), "category": kind, "category_count": times,
            "area_ha": round(hull.area / 1e4, 1), "street": _street_name(hull, ways),
        }  # fmt: skip
        if self.asked.coarse and times < SMALLEST_TOLD:
            found |= {"category_count": None}
        return found

    def cells(self, statistic: str) -> dict[str, Any]:
        """Cells that stand the false discovery rate; `statistic` is gi_star or local_moran."""
        answer = about(self.loaded) | {"features": []}
        if self.loaded.verdict != "ok":
            return answer
        outline = self._outline()
        width = cells.width_of(float(shapely.area(outline)))
        made = cells.make_cells(outline, self.events.xy, width)
        if statistic == "gi_star":
            found = local.gi_star(made.count, made.near)
            kind = np.where(found.z_score > 0, "hot", "cold")
        else:
            found, lag = local.local_moran(made.count, made.near)
            high = made.count > made.count.mean()
            kind = np.where(high, np.where(lag > 0, "high_high", "high_low"), np.where(lag > 0, "low_high", "low_low"))
        at = np.flatnonzero(found.found).tolist()
        told = [
            {"count": self._told(int(made.count[k])), "z_score": round(float(found.z_score[k]), 2),
             "p": float(f"{found.p[k]:.3g}"), "kind": str(kind[k])} for k in at
        ]  # fmt: skip
        return answer | {
            "width_m": width, "cell_count": len(made), "fdr_level": local.FDR_LEVEL, "deals": "all",
            "kinds": dict(Counter(str(kind[k]) for k in at)),
            "features": self._features([made.shapes[k] for k in at], told),
        }  # fmt: skip

    def near_repeat(self) -> dict[str, Any]:
        """The Knox table, and the links of its first cell (not to coarse readers, whose places are no places)."""
        events, answer = self.events, about(self.loaded) | {"features": [], "table": []}
        if answer["verdict"] == "ok" and near_repeat.count_pairs(events.xy) > MOST_PAIRS:
            answer["verdict"] = "too_many"
        if answer["verdict"] != "ok":
            return answer
        found = near_repeat.knox(events.xy, events.day, SEED)
        table = [
            [
                {"observed": self._told(int(found.observed[r, c])), "expected": round(float(found.expected[r, c]), 1),
                 "ratio": round(float(found.ratio[r, c]), 2), "p": round(float(found.p[r, c]), 4),
                 "stands": bool(found.found[r, c])}
                for c in range(len(near_repeat.DAYS))
            ]
            for r in range(len(near_repeat.DISTANCES_M))
        ]  # fmt: skip
        links = [] if self.asked.coarse else [events.xy[pair] for pair in found.links]
        apart = [int(events.day[b] - events.day[a]) for a, b in found.links.tolist()]
        shapes = [shapely.LineString(ends) if (ends[0] != ends[1]).any() else shapely.Point(ends[0]) for ends in links]
        return answer | {
            "distances_m": list(near_repeat.DISTANCES_M), "days": list(near_repeat.DAYS), "table": table,
            "permutations": near_repeat.PERMUTATIONS, "seed": SEED, "fdr_level": near_repeat.FDR_LEVEL,
            "features": self._features(shapes, [{"days": days} for days in apart][: len(shapes)]),
        }  # fmt: skip

    def _told(self, count: int) -> int | None:
        return None if self.asked.coarse and 0 < count < SMALLEST_TOLD else count


def _street_name(hull: shapely.Geometry, ways: Any) -> str:
    """The named street with most metres in an area; the nearest line's where none is in it."""
    lines = ways.graph.streets.lines
    if len(lines) == 0:
        return ""
    metres: Counter[str] = Counter()
    for k in np.flatnonzero(shapely.intersects(hull, lines)).tolist():
        if ways.names[k]:
            metres[ways.names[k]] += shapely.intersection(hull, lines[k]).length
    return metres.most_common(1)[0][0] if metres else ""
