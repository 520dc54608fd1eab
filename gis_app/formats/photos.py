"""Geotagged photos: a point where each was taken, and the way the camera looked. The photos themselves are not here.

`photo.photo_places` has read them before anything was kept; this reads what it found. The columns are `anh`, the
photo's name, and `huong`, degrees from north.
"""

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely

from gis_app.crs import STORED
from gis_app.formats.base import DEFAULT_LIMITS, DEFAULT_OPTIONS, FormatError, Limits, Options, Problem, frame
from gis_app.formats.photo import PHOTO_SUFFIXES, PhotoPlace

SUFFIXES = PHOTO_SUFFIXES
# Its letters are this program's own.
READS_BYTES = True
NAME = "anh"


def read(path: Path, _options: Options = DEFAULT_OPTIONS, _limits: Limits = DEFAULT_LIMITS) -> gpd.GeoDataFrame:
    """Read the places of photos; a photo without one is a row that cannot be read.

    Raises
    ------
    FormatError
        `photos_by_page` at a photo itself: the pages take photos, nothing else does.
    """
    try:
        places = [PhotoPlace(**one) for one in json.loads(path.read_bytes())["photos"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise FormatError("photos_by_page") from error
    points = [_point(place) for place in places]
    columns: dict[str, list[Any]] = {
        NAME: [place.name for place in places],
        "huong": [place.direction for place in places],
    }
    numbered = enumerate(places, start=1)
    problems = [Problem(number, NAME, place.name, place.reason) for number, place in numbered if place.reason]
    found = frame(columns, points, STORED, problems=problems)
    found.attrs["encoding"] = "utf-8"
    return found


def _point(place: PhotoPlace) -> shapely.Point | None:
    return None if place.lon is None or place.lat is None else shapely.Point(place.lon, place.lat)
