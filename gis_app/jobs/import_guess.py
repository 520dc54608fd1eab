"""What reading a file found, for a person to look at: columns with samples, readings of its letters and its numbers."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import ProjError

from gis_app.analysis import zones
from gis_app.analysis.coerce import is_blank
from gis_app.crs import STORED, TM3_ZONES, TWINS, VN2000_DEGREES, VN2000_SRIDS
from gis_app.jobs.import_columns import map_columns
from gis_app.jobs.import_places import Frame, corners, transform
from layers.base import Layer

# Every reading that is offered: degrees of WGS 84 and VN-2000, all VN-2000 zones of 3° and 6°, UTM of WGS 84.
OFFERED = (STORED, VN2000_DEGREES, *VN2000_SRIDS, 32648, 32649)
FITS_SHARE = 0.5
# Shares that differ by less are one.
_STEP = 0.05
# What proves the unusual datum (`_is_proven`).
_MORE_PLACES, _MORE_SHARE, _NEARLY_ALL = 10, 0.25, 0.9
_ON_OUTLINE_M, _CELL_M, _LEAST_CELLS, _OUTLINE_SHARE, _TIMES = 10.0, 100.0, 5, 0.15, 3
_NOWHERE: NDArray[np.float64] = np.empty((0, 2))
_SAMPLES, _DISTINCT, _CELL = 4, 40, 80
_PLACES, _SHOWN_SHAPES, _SHOWN_VERTICES = 300, 400, 6_000
_COLUMNS = 120


def look(table: gpd.GeoDataFrame, layer: Layer | None, frame: Frame) -> dict[str, Any]:
    """Everything that the next steps show, in the file's own coordinates; JSON."""
    names = [str(name) for name in table.columns if name != table.geometry.name]
    shapes = table.geometry.to_numpy()
    present = shapes[~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)]
    places, area_corners = _measured(present)
    declared = None if table.crs is None else table.crs.to_epsg()
    return {
        "row_count": len(table),
        "shape_kinds": dict(Counter(str(shape.geom_type) for shape in present)),
        "columns": [_column(name, table[name].tolist()) for name in names[:_COLUMNS]],
        "encoding": table.attrs.get("encoding", ""),
        "readings": [[one.encoding, one.share, list(one.samples)] for one in table.attrs.get("readings", ())],
        "declared": declared,
        "unread": _unread(table),
        "places": [[float(x), float(y)] for x, y in places.tolist()],
        "shapes": _shown(present),
        "candidates": rank(places, frame, declared, area_corners),
        "mapped": None if layer is None else _mapped(layer, names),
    }


def _unread(table: gpd.GeoDataFrame) -> dict[str, Any] | None:
    """What the file says of its coordinates, where nobody can read it."""
    name, near = table.attrs.get("declared") or ("", 0)
    return {"name": name, "near": near or None} if name else None


def _column(name: str, cells: Sequence[Any]) -> dict[str, Any]:
    texts = [str(cell)[:_CELL] for cell in cells if not is_blank(cell)]
    distinct = list(dict.fromkeys(texts))
    return {
        "name": name,
        "samples": distinct[:_SAMPLES],
        "distinct": distinct[:_DISTINCT] if len(distinct) <= _DISTINCT else [],
        "blank_count": len(cells) - len(texts),
    }


def _mapped(layer: Layer, names: Sequence[str]) -> dict[str, Any]:
    found = map_columns(layer, names)
    return {"fields": found.fields, "id_column": found.id_column}


