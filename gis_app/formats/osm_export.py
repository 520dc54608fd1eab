"""Our cameras and lamps under OpenStreetMap's tag names: the way back of osm_tags."""

from collections.abc import Callable, Mapping
from typing import Any

from gis_app.formats.osm_tags import Row

_LAMPS = {"led": "LED", "sodium": "high_pressure_sodium", "other": None}
_CAMERAS = {"fixed": "fixed", "ptz": "panning", "panoramic": "dome"}


def _number(value: float | None) -> str | None:
    return None if value is None else f"{value:g}"


def camera_tags(row: Row) -> dict[str, Any]:
    """A camera; its field of view has no tag (`camera:angle` is the tilt), so it keeps a name of ours."""
    owner = {"public": "public", "residents": "private"}.get(row.get("ownership") or "")
    return {
        "ref": row.get("external_id"),
        "man_made": "surveillance",
        "surveillance": "outdoor",
        "surveillance:type": "camera",
        "camera:type": _CAMERAS.get(row.get("kind") or ""),
        "camera:direction": _number(row.get("azimuth_deg")),
        "camera:height": _number(row.get("height_m")),
        "operator:type": owner,
        "fov_deg": row.get("fov_deg"),
        "range_m": row.get("range_m"),
        "state": row.get("state"),
    }


def lamp_tags(row: Row) -> dict[str, Any]:
    """A street lamp."""
    return {
        "ref": row.get("external_id"),
        "highway": "street_lamp",
        "light:method": _LAMPS.get(row.get("lamp") or ""),
        "height": _number(row.get("height_m")),
        "radius_m": row.get("radius_m"),
        "state": row.get("state"),
    }


TAGGED: Mapping[str, Callable[[Row], dict[str, Any]]] = {"cameras": camera_tags, "lights": lamp_tags}
