"""Which coordinate system numbers are in, when a file does not say or says it wrongly.

Every VN-2000 zone puts a point somewhere in Vietnam, so the country proves nothing: only the commune's outline
tells zones apart (a meridian 15' off moves a point 26 km).
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer
from pyproj.exceptions import ProjError

from gis_app.analysis.shapes import EAST, NORTH, SOUTH, WEST
from gis_app.crs import STORED, VN2000_DEGREES, VN2000_SRIDS

Places = NDArray[np.float64]
Inside = Callable[[Places], NDArray[np.bool_]]
_SHARE = 0.5
_SAMPLE = 200


def to_stored(places: Places, srid: int) -> Places:
    """Transform x, y (shape (n, 2)) of a CRS to lon, lat; infinite where there is no answer."""
    if srid == STORED:
        return places
    lon, lat = Transformer.from_crs(srid, STORED, always_xy=True).transform(places[:, 0], places[:, 1])
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


def guess(places: Places, inside: Inside) -> tuple[int, bool] | None:
    """Return the VN-2000 zone (or degrees), and whether x and y are exchanged, that puts most places inside.

    Parameters
    ----------
    places
        Shape (n, 2), x and y as the file has them.
    inside
        Tells of lon, lat (shape (n, 2)) which lie in the commune.

    Returns
    -------
    tuple or None
        None where no reading puts more than half of the places inside.
    """
    sample = _sample(places)
    best: tuple[float, int, bool] | None = None
    for srid in (STORED, VN2000_DEGREES, *VN2000_SRIDS):
        for swapped in (False, True):
            share = _share_inside(sample[:, ::-1] if swapped else sample, srid, inside)
            if share > _SHARE and (best is None or share > best[0]):
                best = (share, srid, swapped)
    return None if best is None else best[1:]


def _share_inside(places: Places, srid: int, inside: Inside) -> float:
    try:
        stored = to_stored(places, srid)
    except ProjError:
        return 0.0
    good = np.isfinite(stored).all(axis=1)
    return float(inside(stored[good]).sum() / len(places)) if good.any() else 0.0


def _sample(places: Places) -> Places:
    finite = places[np.isfinite(places).all(axis=1)]
    return finite[:: max(1, len(finite) // _SAMPLE)]
