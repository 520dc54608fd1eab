"""Residential groups: how many features of a layer lie in each."""

from typing import Any

from flask import Blueprint, Response, jsonify

from gis_app.queries.groups import count_per_group
from gis_app.web.answers import FORMAT, csv_file
from gis_app.web.context import actor, allow, commune, connection, readable_layer
from gis_app.web.params import Param, plain, reads
from layers.base import STAFF

blueprint = Blueprint("groups", __name__)


@blueprint.get("/api/groups/counts")
@allow(*STAFF)
@reads(Param("layer", plain, "Layer to count", required=True), FORMAT)
def list_counts(query: dict[str, Any]) -> Response:
    """Features of a layer per residential group, each counted once, and those outside any group."""
    layer = readable_layer(query["layer"])
    commune()
    counts, outside = count_per_group(connection(), layer, actor().role)
    if query["f"] == "csv":
        rows = [(count.id, count.name, count.count) for count in counts]
        return csv_file(("id", "name", "count"), rows, f"groups-{layer.name}")
    groups = [{"id": count.id, "name": count.name, "count": count.count} for count in counts]
    return jsonify({"layer": layer.name, "groups": groups, "outside": outside})
