"""Which EPSG code a file's own description of its coordinates means."""

import re
from typing import Any

from pyproj import CRS
from pyproj.exceptions import CRSError

from gis_app.crs import ACCEPTED_SRIDS, STORED, TM3_ZONES, VN2000_DEGREES
from gis_app.formats.base import FormatError
from gis_app.text import has_controls, tidy

# Whole, or a code that merely ends like one of ours ("EPSG:104326", "…:EPSG::32684") would be taken for it.
_URN, _URI = r"urn:(?:x-)?ogc:def:crs:", r"https?://www\.opengis\.net/def/crs/"
_AUTHORITY = re.compile(rf"(?:{_URN}EPSG:[\d.]*:|{_URI}EPSG/[\d.]+/|EPSG::?)0*(\d{{1,9}})", re.IGNORECASE)
_CRS84 = re.compile(rf"(?:{_URN}OGC:[\d.]*:CRS84|{_URI}OGC/[\d.]+/CRS84|(?:OGC:)?CRS:?84)", re.IGNORECASE)
_NAME_LENGTH = 80
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
    if _CRS84.fullmatch(text.strip()):
        return STORED
    named = _AUTHORITY.fullmatch(text.strip())
    code = int(named.group(1)) if named else _code_of(text)
    if code in ACCEPTED_SRIDS:
        return code
    raise unknown(text)


def is_named(text: str) -> bool:
    """Whether a text is a name of EPSG's or OGC's and no address to be followed."""
    return bool(_CRS84.fullmatch(text.strip()) or _AUTHORITY.fullmatch(text.strip()))


def unknown(name: str, guess: int = 0) -> FormatError:
    """The refusal of a declaration that cannot be read, under a name that a page can show and a database hold."""
    shown = tidy("".join(" " if has_controls(char) or char == "\ufffd" else char for char in name))
    return FormatError("crs_unknown", name=shown[:_NAME_LENGTH] or "?", guess=guess)


def _code_of(text: str) -> int | None:
    try:
        crs = CRS.from_user_input(text)
        code = crs.to_epsg()
        return code if code is not None else _zone_of(crs, text)
    except (CRSError, ValueError) as error:  # a NUL, a lone surrogate
        raise unknown(text) from error


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
    raise unknown(crs.name, zone)


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
