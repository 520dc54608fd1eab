"""How the stand-alone map draws: shapes with folium styles, road widths. Pure.

Colours and widths are those of the live map (static/js/core/base_theme.js).
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import shapely

Feature = dict[str, Any]

LAND = {
    "residential": "#f0ede7",
    "park": "#dbe8d2",
    "farmland": "#eef0df",
    "forest": "#d3e2c8",
    "industrial": "#eae6e8",
    "commercial": "#f3ece5",
    "cemetery": "#dfe5d8",
    "beach": "#f5ecd5",
    "square": "#efebe2",
}
WATER, WATERWAY, BUILDING, BORDER, NEIGHBOUR = "#bfd7e6", "#a9c8dd", "#e0dbd2", "#2b3242", "#8d97a5"
# Pixels at zooms 11, 13, 15, 17, 19, from the narrowest class to the widest, which is drawn last.
ROAD_WIDTHS: Mapping[str, Sequence[float]] = {
    "path": (0, 0, 1, 1.8, 3),
    "track": (0, 0.4, 1.2, 2.4, 4),
    "alley": (0, 0.4, 1.7, 4.6, 11),
    "residential": (0.3, 1, 3.2, 8, 17),
    "tertiary": (0.6, 1.8, 4.6, 10, 20),
    "secondary": (1, 2.4, 5.5, 11, 23),
    "primary": (1.3, 3, 6.5, 13, 26),
    "trunk": (1.6, 3.4, 7.5, 14, 28),
    "motorway": (2, 4, 8, 15, 30),
}
MAJOR = ("motorway", "trunk", "primary")
THIN = ("path", "track")
ROAD_CASINGS = {name: "#d9c18d" if name in MAJOR else "#cfc8bc" for name in ROAD_WIDTHS if name not in THIN}
METRES_PER_DEGREE = 111_320.0
SECTOR_STEP_DEG = 8.0
DEFAULT_RANGE_M, UNKNOWN_RANGE_M = 30.0, 12.0
# The shape tells the subject, so that colour is not alone (points_draw.js).
FORMS = {"devices": "circle", "security": "diamond", "information": "hexagon", "places": "square"}


@dataclass(frozen=True)
class Paint:
    """Colours of a layer: one, or one for each code of the column `by`, with a pattern where it fills an area."""

    color: str
    by: str = ""
    colors: Mapping[str, str] = field(default_factory=dict)
    patterns: Mapping[str, str] = field(default_factory=dict)
    width: float = 1.5
    dash: str = ""

    def color_of(self, feature: Feature) -> str:
        """The colour of a feature."""
        return self.colors.get(str(feature["properties"].get(self.by)), self.color)


@dataclass(frozen=True)
class Shape:
    """Features drawn alike, numbered by `id`: `style` maps a feature to Leaflet path options."""

    features: Sequence[Feature]
    pane: str
    style: Callable[[Feature], dict[str, Any]]
    point_form: str = ""
    popup_layer: str = ""
    smooth_factor: float = 1.0


def base_shapes(name: str, features: Sequence[Feature]) -> list[Shape]:
    """How a layer of the base map is drawn; one that is not known is left out."""
    if name == "roads":
        return [Shape(_merged_roads(features), "roads", _road_style)]
    flat = {"landuse": "land", "water_areas": "land", "buildings": "buildings"}
    if name in flat:
        return [Shape(_by_color(features, _land_color(name)), flat[name], _fill_style, smooth_factor=0.6)]
    lines = {
        "waterways": ("land", WATERWAY, 2.0, ""),
        "neighbours": ("border", NEIGHBOUR, 1.0, "6 4"),
        "communes": ("border", BORDER, 2.5, ""),
    }
    if name not in lines:
        return []
    pane, color, weight, dash = lines[name]
    style = {"fill": False, "color": color, "weight": weight, "opacity": 1.0, "dashArray": dash or None}
    return [Shape(_with_ids(features), pane, lambda _: style)]


def layer_shapes(name: str, kind: str, paint: Paint, section: str, features: Sequence[Feature]) -> list[Shape]:
    """How a layer that a person switches is drawn."""
    numbered = _with_ids(features)
    if kind == "fill" and paint.patterns:
        return [Shape(numbered, "status", _status_style(paint), popup_layer=name)]
    if kind == "fill":
        return [Shape(numbered, "area", _area_style(paint), popup_layer=name)]
    if kind == "line":
        return [Shape(numbered, "lines", _line_style(paint), popup_layer=name)]
    shapes = [Shape(numbered, "points", _point_style(paint), FORMS.get(section, "circle"), popup_layer=name)]
    if kind == "sector":
        views = [view for feature in numbered if (view := _view(feature)) is not None]
        if views:
            shapes.insert(0, Shape(views, "views", _view_style(paint)))
    return shapes


def _with_ids(features: Iterable[Feature]) -> list[Feature]:
    return [
        {"type": "Feature", "id": number, "properties": f["properties"], "geometry": f["geometry"]}
        for number, f in enumerate(features)
    ]


def _land_color(name: str) -> Callable[[Feature], str]:
    if name == "landuse":
        return lambda feature: LAND.get(feature["properties"].get("class", ""), LAND["residential"])
    return lambda _: WATER if name == "water_areas" else BUILDING


def _by_color(features: Sequence[Feature], color_of: Callable[[Feature], str]) -> list[Feature]:
    """One multipolygon a colour: a canvas paints one path faster than ten thousand."""
    groups: dict[str, list[Any]] = {}
    for feature in features:
        geometry = feature["geometry"]
        polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        groups.setdefault(color_of(feature), []).extend(polygons)
    return [_feature(number, {"color": color}, "MultiPolygon", groups[color]) for number, color in enumerate(groups)]


def _feature(number: int, properties: dict[str, Any], kind: str, coordinates: Any) -> Feature:
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "id": number, "properties": properties, "geometry": geometry}


def _merged_roads(features: Sequence[Feature]) -> list[Feature]:
    """Pieces of one name and class joined into long lines, narrow classes first, so that names fit along them."""
    groups: dict[tuple[str, str], list[Any]] = {}
    for feature in features:
        properties = feature["properties"]
        key = (properties.get("class", "residential"), properties.get("name") or "")
        groups.setdefault(key, []).append(feature["geometry"]["coordinates"])
    order = list(ROAD_WIDTHS)
    keys = sorted(groups, key=lambda key: (order.index(key[0]) if key[0] in order else 0, key[1]))
    merged = []
    for number, (road_class, name) in enumerate(keys):
        lines = shapely.line_merge(shapely.MultiLineString(groups[road_class, name]))
        parts = [list(part.coords) for part in getattr(lines, "geoms", [lines])]
        merged.append(_feature(number, {"class": road_class, "name": name}, "MultiLineString", parts))
    return merged


def _fill_style(feature: Feature) -> dict[str, Any]:
    return {"stroke": False, "fillColor": feature["properties"]["color"], "fillOpacity": 1.0}


def _road_style(feature: Feature) -> dict[str, Any]:
    road_class = feature["properties"]["class"]
    color = "#fdf1d3" if road_class in MAJOR else "#ffffff" if road_class in ROAD_CASINGS else "#b9b0a2"
    dash = None if road_class in ROAD_CASINGS else "4 3"
    return {"color": color, "weight": 1, "opacity": 1.0, "dashArray": dash, "lineCap": "round"}


def _status_style(paint: Paint) -> Callable[[Feature], dict[str, Any]]:
    def style(feature: Feature) -> dict[str, Any]:
        code = feature["properties"].get(paint.by)
        known = code if code in paint.colors else next(iter(paint.colors))
        return {"fillColor": f"url(#fill-{known})", "fillOpacity": 1.0, "color": "#3a4152", "weight": 1}

    return style


def _area_style(paint: Paint) -> Callable[[Feature], dict[str, Any]]:
    return lambda f: {
        "fillColor": paint.color_of(f),
        "fillOpacity": 0.14,
        "color": paint.color_of(f),
        "weight": paint.width,
        "dashArray": paint.dash or None,
    }


def _line_style(paint: Paint) -> Callable[[Feature], dict[str, Any]]:
    return lambda f: {
        "color": paint.color_of(f),
        "weight": paint.width,
        "opacity": 0.95,
        "fill": False,
        "dashArray": paint.dash or None,
    }


def point_options(color: str, state: str, variant: int) -> dict[str, Any]:
    """Options of a point: what does not work is hollow, what is proposed is dashed; of classes the last is hollow."""
    if state in ("proposed", "removed", "broken"):
        return {
            "fillColor": "#ffffff",
            "fillOpacity": 1.0,
            "color": color,
            "weight": 3 if state == "broken" else 2,
            "dashArray": "3 2" if state == "proposed" else None,
            "radius": 5.0,
        }
    if variant == 2:
        return {
            "fillColor": "#ffffff",
            "fillOpacity": 1.0,
            "color": color,
            "weight": 2.5,
            "dashArray": None,
            "radius": 5.0,
        }
    return {
        "fillColor": color,
        "fillOpacity": 1.0,
        "color": "#ffffff",
        "weight": 1.2,
        "dashArray": None,
        "radius": 6.5 if variant == 0 else 5.5,
    }


def _point_style(paint: Paint) -> Callable[[Feature], dict[str, Any]]:
    codes = [] if paint.by == "state" else list(paint.colors)

    def style(feature: Feature) -> dict[str, Any]:
        properties = feature["properties"]
        code = properties.get(paint.by)
        variant = codes.index(code) if code in codes else -1
        return point_options(paint.color_of(feature), str(properties.get("state", "")), variant)

    return style


def _view_style(paint: Paint) -> Callable[[Feature], dict[str, Any]]:
    def style(feature: Feature) -> dict[str, Any]:
        color, sure = paint.color_of(feature), feature["properties"]["sure"]
        return {
            "fillColor": color,
            "fillOpacity": 0.3 if sure else 0.05,
            "color": color,
            "weight": 1,
            "opacity": 0.9,
            "dashArray": None if sure else "4 3",
        }

    return style


def _view(feature: Feature) -> Feature | None:
    """What a camera sees as a polygon; a circle where it turns, a small dashed one where the direction is unknown."""
    properties = feature["properties"]
    if properties.get("state") == "removed":
        return None
    lon, lat = feature["geometry"]["coordinates"][:2]
    all_round = properties.get("kind") in ("ptz", "panoramic") or (properties.get("fov_deg") or 0) >= 359
    azimuth = properties.get("azimuth_deg")
    unknown = azimuth is None and not all_round
    range_m = UNKNOWN_RANGE_M if unknown else float(properties.get("range_m") or DEFAULT_RANGE_M)
    width = 360.0 if all_round or unknown else float(properties.get("fov_deg") or 60.0)
    ring = sector(lon, lat, float(azimuth or 0.0), width, range_m)
    shown = {"state": properties.get("state"), "sure": properties.get("state") == "working" and not unknown}
    return _feature(feature["id"], shown, "Polygon", [ring])


def sector(lon: float, lat: float, azimuth_deg: float, width_deg: float, range_m: float) -> list[list[float]]:
    """Return the closed ring (EPSG:4326) of a view; azimuth clockwise from north.

    Notes
    -----
    An equirectangular step from the camera: under 0.1 % off within a kilometre, less than a pixel.
    """
    count = max(2, math.ceil(width_deg / SECTOR_STEP_DEG))
    bearings = [math.radians(azimuth_deg - width_deg / 2 + width_deg * step / count) for step in range(count + 1)]
    east = range_m / (METRES_PER_DEGREE * math.cos(math.radians(lat)))
    north = range_m / METRES_PER_DEGREE
    arc = [[round(lon + east * math.sin(b), 6), round(lat + north * math.cos(b), 6)] for b in bearings]
    if width_deg >= 360:
        return [*arc[:-1], arc[0]]
    return [[lon, lat], *arc, [lon, lat]]
