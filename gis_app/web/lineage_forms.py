"""Mergers, splits and renamings as bodies and forms have them; no views here."""

import json
from collections.abc import Mapping
from typing import Any

from gis_app.errors import Unprocessable
from gis_app.queries import lineages
from gis_app.web.context import commune, connection
from gis_app.web.decisions import check_outcome
from gis_app.web.params import Malformed, geometry
from gis_app.web.values import ID, choice, count, day, needed, read_values, text

MAX_UNITS = 50


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


def change_groups(raw: Mapping[str, Any]) -> list[int]:
    """Read a change of units and carry it out; return the ids of the new groups."""
    commune()
    values = read_values(raw, READERS, code="bad_lineage")
    if values["kind"] == "split" and any("geom" not in child for child in values["children"]):
        raise Unprocessable("bad_lineage", faults=[{"field": "geometry", "rule": "required"}])
    outcome, children = lineages.update_units(
        connection(), values["kind"], values["changed_on"], values["parents"], values["children"], values["document"]
    )
    check_outcome(outcome, "done", "lineage")
    return children
