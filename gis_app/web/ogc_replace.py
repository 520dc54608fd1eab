"""A replacement that names its version in the body, as QGIS sends it; no views here.

QGIS (3.32 to 4.0, src/providers/wfs/oapif) sends PUT with the whole feature of its cache and never If-Match. So the
features of a layer that the caller may edit carry `version`, and QGIS sends it back. It does so until the layer is
loaded again: shape and values of one feature come as two requests of one version, as do later edits. Hence the client's
state is that version and what the same account has written right after it; analysis/three_way.py says what is then
written, and what is refused by 412 because it cannot be decided.
"""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from flask import request
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from gis_app.analysis.three_way import merge
from gis_app.crs import CRS84, named_crs
from gis_app.errors import NotFound, PreconditionFailed, PreconditionRequired
from gis_app.queries.ogc_items import fetch_item
from gis_app.queries.writes import fetch_earlier
from gis_app.web.bodies import MULTI_OF
from gis_app.web.context import actor, connection
from gis_app.web.i18n import localised, t
from layers.base import Layer

VERSION = "version"
# QGIS writes coordinates with six decimals: half of the last one in degrees, a hair in metres (EPSG:4326 degrees).
ROUNDED_DEG, METRE_ROUNDED_DEG = 6e-7, 2e-8


@dataclass(frozen=True)
class State:
    """A version of a feature: values by name as JSON has them, and the shape (EPSG:4326)."""

    values: Mapping[str, Any]
    outline: BaseGeometry | None


@dataclass(frozen=True)
class Present:
    """The feature of today and its version."""

    state: State
    version: int


def find_present(layer: Layer, feature_id: int) -> Present:
    """The feature of today; 404 alike for a missing one and another commune's."""
    found = fetch_item(connection(), layer, actor().role, feature_id)
    if found is None:
        raise NotFound("feature_not_found", layer=layer.name)
    feature = json.loads(found[0])
    return Present(State(feature["properties"], shape(feature["geometry"])), found[1])


def named_version(properties: Mapping[str, Any]) -> int:
    """The version that the body names; 428 without one, with what to do."""
    found = properties.get(VERSION)
    if isinstance(found, bool) or not isinstance(found, int) or found < 1:
        raise PreconditionRequired("version_missing")
    return found


def find_read(layer: Layer, feature_id: int, version: int, present: Present) -> list[State]:
    """What the caller may hold of the feature, newest last; 412 where the history does not tell."""
    if version == present.version:
        return [present.state]
    earlier = fetch_earlier(connection(), layer, feature_id, version)
    # A version of the future has none either.
    if not earlier or [one.version for one in earlier] != list(range(version, present.version)):
        raise PreconditionFailed("stale_version", version=present.version)
    own = 0
    while own < len(earlier) and earlier[own].changed_by == actor().username:
        own += 1
    states = [*(State(one.values, one.shape) for one in earlier), present.state]
    return states[: own + 1]


def changes_of(
    layer: Layer, read: Sequence[State], present: Present, values: Mapping[str, Any], outline: BaseGeometry | None
) -> tuple[Mapping[str, Any], BaseGeometry | None]:
    """What to write onto today's row: values, and the shape if it was changed; 412 names what cannot be decided."""
    wanted = {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in values.items()}
    merged = merge([state.values for state in read], present.state.values, wanted)
    outlines = [{"": state.outline} for state in read]
    drawn = merge(outlines, {"": present.state.outline}, {"": _multi(layer, outline)}, _is_same_shape)
    names = [_title(layer, name) for name in merged.conflicts] + ([t("ogc.shape")] if drawn.conflicts else [])
    if names:
        raise PreconditionFailed("edited_meanwhile", fields=", ".join(names), version=present.version)
    return {name: values[name] for name in merged.changes}, outline if drawn.changes else None


def _title(layer: Layer, name: str) -> str:
    field = layer.field(name)
    return localised(field.title) if field else t("ogc.code")


def _multi(layer: Layer, outline: BaseGeometry | None) -> BaseGeometry | None:
    if outline is None or outline.geom_type != MULTI_OF.get(layer.geometry):
        return outline
    return shapely.MultiPolygon([outline]) if outline.geom_type == "Polygon" else shapely.MultiLineString([outline])


def _is_same_shape(one: BaseGeometry | None, other: BaseGeometry | None) -> bool:
    if one is None or other is None:
        return one is other
    crs = named_crs(request.headers.get("Content-Crs", CRS84.uri))
    tolerance = METRE_ROUNDED_DEG if crs is not None and crs.is_metric else ROUNDED_DEG
    return bool(shapely.equals_exact(one, other, tolerance))
