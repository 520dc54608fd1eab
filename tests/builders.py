"""Invented data for tests: "Xã Mẫu" and its neighbour "Xã Bên", 3 km × 3 km each, a row of every layer in both.

Rows are made from the layer files, so a new layer is covered unasked. Each commune has a marker that stands in
every text column and external id: a leak test looks for the other's marker.
"""

import datetime as dt
import math
from dataclasses import dataclass
from typing import Any

import shapely
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gis_app.jobs.accounts import set_account
from gis_app.queries.loading import insert_rows
from gis_app.queries.place_classes import insert_class
from layers import LAYERS
from layers.base import Field, Layer

SIDE_M = 3000.0
METRIC = 9210
_TO_STORED = Transformer.from_crs(METRIC, 4326, always_xy=True)
PASSWORD = "mat-khau-thu-nghiem"


@dataclass(frozen=True)
class SampleCommune:
    """A square commune; `x`, `y` is its south-west corner in EPSG:9210 metres."""

    id: int
    name: str
    marker: str
    x: float
    y: float

    def at(self, east_m: float, north_m: float) -> shapely.Point:
        """The point (EPSG:4326) so many metres from the south-west corner."""
        lon, lat = _TO_STORED.transform(self.x + east_m, self.y + north_m)
        return shapely.Point(lon, lat)

    def box(self, west_m: float, south_m: float, east_m: float, north_m: float) -> shapely.Polygon:
        """A box (EPSG:4326 corners) in metres from the south-west corner."""
        corners = ((west_m, south_m), (east_m, south_m), (east_m, north_m), (west_m, north_m))
        return shapely.Polygon([self.at(*corner).coords[0] for corner in corners])

    def line(self, *spots: tuple[float, float]) -> shapely.LineString:
        """A line through points in metres from the south-west corner."""
        return shapely.LineString([self.at(*spot).coords[0] for spot in spots])


MAU = SampleCommune(90001, "Mẫu", "MAU1", 593_000, 2_303_000)
BEN = SampleCommune(90002, "Bên", "BEN2", 593_000 + SIDE_M, 2_303_000)

# The cast (ARCHITECTURE.md section 6): user name -> (role, commune).
CAST = {
    "an": ("patrol", MAU),
    "binh": ("planner", MAU),
    "chi": ("committee", MAU),
    "hoa": ("data", MAU),
    "lan": ("supervisor", MAU),
    "dung": ("planner", BEN),
    "giang": ("data", BEN),
    "quantri": ("admin", None),
}


def tile_of(spot: shapely.Point, z: int) -> tuple[int, int, int]:
    """The (z, x, y) of the tile that holds a point (EPSG:4326)."""
    x = int((spot.x + 180) / 360 * 2**z)
    y = int((1 - math.asinh(math.tan(math.radians(spot.y))) / math.pi) / 2 * 2**z)
    return z, x, y


def sample_value(f: Field, marker: str) -> Any:
    """A value that the column's checks let through."""
    if f.choices:
        return f.choices[0].code
    values = {
        "text": f"{marker} {f.name}"[: f.max_length],
        "int": int(f.low or 1),
        "bigint": 1,
        "float": float(f.low or 1.0),
        "bool": True,
        "date": dt.date(2026, 3, 1),
    }
    return values[f.type]


def sample_shape(layer: Layer, place: SampleCommune) -> BaseGeometry:
    """A shape of the layer's type in the middle of the commune."""
    shapes: dict[str, BaseGeometry] = {
        "POINT": place.at(1500, 1500),
        "LINESTRING": place.line((1000, 1500), (2000, 1500)),
        "MULTILINESTRING": place.line((1000, 1600), (2000, 1600)),
        "MULTIPOLYGON": place.box(1400, 1400, 1600, 1600),
    }
    return shapes[layer.geometry]


def sample_row(layer: Layer, place: SampleCommune, **values: Any) -> tuple[str, BaseGeometry, dict[str, Any]]:
    """One row of any layer, filled from its file; keyword arguments win."""
    # An expired row is gone, and a blocked camera covers nothing.
    left_out = (layer.row_expiry, "obstructed_on")
    filled = {f.name: sample_value(f, place.marker) for f in layer.fields if f.name not in left_out} | values
    if layer.tenant:
        filled |= {"code": str(place.id), "name": place.name, "full_name": f"Xã {place.name}", "metric_srid": METRIC}
    if layer.own_classes:
        filled[layer.own_classes] = class_of(layer, place)
    return f"{place.marker}-{layer.name}", sample_shape(layer, place), filled


