"""Files of a layer: any format, filter and area, in WGS 84 or the commune's VN-2000 zone; large ones as jobs."""

from typing import Any

from flask import Blueprint, Response, jsonify, request

from gis_app.errors import NotFound, TooLarge
from gis_app.jobs.export_asked import DIRECT_POINTS, DIRECT_ROWS, DIRECT_TILES, ExportedFile
from gis_app.jobs.job_export import PMTILES
from gis_app.queries import export_files
from gis_app.queries.audit import record_event
from gis_app.queries.export_files import ExportFile
from gis_app.web.context import actor, allow, commune, connection, readable_layer
from gis_app.web.export_forms import (
    FILE_PARAMS,
    LAYER,
    TILESET,
    ask_export,
    asked_of,
    files_and_jobs,
    find_export,
    fits_request,
    readable_tileset,
    throw_away,
)
from gis_app.web.i18n import words
from gis_app.web.job_forms import job_answer
from gis_app.web.params import read_query, reads
from gis_app.web.safe_writes import once
from layers.base import STAFF

blueprint = Blueprint("layer_files", __name__)

EXPORT_SCHEMA = {
    "type": "object",
    "properties": {param.name: {**param.schema, "description": param.about}
                   for param in (LAYER, TILESET, *FILE_PARAMS)},
}  # fmt: skip


def _attached(content: Any, media_type: str, name: str) -> Response:
    answer = Response(content, content_type=media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _made(made: ExportedFile) -> Response:
    return _attached(made.content, made.media_type, made.filename)


@blueprint.get("/api/exports/layers/<name>")
@allow(*STAFF)
@reads(*FILE_PARAMS)
def show_file(query: dict[str, Any], name: str) -> Response:
    """A layer as a file: what the role may read, filtered as /ogc/ filters; kept in the audit.

    At most 2,000 features with 50,000 corners are answered here; for more, 413 says to ask by `POST /api/exports`.
    """
    # Here, not above: it needs geopandas, half of the server's start.
    from gis_app.jobs.export_layer import export_layer  # noqa: PLC0415

    layer, asked = readable_layer(name), asked_of(query)
    if not fits_request(layer, asked):
        raise TooLarge("export_is_job", rows=DIRECT_ROWS, points=DIRECT_POINTS)
    return _made(export_layer(connection(), layer, actor().reads_as, asked, words()))


@blueprint.get("/api/exports/tiles/<tileset>")
@allow(*STAFF)
@reads()
def show_tiles_file(query: dict[str, Any], tileset: str) -> Response:
    """A tile set as one PMTiles file, for maps without a network, where it has at most 64 tiles; else as a job."""
    from gis_app.jobs.export_tiles import count_tiles, export_tiles  # noqa: PLC0415

    del query
    readable_tileset(tileset)
    if count_tiles(commune()) > DIRECT_TILES:
        raise TooLarge("export_is_job", rows=DIRECT_ROWS, points=DIRECT_POINTS)
    return _made(export_tiles(connection(), actor(), commune(), tileset, words()))


def export_dict(file: ExportFile) -> dict[str, Any]:
    """A file as JSON; `href` once it is made."""
    moments = {name: getattr(file, name) for name in ("created_at", "made_at", "kept_until")}
    return {
        "id": file.id,
        "layer": file.layer,
        "asked": dict(file.asked),
        "job": None if file.job_id is None else f"/api/jobs/{file.job_id}",
        "href": f"/api/exports/{file.id}/file" if file.made_at else None,
        "file_name": file.file_name,
        "row_count": file.row_count,
        "byte_count": file.byte_count,
        "sha256": file.sha256,
    } | {name: at.isoformat() if at else None for name, at in moments.items()}


@blueprint.post("/api/exports")
@allow(*STAFF)
@once
def create_export() -> Response:
    """Ask for a file of a layer, or of a tile set, whatever its size; answers a job, whose result is the file."""
    return job_answer(ask_export(request.get_json()))


create_export.body_schema = EXPORT_SCHEMA  # type: ignore[attr-defined]


@blueprint.get("/api/exports")
@allow(*STAFF)
def list_exports() -> Response:
    """The own files that were asked for as jobs, newest first; kept seven days, at most 20."""
    read_query(())
    return jsonify({"exports": [export_dict(file) for file, _ in files_and_jobs()]})


@blueprint.get("/api/exports/<int:export_file_id>")
@allow(*STAFF)
def show_export(export_file_id: int) -> Response:
    """One of the own files; 404 alike for another's and for none."""
    read_query(())
    return jsonify(export_dict(find_export(export_file_id)))


@blueprint.get("/api/exports/<int:export_file_id>/file")
@allow(*STAFF)
def show_made_file(export_file_id: int) -> Response:
    """The file itself; kept in the audit. 404 until it is made."""
    read_query(())
    file, conn = find_export(export_file_id), connection()
    # Roles are fixed, and so is what they read; a layer may have gone since.
    (readable_tileset if file.asked["format"] == PMTILES else readable_layer)(file.layer)
    if file.made_at is None:
        raise NotFound("export_not_made")
    record_event(conn, "export", "export_files", {"id": file.id, "sha256": file.sha256})
    content = b"".join(export_files.read_content(conn, file.id))
    answer = _attached(content, file.media_type or "", file.file_name or "")
    # A strong tag, so that it goes out as it is: to compress it again would take what the job was to spare.
    answer.set_etag(file.sha256 or "")
    return answer


@blueprint.delete("/api/exports/<int:export_file_id>")
@allow(*STAFF)
def delete_export(export_file_id: int) -> tuple[str, int]:
    """Throw one of the own files away; one that is being made is cancelled."""
    read_query(())
    throw_away(find_export(export_file_id))
    return "", 204
