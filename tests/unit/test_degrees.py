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


@pytest.mark.parametrize(
    "text",
    [
        "+proj=longlat +ellps=krass +no_defs",
        "EPSG:999999",
        # They end like codes that we read.
        "EPSG:104326",
        "urn:ogc:def:crs:EPSG::19210",
        "urn:ogc:def:crs:EPSG::32684",
        "urn:ogc:def:crs:EPSG::4284",
        "http://www.opengis.net/def/crs/EPSG/0/4284",
        "http://example.org/EPSG:4326",
        "\0\ufffd",
    ],
)
def test_what_is_not_known_is_said(text: str) -> None:
    with pytest.raises(FormatError) as caught:
        identify(text)
    assert caught.value.code == "crs_unknown"
    assert caught.value.params["name"]


@pytest.mark.parametrize(
    ("text", "srid"),
    [
        ("urn:ogc:def:crs:OGC:1.3:CRS84", 4326),
        ("http://www.opengis.net/def/crs/OGC/1.3/CRS84", 4326),
        ("OGC:CRS84", 4326),
        ("http://www.opengis.net/def/crs/EPSG/0/9210", 9210),
        ("urn:ogc:def:crs:EPSG:9.9.1:9210", 9210),
        ("epsg:3405", 3405),
        ("  ", None),
        (None, None),
    ],
)
def test_names_of_the_authorities(text: str | None, srid: int | None) -> None:
    assert identify(text) == srid


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
    assert rank(in_degrees(middle), frame, None)[0]["srid"] == 4326
    assert rank(middle, frame, 4756)[0]["srid"] == 4756


def mau() -> Frame:
    return Frame(Outline(MAU.id, "90001", "Xã Mẫu", 9210, shapely.to_wkb(MAU.box(0, 0, 3000, 3000))))


def spots(*metres: tuple[float, float]) -> np.ndarray:
    return np.array([MAU.at(*spot).coords[0] for spot in metres])


def first(places: np.ndarray, areas: np.ndarray | None = None) -> tuple[int, bool]:
    best = rank(places, mau(), None, *(() if areas is None else (areas,)))[0]
    return best["srid"], best["swapped"]


def test_one_or_two_lamps_over_the_border_do_not_make_gps_degrees_vn2000() -> None:
    """Read as VN-2000 everything moves 195 m east and 110 m south: what lies in the west over the border comes in."""
    rng = np.random.default_rng(7)
    inside = rng.uniform(300, 2600, (18, 2)).tolist()
    strays = spots(*inside, (-120, 1500), (-90, 1800))
    as_vn2000 = next(one for one in rank(strays, mau(), None) if one["srid"] == 4756 and not one["swapped"])
    as_gps = next(one for one in rank(strays, mau(), None) if one["srid"] == 4326 and not one["swapped"])
    assert as_vn2000["share"] > as_gps["share"], "or this test would show nothing"
    assert first(strays) == (4326, False)
    assert first(strays[:, ::-1]) == (4326, True)


@pytest.mark.parametrize("seed", range(8))
def test_gps_points_about_the_whole_border_stay_gps(seed: int) -> None:
    rng = np.random.default_rng(seed)
    about = [(x, y) for x, y in rng.uniform(-200, 3200, (400, 2)).tolist() if not (150 < x < 2850 and 150 < y < 2850)]
    assert first(spots(*about)) == (4326, False)


def test_a_single_point_just_outside_is_not_moved_in() -> None:
    """It is said to lie outside: that a datum would bring it in proves nothing."""
    alone = spots((-120, 1500))
    assert first(alone) == (4326, False)
    assert rank(alone, mau(), None)[0]["share"] == 0


def test_many_more_places_inside_prove_it() -> None:
    """A road of lamps along the eastern border, measured in VN-2000: read as GPS they lie in the neighbour."""
    lamps = spots(*((2960 - k % 3, 200 + 60 * k) for k in range(40)))
    assert first(in_degrees(lamps)) == (4326, False), "read as GPS they lie further in, and that is as likely"
    west = in_degrees(spots(*((40 + k % 3, 200 + 60 * k) for k in range(40))))
    assert first(west) == (4756, False)


def test_corners_on_the_outline_prove_it_and_a_single_house_does_not() -> None:
    areas = [MAU.box(1000 * column, 1000 * row, 1000 * column + 1000, 1000 * row + 1000)
             for column in range(3) for row in range(3)]  # fmt: skip
    corners = shapely.get_coordinates([shapely.segmentize(area, 0.004) for area in areas])
    middles = np.array([area.centroid.coords[0] for area in areas])
    assert first(in_degrees(middles), in_degrees(corners)) == (4756, False)
    assert first(middles, corners) == (4326, False)
    # A round house whose corners all come upon the border in VN-2000.
    house = shapely.get_coordinates(MAU.at(2805, 1500).buffer(0.00003))
    assert len(house) > 30
    assert first(house[:1], house) == (4326, False)


def test_in_metres_the_lawful_datum_is_the_usual_one() -> None:
    """UTM of VN-2000 and of WGS 84 lie as near to each other as the degrees do."""
    to_utm = Transformer.from_crs(4326, 3405, always_xy=True)
    there = spots(*np.random.default_rng(3).uniform(0, 3000, (60, 2)).tolist())
    assert first(np.column_stack(to_utm.transform(there[:, 0], there[:, 1]))) == (3405, False)
