"""Rows of layer `lights`, and which roads are lit."""

import numpy as np
import shapely
from shapely import LineString, Point

from gis_app.analysis.town.camera_rows import density_near
from gis_app.analysis.town.model import HALF_WIDTH_M, Array, Draft, Row
from gis_app.analysis.town.place_rows import days_before

_LAMP = {
    "trunk": (30.0, 19.0, 10.0),
    "primary": (30.0, 18.0, 9.0),
    "secondary": (30.0, 16.0, 8.0),
    "tertiary": (32.0, 14.0, 7.0),
    "residential": (34.0, 13.0, 6.5),
    "alley": (35.0, 9.0, 4.5),
}


def light_rows(draft: Draft) -> tuple[list[Row], Array]:
    """Layer `lights`, and for each piece of road whether it is lit."""
    rng, spec = draft.rng("lights"), draft.spec
    spots: list[tuple[float, float, str]] = []
    quota = {"alley": int(spec.counts.lights * 0.12)}
    for line, klass in _lit_streets(draft, rng):
        if klass == "alley" and quota["alley"] <= 0:
            continue
        made = _along(line, klass, rng)
        quota["alley"] -= len(made) if klass == "alley" else 0
        spots.extend(made)
    spots = _useful(draft, spots)[: spec.counts.lights]
    rows = []
    for k, (x, y, klass) in enumerate(spots):
        _, radius, height = _LAMP[klass]
        state = str(rng.choice(["working", "broken", "proposed", "removed"], p=[0.93, 0.045, 0.017, 0.008]))
        properties = {
            "state": state,
            "radius_m": round(radius * float(rng.uniform(0.92, 1.08)), 1),
            "height_m": height,
            "lamp": str(rng.choice(["led", "sodium", "other"], p=[0.72, 0.25, 0.03])),
            "verified_on": None if rng.random() < 0.2 else days_before(int(rng.integers(4, 400))),
        }
        rows.append(Row(Point(x, y), properties, f"{spec.short}-L{k + 1:04d}"))
    return rows, _lit_pieces(draft, rows)


def _lit_streets(draft: Draft, rng: np.random.Generator) -> list[tuple[LineString, str]]:
    """Whole streets in the order in which a town lights them."""
    network = draft.network
    by_street: dict[int, list[LineString]] = {}
    for piece in network.pieces:
        by_street.setdefault(piece.street, []).append(piece.geom)
    lines = [
        (line, network.streets[street].klass)
        for street, parts in sorted(by_street.items())
        for line in shapely.get_parts(shapely.line_merge(shapely.multilinestrings(parts)))
        if network.streets[street].klass in _LAMP and line.length > 20
    ]
    middles = shapely.line_interpolate_point([line for line, _ in lines], 0.5, normalized=True)
    near = density_near(draft, shapely.get_coordinates(middles))
    base = {"trunk": 3.0, "primary": 2.8, "secondary": 2.3, "tertiary": 1.6, "residential": 1.0, "alley": 0.75}
    worth = np.array([base[klass] for _, klass in lines]) + near + rng.normal(0, 0.22, len(lines))
    return [lines[k] for k in np.argsort(-worth, kind="stable").tolist()]


def _along(line: LineString, klass: str, rng: np.random.Generator) -> list[tuple[float, float, str]]:
    spacing = _LAMP[klass][0] * rng.uniform(0.9, 1.1)
    marks = np.arange(rng.uniform(6, spacing * 0.7), line.length - 3, spacing)
    if not len(marks):
        return []
    marks = marks + rng.uniform(-1.5, 1.5, len(marks))
    at = shapely.get_coordinates(shapely.line_interpolate_point(line, marks))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(line, np.minimum(marks + 2, line.length)))
    unit = ahead - at
    unit /= np.maximum(np.hypot(*unit.T), 1e-9)[:, None]
    wide = klass in ("trunk", "primary", "secondary")
    side = np.where(np.arange(len(marks)) % 2 == 0, 1.0, -1.0) if wide else np.full(len(marks), rng.choice([-1.0, 1.0]))
    place = at + np.column_stack([-unit[:, 1], unit[:, 0]]) * (side * (HALF_WIDTH_M[klass] + 0.6))[:, None]
    return [(round(x, 2), round(y, 2), klass) for x, y in place.tolist()]


def _useful(draft: Draft, spots: list[tuple[float, float, str]]) -> list[tuple[float, float, str]]:
    """Without lamps in a carriageway, in water, outside, or far from any house on an open road."""
    points = shapely.points([spot[:2] for spot in spots])
    network = draft.network
    reach = [HALF_WIDTH_M[network.streets[piece.street].klass] - 0.3 for piece in network.pieces]
    lines = shapely.buffer([piece.geom for piece in network.pieces], reach)
    blocked = np.zeros(len(spots), dtype=bool)
    blocked[shapely.STRtree(lines).query(points, predicate="within")[0]] = True
    homes = shapely.STRtree([house.geom for house in draft.houses])
    settled = np.zeros(len(spots), dtype=bool)
    settled[homes.query(points, predicate="dwithin", distance=55.0)[0]] = True
    main = np.array([spot[2] in ("trunk", "primary") for spot in spots])
    if draft.spec.is_rural or draft.spec.area_km2 > 40:
        main[:] = False
    land = shapely.buffer(draft.terrain.land, -1.0)
    shapely.prepare(land)
    good = ~blocked & (settled | main) & shapely.contains(land, points)
    return [spot for spot, keep in zip(spots, good.tolist(), strict=True) if keep]


def _lit_pieces(draft: Draft, rows: list[Row]) -> Array:
    pieces = draft.network.pieces
    lines = np.array([piece.geom for piece in pieces], dtype=object)
    reach = np.array([HALF_WIDTH_M[draft.network.streets[piece.street].klass] + 2.5 for piece in pieces])
    lamps = shapely.STRtree([row.geom for row in rows if row.properties["state"] in ("working", "broken")])
    hit = lamps.query(lines, predicate="dwithin", distance=reach)[0]
    count = np.bincount(hit, minlength=len(pieces))
    lit: Array = count * 42.0 >= np.maximum(shapely.length(lines), 20.0)
    return lit
