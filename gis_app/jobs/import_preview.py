"""A drawing of what was read over the outline of the commune: SVG paths in metres, y downwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gis_app.crs import STORED
from gis_app.jobs.import_guess import fit_of
from gis_app.jobs.import_places import Frame, transform
from gis_app.queries.imports import Landmarks

# A drawing is so many units wide; strokes and dots are made for that.
_WIDTH = 1000.0
_MARGIN = 40.0
NOWHERE = Landmarks([], [])


@dataclass(frozen=True)
class Preview:
    """`fit` as `import_guess.fit_of`; paths in units of the drawing; `ruler_km` as wide as `ruler` units."""

    fit: Mapping[str, Any] | None
    height: int
    outline: str
    streets: str
    waters: str
    areas: str
    lines: str
    dots: list[tuple[float, float]]
    # Middles of outline and shapes where both would be specks.
    marks: list[tuple[float, float]]
    ruler: int
    ruler_km: float


def draw(
    found: Mapping[str, Any], frame: Frame, srid: int, *, swapped: bool, landmarks: Landmarks = NOWHERE
) -> Preview:
    """Draw the kept shapes in one reading over what people know the place by, and say how it fits."""
    places = np.array(found["places"], dtype=float).reshape(-1, 2)
    fit = fit_of(places, frame, srid, swapped=swapped)
    shapes = _placed(found["shapes"], srid, frame.srid, swapped=swapped) if fit else np.array([], dtype=object)
    everything = np.array([frame.metric_shape, *shapes], dtype=object)
    west, south, east, north = shapely.total_bounds(everything).tolist()
    scale = (_WIDTH - 2 * _MARGIN) / max(east - west, north - south, 1.0)
    height = round((north - south) * scale + 2 * _MARGIN)

    def to_page(x: Any, y: Any) -> tuple[Any, Any]:
        return (x - west) * scale + _MARGIN, (north - y) * scale + _MARGIN

    def known(wkbs: list[bytes]) -> str:
        metric = transform(shapely.from_wkb(np.array(wkbs, dtype=object)), STORED, frame.srid)
        return _path(shapely.transform(metric, to_page, interleaved=False)) if len(wkbs) else ""

    drawn = shapely.transform(everything, to_page, interleaved=False)
    dimensions = shapely.get_dimensions(drawn[1:])
    dots = shapely.get_coordinates(drawn[1:][dimensions == 0]).round(1).tolist()
    ruler_m = _round_length(_WIDTH / 4 / scale)
    return Preview(
        fit=fit,
        height=max(height, 300),
        outline=_path(drawn[:1]),
        streets=known(landmarks.streets),
        waters=known(landmarks.waters),
        areas=_path(drawn[1:][dimensions == 2]),
        lines=_path(drawn[1:][dimensions == 1]),
        dots=[(x, y) for x, y in dots],
        marks=_marks(drawn),
        ruler=round(ruler_m * scale),
        ruler_km=ruler_m / 1000,
    )


def _marks(drawn: Any) -> list[tuple[float, float]]:
    west, south, east, north = shapely.total_bounds(drawn[:1]).tolist()
    if len(drawn) < 2 or max(east - west, north - south) > _WIDTH / 8:
        return []
    places = shapely.get_coordinates(shapely.centroid(drawn))
    return [(round(x, 1), round(y, 1)) for x, y in (places[0].tolist(), np.median(places[1:], axis=0).tolist())]


def _placed(texts: list[str], source: int, target: int, *, swapped: bool) -> Any:
    shapes = shapely.from_wkt(np.array(texts, dtype=object))
    if swapped:
        shapes = shapely.transform(shapes, lambda x, y: (y, x), interleaved=False)
    moved = transform(transform(shapes, source, STORED), STORED, target)
    return np.array([one for one in moved if np.isfinite(shapely.get_coordinates(one)).all()], dtype=object)


def _path(shapes: Any) -> str:
    """The rings and lines of shapes as one SVG path."""
    edges = list(shapely.get_parts(shapes))
    found = []
    for part in edges:
        rings = [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]
        for ring in rings:
            spots = shapely.get_coordinates(ring).round(1).tolist()
            closing = "Z" if part.geom_type == "Polygon" else ""
            found.append("M" + "L".join(f"{x:g} {y:g}" for x, y in spots) + closing)
    return "".join(found)


def _round_length(metres: float) -> float:
    """1, 2 or 5 times a power of ten, not longer than so many metres."""
    power = float(10 ** np.floor(np.log10(max(metres, 1.0))))
    return max(step * power for step in (1, 2, 5) if step * power <= max(metres, 1.0))
