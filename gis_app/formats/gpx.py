"""GPX 1.1 of patrol routes: one <rte> along the streets for each team, one <wpt> for each stop."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import gpxpy.gpx
import shapely

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
