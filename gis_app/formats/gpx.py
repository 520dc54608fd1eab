"""GPX 1.1: waypoints, routes and tracks of survey devices in; patrol routes out.

Out go one <rte> along the streets for each team, and one <wpt> for each stop. In, files are parsed by defusedxml: no
entity, no document type, nothing that is linked.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element  # nosec B405

import geopandas as gpd
import gpxpy.gpx
import shapely

from gis_app.crs import STORED
from gis_app.formats.base import (
    DEFAULT_LIMITS,
    DEFAULT_OPTIONS,
    FormatError,
    Limits,
    Options,
    Problem,
    check_size,
    frame,
)
from gis_app.formats.kml import find_all, local_name, parse_xml

SUFFIXES = (".gpx",)
_KINDS = {"wpt": "POINT", "rte": "LINESTRING", "trk": "LINESTRING"}

CREATOR = "Bản đồ Bình Yên"


@dataclass(frozen=True)
class GpxStop:
    """A stop: EPSG:4326, what is written beside it, when it is planned to be reached."""

    lon: float
    lat: float
    name: str
    about: str
    at: dt.datetime


@dataclass(frozen=True)
class GpxRoute:
    """A team's way, EPSG:4326."""

    name: str
    line: shapely.Geometry


def write_routes(title: str, made_at: dt.datetime, routes: Sequence[GpxRoute], stops: Sequence[GpxStop]) -> bytes:
    """Write routes and stops; the same values give the same bytes."""
    document = gpxpy.gpx.GPX()
    document.creator = CREATOR
    document.name, document.time = title, made_at
    for stop in stops:
        document.waypoints.append(
            gpxpy.gpx.GPXWaypoint(
                round(stop.lat, 7), round(stop.lon, 7), time=stop.at, name=stop.name, description=stop.about
            )
        )
    for route in routes:
        found = gpxpy.gpx.GPXRoute(name=route.name)
        for lon, lat in shapely.get_coordinates(route.line).tolist():
            found.points.append(gpxpy.gpx.GPXRoutePoint(round(lat, 7), round(lon, 7)))
        document.routes.append(found)
    return document.to_xml(version="1.1").encode()


def read(path: Path, options: Options = DEFAULT_OPTIONS, limits: Limits = DEFAULT_LIMITS) -> gpd.GeoDataFrame:
    """Read waypoints as points, routes and tracks as lines; for a layer of points or lines only those.

    Raises
    ------
    FormatError
        `xml_broken`, `xml_forbidden`, `not_gpx`, `too_many_rows`.
    """
    root = parse_xml(path)
    if root is None or local_name(root) != "gpx":
        raise FormatError("not_gpx")
    kinds = [name for name, kind in _KINDS.items() if options.geometry.removeprefix("MULTI") in (kind, "")]
    if options.geometry.endswith("POLYGON"):
        kinds = list(_KINDS)
    parts = [part for name in kinds for part in find_all(root, name)]
    check_size(len(parts), 0, limits)
    problems: list[Problem] = []
    shapes = [_shape(number, part, problems) for number, part in enumerate(parts, start=1)]
    columns = {name: [_child_text(part, name) for part in parts] for name in ("name", "desc", "cmt", "type", "time")}
    kept = {name: cells for name, cells in columns.items() if any(cells)}
    return frame(kept, shapes, options.crs or STORED, problems=problems)


def _child_text(part: Element, name: str) -> str | None:
    found = next((child for child in part if local_name(child) == name), None)
    return None if found is None else (found.text or "").strip() or None


def _shape(number: int, part: Element, problems: list[Problem]) -> Any:
    try:
        if local_name(part) == "wpt":
            return shapely.Point(_spot(part))
        pieces = [part] if local_name(part) == "rte" else list(find_all(part, "trkseg"))
        lines = [[_spot(spot) for spot in piece if local_name(spot) in ("rtept", "trkpt")] for piece in pieces]
        lines = [line for line in lines if line]
        return shapely.LineString(lines[0]) if len(lines) == 1 else shapely.MultiLineString(lines)
    except (ValueError, TypeError, shapely.errors.ShapelyError):
        problems.append(Problem(number, "geometry", f"{part.get('lat')}, {part.get('lon')}"[:80], "geometry_malformed"))
        return None


def _spot(element: Element) -> tuple[float, float]:
    lon, lat = element.get("lon"), element.get("lat")
    if lon is None or lat is None:
        raise ValueError("a place without coordinates")
    return float(lon), float(lat)
