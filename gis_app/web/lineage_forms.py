"""Mergers, splits and renamings as bodies and forms have them; no views here."""

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from gis_app.errors import Conflict, NotFound, Unprocessable
from gis_app.queries import lineages
from gis_app.queries.borders import fetch_outline
from gis_app.web.context import commune, connection
from gis_app.web.cutting import LINE, cut_group
from gis_app.web.decisions import check_outcome
from gis_app.web.guarded_words import refuse_persons
from gis_app.web.params import Malformed, geometry
from gis_app.web.values import ID, MAX_ID, choice, count, day, needed, read_values, text

MAX_UNITS = 50


def _many(read: Any) -> Any:
    def reading(value: Any) -> list[Any]:
        if not isinstance(value, list) or not 1 <= len(value) <= MAX_UNITS:
            raise Malformed("required" if value in (None, []) else "range")
        return [read(one) for one in value]

    return reading


def _shape(value: Any) -> Any:
    return None if value is None else geometry("Polygon", "MultiPolygon")(json.dumps(value))


def _line(value: Any) -> Any:
    return None if value is None else LINE(json.dumps(value))


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
    "line": _line,
}


def _give_pieces(values: Mapping[str, Any]) -> None:
    """Give the children of a split the pieces that the line cuts, in their order: exact, not rounded on their way."""
    found = fetch_outline(connection(), values["parents"][0])
    if found is None:
        raise NotFound("lineage_not_found")
    pieces = cut_group(found[0], values["line"])
    if len(pieces) != len(values["children"]):
        raise Unprocessable("bad_lineage", faults=[{"field": "children", "rule": "named_count"}])
    for child, piece in zip(values["children"], pieces, strict=True):
        child["geom"] = piece


def change_groups(raw: Mapping[str, Any]) -> list[int]:
    """Read a change of units and carry it out; return the ids of the new groups."""
    commune()
    values = read_values(raw, READERS, code="bad_lineage")
    if values["kind"] == "split" and values["line"] is not None:
        _give_pieces(values)
    if values["kind"] == "split" and any("geom" not in child for child in values["children"]):
        raise Unprocessable("bad_lineage", faults=[{"field": "geometry", "rule": "required"}])
    outcome, children = lineages.update_units(
        connection(), values["kind"], values["changed_on"], values["parents"], values["children"], values["document"]
    )
    check_outcome(outcome, "done", "lineage")
    return children


PARENT_READERS = {
    "kind": needed(choice(*lineages.KINDS)),
    "changed_on": needed(day),
    "parent_name": needed(text(120)),
    "parent_code": text(20),
    "share_percent": count(1, 100),
    "document": text(120),
}


def add_parent(raw: Mapping[str, Any]) -> int:
    """Write down a commune that the actor's came of; its number."""
    here, conn = commune(), connection()
    values = read_values(raw, PARENT_READERS, code="bad_lineage")
    refuse_persons(values["parent_name"])
    refuse_persons(values["document"])
    share = values.pop("share_percent") or 100
    try:
        with conn.begin_nested():
            return lineages.insert_parent(conn, here.id, values | {"household_share": share / 100})
    except sa.exc.IntegrityError as error:
        raise Conflict("lineage_exists") from error


def remove_parent(commune_lineage_id: int) -> None:
    """Take out what was written wrongly; 404 alike for another commune's and for none."""
    here = commune()
    is_number = commune_lineage_id <= MAX_ID
    if not (is_number and lineages.delete_parent(connection(), here.id, commune_lineage_id)):
        raise NotFound("lineage_not_found")
