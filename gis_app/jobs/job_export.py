"""The job "export": a layer or a tile set as a file, kept for who asked. File and end of the job come together."""

from typing import Any

from gis_app.errors import Forbidden, NotFound
from gis_app.jobs.export_asked import from_json
from gis_app.jobs.kinds import JobKind, Work
from gis_app.queries.communes import Commune, fetch_commune
from gis_app.queries.export_files import ExportFile, fetch_files, keep_content
from gis_app.queries.place_classes import with_classes
from gis_app.queries.tiles import layers_of
from gis_app.words import Words
from layers import LAYERS
from layers.base import STAFF

PMTILES = "pmtiles"


def _run(work: Work) -> str:
    commune_id, export_id = work.actor.commune_id, int(work.parameters["export_id"])
    found = [] if commune_id is None else fetch_files(work.conn, commune_id, export_id=export_id)
    commune = None if commune_id is None else fetch_commune(work.conn, commune_id)
    if not found or commune is None or found[0].made_at is not None:
        # Thrown away meanwhile.
        raise NotFound("export_not_found")
    make = _tiles if found[0].asked["format"] == PMTILES else _layer
    made = make(work, commune, found[0])
    work.step(95, "keeping")
    about = {"file_name": made.filename, "media_type": made.media_type, "row_count": made.row_count}
    keep_content(work.conn, commune.id, export_id, made.content, about)
    return f"/api/exports/{export_id}/file"


def _layer(work: Work, commune: Commune, file: ExportFile) -> Any:
    # Here, not above: geopandas is half of the server's start.
    from gis_app.jobs.export_layer import export_layer  # noqa: PLC0415

    layer = LAYERS.get(file.layer)
    if layer is None or work.actor.role not in layer.readers:
        raise Forbidden("layer_not_yours", layer=file.layer)
    words, layer = Words(file.asked["lang"]), with_classes(work.conn, commune.id, layer)
    return export_layer(work.conn, layer, work.actor.reads_as, from_json(file.asked), words, work.step)


def _tiles(work: Work, commune: Commune, file: ExportFile) -> Any:
    from gis_app.jobs.export_tiles import export_tiles  # noqa: PLC0415

    if not layers_of(file.layer, work.actor.role):
        raise Forbidden("layer_not_yours", layer=file.layer)
    return export_tiles(work.conn, work.actor, commune, file.layer, Words(file.asked["lang"]), work.step)


job = JobKind(STAFF, _run)
