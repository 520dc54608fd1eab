"""Node numbers for streets that come without: ends at one place get one number.

The number is a hash of the place, so streets of two files meet, and the same file gives the same numbers.
OpenStreetMap's own node numbers are positive; these are negative.
"""

import hashlib

import numpy as np
from numpy.typing import NDArray

# About 1 cm: as far apart as the same surveyed point may come out of two transformations.
_DECIMALS = 7
_MASK = 2**62 - 1


def node_ids(places: NDArray[np.float64]) -> list[int]:
    """Return a number for every place.

    Parameters
    ----------
    places
        Shape (n, 2): lon, lat in EPSG:4326.

    Returns
    -------
    list of int
        Negative 63-bit numbers, equal where the places agree to seven decimals.
    """
    rounded = np.round(places, _DECIMALS) + 0.0  # no negative zero
    return [_hashed(row.tobytes()) for row in np.ascontiguousarray(rounded, dtype="<f8")]


def _hashed(data: bytes) -> int:
    number = int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")
    return -(number & _MASK) - 1
