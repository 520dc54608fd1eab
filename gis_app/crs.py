"""Coordinate reference systems: the only file with EPSG numbers.

Stored data are EPSG:4326 (lon, lat), tiles EPSG:3857. Metric work uses the commune's own VN-2000 zone:
TM-3 zones EPSG:9205-9218 (Circular 973/2001/TT-TCĐC), UTM zone 48N EPSG:3405 as the nationwide one.
"""

from collections.abc import Mapping
from dataclasses import dataclass

STORED = 4326
TILES = 3857
NATIONAL_METRIC = 3405

# EPSG code -> central meridian in degrees east.
TM3_ZONES: Mapping[int, float] = {
    9205: 103.0,
    9206: 104.0,
    9207: 104.5,
    9208: 104.75,
    9209: 105.5,
    9210: 105.75,
    9211: 106.25,
    9212: 106.5,
    9213: 107.0,
    9214: 107.25,
    9215: 107.5,
    9216: 107.75,
    9217: 108.25,
    9218: 108.5,
}
# Zones that provinces use by law where it is not the nearest one (codes of 2025).
PROVINCE_ZONES: Mapping[str, int] = {"31": 9210, "42": 9209}
# VN-2000 to WGS 84 is EPSG:6960 (coordinate frame rotation); PROJ's own definitions carry it.
VN2000_SRIDS = (*TM3_ZONES, 3405, 3406)
# VN-2000 in degrees: about 220 m off WGS 84, which no outline of a commune tells apart.
VN2000_DEGREES = 4756
DEGREES = (STORED, VN2000_DEGREES)
# The same projection on the other datum: some 220 m apart, so that numbers alone seldom tell. What a file that says
# nothing is usually in comes second: GPS degrees, and in metres the lawful VN-2000.
TWINS: Mapping[int, int] = {VN2000_DEGREES: STORED, 32648: 3405, 32649: 3406}
WRITTEN_SRIDS = (STORED, TILES, *VN2000_SRIDS, 32648, 32649)
# What a file may come in.
ACCEPTED_SRIDS = (*WRITTEN_SRIDS, VN2000_DEGREES)


@dataclass(frozen=True)
class NamedCrs:
    """A CRS as OGC APIs name it; `lat_first`: its coordinates are written latitude, longitude.

    Axis orders are EPSG's: all our projected systems are easting, northing; EPSG:4326 is latitude, longitude and
    CRS84 the same datum the other way round.
    """

    uri: str
    srid: int
    lat_first: bool = False

    @property
    def is_metric(self) -> bool:
        """Whether coordinates are metres."""
        return self.srid != STORED


CRS84 = NamedCrs("http://www.opengis.net/def/crs/OGC/1.3/CRS84", STORED)
_EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
NAMED_CRS: tuple[NamedCrs, ...] = (
    CRS84,
    *(NamedCrs(f"{_EPSG}{srid}", srid, lat_first=srid == STORED) for srid in WRITTEN_SRIDS),
)
_BY_NAME: Mapping[str, NamedCrs] = {
    name: crs
    for crs in NAMED_CRS
    for name in (crs.uri, *((f"EPSG:{crs.srid}", f"[EPSG:{crs.srid}]") if crs is not CRS84 else ("[OGC:CRS84]",)))
}


def named_crs(name: str) -> NamedCrs | None:
    """The CRS of a URI or CURIE, or None if it is not one that we speak."""
    return _BY_NAME.get(name.strip("<> "))


def metric_srid_for(lon: float, province_code: str | None = None) -> int:
    """Return the TM-3 zone of a province, else the one whose meridian lies nearest to a longitude (degrees east).

    Notes
    -----
    Distances agree to 0.03 % in either zone, so the nearest is a sound default; files arrive in the official one.
    """
    official = PROVINCE_ZONES.get(province_code or "")
    if official is not None:
        return official
    return min(TM3_ZONES, key=lambda srid: abs(TM3_ZONES[srid] - lon))
