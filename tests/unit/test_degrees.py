"""VN-2000 in degrees (EPSG:4756) against WGS 84: the shift, what files say of it, and which one is guessed."""

import numpy as np
import pytest
import shapely
from pyproj import Geod, Transformer

from gis_app.analysis.zones import to_stored
from gis_app.formats import FormatError
from gis_app.formats.declared_crs import identify
from gis_app.jobs.import_guess import rank
from gis_app.jobs.import_places import Frame
from gis_app.queries.imports import Outline
from tests.builders import MAU

# DOMAIN.md 7: longitude and latitude of WGS 84, easting and northing of a VN-2000 zone.
ORACLES = (
    (106.648967, 20.821482, 9210, 593374.080, 2303451.845),
    (106.311916, 20.761654, 9210, 558313.785, 2296669.475),
    (106.440003, 17.999699, 9209, 599348.776, 1991111.912),
)


@pytest.mark.parametrize(("lon", "lat", "zone", "east", "north"), ORACLES)
def test_the_oracles_to_the_millimetre(lon: float, lat: float, zone: int, east: float, north: float) -> None:
    """The zone's projection undone gives degrees of VN-2000; their datum changed gives the place, to 1 mm."""
    degrees = Transformer.from_crs(zone, 4756, always_xy=True).transform(east, north)
    found = to_stored(np.array([degrees]), 4756)
    away = Geod(ellps="WGS84")
    assert away.inv(*found[0], lon, lat)[2] < 0.001
    # Taken for WGS 84 it would be this far off.
    assert 200 < away.inv(*degrees, lon, lat)[2] < 240


@pytest.mark.parametrize(
    "text",
    [
        "EPSG:4756",
        "urn:ogc:def:crs:EPSG::4756",
        'GEOGCS["GCS_VN_2000",DATUM["D_Vietnam_2000",SPHEROID["WGS_1984",6378137.0,298.257223563]],'
        'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]',
        "+proj=longlat +ellps=WGS84 +towgs84=-191.90441429,-39.30318279,-111.45032835,0.00928836,-0.01975479,"
        "0.00427372,0.252906278 +no_defs",
    ],
)
def test_what_files_say(text: str) -> None:
    assert identify(text) == 4756


def test_other_degrees_are_not_taken_for_it() -> None:
    with pytest.raises(FormatError):
        identify("+proj=longlat +ellps=krass +no_defs")


def in_degrees(places: np.ndarray) -> np.ndarray:
    moved = Transformer.from_crs(4326, 4756, always_xy=True).transform(places[:, 0], places[:, 1])
    return np.column_stack(moved)


def test_areas_that_follow_the_outline_tell_the_datum() -> None:
    outline = MAU.box(0, 0, 3000, 3000)
    frame = Frame(Outline(MAU.id, "90001", "Xã Mẫu", 9210, shapely.to_wkb(outline)))
    ring = shapely.get_coordinates(shapely.segmentize(outline, 0.001))
    middle = np.array([[MAU.at(1500, 1500).x, MAU.at(1500, 1500).y]])
    for there, srid in ((ring, 4326), (in_degrees(ring), 4756)):
        assert rank(there.mean(axis=0, keepdims=True), frame, None, there)[0]["srid"] == srid
    # In the middle both fit: the usual one is proposed, what the file says comes first.
    assert rank(in_degrees(middle), frame, None, in_degrees(middle))[0]["srid"] == 4326
    assert rank(middle, frame, 4756, middle)[0]["srid"] == 4756
