"""What may be written, and where: the layer and the place of an edit. No views."""

from typing import Any

from gis_app.errors import Forbidden, Unprocessable
from gis_app.queries import writes
from gis_app.web.context import actor, commune, connection, may_edit, readable_layer
from layers.base import Layer


def editable_layer(name: str) -> Layer:
    """The layer of that name if the actor may write it."""
    layer = readable_layer(name)
    if actor().is_national:
        raise Forbidden("no_commune")
    if not may_edit(layer):
        raise Forbidden("layer_not_editable", layer=name)
    return layer


def check_place(shape: Any) -> None:
    """Refuse a shape (EPSG:4326) that leaves the commune by more than a street's width."""
    if shape is None:
        return
    here = commune()
    away = writes.outside_by_m(connection(), here.id, shape, here.metric_srid)
    if away > writes.OUTSIDE_TOLERANCE_M:
        raise Unprocessable("outside_commune", km=round(away / 1000, 2))
