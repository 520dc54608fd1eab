"""Files of a layer: any format, filter and area, in WGS 84 or the commune's VN-2000 zone."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from gis_app.crs import STORED
from gis_app.errors import Forbidden, NotFound
from gis_app.queries.ogc_items import ItemQuery
from gis_app.queries.tiles import layers_of, tileset_names
from gis_app.web.context import actor, allow, commune, connection, readable_layer
from gis_app.web.i18n import words
from gis_app.web.ogc_parts import FILE_FORMATS, ITEMS_PARAMS
from gis_app.web.params import Param, one_of, plain, reads, whole
from layers.base import STAFF

blueprint = Blueprint("layer_files", __name__)

PMTILES = "application/vnd.pmtiles"
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


@blueprint.get("/api/exports/layers")
@allow(*STAFF)
@reads(Param("layer", plain, "Name of the layer", required=True), *FILE_PARAMS)
def find_file(query: dict[str, Any]) -> AnyResponse:
    """The address of a layer's file, for a form that cannot write the layer into its own."""
    layer = readable_layer(query["layer"])
    more = {name: value for name, value in request.args.items() if name != "layer" and value}
    return redirect(f"/api/exports/layers/{layer.name}?{urlencode(more)}", 303)


@blueprint.get("/api/exports/layers/<name>")
@allow(*STAFF)
@reads(*FILE_PARAMS)
def show_file(query: dict[str, Any], name: str) -> Response:
    """A layer as a file: what the role may read, filtered as /ogc/ filters; kept in the audit."""
    # Here, not above: it needs geopandas, half of the server's start.
    from gis_app.jobs.export_layer import MAX_ROWS, ExportAsked, export_layer  # noqa: PLC0415

    layer = readable_layer(name)
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
    asked = ExportAsked(query["format"], srid, wanted, query["group"], osm=query["tags"] == "osm")
    made = export_layer(connection(), layer, actor().reads_as, asked, words())
    answer = Response(made.content, content_type=made.media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{made.filename}"'
    return answer


@blueprint.get("/api/exports/tiles/<tileset>")
@allow(*STAFF)
@reads()
def show_tiles_file(query: dict[str, Any], tileset: str) -> Response:
    """A tile set as one PMTiles file, for maps without a network; kept in the audit."""
    from gis_app.jobs.export_tiles import export_tiles  # noqa: PLC0415

    del query
    if tileset not in tileset_names():
        raise NotFound("unknown_layer", layer=tileset[:60])
    if not layers_of(tileset, actor().role):
        raise Forbidden("layer_not_yours", layer=tileset)
    answer = Response(export_tiles(connection(), actor(), commune(), tileset, words()), mimetype=PMTILES)
    answer.headers["Content-Disposition"] = f'attachment; filename="{tileset}.pmtiles"'
    return answer