def class_of(layer: Layer, place: SampleCommune) -> str:
    """The commune's own class of the layer's one row."""
    return f"{place.marker} {layer.own_classes} {layer.geometry.lower()}"


def make_commune(conn: Connection, place: SampleCommune) -> None:
    """The commune with four groups, a grid of streets, devices, hotspots and a row of every other layer."""
    code, _, values = sample_row(LAYERS["communes"], place)
    insert_rows(conn, LAYERS["communes"], place.id, [(code, place.box(0, 0, SIDE_M, SIDE_M), values)], "test")
    special = {
        "communes": [],
        "groups": _groups(place),
        "roads": _roads(place),
        "cameras": _cameras(place),
        "lights": _lights(place),
        "hotspots": _hotspots(place),
    }
    for layer in LAYERS.values():
        if layer.own_classes:
            shape = "point" if layer.is_point else "area"
            look = {"letters": shape[0].upper(), "color": "#1f4e9c", "shape": shape}
            insert_class(conn, place.id, {"name": class_of(layer, place), **look})
        rows = special.get(layer.name, [sample_row(layer, place)])
        insert_rows(conn, layer, place.id, rows, "test")


def _groups(place: SampleCommune) -> list[tuple[str, BaseGeometry, dict[str, Any]]]:
    stages = ("maintained", "building", "not_selected", "lapsed")
    rows = []
    for number, stage in enumerate(stages, 1):
        east, north = (number - 1) % 2 * 1500, (number - 1) // 2 * 1500
        values = {
            "name": f"Tổ dân phố số {number} {place.marker}",
            "stage": stage,
            "exempt_count": number,
            "other_count": 0,
            "household_count": 100 * number,
            "resident_count": 400 * number,
        }
        rows.append((f"{place.marker}-g{number}", place.box(east, north, east + 1500, north + 1500), values))
    return rows


def _roads(place: SampleCommune) -> list[tuple[str, BaseGeometry, dict[str, Any]]]:
    rows = []
    for step in range(7):
        for across in (True, False):
            at = step * 500.0
            spots = ((0.0, at), (SIDE_M, at)) if across else ((at, 0.0), (at, SIDE_M))
            name = f"Phố {'Ngang' if across else 'Dọc'} {step} {place.marker}"
            values = {"name": name, "class": "residential", "is_lit": True}
            rows.append((f"{place.marker}-r{step}{across}", place.line(*spots), values))
    return rows


def _cameras(place: SampleCommune) -> list[tuple[str, BaseGeometry, dict[str, Any]]]:
    states = ("working", "working", "broken", "proposed")
    return [
        (
            f"{place.marker}-c{n}",
            place.at(500 + 500 * n, 500),
            {
                "azimuth_deg": 90.0 * n,
                "fov_deg": 90.0,
                "range_m": 30.0,
                "state": state,
                "pole_code": f"{place.marker}-P{n}",
            },
        )
        for n, state in enumerate(states)
    ]


def _lights(place: SampleCommune) -> list[tuple[str, BaseGeometry, dict[str, Any]]]:
    return [
        (f"{place.marker}-l{n}", place.at(100 * n, 500), {"state": "broken" if n == 5 else "working", "radius_m": 20.0})
        for n in range(1, 30)
    ]


def _hotspots(place: SampleCommune) -> list[tuple[str, BaseGeometry, dict[str, Any]]]:
    # 40 m, 160 m and over 2 km from the nearest working camera.
    spots = {"gan": (540.0, 500.0), "vua": (500.0, 660.0), "xa": (2900.0, 2950.0)}
    return [
        (
            f"{place.marker}-h-{name}",
            place.at(*spot),
            {"place": f"{place.marker} {name}", "class": "risk", "severity": 2, "state": "verified"},
        )
        for name, spot in spots.items()
    ]


def make_cast(conn: Connection) -> None:
    """Accounts of the cast, all with the same password."""
    for username, (role, place) in CAST.items():
        set_account(conn, username, PASSWORD, role, place.id if place else None)
