"""Merging, splitting and renaming groups."""

import json
from typing import Any

from flask import Blueprint, Response, jsonify

from gis_app.errors import Unprocessable
from gis_app.queries import lineages
from gis_app.queries.statuses import fetch_lineages
from gis_app.web.as_of import plain
from gis_app.web.context import allow, commune, connection, people_only
from gis_app.web.decisions import check_outcome
from gis_app.web.params import Malformed, geometry, read_query
from gis_app.web.safe_writes import once
from gis_app.web.values import ID, choice, count, day, json_body, needed, read_values, text
from layers.base import DATA, STAFF

blueprint = Blueprint("lineages", __name__)

MAX_UNITS = 50
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
    },
}


def _many(read: Any) -> Any:
    def reading(value: Any) -> list[Any]:
        if not isinstance(value, list) or not 1 <= len(value) <= MAX_UNITS:
            raise Malformed("required" if value in (None, []) else "range")
        return [read(one) for one in value]

    return reading


def _shape(value: Any) -> Any:
    return None if value is None else geometry("Polygon", "MultiPolygon")(json.dumps(value))


CHILD_READERS = {"name": needed(text(200)), "household_count": count(0, 20_000), "geometry": _shape}


def _child(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Malformed("required")
    read = read_values(value, CHILD_READERS, code="bad_lineage")
    named = {"name": read["name"], "household_count": read["household_count"], "geom": read["geometry"]}
    return {name: found for name, found in named.items() if found is not None}


READERS = {
    "kind": needed(choice(*lineages.KINDS)),
    "changed_on": needed(day),
    "parents": _many(needed(ID)),
    "children": _many(_child),
    "document": text(120),
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
    commune()
    values = read_values(json_body(), READERS, code="bad_lineage")
    if values["kind"] == "split" and any("geom" not in child for child in values["children"]):
        raise Unprocessable("bad_lineage", faults=[{"field": "geometry", "rule": "required"}])
    outcome, children = lineages.update_units(
        connection(), values["kind"], values["changed_on"], values["parents"], values["children"], values["document"]
    )
    check_outcome(outcome, "done", "lineage")
    answer = jsonify({"children": children})
    answer.status_code = 201
    return answer


create_group_lineage.body_schema = BODY_SCHEMA  # type: ignore[attr-defined]
