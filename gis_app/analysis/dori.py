"""How far a camera detects, observes, recognises, identifies: pixels across a metre (IEC 62676-4:2014)."""

import math

from gis_app.errors import Unprocessable

# Pixels per metre; the edition of 2025 changes them, so callers may pass their own.
LEVELS = {"detect": 25.0, "observe": 62.5, "recognise": 125.0, "identify": 250.0}


def range_of(pixel_width: float, fov_deg: float, px_per_m: float, *, is_panoramic: bool = False) -> float:
    """Distance in metres at which a picture still has `px_per_m` pixels across a metre.

    A flat picture has d = W / (2 · ppm · tan(fov / 2)); from 180° up, and panoramic, equiangular: d = W / (ppm · fov).

    Raises
    ------
    Unprocessable
        `view_not_finite`, `view_fov`, `view_range`.
    """
    if not all(math.isfinite(value) for value in (pixel_width, fov_deg, px_per_m)):
        raise Unprocessable("view_not_finite")
    if fov_deg <= 0:
        raise Unprocessable("view_fov")
    if pixel_width <= 0 or px_per_m <= 0:
        raise Unprocessable("view_range")
    if is_panoramic or fov_deg >= 180:
        return pixel_width / (px_per_m * math.radians(min(fov_deg, 360.0)))
    return pixel_width / (2 * px_per_m * math.tan(math.radians(fov_deg) / 2))
