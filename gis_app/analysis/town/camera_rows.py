"""Rows of layer `cameras`."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely import Point

from gis_app.analysis.town.model import HALF_WIDTH_M, Coords, Draft, Row
from gis_app.analysis.town.place_rows import LEVELS, days_before

# How much an arm of a crossing asks for a camera, by class of road.
_WORTH = {"trunk": 3.0, "primary": 2.6, "secondary": 2.0, "tertiary": 1.2, "residential": 0.6, "alley": 0.2}


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
        "verified_on": None if state == "proposed" or rng.random() < 0.15 else days_before(int(rng.integers(4, 420))),
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
    near = density_near(draft, network.nodes)
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


def density_near(draft: Draft, points: Coords) -> Coords:
    """Density (0 to 1) of the blocks at points, shape (n, 2), metres."""
    faces = shapely.STRtree([face.geom for face in draft.faces])
    density = np.array([face.density for face in draft.faces])
    point, face = faces.query_nearest(shapely.points(points), all_matches=False)
    found = np.zeros(len(points))
    found[point] = density[face]
    return found
