"""Smooth lines, wobbling edges and cuts through polygons. All coordinates metric, shape (n, 2), metres."""

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon

from gis_app.analysis.town.model import Coords


def smooth(points: Coords, per_span: int = 12, closed: bool = False) -> Coords:
    """Catmull-Rom curve through the points; sample `i * per_span` is control point `i`.

    Notes
    -----
    Catmull and Rom (1974), A class of local interpolating splines, tension 1/2.
    """
    if closed:
        ring = np.vstack([points[-1], points, points[0], points[1]])
    else:
        ring = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    t = (np.arange(per_span) / per_span)[None, :, None]
    a, b, c, d = (ring[k : len(ring) - 3 + k][:, None, :] for k in range(4))
    curve = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    flat: Coords = curve.reshape(-1, 2)
    return flat if closed else np.vstack([flat, points[-1]])


def wobble(
    coords: Coords,
    amplitude_m: float,
    wavelength_m: float,
    rng: np.random.Generator,
    closed: bool = False,
    per_span: int = 0,
) -> Coords:
    """Push points along their normals by a smooth random wave; ends of open lines stay.

    With `per_span`, every `per_span`-th point stays too: there other roads meet the line.
    """
    steps = np.hypot(*np.diff(coords, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    total = along[-1] + (float(np.hypot(*(coords[0] - coords[-1]))) if closed else 0.0)
    wave = np.zeros(len(coords))
    for octave in range(3):
        # A whole number of waves closes a ring without a step.
        waves = max(1, round(total / wavelength_m * 2**octave))
        wave += np.sin(2 * np.pi * waves * along / total + rng.uniform(0, 2 * np.pi)) / 1.8**octave
    if not closed:
        wave *= np.sqrt(np.abs(np.sin(np.pi * along / total)))
    if per_span:
        wave *= np.abs(np.sin(np.pi * np.arange(len(coords)) / per_span))
    ahead = np.roll(coords, -1, axis=0) if closed else np.vstack([coords[1:], coords[-1]])
    behind = np.roll(coords, 1, axis=0) if closed else np.vstack([coords[0], coords[:-1]])
    tangent = ahead - behind
    tangent /= np.maximum(np.hypot(*tangent.T), 1e-9)[:, None]
    normal = np.column_stack([-tangent[:, 1], tangent[:, 0]])
    return coords + normal * (wave * amplitude_m / 1.6)[:, None]


def blob(
    centre: Coords,
    radii_m: tuple[float, float],
    angle_deg: float,
    rng: np.random.Generator,
    roughness: float = 0.16,
    squareness: float = 2.0,
) -> Polygon:
    """A smooth lump around `centre`, `radii_m` along and across `angle_deg` (counter-clockwise from east).

    `squareness` is the exponent of the superellipse: 2 is an ellipse, 8 nearly a rectangle.
    """
    theta = np.linspace(0, 2 * np.pi, 96, endpoint=False)
    factor = np.ones_like(theta)
    for k in (2, 3, 4, 6):
        factor += roughness / k**0.5 * np.sin(k * theta + rng.uniform(0, 2 * np.pi))
    c, s, power = np.cos(theta), np.sin(theta), 2.0 / squareness
    x = radii_m[0] * factor * np.sign(c) * np.abs(c) ** power
    y = radii_m[1] * factor * np.sign(s) * np.abs(s) ** power
    turn = np.deg2rad(angle_deg)
    turned = np.column_stack([x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)])
    return Polygon(turned + centre)


def long_axis(polygon: Polygon) -> tuple[Coords, float, float]:
    """Unit vector along the smallest enclosing rectangle, its length and its width (metres)."""
    box = shapely.get_coordinates(shapely.oriented_envelope(polygon))
    sides = np.diff(box[:3], axis=0)
    lengths = np.hypot(*sides.T)
    best = int(np.argmax(lengths))
    return sides[best] / max(lengths[best], 1e-9), float(lengths[best]), float(lengths[1 - best])


def cut_line(
    polygon: Polygon, at: Coords, direction: Coords, bend: float, rng: np.random.Generator
) -> LineString | None:
    """A gently bent line through `at` from edge to edge of the polygon, or None where it would not split it."""
    reach = shapely.length(polygon)
    chord = shapely.intersection(LineString([at - direction * reach, at + direction * reach]), polygon)
    parts = [part for part in shapely.get_parts(chord) if part.geom_type == "LineString"]
    if not parts:
        return None
    line = min(parts, key=lambda part: part.distance(shapely.points(at)))
    start, end = shapely.get_coordinates(line)[[0, -1]]
    span = end - start
    length = float(np.hypot(*span))
    if length < 15:
        return None
    normal = np.array([-span[1], span[0]]) / length
    phase, size = rng.uniform(0, 2 * np.pi), bend * length * rng.uniform(0.3, 1.0)
    count = max(3, int(length / 40) + 1)
    t = np.linspace(0, 1, count)
    offset = size * np.sin(np.pi * t) * np.sin(np.pi * t * rng.uniform(0.6, 1.8) + phase)
    bent = LineString(start + t[:, None] * span + offset[:, None] * normal)
    return bent if shapely.covers(shapely.buffer(polygon, 0.01), bent) else LineString([start, end])


def directions(lines: NDArray[np.object_] | list[LineString], at_m: Coords) -> Coords:
    """Unit tangents of lines at distances `at_m` along them, shape (n, 2)."""
    low = shapely.get_coordinates(shapely.line_interpolate_point(lines, np.maximum(at_m - 2.0, 0.0)))
    high = shapely.get_coordinates(shapely.line_interpolate_point(lines, at_m + 2.0))
    delta = high - low
    unit: Coords = delta / np.maximum(np.hypot(*delta.T), 1e-9)[:, None]
    return unit
