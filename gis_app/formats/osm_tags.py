"""What OpenStreetMap tags mean in our layers. Pure tables and small functions; no row is invented.

Source of the tags: wiki.openstreetmap.org (Map features). Columns are named as the layers' fields, so an
extract takes the same way as any other file afterwards.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from gis_app.text import fold

Tags = Mapping[str, str]
Row = dict[str, Any]

_ROAD_CLASSES = {
    "motorway": "motorway",
    "motorway_link": "motorway",
    "trunk": "trunk",
    "trunk_link": "trunk",
    "primary": "primary",
    "primary_link": "primary",
    "secondary": "secondary",
    "secondary_link": "secondary",
    "tertiary": "tertiary",
    "tertiary_link": "tertiary",
    "unclassified": "residential",
    "residential": "residential",
    "living_street": "residential",
    "road": "residential",
    "service": "alley",
    "pedestrian": "path",
    "footway": "path",
    "path": "path",
    "steps": "path",
    "cycleway": "path",
    "bridleway": "path",
    "track": "track",
}
_ALLEY_WORDS = frozenset({"ngo", "ngach", "hem", "kiet", "xuyet"})
_NO_WALKING = frozenset({"motorway", "motorway_link"})
_YES = frozenset({"yes", "true", "1", "24/7", "automatic", "sunset-sunrise"})
_NUMBER = re.compile(r"^\s*(\d+(?:[.,]\d+)?)\s*(m|metres?|meters?)?\s*$")


def metres(text: str | None) -> float | None:
    """Read "12", "12.5 m"; feet and anything else are left out, not converted by guess."""
    found = _NUMBER.match(text or "")
    return float(found.group(1).replace(",", ".")) if found else None


def road(tags: Tags) -> Row | None:
    """A street, or None where nobody can walk or drive yet (construction, platforms, squares)."""
    highway = tags.get("highway", "")
    if highway not in _ROAD_CLASSES or tags.get("area") == "yes" or tags.get("indoor") == "yes":
        return None
    name = tags.get("name")
    road_class = _ROAD_CLASSES[highway]
    if road_class == "residential" and name and fold(name).split("_")[0] in _ALLEY_WORDS:
        road_class = "alley"
    return {
        "name": name,
        "class": road_class,
        "oneway": _oneway(tags, highway),
        "is_lit": None if "lit" not in tags else tags["lit"] in _YES,
        "is_walkable": _walkable(tags, highway),
    }


def _oneway(tags: Tags, highway: str) -> str:
    value = tags.get("oneway", "")
    if value in ("-1", "reverse"):
        return "backward"
    implied = tags.get("junction") in ("roundabout", "circular") or highway.startswith("motorway")
    return "forward" if value in _YES or (implied and value != "no") else "no"


def _walkable(tags: Tags, highway: str) -> bool:
    foot = tags.get("foot")
    if foot is not None:
        return foot not in ("no", "private", "use_sidepath")
    return highway not in _NO_WALKING and tags.get("access") not in ("no", "private")


_WATERWAYS = {"river": "river", "canal": "canal", "stream": "stream", "ditch": "ditch", "drain": "ditch"}


def waterway(tags: Tags) -> Row | None:
    """A river, canal, stream or ditch as a line."""
    kind = _WATERWAYS.get(tags.get("waterway", ""))
    return None if kind is None else {"name": tags.get("name"), "class": kind, "width_m": metres(tags.get("width"))}


def building(tags: Tags) -> Row | None:
    """A footprint; the height stays empty where nobody has tagged it."""
    if tags.get("building", "no") == "no":
        return None
    levels = tags.get("building:levels", "")
    return {
        "name": tags.get("name"),
        "height_m": metres(tags.get("height")),
        "level_count": int(levels) if levels.isdecimal() and int(levels) <= 150 else None,
    }


_WATERS = {"lake": "lake", "reservoir": "lake", "pond": "pond", "basin": "pond", "river": "river", "canal": "river"}


def water_area(tags: Tags) -> Row | None:
    """Water as an area."""
    if tags.get("natural") == "water" or tags.get("landuse") in ("reservoir", "basin"):
        kind = _WATERS.get(tags.get("water", tags.get("landuse", "")), "lake")
    elif tags.get("waterway") in ("riverbank", "dock"):
        kind = "river"
    elif tags.get("natural") == "bay" or tags.get("place") == "sea":
        kind = "sea"
    elif tags.get("landuse") == "aquaculture":
        kind = "pond"
    else:
        return None
    return {"name": tags.get("name"), "class": kind}


_LAND = {
    ("landuse", "residential"): "residential",
    ("landuse", "farmland"): "farmland",
    ("landuse", "farmyard"): "farmland",
    ("landuse", "meadow"): "farmland",
    ("landuse", "orchard"): "farmland",
    ("landuse", "paddy"): "farmland",
    ("landuse", "forest"): "forest",
    ("landuse", "industrial"): "industrial",
    ("landuse", "commercial"): "commercial",
    ("landuse", "retail"): "commercial",
    ("landuse", "cemetery"): "cemetery",
    ("landuse", "grass"): "park",
    ("landuse", "recreation_ground"): "park",
    ("landuse", "village_green"): "park",
    ("leisure", "park"): "park",
    ("leisure", "garden"): "park",
    ("natural", "wood"): "forest",
    ("natural", "beach"): "beach",
    ("natural", "sand"): "beach",
    ("amenity", "grave_yard"): "cemetery",
    ("place", "square"): "square",
    ("highway", "pedestrian"): "square",
}


def land(tags: Tags) -> Row | None:
    """Land cover."""
    kind = next((cover for (key, value), cover in _LAND.items() if tags.get(key) == value), None)
    return None if kind is None else {"name": tags.get("name"), "class": kind}


_VENUES = {
    ("amenity", "karaoke_box"): "karaoke",
    ("leisure", "karaoke"): "karaoke",
    ("tourism", "hotel"): "hotel",
    ("tourism", "guest_house"): "guesthouse",
    ("tourism", "hostel"): "guesthouse",
    ("tourism", "motel"): "guesthouse",
    ("amenity", "bar"): "bar",
    ("amenity", "pub"): "bar",
    ("amenity", "nightclub"): "bar",
    ("amenity", "internet_cafe"): "internet_cafe",
    ("leisure", "adult_gaming_centre"): "internet_cafe",
    ("shop", "massage"): "massage",
    ("leisure", "sauna"): "massage",
}


def venue(tags: Tags) -> Row | None:
    """A conditional business."""
    kind = next((ours for (key, value), ours in _VENUES.items() if tags.get(key) == value), None)
    if kind is None and "karaoke" in fold(tags.get("name", "")) and ({"amenity", "shop", "leisure"} & set(tags)):
        kind = "karaoke"
    return None if kind is None else {"name": tags.get("name"), "kind": kind}


_SCHOOL_WORDS = (
    ("kindergarten", ("mam_non", "mau_giao", "kindergarten")),
    ("primary", ("tieu_hoc", "primary")),
    ("lower_secondary", ("thcs", "trung_hoc_co_so", "lower_secondary", "cap_2")),
    ("upper_secondary", ("thpt", "trung_hoc_pho_thong", "high_school", "cap_3")),
    ("college", ("cao_dang", "dai_hoc", "hoc_vien")),
)
_SCHOOL_AMENITIES = {"kindergarten": "kindergarten", "college": "college", "university": "college", "school": "other"}


def school(tags: Tags) -> Row | None:
    """A school; its level comes from the kind, or from the words of its name."""
    level = _SCHOOL_AMENITIES.get(tags.get("amenity", ""))
    if level is None:
        return None
    if level == "other":
        key = fold(tags.get("name", ""))
        level = next((code for code, words in _SCHOOL_WORDS if any(word in key for word in words)), "other")
    return {"name": tags.get("name"), "level": level}


_FACILITIES = {
    ("amenity", "marketplace"): ("market", "public"),
    ("amenity", "hospital"): ("health", "public"),
    ("amenity", "clinic"): ("health", "public"),
    ("amenity", "police"): ("police", "staff"),
    ("amenity", "townhall"): ("government", "public"),
    ("office", "government"): ("government", "staff"),
    ("amenity", "community_centre"): ("culture", "public"),
    ("amenity", "bus_station"): ("transport", "public"),
    ("amenity", "ferry_terminal"): ("transport", "public"),
    ("railway", "station"): ("transport", "public"),
    ("landuse", "military"): ("military", "police"),
    ("military", "barracks"): ("military", "police"),
}


def facility(tags: Tags) -> Row | None:
    """A special facility; military places are for the police only."""
    found = next((ours for (key, value), ours in _FACILITIES.items() if tags.get(key) == value), None)
    if found is None:
        return None
    kind, visibility = found
    if "methadone" in fold(tags.get("name", "")):
        kind, visibility = "methadone", "staff"
    return {"name": tags.get("name"), "kind": kind, "visibility": visibility}


def lamp(tags: Tags) -> Row | None:
    """A street lamp."""
    if tags.get("highway") != "street_lamp":
        return None
    kind = fold(f"{tags.get('light:method', '')} {tags.get('lamp_type', '')}")
    bulb = "led" if "led" in kind else "sodium" if "sodium" in kind else None
    return {"height_m": metres(tags.get("height")), "lamp": bulb}


def camera(tags: Tags) -> Row | None:
    """An outdoor surveillance camera; `azimuth_deg` keeps the text ("NE", "239-284", "90;270").

    `camera:angle` of OpenStreetMap is the tilt below the horizon, not the field of view: it is not taken.
    A dome without a direction may look anywhere, so its direction stays unknown.
    """
    if tags.get("man_made") != "surveillance" or tags.get("surveillance:type", "camera") != "camera":
        return None
    if tags.get("surveillance") == "indoor" or tags.get("indoor") == "yes":
        return None
    private = tags.get("operator:type") == "private" or tags.get("surveillance") == "private"
    return {
        "azimuth_deg": tags.get("camera:direction") or tags.get("direction"),
        "kind": "ptz" if tags.get("camera:type") == "panning" else "fixed",
        "height_m": metres(tags.get("camera:height") or tags.get("height")),
        "ownership": "residents" if private else "public",
    }


POINT_LAYERS: Mapping[str, Callable[[Tags], Row | None]] = {
    "venues": venue,
    "schools": school,
    "facilities": facility,
    "lights": lamp,
    "cameras": camera,
}
AREA_LAYERS: Mapping[str, Callable[[Tags], Row | None]] = {
    "buildings": building,
    "water_areas": water_area,
    "landuse": land,
}
# Places that are often drawn as areas become one point on them.
AREA_POINT_LAYERS = ("venues", "schools", "facilities")
