"""Rows of devices: cameras, street lights, loudspeakers."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely import LineString, Point

from gis_app.analysis.town.model import HALF_WIDTH_M, Coords, Draft, Row
from gis_app.analysis.town.place_rows import LEVELS, days_before

_WORTH = {"motorway": 0.0, "trunk": 3.0, "primary": 2.6, "secondary": 2.0, "tertiary": 1.2, "residential": 0.6, "alley": 0.2}


@dataclass(frozen=True)
class _Pole:
    place: Coords
    arms: list[float]
    worth: float
    is_main: bool


def camera_rows(draft: Draft) -> list[Row]:
    """Layer `cameras`: poles at crossings and gates, one to four views a pole along the streets."""
    rng, spec = draft.rng("cameras"), draft.spec
    poles = _spread(_crossings(draft, rng) + _gates(draft), spec.counts.poles)
    views = rng.choice([1, 2, 3, 4], len(poles), p=[0.34, 0.38, 0.18, 0.1])
    while views.sum() != spec.counts.views:
        k = int(rng.integers(len(poles)))
        views[k] = np.clip(views[k] + np.sign(spec.counts.views - views.sum()), 1, 4)
    rows = []
    for k, (pole, count) in enumerate(zip(poles, views.tolist(), strict=True)):
        common = _pole_properties(pole, f"{spec.short}-C{k + 1:03d}", rng)
        turn = int(rng.integers(len(pole.arms)))
        for view in range(count):
            arm = pole.arms[(turn + view) % len(pole.arms)] + (rng.normal(0, 7) if view < len(pole.arms) else 180.0)
            properties = common | _view_properties(arm, rng)
            rows.append(Row(Point(np.round(pole.place, 2)), properties, f"{common['pole_code']}-{view + 1}"))
    return rows


def _pole_properties(pole: _Pole, code: str, rng: np.random.Generator) -> dict[str, Any]:
    residents = rng.random() < (0.12 if pole.is_main else 0.62)
    state = str(rng.choice(["working", "broken", "proposed", "removed"], p=[0.87, 0.06, 0.05, 0.02]))
    return {
        "pole_code": code,
        "state": state,
        "ownership": "residents" if residents else "public",
        "pixel_width": int(rng.choice([1280, 1920, 2560, 3840], p=[0.1, 0.5, 0.3, 0.1])),
        "height_m": round(float(rng.uniform(3.5, 5.0) if residents else rng.uniform(5.0, 7.5)), 1),
        "has_infrared": bool(rng.random() < 0.7),
        "has_notice_sign": bool(rng.random() < (0.35 if residents else 0.7)) and state == "working",
        "has_ai": bool(not residents and rng.random() < 0.12),
        "verified_on": None if state == "proposed" or rng.random() < 0.15 else days_before(rng.integers(4, 420)),
    }


def _view_properties(arm_deg: float, rng: np.random.Generator) -> dict[str, Any]:
    draw = rng.random()
    if draw < 0.05:
        return {"kind": "ptz", "azimuth_deg": None, "fov_deg": 60.0, "range_m": float(rng.integers(45, 61))}
    if draw < 0.09:
        return {"kind": "panoramic", "azimuth_deg": None, "fov_deg": 360.0, "range_m": float(rng.integers(20, 31))}
    known = rng.random() > 0.06
    return {
        "kind": "fixed",
        "azimuth_deg": round(float(arm_deg % 360.0), 1) % 360.0 if known else None,
        "fov_deg": float(rng.choice([62, 70, 78, 84, 90, 100, 108])),
        "range_m": float(rng.integers(20, 61)),
    }


def _crossings(draft: Draft, rng: np.random.Generator) -> list[_Pole]:
    network = draft.network
    arms: dict[int, list[tuple[float, str]]] = {}
    for piece in network.pieces:
        coords = shapely.get_coordinates(shapely.line_interpolate_point(piece.geom, [0, 8, -8, piece.geom.length]))
        klass = network.streets[piece.street].klass
        arms.setdefault(piece.source, []).append((_bearing(coords[1] - coords[0]), klass))
        arms.setdefault(piece.target, []).append((_bearing(coords[2] - coords[3]), klass))
    near = _density(draft, network.nodes)
    poles = []
    for node, found in sorted(arms.items()):
        worth = sum(_WORTH.get(klass, 0.0) for _, klass in found)
        if len(found) < 3 or worth < 0.9:
            continue
        bearings = sorted(bearing for bearing, _ in found)
        half = max(HALF_WIDTH_M[klass] for _, klass in found)
        place = network.nodes[node] + _corner(bearings, half)
        is_main = sum(_WORTH.get(klass, 0.0) >= 1.2 for _, klass in found) >= 2
        poles.append(_Pole(place, bearings, worth * (0.35 + near[node]) * rng.uniform(0.6, 1.4), is_main))
    return poles


def _corner(bearings: list[float], half_m: float) -> Coords:
    """From a junction to its widest corner, outside the carriageway."""
    gaps = np.diff([*bearings, bearings[0] + 360.0])
    k = int(np.argmax(gaps))
    middle = np.deg2rad(bearings[k] + gaps[k] / 2)
    away = min((half_m + 1.2) / max(np.sin(np.deg2rad(min(gaps[k], 180.0) / 2)), 0.5), 16.0)
    offset: Coords = np.array([np.sin(middle), np.cos(middle)]) * away
    return offset


def _gates(draft: Draft) -> list[_Pole]:
    lines = [piece.geom for piece in draft.network.pieces]
    tree = shapely.STRtree(lines)
    poles = []
    for site in draft.sites:
        if site.kind in (*LEVELS, "market", "government", "transport"):
            gate = Point(site.gate)
            line = lines[int(tree.nearest(gate))]
            along = line.project(gate)
            a, b = shapely.get_coordinates(shapely.line_interpolate_point(line, [max(along - 3, 0), along + 3]))
            bearing = _bearing(b - a)
            inward = shapely.get_coordinates(draft.faces[site.face].geom.centroid)[0] - np.asarray(site.gate)
            place = np.asarray(site.gate) + inward / max(float(np.hypot(*inward)), 1e-9) * 8.5
            poles.append(_Pole(place, sorted([bearing, (bearing + 180) % 360]), 4.5, True))
    return poles


def _spread(poles: list[_Pole], count: int) -> list[_Pole]:
    """The best poles, at first at least 130 m apart, then closer until there are enough."""
    order = sorted(poles, key=lambda pole: -pole.worth)
    chosen: list[_Pole] = []
    for apart in (130.0, 95.0, 65.0, 40.0):
        for pole in order:
            if len(chosen) == count:
                return chosen
            if all(np.hypot(*(pole.place - other.place)) > apart for other in chosen):
                chosen.append(pole)
    return chosen


def _bearing(delta: Coords) -> float:
    return float(np.degrees(np.arctan2(delta[0], delta[1])) % 360.0)


def _density(draft: Draft, points: Coords) -> Coords:
    faces = shapely.STRtree([face.geom for face in draft.faces])
    density = np.array([face.density for face in draft.faces])
    point, face = faces.query_nearest(shapely.points(points), all_matches=False)
    found = np.zeros(len(points))
    found[point] = density[face]
    return found


_LAMP = {
    "trunk": (30.0, 19.0, 10.0), "primary": (30.0, 18.0, 9.0), "secondary": (30.0, 16.0, 8.0),
    "tertiary": (32.0, 14.0, 7.0), "residential": (34.0, 13.0, 6.5), "alley": (35.0, 9.0, 4.5),
}


def light_rows(draft: Draft) -> tuple[list[Row], Coords]:
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
            "verified_on": None if rng.random() < 0.2 else days_before(rng.integers(4, 400)),
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
    near = _density(draft, shapely.get_coordinates(shapely.line_interpolate_point([l for l, _ in lines], 0.5, normalized=True)))
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
    lines = np.array([shapely.buffer(p.geom, HALF_WIDTH_M[draft.network.streets[p.street].klass] - 0.3) for p in draft.network.pieces])
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


def _lit_pieces(draft: Draft, rows: list[Row]) -> Coords:
    pieces = draft.network.pieces
    lines = np.array([piece.geom for piece in pieces], dtype=object)
    reach = np.array([HALF_WIDTH_M[draft.network.streets[piece.street].klass] + 2.5 for piece in pieces])
    lamps = shapely.STRtree([row.geom for row in rows if row.properties["state"] in ("working", "broken")])
    hit = lamps.query(lines, predicate="dwithin", distance=reach)[0]
    count = np.bincount(hit, minlength=len(pieces))
    lit: Coords = count * 42.0 >= np.maximum(shapely.length(lines), 20.0)
    return lit


def loudspeaker_rows(draft: Draft, culture: list[tuple[str, Point]]) -> list[Row]:
    """Layer `loudspeakers`: one on each culture house, more where the group is large."""
    rng = draft.rng("speakers")
    rows = []
    for name, point in culture:
        properties = {
            "range_m": float(rng.integers(15, 31) * 10),
            "state": "working" if rng.random() < 0.93 else "broken",
            "schedule": "05:30–06:00, 17:00–17:30",
        }
        number = len(rows) + 1
        rows.append(Row(Point(round(point.x + 1.5, 2), round(point.y - 1.0, 2)), properties, f"{draft.spec.short}-LT{number:02d}"))
    return rows
