"""Shared borders of groups: corners that move for all neighbours at once, and where a line would cut a group."""

import json
from typing import Any

import shapely
import sqlalchemy as sa
from flask import Blueprint, Response, jsonify
from shapely.geometry import mapping

from gis_app.analysis import borders
from gis_app.analysis.free_space import free_part, taken_m2
from gis_app.errors import NotFound, PreconditionFailed, Unprocessable
from gis_app.queries import borders as queries
from gis_app.queries.imports import fetch_outlines
from gis_app.web.context import allow, commune, connection
from gis_app.web.cutting import LINE, cut_group
from gis_app.web.feature_writes import check_place
from gis_app.web.params import Malformed, Param, geometry, lonlat, reads
from gis_app.web.safe_writes import broken_rule, once, wanted_version
from gis_app.web.values import MAX_ID, json_body, needed, read_values
from layers import LAYERS
from layers.base import DATA

blueprint = Blueprint("borders", __name__)

MAX_MOVES = 200
SPOT_SCHEMA = {"type": ["array", "null"], "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
BODY_SCHEMA = {
    "type": "object",
    "required": ["moves"],
    "properties": {
        "moves": {
            "type": "array",
            "maxItems": MAX_MOVES,
            "items": {
                "type": "object",
                "required": ["from", "to"],
                "properties": {"from": SPOT_SCHEMA, "to": SPOT_SCHEMA},
            },
        }
    },
}


def _spot(value: Any) -> borders.Spot:
    if (
        not isinstance(value, list)
        or len(value) != 2
        or any(isinstance(v, bool) or not isinstance(v, int | float) for v in value)
    ):
        raise Malformed("lonlat")
    point = lonlat(f"{value[0]!r},{value[1]!r}")
    return point.x, point.y


def _moves(value: Any) -> list[borders.Move]:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_MOVES:
        raise Malformed("required" if value in (None, []) else "too_many")
    if any(not isinstance(one, dict) or set(one) != {"from", "to"} for one in value):
        raise Malformed("list")
    return [borders.Move(_spot(one["from"]), None if one["to"] is None else _spot(one["to"])) for one in value]


@blueprint.post("/api/groups/<int:group_id>/borders")
@allow(*DATA)
@once
def move_borders(group_id: int) -> Response:
    """Move corners of a group, of the version that If-Match names; all neighbours that share them follow, or none."""
    commune()
    conn, version = connection(), wanted_version()
    moves = read_values(json_body(), {"moves": needed(_moves)}, code="bad_border")["moves"]
    outlines = queries.lock_outlines(conn)
    if group_id not in outlines:
        raise NotFound("feature_not_found", layer="groups")
    if outlines[group_id][0] != version:
        raise PreconditionFailed("stale_version", version=outlines[group_id][0])
    try:
        changed = borders.move_corners({key: shape for key, (_, shape) in outlines.items()}, moves)
    except borders.BorderError as error:
        raise Unprocessable("bad_border", faults=[{"field": "moves", "rule": str(error)}]) from error
    for shape in changed.values():
        check_place(shape)
    try:
        written = queries.update_outlines(conn, {key: (outlines[key][0], shape) for key, shape in changed.items()})
    except sa.exc.IntegrityError as error:
        raise broken_rule(error, LAYERS["groups"]) from error
    return jsonify({"changed": [{"id": one.id, "version": one.version} for one in written]})


@blueprint.get("/api/groups/<int:group_id>/pieces")
@allow(*DATA)
@reads(Param("line", LINE, "GeoJSON LineString that crosses the group", {"type": "string"}, required=True))
def show_pieces(query: dict[str, Any], group_id: int) -> Response:
    """The pieces that a line would cut a group into, from west to east, with area and a share of the households."""
    commune()
    found = queries.fetch_outline(connection(), group_id) if group_id <= MAX_ID else None
    if found is None:
        raise NotFound("feature_not_found", layer="groups")
    pieces = cut_group(found[0], query["line"])
    areas = [borders.area_m2(piece) for piece in pieces]
    households = [None if found[1] is None else round(found[1] * area / sum(areas)) for area in areas]
    features = [
        {
            "type": "Feature",
            "geometry": mapping(piece),
            "properties": {"n": n, "area_m2": round(area, 1), "household_count": count},
        }
        for n, (piece, area, count) in enumerate(zip(pieces, areas, households, strict=True), 1)
    ]
    return Response(json.dumps({"type": "FeatureCollection", "features": features}), mimetype="application/geo+json")


@blueprint.get("/api/groups/free")
@allow(*DATA)
@reads(Param("shape", geometry("Polygon", "MultiPolygon"), "GeoJSON area", {"type": "string"}, required=True))
def show_free(query: dict[str, Any]) -> Response:
    """What of a drawn area no group has, inside the commune: the shape of a new group, or null; what others have."""
    here, conn, drawn = commune(), connection(), query["shape"]
    touched = queries.fetch_touched(conn, here.id, drawn)
    outline = fetch_outlines(conn, commune_id=here.id)[0].wkb
    free = free_part(drawn, [shape for _, shape in touched], shapely.from_wkb(outline))
    taken = {name: taken_m2(drawn, shape) for name, shape in touched}
    upon = [name for name, area in taken.items() if area]
    values = {
        "area_m2": round(borders.area_m2(free), 1),
        "drawn_m2": round(borders.area_m2(drawn), 1),
        "taken_m2": round(sum(taken.values()), 1),
        "groups": upon,
    }
    return Response(
        json.dumps({"type": "Feature", "geometry": None if free.is_empty else mapping(free), "properties": values}),
        mimetype="application/geo+json",
    )


move_borders.body_schema = BODY_SCHEMA  # type: ignore[attr-defined]
move_borders.needs_version = True  # type: ignore[attr-defined]
