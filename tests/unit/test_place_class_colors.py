"""Colours of a commune's own classes: white letters read on each, and each stays apart from the others."""

from itertools import combinations

import numpy as np
from colorspacious import cspace_convert

from gis_app.tables.place_classes import COLORS


def channels(color: str) -> np.ndarray:
    return np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255


def test_white_letters_read_on_every_colour() -> None:
    for color in COLORS:
        one = channels(color)
        linear = np.where(one <= 0.04045, one / 12.92, ((one + 0.055) / 1.055) ** 2.4)
        assert 1.05 / (linear @ [0.2126, 0.7152, 0.0722] + 0.05) >= 4.5, color


def test_colours_stay_apart() -> None:
    """The letters carry the class for colour-blind eyes; for others no two colours look alike."""
    seen = {color: cspace_convert(channels(color), "sRGB1", "CAM02-UCS") for color in COLORS}
    least = min((float(np.linalg.norm(seen[a] - seen[b])), a, b) for a, b in combinations(COLORS, 2))
    assert least[0] >= 15, least
