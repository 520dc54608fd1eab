"""Merging, splitting and renaming groups."""

from flask import Blueprint, Response, jsonify

from gis_app.queries import lineages
from gis_app.queries.statuses import fetch_lineages
from gis_app.web.as_of import plain
from gis_app.web.context import allow, commune, connection, people_only
from gis_app.web.lineage_forms import change_groups
from gis_app.web.params import read_query
from gis_app.web.safe_writes import once
from gis_app.web.values import json_body
from layers.base import DATA, STAFF

blueprint = Blueprint("lineages", __name__)

BODY_SCHEMA = {
    "type": "object",
    "required": ["kind", "changed_on", "parents", "children"],
    "properties": {
        "kind": {"enum": list(lineages.KINDS)},
        "changed_on": {"type": "string", "format": "date"},
        "parents": {"type": "array", "items": {"type": "integer"}},
        "children": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string"},
                    "household_count": {"type": ["integer", "null"]},
                    "geometry": {"type": "object"},
                },
            },
        },
        "document": {"type": ["string", "null"]},
        "line": {
            "type": "object",
            "description": "GeoJSON LineString that cuts; the children are its pieces, from west to east",
        },
    },
}


@blueprint.get("/api/group-lineages")
@allow(*STAFF)
def list_group_lineages() -> Response:
    """Which groups came of which, with the share of the parent's households; and where the commune came from."""
    read_query(())
    here, conn = commune(), connection()
    pairs = [
        {"parent_id": p, "child_id": c, "changed_on": on.isoformat(), "household_share": float(share)}
        for p, c, on, share in fetch_lineages(conn, here.id)
    ]
    communes = [plain(one) | {"household_share": float(one["household_share"])}
                for one in lineages.fetch_commune_lineage(conn, here.id)]  # fmt: skip
    return jsonify({"groups": pairs, "communes": communes})


@blueprint.post("/api/group-lineages")
@allow(*DATA)
@people_only
@once
def create_group_lineage() -> Response:
    """Merge, split or rename: the old groups end on a day, the new ones begin, the history of both stays."""
    children = change_groups(json_body())
    answer = jsonify({"children": children})
    answer.status_code = 201
    return answer


create_group_lineage.body_schema = BODY_SCHEMA  # type: ignore[attr-defined]
