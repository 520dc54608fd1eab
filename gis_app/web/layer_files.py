"""Files of a layer: any format, filter and area, in WGS 84 or the commune's VN-2000 zone."""

from typing import Any

from flask import Blueprint, Response

from gis_app.crs import STORED
from gis_app.queries.ogc_items import ItemQuery
from gis_app.web.context import actor, allow, commune, connection, readable_layer
from gis_app.web.i18n import words
from gis_app.web.ogc_parts import ITEMS_PARAMS
from gis_app.web.params import Param, one_of, reads, whole
from layers.base import STAFF

blueprint = Blueprint("layer_files", __name__)

FORMATS = ("gpkg", "shp", "geojson", "kml", "csv", "xlsx", "fgb")
ZONES = ("wgs84", "vn2000")
NARROWING = tuple(
    p for p in ITEMS_PARAMS if p.name in ("bbox", "bbox-crs", "datetime", "filter", "filter-lang", "filter-crs")
)


@blueprint.get("/api/exports/layers/<name>")
@allow(*STAFF)
@reads(
    Param("format", one_of(*FORMATS), "Format of the file", {"enum": list(FORMATS)}, default="gpkg"),
    Param("zone", one_of(*ZONES), "Coordinates: WGS 84 or the commune's VN-2000 zone", {"enum": list(ZONES)},
          default="wgs84"),
    Param("tags", one_of("osm"), "OpenStreetMap's tag names, for cameras and lamps", {"enum": ["osm"]}),
    Param("group", whole(1, 2**62), "What touches the area of this residential group", {"type": "integer"}),
    *NARROWING,
)  # fmt: skip
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
