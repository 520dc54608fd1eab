"""From a file's coordinates to a place in a commune: CRS, axis order, geometry rules, inside or outside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import ProjError

from gis_app.analysis import zones
from gis_app.analysis.shapes import Checked, Shapes, check_placed, check_readable, describe
from gis_app.crs import ACCEPTED_SRIDS, DEGREES, STORED, metric_srid_for
from gis_app.jobs.import_report import ImportReport, RowError, row_error
from gis_app.queries.imports import Outline
from layers.base import Layer

# A point on the boundary road may be drawn on its far side; surveys and outlines differ by that much.
TOLERANCE_M = 50.0


@dataclass
class Assigned:
    """Rows by commune: a row appears once per commune that it belongs to."""

    rows: NDArray[np.intp]
    commune_ids: NDArray[np.int64]
    errors: list[RowError]
    outside_count: int = 0


class Frame:
    """The outline of one commune, ready for questions about many shapes."""

    def __init__(self, outline: Outline, tolerance_m: float = TOLERANCE_M) -> None:
        self.outline = outline
        self.shape = shapely.from_wkb(outline.wkb)
        lon = self.shape.representative_point().x
        self.srid = outline.metric_srid or metric_srid_for(lon)
        self.metric_shape = transform(np.array([self.shape], dtype=object), STORED, self.srid)[0]
        grown = np.array([self.metric_shape.buffer(tolerance_m)], dtype=object)
        self.grown = transform(grown, self.srid, STORED)[0]
        shapely.prepare([self.shape, self.grown])

    def distance_km(self, shape: shapely.Geometry, *, whole: bool) -> float:
        """How far a shape lies outside: its farthest corner if it must be inside as a whole, else its nearest."""
        moved = transform(np.array([shape], dtype=object), STORED, self.srid)
        if not whole:
            return round(float(shapely.distance(moved, self.metric_shape)[0]) / 1000, 2)
        corners = shapely.points(shapely.get_coordinates(moved))
        return round(float(shapely.distance(corners, self.metric_shape).max()) / 1000, 2)


def transform(shapes: Shapes, source: int, target: int) -> Shapes:
    """Transform an array of shapes between EPSG codes; missing ones stay missing."""
    if source == target or not len(shapes):
        return shapes
    moved: Shapes = shapely.transform(shapes, zones.transformer(source, target).transform, interleaved=False)
    return moved


def must_lie_inside(layer: Layer) -> bool:
    """Whether a row must lie in its commune as a whole: points and own areas do, lines and the base map may cross."""
    return layer.is_point or (layer.geometry.endswith("POLYGON") and layer.section != "base")


def place(
    table: gpd.GeoDataFrame, layer: Layer, report: ImportReport, *, swap_axes: bool, repair: bool = False
) -> Checked | None:
    """Return the geometries in EPSG:4326 with what is wrong with them; None where the whole file is refused."""
    shapes = table.geometry.to_numpy()
    unread = np.isin(table.index, [problem.number for problem in table.attrs["problems"]])
    checked = check_readable(shapes, layer.geometry, unread)
    if checked.flattened_count:
        report.note("flattened", count=checked.flattened_count)
    if swap_axes:
        checked.shapes = shapely.transform(checked.shapes, lambda x, y: (y, x), interleaved=False)
    declared = None if table.crs is None else table.crs.to_epsg()
    report.srid = declared or STORED
    if report.srid not in ACCEPTED_SRIDS:
        report.errors.append(row_error(0, "", report.srid, "crs_unsupported"))
        return None
    places = corners(checked.shapes)
    if report.srid in DEGREES and zones.is_projected(places):
        report.errors.append(row_error(0, "", describe(first(checked.shapes)), "crs_projected"))
        return None
    if zones.is_swapped(places, report.srid):
        report.errors.append(row_error(0, "", describe(first(checked.shapes)), "axes_swapped"))
        return None
    before = checked.shapes
    try:
        checked.shapes = transform(before.copy(), report.srid, STORED)
    except ProjError:
        report.errors.append(row_error(0, "", report.srid, "crs_unsupported"))
        return None
    _mend(checked, before, [int(number) for number in table.index], report, repair=repair)
    check_placed(checked)
    return checked


def _mend(checked: Checked, before: Shapes, numbers: Sequence[int], report: ImportReport, *, repair: bool) -> None:
    """Make areas that cross themselves valid, parts of no area left out; how many is said.

    Those that were sound before their numbers became degrees always: corners that lie a hair apart may meet then.
    Others if a person wants it (`repair`).
    """
    shapes = checked.shapes
    is_area = shapely.get_dimensions(shapes) == 2
    bad = np.flatnonzero(is_area & ~shapely.is_valid(shapes) & np.isfinite(shapely.area(shapes)))
    bad = bad if repair else bad[shapely.is_valid(before[bad])]
    made = shapely.make_valid(shapes[bad], method="structure", keep_collapsed=False)
    good = ~shapely.is_empty(made)
    if not good.any():
        return
    lone = np.flatnonzero(shapely.get_type_id(made) == shapely.GeometryType.POLYGON)
    made[lone] = shapely.multipolygons(made[lone], indices=np.arange(len(lone)))
    shapes[bad[good]] = made[good]
    rows = [numbers[at] for at in bad[good].tolist()]
    report.note("repaired", count=len(rows), rows=", ".join(map(str, rows[:20])))


def corners(shapes: Shapes) -> NDArray[np.float64]:
    """Return one corner of every shape that has one, shape (n, 2)."""
    places, owner = shapely.get_coordinates(shapes, return_index=True)
    _, firsts = np.unique(owner, return_index=True)
    found: NDArray[np.float64] = places[firsts]
    return found


def first(shapes: Shapes) -> shapely.Geometry | None:
    """Return the first shape that is there."""
    return next((shape for shape in shapes if shape is not None), None)


def assign(
    shapes: Shapes, numbers: Sequence[int], frames: Mapping[int, Frame], layer: Layer, *, is_filter: bool
) -> Assigned:
    """Give every shape its commune, or a fault.

    `is_filter`: what lies outside is left out and counted instead (an extract is cut for its box, not for us).
    """
    whole = must_lie_inside(layer)
    present = np.flatnonzero(~shapely.is_missing(shapes))
    if len(frames) == 1 and not is_filter:
        rows, owners, lost = _assign_one(shapes, present, next(iter(frames.values())), whole=whole)
    else:
        rows, owners, lost = _assign_many(shapes, present, frames, layer, whole=whole and not is_filter)
    assigned = Assigned(rows, owners, [], len(lost) if is_filter else 0)
    if not is_filter:
        assigned.errors = [_fault(shapes[row], numbers[row], frames, whole=whole) for row in lost.tolist()]
    return assigned


_Split = tuple[NDArray[np.intp], NDArray[np.int64], NDArray[np.intp]]


def _assign_one(shapes: Shapes, present: NDArray[np.intp], one: Frame, *, whole: bool) -> _Split:
    candidates = shapes[present]
    fits = shapely.covers(one.grown, candidates) if whole else shapely.intersects(one.grown, candidates)
    rows = present[fits]
    return rows, np.full(len(rows), one.outline.id, dtype=np.int64), present[~fits]


def _assign_many(
    shapes: Shapes, present: NDArray[np.intp], frames: Mapping[int, Frame], layer: Layer, *, whole: bool
) -> _Split:
    """Points and own areas go to one commune, lines and base areas to every commune that they meet."""
    ids = np.array(list(frames), dtype=np.int64)
    single = must_lie_inside(layer)
    probes = shapely.point_on_surface(shapes[present]) if single else shapes[present]
    hit, owner = _meet(probes, [frame.shape for frame in frames.values()], first_only=single)
    if whole:
        # Just outside of all: the first within the tolerance.
        left = np.setdiff1d(np.arange(len(present)), hit)
        near, near_owner = _meet(probes[left], [frame.grown for frame in frames.values()], first_only=True)
        hit, owner = np.concatenate([hit, left[near]]), np.concatenate([owner, near_owner])
    if whole and len(hit):
        grown = np.array([frame.grown for frame in frames.values()], dtype=object)
        fits = shapely.covers(grown[owner], shapes[present[hit]])
        hit, owner = hit[fits], owner[fits]
    lost = np.setdiff1d(np.arange(len(present)), hit)
    return present[hit], ids[owner], present[lost]


def _meet(
    probes: Shapes, outlines: list[shapely.Geometry], *, first_only: bool
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return pairs (position of a probe, position of an outline that it meets)."""
    hit, owner = shapely.STRtree(outlines).query(probes, predicate="intersects")
    if not first_only:
        return hit, owner
    # A point on a shared border belongs to the first.
    hit, firsts = np.unique(hit, return_index=True)
    return hit, owner[firsts]


def _fault(shape: shapely.Geometry, number: int, frames: Mapping[int, Frame], *, whole: bool) -> RowError:
    if not frames:
        return row_error(number, "geometry", describe(shape), "no_commune_here")
    if len(frames) > 1:
        return row_error(number, "geometry", describe(shape), "outside_every_commune")
    one = next(iter(frames.values()))
    distance = one.distance_km(shape, whole=whole)
    return row_error(
        number, "geometry", describe(shape), "outside_commune", distance_km=distance, commune=one.outline.full_name
    )
