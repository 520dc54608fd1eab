"""Coordinate reference systems: the only file with EPSG numbers.

Stored data are EPSG:4326 (lon, lat), tiles EPSG:3857. Metric work uses the commune's own VN-2000 zone:
TM-3 zones EPSG:9205-9218 (Circular 973/2001/TT-TCĐC), UTM zone 48N EPSG:3405 as the nationwide one.
"""

from collections.abc import Mapping

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
ACCEPTED_SRIDS = (STORED, TILES, *VN2000_SRIDS, 32648, 32649)


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