def _measured(shapes: NDArray[np.object_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A corner of every shape, and corners of areas, both of a sample."""
    areas = shapes[shapely.get_dimensions(shapes) == 2]
    return _sample(corners(shapes)), _sample(shapely.get_coordinates(areas))


def _sample(places: NDArray[np.float64]) -> NDArray[np.float64]:
    finite = places[np.isfinite(places).all(axis=1)]
    chosen: NDArray[np.float64] = finite[:: max(1, -(-len(finite) // _PLACES))]
    return chosen


def _shown(shapes: NDArray[np.object_]) -> list[str]:
    """Some shapes as WKT in the file's coordinates, thinned until a page can draw them."""
    chosen = shapely.force_2d(shapes[:: max(1, -(-len(shapes) // _SHOWN_SHAPES))])
    finite = [shape for shape in chosen if np.isfinite(shapely.get_coordinates(shape)).all()]
    if not finite:
        return []
    bounds = np.array(shapely.total_bounds(np.array(finite, dtype=object)))
    size = float(max(bounds[2] - bounds[0], bounds[3] - bounds[1]))
    for tolerance in (0.0, size / 2000, size / 500, size / 100):
        thin = shapely.simplify(finite, tolerance) if tolerance else np.array(finite, dtype=object)
        if int(shapely.get_num_coordinates(thin).sum()) <= _SHOWN_VERTICES:
            return [str(text) for text in shapely.to_wkt(thin, rounding_precision=7)]
    return [str(text) for text in shapely.to_wkt(shapely.envelope(finite), rounding_precision=7)]


def best_reading(table: gpd.GeoDataFrame, frame: Frame) -> dict[str, Any] | None:
    """The reading that fits best whatever the file declares, if any does."""
    places, area_corners = _measured(table.geometry.to_numpy())
    candidates = rank(places, frame, None, area_corners)
    return candidates[0] if candidates and fits(candidates[0]) else None


def rank(
    places: NDArray[np.float64], frame: Frame, declared: int | None, area_corners: NDArray[np.float64] = _NOWHERE
) -> list[dict[str, Any]]:
    """Every reading of the numbers with the share of places that it puts into the commune and how far away they are.

    Best first; what the file declares comes before all others if it fits, or if nothing does. Of two readings that
    differ in datum only (`TWINS`) the usual one comes first, however the places fall at the border, unless `_is_proven`
    says otherwise.
    """
    found = []
    for srid in OFFERED if declared in (*OFFERED, None) else (*OFFERED, declared):
        for swapped in (False, True):
            fit = fit_of(places, frame, srid, swapped=swapped)
            if fit is not None:
                found.append(fit | {"is_declared": srid == declared and not swapped})
    by_reading = {(one["srid"], one["swapped"]): one for one in found}
    is_lost = not any(map(fits, found))

    def order(one: Mapping[str, Any]) -> tuple[Any, ...]:
        srid, swapped = one["srid"], one["swapped"]
        usual = by_reading.get((TWINS.get(srid, srid), swapped), one)
        is_proven = one is not usual and _is_proven(places, area_corners, frame, srid, swapped=swapped)
        weighed = one if is_proven else usual
        rounded = round(weighed["share"] / _STEP)
        place = OFFERED.index(srid) if srid in OFFERED else len(OFFERED)
        return (
            not (one["is_declared"] and (is_lost or fits(one))),
            -rounded,
            weighed["distance_km"],
            swapped,
            not is_proven,
            place,
        )

    return sorted(found, key=order)


def _is_proven(
    places: NDArray[np.float64], area_corners: NDArray[np.float64], frame: Frame, srid: int, *, swapped: bool
) -> bool:
    """Whether the unusual datum is the file's.

    Corners of areas follow the commune's outline as they do not in the usual one, or many more places lie inside, and
    nearly all do.

    Notes
    -----
    Tried on the wards of Hải Phòng, each divided into 1, 5 and 25 areas, against outlines simplified by 0 to 80 m: in
    the right datum 23 % of the corners and more lie within 10 m of the outline, in the wrong one at most 12 %.
    """
    ours, usual = (_lonlat(places, one, swapped=swapped) for one in (srid, TWINS[srid]))
    here, there = (shapely.covers(frame.grown, shapely.points(one)) for one in (ours, usual))
    more = int(here.sum()) - int(there.sum())
    if more >= max(_MORE_PLACES, _MORE_SHARE * len(places)) and here.mean() >= _NEARLY_ALL:
        return True
    met, met_usual = (_cells_on_outline(area_corners, frame, one, swapped=swapped) for one in (srid, TWINS[srid]))
    return met[0] >= max(_LEAST_CELLS, _OUTLINE_SHARE * met[1], _TIMES * met_usual[0])


def _cells_on_outline(area_corners: NDArray[np.float64], frame: Frame, srid: int, *, swapped: bool) -> tuple[int, int]:
    """How many squares of 100 m hold a corner on the outline, and how many any: a round house's corners are one."""
    lonlat = shapely.points(_lonlat(area_corners, srid, swapped=swapped))
    corners = shapely.get_coordinates(transform(lonlat, STORED, frame.srid))
    cells = np.floor(corners / _CELL_M)
    near = shapely.distance(shapely.points(corners), frame.metric_shape.boundary) <= _ON_OUTLINE_M
    return len(np.unique(cells[near], axis=0)), len(np.unique(cells, axis=0))


def _lonlat(places: NDArray[np.float64], srid: int, *, swapped: bool) -> NDArray[np.float64]:
    stored = zones.to_stored(places[:, ::-1] if swapped else places, srid)
    finite: NDArray[np.float64] = np.where(np.isfinite(stored), stored, 0.0)
    return finite


def fit_of(places: NDArray[np.float64], frame: Frame, srid: int, *, swapped: bool) -> dict[str, Any] | None:
    """How one reading fits: `share` of places inside, `distance_km` of their middle from the commune; None: nowhere."""
    if not len(places):
        return None
    try:
        stored = zones.to_stored(places[:, ::-1] if swapped else places, srid)
    except ProjError:
        return None
    good = np.isfinite(stored).all(axis=1) & (np.abs(stored[:, 0]) <= 180) & (np.abs(stored[:, 1]) <= 90)
    if not good.any():
        return None
    inside = shapely.covers(frame.grown, shapely.points(stored[good]))
    middle = transform(np.array([shapely.Point(np.median(stored[good], axis=0))], dtype=object), STORED, frame.srid)[0]
    if not np.isfinite(shapely.get_coordinates(middle)).all():
        return None
    share = float(inside.sum() / len(places))
    distance = 0.0 if share >= FITS_SHARE else round(float(shapely.distance(middle, frame.metric_shape)) / 1000, 1)
    return {"srid": srid, "swapped": swapped, "share": round(share, 3), "distance_km": distance}


def fits(candidate: Mapping[str, Any] | None) -> bool:
    """Whether a reading puts at least half of the places into the commune."""
    return candidate is not None and candidate["share"] >= FITS_SHARE


def meridian_of(srid: int) -> float | None:
    """The central meridian of a VN-2000 zone of 3°."""
    return TM3_ZONES.get(srid)
