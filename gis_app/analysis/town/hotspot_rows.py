"""Layer `hotspots`: clusters at places of a kind (bridges, guesthouses, markets, river bank, vacant land)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
import shapely
from shapely import Point

from gis_app.analysis.town.model import Coords, Draft, Row
from gis_app.analysis.town.place_rows import days_before, inside_site

_NO_ADDRESS = ("alley", "track", "path", "motorway")
# When such places are lively: hour and share.
_HOURS = (0, 9, 12, 17, 19, 20, 21, 22, 23)
_HOUR_SHARES = (0.06, 0.05, 0.06, 0.1, 0.17, 0.2, 0.17, 0.12, 0.07)
_LABEL = {
    "bridge": "Gầm cầu, khu vực {}",
    "guesthouse": "Khu nhà nghỉ, karaoke {}",
    "market": "Khu vực chợ, {}",
    "river": "Bãi ven sông, cuối {}",
    "vacant": "Bãi đất trống, {}",
    "park": "Công viên, vườn hoa, {}",
    "station": "Khu vực bến xe, {}",
    "school": "Quán nước gần trường, {}",
    "beach": "Bãi biển, {}",
    "works": "Khu nhà trọ công nhân, {}",
}


def hotspot_rows(draft: Draft, venues: list[Row], workers: list[Row]) -> list[Row]:
    """Points in clusters; about two thirds are complex points or places at risk."""
    rng, spec = draft.rng("hotspots"), draft.spec
    anchors = _anchors(draft, venues, workers, rng)
    themes = [(theme, share) for theme, share in spec.hotspot_themes if len(anchors.get(theme, ()))]
    shares = np.array([share for _, share in themes])
    land = shapely.buffer(draft.terrain.land, -4.0)
    shapely.prepare(land)
    name_near = _street_names(draft)
    rows: list[Row] = []
    while len(rows) < spec.counts.hotspots:
        theme = themes[int(rng.choice(len(themes), p=shares / shares.sum()))][0]
        anchor = anchors[theme][int(rng.integers(len(anchors[theme])))]
        size = min(int(rng.integers(1, 8)), spec.counts.hotspots - len(rows))
        spread = rng.uniform(18, 55)
        for _ in range(size):
            x, y = anchor + rng.normal(0, spread, 2)
            if land.contains(shapely.points(x, y)):
                point = Point(round(x, 2), round(y, 2))
                place = _LABEL[theme].format(name_near(point))[:120]
                rows.append(_row(point, place, f"{spec.short}-DN{len(rows) + 1:03d}", rng))
    return rows


def _row(point: Point, place: str, external_id: str, rng: np.random.Generator) -> Row:
    klass = str(rng.choice(["risk", "complex_point", "gathering"], p=[0.44, 0.23, 0.33]))
    severity = {"risk": (1, 3), "gathering": (2, 5), "complex_point": (3, 6)}[klass]
    last = int(rng.exponential(75)) + 1
    later = str(rng.choice(["verified", "handled", "watched", "closed"], p=[0.34, 0.24, 0.3, 0.12]))
    start = int(rng.choice(_HOURS, p=_HOUR_SHARES))
    seen = days_before(min(last, 320))
    properties: dict[str, Any] = {
        "place": place,
        "class": klass,
        "severity": int(rng.integers(*severity)),
        "hour_from": start,
        "hour_to": min(start + int(rng.integers(2, 5)), 24),
        "first_seen_on": seen - timedelta(days=int(rng.integers(0, 240))),
        "last_seen_on": seen,
        "state": "new" if last < 12 else later,
        "source_kind": str(rng.choice(["patrol", "tip", "unit"], p=[0.4, 0.33, 0.27])),
        "expires_on": max(seen + timedelta(days=180), days_before(-30)),
    }
    return Row(point, properties, external_id)


def _street_names(draft: Draft) -> Callable[[Point], str]:
    """A function that names the nearest street."""
    network = draft.network
    named = [
        (piece.geom, network.streets[piece.street].name)
        for piece in network.pieces
        if network.streets[piece.street].name and network.streets[piece.street].klass not in _NO_ADDRESS
    ]
    tree = shapely.STRtree([geom for geom, _ in named])

    def name_near(point: Point) -> str:
        name = named[int(tree.nearest(point))][1]
        return name if name.startswith(("Đường", "Quốc", "Ngõ", "Ngách", "Nút")) else f"đường {name}"

    return name_near


def _anchors(draft: Draft, venues: list[Row], workers: list[Row], rng: np.random.Generator) -> dict[str, Coords]:
    """Candidate middles of clusters by theme; each theme keeps a few, so that clusters come back to them."""
    found: dict[str, list[Coords]] = {}
    for place in draft.bridges:
        found.setdefault("bridge", []).append(np.asarray(place))
    for row in venues:
        if row.properties["kind"] in ("guesthouse", "karaoke", "hotel"):
            found.setdefault("guesthouse", []).append(_xy(row.geom))
    theme_of = {"market": "market", "park": "park", "transport": "station", "upper_secondary": "school"}
    for site in draft.sites:
        if site.kind in theme_of:
            found.setdefault(theme_of[site.kind], []).append(_xy(inside_site(draft, site.face)))
    for klass, theme in (("river", "river"), ("sea", "beach")):
        for water in draft.terrain.waters:
            if water.klass == klass:
                bank = shapely.boundary(water.geom).intersection(draft.terrain.outline)
                marks = rng.uniform(0, 1, 6)
                found.setdefault(theme, []).extend(_on_parts(bank, marks))
    edge = [face for face in draft.faces if face.use in ("field", "suburb", "village") and face.density > 0.12]
    for k in rng.permutation(len(edge))[:10].tolist():
        found.setdefault("vacant", []).append(_xy(edge[k].geom.representative_point()))
    found["works"] = [_xy(row.geom) for row in workers]
    limit = {"guesthouse": 12, "bridge": 8, "works": 4, "river": 7, "beach": 6}
    return {
        theme: np.array([places[k] for k in sorted(rng.permutation(len(places))[: limit.get(theme, 9)].tolist())])
        for theme, places in sorted(found.items())
        if places
    }


def _on_parts(bank: shapely.Geometry, marks: Coords) -> list[Coords]:
    parts = [part for part in shapely.get_parts(shapely.line_merge(bank)) if part.geom_type == "LineString"]
    if not parts:
        return []
    longest = max(parts, key=lambda part: part.length)
    return [_xy(longest.interpolate(float(mark), normalized=True)) for mark in marks]


def _xy(point: shapely.Geometry) -> Coords:
    xy: Coords = shapely.get_coordinates(point)[0]
    return xy
