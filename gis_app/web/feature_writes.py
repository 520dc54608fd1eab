"""What every door for writing features shares: who may, where, and what a refusal of the database means. No views."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from gis_app.analysis.free_space import taken_m2
from gis_app.errors import Forbidden, NotFound, PreconditionFailed, Unprocessable
from gis_app.queries import writes
from gis_app.queries.borders import fetch_touched
from gis_app.web.context import actor, commune, connection, may_edit, readable_layer
from gis_app.web.safe_writes import broken_rule
from layers.base import Layer

FEATURE_SCHEMA = {
    "type": "object",
    "required": ["type"],
    "properties": {
        "type": {"enum": ["Feature"]},
        "geometry": {"type": "object"},
        "properties": {"type": "object"},
    },
}


def editable_layer(name: str) -> Layer:
    """The layer of that name if the actor may edit it."""
    layer = readable_layer(name)
    if actor().is_national:
        raise Forbidden("no_commune")
    if not may_edit(layer):
        raise Forbidden("layer_not_editable", layer=name)
    return layer


def check_place(shape: Any) -> None:
    """Refuse a shape (EPSG:4326) that lies outside the actor's commune."""
    if shape is None:
        return
    here = commune()
    away = writes.outside_by_m(connection(), here.id, shape, here.metric_srid)
    if away > writes.OUTSIDE_TOLERANCE_M:
        raise Unprocessable("outside_commune", km=round(away / 1000, 2))


def check_free(layer: Layer, shape: Any) -> None:
    """Refuse a new group (EPSG:4326) that lies upon others: two groups would claim the same houses."""
    if layer.name != "groups":
        return
    taken = {name: taken_m2(shape, other) for name, other in fetch_touched(connection(), commune().id, shape)}
    upon = {name: area for name, area in taken.items() if area}
    if upon:
        raise Unprocessable("group_overlap", groups=", ".join(upon), area_m2=round(sum(upon.values())))


def write_feature(layer: Layer, write: Callable[[], writes.Written | None], feature_id: int) -> writes.Written:
    """Run a write; say what a failed check means, and tell a stale version from a row that is not there."""
    try:
        written = write()
    except sa.exc.IntegrityError as error:
        raise broken_rule(error, layer) from error
    if written is None:
        raise why_not(layer, feature_id)
    return written


def why_not(layer: Layer, feature_id: int) -> NotFound | PreconditionFailed:
    """Why nothing was written: the row is not there, or has moved on."""
    version = writes.fetch_version(connection(), layer, feature_id)
    if version is None:
        return NotFound("feature_not_found", layer=layer.name)
    return PreconditionFailed("stale_version", version=version)
