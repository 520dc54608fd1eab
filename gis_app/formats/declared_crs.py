"""Which EPSG code a file's own description of its coordinates means."""

import re
from typing import Any

from pyproj import CRS
from pyproj.exceptions import CRSError

from gis_app.crs import ACCEPTED_SRIDS, STORED, TM3_ZONES, VN2000_DEGREES
from gis_app.formats.base import FormatError

_AUTHORITY = re.compile(r"EPSG:{1,2}[\d.]*:?(\d{4,6})$", re.IGNORECASE)
_CRS84 = re.compile(r"(OGC|CRS).*84$", re.IGNORECASE)
# EPSG:6960, first shift in metres: every published VN-2000 definition starts with it.
_VN2000_DX_M = -191.9


def identify(text: str | None) -> int | None:
    """Return the EPSG code of a WKT, PROJ or authority text, None where nothing is declared.

    Raises
    ------
    FormatError
        `crs_unknown` where something is declared that is not recognised; its parameter `guess` names the
        VN-2000 zone with the same meridian, or is 0.
    """
    if not text or not text.strip():
        return None
    if _CRS84.search(text.strip()) and len(text) < 60:
        return STORED
    named = _AUTHORITY.search(text.strip())
    code = int(named.group(1)) if named else _code_of(text)
    if code in ACCEPTED_SRIDS:
        return code
    raise FormatError("crs_unknown", name=text.strip()[:80], guess=code or 0)


def _code_of(text: str) -> int | None:
    try:
        crs = CRS.from_user_input(text)
        code = crs.to_epsg()
        return code if code is not None else _zone_of(crs, text)
    except CRSError as error:
        raise FormatError("crs_unknown", name=text.strip()[:80], guess=0) from error


def _zone_of(crs: CRS, text: str) -> int | None:
    """Recognise the hand-written zones of survey software: the datum decides, and in metres the meridian."""
    compact = re.sub(r"[\s_-]", "", text).upper()
    is_vn2000 = "VN2000" in compact or "VIETNAM2000" in compact or f"{_VN2000_DX_M:g}" in text
    if crs.is_geographic:
        return VN2000_DEGREES if is_vn2000 else None
    meridian = _meridian(crs)
    zone = next((srid for srid, lon in TM3_ZONES.items() if meridian is not None and abs(lon - meridian) < 1e-6), None)
    if zone is None:
        return None
    if is_vn2000:
        return zone
    # WGS 84 with a Vietnamese meridian: 224 m off if it is VN-2000 after all, so a person must say.
    raise FormatError("crs_unknown", name=crs.name[:80], guess=zone)


def _meridian(crs: CRS) -> float | None:
    source: Any = crs.source_crs if crs.is_bound and crs.source_crs is not None else crs
    operation = source.coordinate_operation
    if operation is None or operation.method_name != "Transverse Mercator":
        return None
    values = {item.name: item.value for item in operation.params}
    scale = values.get("Scale factor at natural origin", 0.0)
    if abs(scale - 0.9999) > 1e-9:
        return None
    return float(values["Longitude of natural origin"])
