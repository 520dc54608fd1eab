"""Which coordinate system numbers are in, when a file does not say or says it wrongly.

Every VN-2000 zone puts a point somewhere in Vietnam, so the country proves nothing: only the commune's outline
tells zones apart (a meridian 15' off moves a point 26 km).
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer
from pyproj.exceptions import ProjError

from gis_app.analysis.shapes import EAST, NORTH, SOUTH, WEST
from gis_app.crs import STORED

Places = NDArray[np.float64]
_SHARE = 0.5
_SAMPLE = 200


@lru_cache(maxsize=64)
def transformer(source: int, target: int) -> Transformer:
    """The way from one EPSG code to another, x before y; kept, for making one takes 20 ms (threads may share it)."""
    return Transformer.from_crs(source, target, always_xy=True)


def to_stored(places: Places, srid: int) -> Places:
    """Transform x, y (shape (n, 2)) of a CRS to lon, lat; infinite where there is no answer."""
    if srid == STORED:
        return places
    lon, lat = transformer(srid, STORED).transform(places[:, 0], places[:, 1])
    return np.column_stack([lon, lat])


def in_vietnam(places: Places) -> NDArray[np.bool_]:
    """Whether lon, lat lie in the bounds that the database accepts."""
    lon, lat = places[:, 0], places[:, 1]
    found: NDArray[np.bool_] = (lon >= WEST) & (lon <= EAST) & (lat >= SOUTH) & (lat <= NORTH)
    return found


def is_projected(places: Places) -> bool:
    """Whether most numbers cannot be degrees."""
    if not len(places):
        return False
    return bool((np.abs(places) > 180).any(axis=1).mean() > _SHARE)


def is_swapped(places: Places, srid: int) -> bool:
    """Whether the places lie outside Vietnam as they stand and inside with x and y exchanged."""
    if not len(places):
        return False
    sample = _sample(places)
    try:
        here = in_vietnam(to_stored(sample, srid)).mean()
        there = in_vietnam(to_stored(sample[:, ::-1], srid)).mean()
    except ProjError:
        return False
    return bool(here < _SHARE < there)


def _sample(places: Places) -> Places:
    finite = places[np.isfinite(places).all(axis=1)]
    return finite[:: max(1, len(finite) // _SAMPLE)]
