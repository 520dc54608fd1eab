"""Reports: ask for one (a job freezes and prints it), list, read, download."""

from flask import Blueprint, Response, jsonify, request

from gis_app.analysis.report_periods import KINDS
from gis_app.errors import BadRequest, NotFound
from gis_app.queries import reports
from gis_app.queries.audit import record_event
from gis_app.web.context import allow, commune, connection
from gis_app.web.job_forms import job_answer
from gis_app.web.params import read_query
from gis_app.web.report_forms import MAX_CONCLUSIONS, ask_report, file_name, find_report, report_dict
from gis_app.web.safe_writes import once

blueprint = Blueprint("reports", __name__)

MIME_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
REPORT_SCHEMA = {
    "type": "object",
    "properties": {
        "kind": {"enum": list(KINDS)},
        "from_on": {"type": "string", "format": "date"},
        "to_on": {"type": "string", "format": "date"},
        "conclusions": {"type": "string", "maxLength": MAX_CONCLUSIONS},
        "as_known_in": {"type": "integer", "minimum": 1},
    },
}


@blueprint.get("/api/reports")
@allow(*reports.READERS)
def list_reports() -> Response:
    """Frozen reports of the own commune, newest first."""
    read_query(())
    found = reports.fetch_snapshots(connection(), commune().id)
    return jsonify({"reports": [report_dict(snapshot) for snapshot in found]})


@blueprint.post("/api/reports")
@allow(*reports.MAKERS)
@once
def create_report() -> Response:
    """Ask for a report of a period, by default the last full one, or again as an earlier one knew it; answers a job."""
    body = request.get_json()
    if not isinstance(body, dict):
        raise BadRequest("bad_body")
    return job_answer(ask_report(body))


create_report.body_schema = REPORT_SCHEMA  # type: ignore[attr-defined]


@blueprint.get("/api/reports/<int:report_id>")
@allow(*reports.READERS)
def show_report(report_id: int) -> Response:
    """One report with all that it froze and the hashes of its files; 404 alike for another's and for none."""
    read_query(())
    snapshot, here = find_report(report_id), commune()
    content = reports.fetch_content(connection(), here.id, snapshot.id)
    files = reports.fetch_file_hashes(connection(), here.id, snapshot.id)
    return jsonify(report_dict(snapshot) | {"files": files, "content": content})


@blueprint.get("/api/reports/<int:report_id>.<fmt>")
@allow(*reports.READERS)
def show_file(report_id: int, fmt: str) -> Response:
    """A report as pdf, docx or xlsx: the bytes that were printed when it was frozen; the download is logged."""
    read_query(())
    snapshot, here = find_report(report_id), commune()
    printed = reports.fetch_file(connection(), here.id, snapshot.id, fmt) if fmt in MIME_TYPES else None
    if printed is None:
        raise NotFound("report_not_found")
    record_event(connection(), "export", "report_snapshots", {"id": snapshot.id, "format": fmt})
    answer = Response(printed, mimetype=MIME_TYPES[fmt])
    name = file_name(snapshot, here.code, fmt)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
