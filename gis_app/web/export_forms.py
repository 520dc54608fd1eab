"""What an export is asked with, by an address, a program's body or the form; small files at once, others as a job."""

from collections.abc import Mapping
from typing import Any

from gis_app.crs import STORED
from gis_app.errors import BadRequest, Forbidden, NotFound
from gis_app.jobs.export_asked import MAX_ROWS, ExportAsked, to_json
from gis_app.jobs.job_export import PMTILES
from gis_app.jobs.kinds import ask
from gis_app.queries import export_files
from gis_app.queries.export_files import ExportFile
from gis_app.queries.jobs import Job, fetch_jobs, update_cancelled
from gis_app.queries.ogc_items import ItemQuery
from gis_app.queries.tiles import layers_of, tileset_names
from gis_app.web.context import actor, commune, connection, readable_layer
from gis_app.web.i18n import language
from gis_app.web.ogc_parts import FILE_FORMATS, ITEMS_PARAMS
from gis_app.web.params import Param, one_of, plain, read_body, whole
from gis_app.web.values import MAX_ID
from layers.base import Layer

KIND = "export"
ZONES = ("wgs84", "vn2000")
NARROWING = tuple(
    p for p in ITEMS_PARAMS if p.name in ("bbox", "bbox-crs", "datetime", "filter", "filter-lang", "filter-crs")
)
FILE_PARAMS = (
    Param("format", one_of(*FILE_FORMATS), "Format of the file", {"enum": list(FILE_FORMATS)}, default="gpkg"),
    Param("zone", one_of(*ZONES), "Coordinates: WGS 84 or the commune's VN-2000 zone", {"enum": list(ZONES)},
          default="wgs84"),
    Param("tags", one_of("osm"), "OpenStreetMap's tag names, for cameras and lamps", {"enum": ["osm"]}),
    Param("group", whole(1, 2**62), "What touches the area of this residential group", {"type": "integer"}),
    *NARROWING,
)  # fmt: skip
LAYER = Param("layer", plain, "Name of the layer")
TILESET = Param("tileset", plain, "Name of a tile set, for a PMTiles file in place of a layer's")


def asked_of(query: Mapping[str, Any]) -> ExportAsked:
    """What was asked for, from checked parameters."""
    wanted = ItemQuery(
        bbox=query["bbox"],
        bbox_crs=query["bbox-crs"],
        span=query["datetime"],
        filter=query["filter"],
        filter_lang=query["filter-lang"],
        filter_crs=query["filter-crs"],
        limit=MAX_ROWS,
    )
    srid = STORED if query["zone"] == "wgs84" else commune().metric_srid
    return ExportAsked(query["format"], srid, wanted, query["group"], osm=query["tags"] == "osm")


def readable_tileset(name: str) -> str:
    """The tile set if the actor may read any layer of it."""
    if name not in tileset_names():
        raise NotFound("unknown_layer", layer=name[:60])
    if not layers_of(name, actor().role):
        raise Forbidden("layer_not_yours", layer=name)
    return name


def fits_request(layer: Layer, asked: ExportAsked) -> bool:
    """Whether the file is written in the request; who is in no commune has no jobs, and reads outlines alone."""
    # Here, not above: it needs geopandas, half of the server's start.
    from gis_app.jobs.export_layer import check_asked, is_small  # noqa: PLC0415

    check_asked(layer, asked)
    return actor().is_national or is_small(connection(), layer, actor().reads_as, asked)


def ask_export(body: Any) -> int:
    """Ask for a file as a job by a JSON body; the job's id."""
    query = read_body((LAYER, TILESET, *FILE_PARAMS), body)
    if (query["layer"] is None) == (query["tileset"] is None):
        raise BadRequest("missing_parameter", name="layer")
    if query["tileset"] is not None:
        return ask_tiles(readable_tileset(query["tileset"]))
    layer, asked = readable_layer(query["layer"]), asked_of(query)
    # What cannot be is said now, not by a job that fails: a bad filter is tried, too.
    fits_request(layer, asked)
    return ask_file(layer, asked)


def ask_file(layer: Layer, asked: ExportAsked) -> int:
    """Ask for a layer's file; the job's id."""
    return _ask(layer.name, to_json(asked))


def ask_tiles(tileset: str) -> int:
    """Ask for a tile set's file; the job's id."""
    return _ask(tileset, {"format": PMTILES})


def _ask(name: str, asked: Mapping[str, Any]) -> int:
    here, conn = commune(), connection()
    kept = dict(asked) | {"lang": language()}
    # Pressed twice is one.
    for file, job in files_and_jobs():
        if job is not None and job.is_open and (file.layer, dict(file.asked)) == (name, kept):
            return job.id
    export_id = export_files.insert_file(conn, here.id, name, kept)
    job_id = ask(conn, KIND, {"export_id": export_id})
    export_files.update_job(conn, export_id, job_id)
    return job_id


def find_export(export_id: int) -> ExportFile:
    """The file if it is the actor's own; 404 alike for another's and for none."""
    here = commune()
    found = export_files.fetch_files(connection(), here.id, export_id=export_id) if export_id <= MAX_ID else []
    if not found:
        raise NotFound("export_not_found")
    return found[0]


def files_and_jobs() -> list[tuple[ExportFile, Job | None]]:
    """The actor's files, newest first, each with its job while that is kept."""
    here, conn = commune(), connection()
    jobs = {job.id: job for job in fetch_jobs(conn, here.id, kind=KIND)}
    return [(file, jobs.get(file.job_id or 0)) for file in export_files.fetch_files(conn, here.id)]


def throw_away(file: ExportFile) -> None:
    """Delete a file; a job that still makes it is cancelled."""
    conn = connection()
    if file.made_at is None and file.job_id is not None:
        update_cancelled(conn, file.job_id)
    export_files.delete_file(conn, file.id)
