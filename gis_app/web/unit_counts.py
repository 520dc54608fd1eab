"""How many units of a kind there are and how many are achieved, for kinds without a layer (agencies, clans …)."""

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, jsonify

from gis_app.analysis.target_rules import KINDS
from gis_app.queries.records import delete_record, fetch_records, insert_record, update_record
from gis_app.tables.roadmap import unit_counts
from gis_app.web.context import allow, commune, connection
from gis_app.web.params import read_query
from gis_app.web.records import (
    answer,
    body,
    check_version,
    choice,
    day,
    found_record,
    number,
    own_version,
    read_values,
    words,
    written,
)
from gis_app.web.safe_writes import once
from layers.base import DATA, STAFF

blueprint = Blueprint("unit_counts", __name__)

ADDRESS = "/api/unit-counts"
COUNTED = tuple(kind for kind in KINDS if kind != "group")
READERS = {
    "kind": choice(*COUNTED),
    "subject": words(100),
    "counted_on": day,
    "unit_count": number(0, 1_000_000),
    "achieved_count": number(0, 1_000_000),
    "document": words(300),
}
SCHEMA = {
    "type": "object",
    "properties": {
        "kind": {"enum": list(COUNTED)},
        "subject": {"type": "string"},
        "counted_on": {"type": "string", "format": "date"},
        "unit_count": {"type": "integer"},
        "achieved_count": {"type": "integer", "nullable": True},
        "document": {"type": "string"},
    },
}


def _dict(row: sa.Row[Any]) -> dict[str, Any]:
    names = ("id", "version", "kind", "subject", "unit_count", "achieved_count", "document")
    return {name: getattr(row, name) for name in names} | {"counted_on": row.counted_on.isoformat()}


@blueprint.get(ADDRESS)
@allow(*STAFF)
def list_unit_counts() -> Response:
    """Counts of the commune by kind, subject and day; the newest day is what targets are measured by."""
    read_query(())
    here = commune().id
    rows = fetch_records(connection(), unit_counts, here, "kind", "subject", "counted_on")
    return jsonify({"unit_counts": [_dict(row) for row in rows]})


@blueprint.get(f"{ADDRESS}/<int:count_id>")
@allow(*STAFF)
def show_unit_count(count_id: int) -> Response:
    """One count."""
    read_query(())
    return answer(_dict(found_record(unit_counts, count_id)), ADDRESS)


@blueprint.post(ADDRESS)
@allow(*DATA)
@once
def create_unit_count() -> Response:
    """Enter a count of a day; earlier days stay."""
    values = read_values(READERS, body(), required=("kind", "counted_on", "unit_count"))
    here = commune().id
    return answer(
        _dict(written(lambda: insert_record(connection(), unit_counts, here, values), unit_counts)), ADDRESS, 201
    )


@blueprint.patch(f"{ADDRESS}/<int:count_id>")
@allow(*DATA)
def update_unit_count(count_id: int) -> Response:
    """Correct a count; its kind and subject stay."""
    version = own_version()
    readers = {name: reader for name, reader in READERS.items() if name not in ("kind", "subject")}
    values = read_values(readers, body())
    row = written(lambda: update_record(connection(), unit_counts, count_id, version, values), unit_counts)
    return answer(_dict(check_version(row, unit_counts, count_id)), ADDRESS)


@blueprint.delete(f"{ADDRESS}/<int:count_id>")
@allow(*DATA)
def delete_unit_count(count_id: int) -> tuple[str, int]:
    """Delete a count that should not be there."""
    if not delete_record(connection(), unit_counts, count_id, own_version()):
        check_version(None, unit_counts, count_id)
    return "", 204


for _view in (create_unit_count, update_unit_count):
    _view.body_schema = SCHEMA  # type: ignore[attr-defined]
for _change in (update_unit_count, delete_unit_count):
    _change.needs_version = True  # type: ignore[attr-defined]
