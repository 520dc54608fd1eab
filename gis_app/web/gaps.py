"""Places without a working device near by."""

from typing import Any

from flask import Blueprint, Response

from gis_app.errors import BadRequest
from gis_app.queries.gaps import NEAREST_WITHIN_M, gap_rows
from gis_app.web.answers import FORMAT, rows_answer
from gis_app.web.context import actor, allow, commune, readable_layer
from gis_app.web.params import Param, number, plain, reads
from layers.base import STAFF

blueprint = Blueprint("gaps", __name__)


@blueprint.get("/api/gaps")
@allow(*STAFF)
@reads(
    Param("places", plain, "Layer of places: hotspots, venues, schools …", required=True),
    Param("devices", plain, "Layer of devices: cameras, lights …", required=True),
    Param("distance_m", number(1, NEAREST_WITHIN_M), "Metres", {"type": "number"}, required=True),
    FORMAT,
)
def list_gaps(query: dict[str, Any]) -> Response:
    """Places with no working device within a distance, farthest first, with the distance to the nearest one."""
    places, devices = readable_layer(query["places"]), readable_layer(query["devices"])
    if not devices.is_device:
        raise BadRequest("not_a_device", layer=devices.name)
    if not places.is_point:
        raise BadRequest("not_points", layer=places.name)
    rows = gap_rows(places, devices, actor().role, query["distance_m"], commune().metric_srid)
    return rows_answer(rows, f"{places.name}-without-{devices.name}", query["f"])
