"""Stage colours stay apart for colour-blind eyes and on a grey print (EXPERIENCE.md section 2).

Distances are CAM02-UCS under the three dichromacies (Machado et al. 2009, severity 100) and of the luminance alone.
"""

import re
from itertools import combinations

import numpy as np
from colorspacious import cspace_convert

from gis_app.settings import ROOT
from layers import LAYERS

STYLE = LAYERS["groups"].style
FIVE = ("maintained", "recognised", "building", "lapsed", "not_selected")
DICHROMACIES = ("protanomaly", "deuteranomaly", "tritanomaly")


def srgb(stage: str) -> np.ndarray:
    text = STYLE.colors[stage]
    return np.array([int(text[start : start + 2], 16) for start in (1, 3, 5)]) / 255


def seen_by(colour: np.ndarray, kind: str) -> np.ndarray:
    space = {"name": "sRGB1+CVD", "cvd_type": kind, "severity": 100}
    return np.asarray(cspace_convert(np.clip(cspace_convert(colour, space, "sRGB1"), 0, 1), "sRGB1", "CAM02-UCS"))


def on_grey_print(colour: np.ndarray) -> np.ndarray:
    linear = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
    luminance = linear @ [0.2126, 0.7152, 0.0722]
    grey = 12.92 * luminance if luminance <= 0.0031308 else 1.055 * luminance ** (1 / 2.4) - 0.055
    return np.asarray(cspace_convert(np.repeat(grey, 3), "sRGB1", "CAM02-UCS"))


def least(stages: tuple[str, ...]) -> tuple[float, float]:
    """Smallest distance of any pair: worst dichromacy, grey print."""
    pairs = [(srgb(a), srgb(b)) for a, b in combinations(stages, 2)]
    colour = min(float(np.linalg.norm(seen_by(a, k) - seen_by(b, k))) for a, b in pairs for k in DICHROMACIES)
    grey = min(float(np.linalg.norm(on_grey_print(a) - on_grey_print(b))) for a, b in pairs)
    return colour, grey


def test_the_five_main_stages() -> None:
    colour, grey = least(FIVE)
    assert colour >= 19
    assert grey >= 10.9


def test_all_seven_stages() -> None:
    colour, grey = least(tuple(STYLE.colors))
    assert len(STYLE.colors) == 7
    assert colour >= 15
    assert grey >= 8


def test_each_stage_has_a_pattern_of_its_own() -> None:
    assert set(STYLE.patterns) == set(STYLE.colors)
    assert len(set(STYLE.patterns.values())) == 7


def test_stripes_of_what_is_not_reviewed_show_on_every_stage() -> None:
    """A light band with a dark core: whatever lies under it, one of the two stands out on a grey print."""
    light, dark = np.array([1.0, 1.0, 1.0]), np.array([0x1D, 0x24, 0x33]) / 255
    for stage in STYLE.colors:
        apart = max(float(np.linalg.norm(on_grey_print(srgb(stage)) - on_grey_print(ink))) for ink in (light, dark))
        assert apart >= 35, stage
    assert on_grey_print(light)[0] - on_grey_print(dark)[0] >= 60


def test_stripes_run_the_other_way_and_are_the_same_on_every_map() -> None:
    live = (ROOT / "static/js/core/patterns.js").read_text(encoding="utf-8")
    alone = (ROOT / "gis_app/formats/html_map_symbols.py").read_text(encoding="utf-8")
    stripes = "M-4 -4 24 24M-4 16 4 24M16 -4 24 4"
    assert stripes in live
    assert stripes in alone
    others = set(re.findall(r'"(M[^"]+)"', live.split("const PATTERNS")[1].split("};")[0]))
    assert stripes not in others
