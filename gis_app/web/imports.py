"""Imports as programs see them: what was brought, what was found, what became of it. People import on /du-lieu/nhap."""

from typing import Any

from flask import Blueprint, Response, jsonify

from gis_app.queries import import_records as records
from gis_app.queries.import_records import ImportRecord
from gis_app.web.context import allow, commune, connection
from gis_app.web.import_forms import find_import
from gis_app.web.params import read_query
from layers.base import DATA

blueprint = Blueprint("imports", __name__)


def import_dict(record: ImportRecord) -> dict[str, Any]:
    """An import as JSON; `options` are what the person chose, `report` what checking or storing said."""
    moments = {name: getattr(record, name) for name in ("created_at", "applied_at", "undone_at")}
    return {
        "id": record.id,
        "layer": record.layer,
        "file_name": record.file_name,
        "byte_count": record.byte_count,
        "sha256": record.sha256,
        "state": record.state,
        "options": dict(record.options),
        "report": record.report,
        "version": record.version,
    } | {name: at.isoformat() if at else None for name, at in moments.items()}


@blueprint.get("/api/imports")
@allow(*DATA)
def list_imports() -> Response:
    """The newest imports of the own commune, newest first, at most 50, without their reports."""
    read_query(())
    return jsonify({"imports": [import_dict(one) for one in records.fetch_imports(connection(), commune().id)]})


@blueprint.get("/api/imports/<int:import_id>")
@allow(*DATA)
def show_import(import_id: int) -> Response:
    """One import with its report."""
    read_query(())
    answer = jsonify(import_dict(find_import(import_id)))
    answer.set_etag(str(find_import(import_id).version))
    return answer
