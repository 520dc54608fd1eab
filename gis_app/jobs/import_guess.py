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
from gis_app.crs import STORED, TM3_ZONES, VN2000_DEGREES, VN2000_SRIDS
from gis_app.jobs.import_columns import map_columns
from gis_app.jobs.import_places import Frame, corners, transform
from layers.base import Layer

# Every reading that is offered: degrees of WGS 84 and VN-2000, all VN-2000 zones of 3° and 6°, UTM of WGS 84.
OFFERED = (STORED, VN2000_DEGREES, *VN2000_SRIDS, 32648, 32649)
FITS_SHARE = 0.5
# By so much more of the corners inside, one datum beats the other where both put the places into the commune.
_BETTER_SHARE = 0.05
_SAMPLES, _DISTINCT, _CELL = 4, 40, 80
_PLACES, _SHOWN_SHAPES, _SHOWN_VERTICES = 300, 400, 6_000
_COLUMNS = 120


def look(table: gpd.GeoDataFrame, layer: Layer | None, frame: Frame) -> dict[str, Any]:
    """Everything that the next steps show, in the file's own coordinates; JSON."""
    names = [str(name) for name in table.columns if name != table.geometry.name]
    shapes = table.geometry.to_numpy()
    present = shapes[~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)]
    places = _sample(corners(present))
    declared = None if table.crs is None else table.crs.to_epsg()
    return {
        "row_count": len(table),
        "shape_kinds": dict(Counter(str(shape.geom_type) for shape in present)),
        "columns": [_column(name, table[name].tolist()) for name in names[:_COLUMNS]],
        "encoding": table.attrs.get("encoding", ""),
        "readings": [[one.encoding, one.share, list(one.samples)] for one in table.attrs.get("readings", ())],
        "declared": declared,
        "declared_name": list(table.attrs.get("declared", ("", 0))),
        "places": [[float(x), float(y)] for x, y in places.tolist()],
        "shapes": _shown(present),
        "candidates": rank(places, frame, declared, _sample(shapely.get_coordinates(present))),
        "mapped": None if layer is None else _mapped(layer, names),
    }


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


def rank(
    places: NDArray[np.float64], frame: Frame, declared: int | None, corners: NDArray[np.float64] | None = None
) -> list[dict[str, Any]]:
    """Every reading of the numbers with the share of places that it puts into the commune and how far away they are.

    Best first; what the file declares comes before all that fit, if it does. VN-2000 and WGS 84 lie 220 m apart, so
    that both fit: all `corners` of the shapes tell which follows the outline; where they do not, the usual one wins.
    """
    found = []
    for srid in OFFERED if declared in (*OFFERED, None) else (*OFFERED, declared):
        for swapped in (False, True):
            fit = fit_of(places, frame, srid, swapped=swapped)
            if fit is None:
                continue
            closer = fit_of(corners, frame, srid, swapped=swapped) if corners is not None and fits(fit) else None
            is_declared = srid == declared and not swapped
            fit_share = 0.0 if closer is None else round(closer["share"] / _BETTER_SHARE)
            found.append((fit | {"is_declared": is_declared}, is_declared and fits(fit), fit_share))
    order = {srid: at for at, srid in enumerate(OFFERED)}
    found.sort(
        key=lambda one: (
            not one[1], -round(one[0]["share"] / _BETTER_SHARE), -one[2], one[0]["distance_km"], one[0]["swapped"],
            order.get(one[0]["srid"], 99),
        )
    )  # fmt: skip
    return [one for one, _, _ in found]


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
