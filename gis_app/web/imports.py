"""Imports for programs: send a file, see what was found, have it checked, apply it, take it back.

Each part is a job; the answer names it, and `GET /api/jobs/<id>` says how far it is. The import's ETag is its version,
and every part starts from the version that `If-Match` names. People import on /du-lieu/nhap.
"""

import io
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, request

from gis_app.errors import BadRequest, Conflict, PreconditionFailed, Unprocessable
from gis_app.jobs.import_doubt import doubt_of
from gis_app.queries import import_records as records
from gis_app.queries.import_records import ImportRecord
from gis_app.tables.imports import OSM
from gis_app.web import import_forms as forms
from gis_app.web.context import allow, commune, connection
from gis_app.web.import_choices import CHOICES_SCHEMA, read_choices
from gis_app.web.import_uploads import Sent, clean_name
from gis_app.web.import_words import doubt_text
from gis_app.web.import_words import rule as rule_text
from gis_app.web.job_forms import find_job, job_dict
from gis_app.web.params import Param, one_of, plain, read_query, reads
from gis_app.web.safe_writes import once, wanted_version
from gis_app.web.values import json_body
from layers import LAYERS
from layers.base import DATA

blueprint = Blueprint("imports", __name__)

NAME = Param("name", plain, "The file's name; its suffix says the format", required=True)
LAYER = Param("layer", one_of(*LAYERS), "The layer to fill; an OpenStreetMap extract finds its own",
              {"enum": list(LAYERS)}, default="")  # fmt: skip
APPLY_SCHEMA = {"type": "object", "properties": {"remove_gone": {"type": "boolean"}}, "additionalProperties": False}


def import_dict(record: ImportRecord) -> dict[str, Any]:
    """An import as JSON; `options` are what was chosen, `report` what checking or storing said."""
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


def _found_dict(record: ImportRecord) -> dict[str, Any] | None:
    """What reading found, for those who choose: columns, letters, coordinates; the sketch of the map is not in it.

    `warnings`: `crs_unreadable` where what the file declares cannot be read, `crs_misdeclared` where the coordinates
    are read otherwise; a check then wants `srid` in its body.
    """
    if record.found is None:
        return None
    found, doubt = record.found, doubt_of(record)
    warnings = [] if doubt is None else [asdict(doubt) | {"text": doubt_text(doubt)}]
    names = ("row_count", "shape_kinds", "columns", "encoding", "readings", "declared", "candidates", "mapped")
    return {name: found.get(name) for name in names} | {"warnings": warnings}


@blueprint.get("/api/imports")
@allow(*DATA)
def list_imports() -> Response:
    """The newest imports of the own commune, newest first, at most 50, without their reports."""
    read_query(())
    return jsonify({"imports": [import_dict(one) for one in records.fetch_imports(connection(), commune().id)]})


@blueprint.get("/api/imports/<int:import_id>")
@allow(*DATA)
def show_import(import_id: int) -> Response:
    """One import with what was found in it and its report; `found` goes when it is applied."""
    read_query(())
    record = forms.find_import(import_id)
    answer = jsonify(import_dict(record) | {"found": _found_dict(record)})
    answer.set_etag(str(record.version))
    return answer


def _asked(import_id: int, job_id: int) -> Response:
    """202: the import as it is now, and the job that goes on with it."""
    record = forms.find_import(import_id)
    answer = jsonify(import_dict(record) | {"job": job_dict(find_job(job_id))})
    answer.status_code = 202
    answer.headers["Location"] = f"/api/imports/{import_id}"
    answer.set_etag(str(record.version))
    return answer


def _wanted(import_id: int) -> tuple[ImportRecord, int]:
    """The import and its version, which is the one that `If-Match` names."""
    version, record = wanted_version(), forms.find_import(import_id)
    if record.version != version:
        raise PreconditionFailed("stale_version")
    return record, version


@blueprint.post("/api/imports")
@allow(*DATA)
@once
@reads(NAME, LAYER)
def create_import(query: dict[str, Any]) -> Response:
    """Send a file of at most 50 MB as the body, and have it read; a zip of photos, or one, will do for points."""
    sent = Sent(clean_name(query["name"]), io.BytesIO(request.get_data(cache=True)))
    try:
        return _asked(*forms.keep_import([sent], query["layer"]))
    except Unprocessable as error:
        if "reason" in error.params:
            error.params["text"] = rule_text(error.params["reason"], error.params)
        raise


create_import.body_media = "application/octet-stream"  # type: ignore[attr-defined]
create_import.body_schema = {"type": "string", "format": "binary"}  # type: ignore[attr-defined]
create_import.max_body_bytes = forms.MAX_FORM_BYTES  # type: ignore[attr-defined]


@blueprint.post("/api/imports/<int:import_id>/check")
@allow(*DATA)
@once
def check_import(import_id: int) -> Response:
    """Have every row checked, with the guesses or with what the body chooses; another encoding is read again first.

    Where `found.warnings` has one on coordinates, the body must choose `srid`.
    """
    record, version = _wanted(import_id)
    forms.refuse_busy(record, version, "read", "placed", "checked")
    if record.layer == OSM or record.found is None:
        raise Conflict("import_changed")
    reading, columns = read_choices(record, json_body())
    record, job_id = forms.set_reading(record, version, reading)
    if job_id is not None:
        return _asked(import_id, job_id)
    forms.refuse_away(record)
    forms.refuse_unchosen(record)
    values = {"options": dict(record.options) | columns, "state": "placed"}
    return _asked(import_id, forms.ask_part(forms.change(record, record.version, values), "check"))


check_import.body_schema = CHOICES_SCHEMA  # type: ignore[attr-defined]


@blueprint.post("/api/imports/<int:import_id>/apply")
@allow(*DATA)
@once
def apply_import(import_id: int) -> Response:
    """Store what was checked, all or nothing; 422 with row, column, value and rule of what is wrong."""
    record, version = _wanted(import_id)
    body = json_body()
    if not body.keys() <= {"remove_gone"} or not isinstance(body.get("remove_gone", False), bool):
        raise BadRequest("bad_body")
    forms.refuse_busy(record, version, "checked")
    report = record.report or {}
    if not report.get("is_good"):
        raise _faulty(report)
    record = forms.change(record, version, {"options": dict(record.options) | {"remove_gone": False, **body}})
    return _asked(import_id, forms.ask_part(record, "apply"))


apply_import.body_schema = APPLY_SCHEMA  # type: ignore[attr-defined]


def _faulty(report: Mapping[str, Any]) -> Unprocessable:
    faults = [
        {
            "row": one["number"] or None,
            "column": one["column"],
            "value": one["value"],
            "rule": one["rule"],
            "text": rule_text(one["rule"], one["params"]),
        }
        for one in report.get("faults", [])
    ]
    return Unprocessable("import_has_faults", count=report.get("fault_count", 0), faults=faults)


@blueprint.post("/api/imports/<int:import_id>/undo")
@allow(*DATA)
@once
def undo_import(import_id: int) -> Response:
    """Take an import back, within 24 hours and if nobody has edited a row of it since."""
    record, version = _wanted(import_id)
    forms.refuse_busy(record, version, "applied")
    return _asked(import_id, forms.ask_part(record, "undo"))


@blueprint.delete("/api/imports/<int:import_id>")
@allow(*DATA)
def delete_import(import_id: int) -> Response:
    """Throw away an import that stored nothing; what is applied stays told."""
    read_query(())
    forms.throw_away(*_wanted(import_id))
    return Response(status=204)


for _view in (check_import, apply_import, undo_import, delete_import):
    _view.needs_version = True  # type: ignore[attr-defined]
