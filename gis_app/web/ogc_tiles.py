"""OGC API Tiles: vector tiles of a layer with their tile matrix set, as TileJSON too, and styles in our colours."""

from typing import Any

from flask import Blueprint, Response

from gis_app.queries.tiles import MAX_ZOOM
from gis_app.web.context import actor, allow, commune, readable_layer, readable_layers
from gis_app.web.i18n import localised, t
from gis_app.web.map_style import map_style
from gis_app.web.ogc_documents import REL, VIETNAM
from gis_app.web.ogc_parts import HTML, JSON, MVT, F, answer, here, link, root, titled
from gis_app.web.params import Param, one_of, reads
from gis_app.web.tile_answers import tile_answer
from layers.base import STAFF, Layer

blueprint = Blueprint("ogc_tiles", __name__, url_prefix="/ogc")

TMS = "WebMercatorQuad"
TMS_URI = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{TMS}"
CRS_3857 = "http://www.opengis.net/def/crs/EPSG/0/3857"
STYLE_JSON = "application/vnd.mapbox.style+json"
HALF_WORLD_M = 20037508.342789244
# OGC 17-083r4: a pixel is 0.28 mm.
CELL_M, PIXEL_M = 2 * HALF_WORLD_M / 256, 0.00028
TILEJSON = Param("f", one_of("json", "html", "tilejson"), "Answer as metadata, TileJSON or a page",
                 {"enum": ["json", "html", "tilejson"]})  # fmt: skip


@blueprint.get("/tileMatrixSets")
@allow(*STAFF)
@reads(F)
def list_tile_matrix_sets(query: dict[str, Any]) -> Response:
    """The one tile matrix set."""
    links = [link("self", f"/tileMatrixSets/{TMS}?f=json", JSON, TMS)]
    one = {"id": TMS, "title": "Web Mercator", "uri": TMS_URI, "crs": CRS_3857, "links": links}
    return answer(query, t("ogc.tile_matrix_sets"), {"tileMatrixSets": [one], "links": [*here(), *links]})


@blueprint.get(f"/tileMatrixSets/{TMS}")
@allow(*STAFF)
@reads(F)
def show_tile_matrix_set(query: dict[str, Any]) -> Response:
    """The usual web map's pyramid (OGC 17-083r4, annex D.1)."""
    matrices = [
        {
            "id": str(z),
            "scaleDenominator": CELL_M / 2**z / PIXEL_M,
            "cellSize": CELL_M / 2**z,
            "pointOfOrigin": [-HALF_WORLD_M, HALF_WORLD_M],
            "cornerOfOrigin": "topLeft",
            "matrixWidth": 2**z,
            "matrixHeight": 2**z,
            "tileWidth": 256,
            "tileHeight": 256,
        }
        for z in range(MAX_ZOOM + 1)
    ]
    content = {"id": TMS, "title": "Web Mercator", "uri": TMS_URI, "crs": CRS_3857, "tileMatrices": matrices}
    return answer(query, TMS, content | {"links": here()})


def _template(layer: Layer) -> str:
    return f"{root()}/collections/{layer.name}/tiles/{TMS}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"


def _bounds() -> list[float]:
    return list(VIETNAM if actor().is_national else commune().bbox)


@blueprint.get("/collections/<name>/tiles")
@allow(*STAFF)
@reads(F)
def list_tilesets(query: dict[str, Any], name: str) -> Response:
    """The tile sets of a layer: one."""
    layer = readable_layer(name)
    path = f"/collections/{layer.name}/tiles"
    links = [link("self", f"{path}/{TMS}?f=json", JSON, titled(layer))]
    one = {"title": titled(layer), "dataType": "vector", "crs": CRS_3857, "tileMatrixSetURI": TMS_URI, "links": links}
    return answer(query, titled(layer), {"tilesets": [one], "links": [*here(), *links]})


@blueprint.get(f"/collections/<name>/tiles/{TMS}")
@allow(*STAFF)
@reads(TILEJSON)
def show_tileset(query: dict[str, Any], name: str) -> Response:
    """Where the tiles of a layer are and what they hold; `f=tilejson` says it as TileJSON 3."""
    layer = readable_layer(name)
    fields = [f for f in layer.visible_fields(actor().reads_as) if f.in_tile]
    if query["f"] == "tilejson":
        names = {"{tileMatrix}": "{z}", "{tileRow}": "{y}", "{tileCol}": "{x}"}
        url = _template(layer)
        for ours, theirs in names.items():
            url = url.replace(ours, theirs)
        content = {
            "tilejson": "3.0.0", "name": titled(layer), "scheme": "xyz", "tiles": [url], "bounds": _bounds(),
            "minzoom": layer.min_zoom, "maxzoom": MAX_ZOOM,
            "vector_layers": [{"id": layer.name, "fields": {f.name: localised(f.title) for f in fields},
                               "minzoom": layer.min_zoom, "maxzoom": MAX_ZOOM}],
        }  # fmt: skip
        return answer({"f": "json"}, titled(layer), content)
    tiles = {"rel": "item", "type": MVT, "href": _template(layer), "templated": True}
    path = f"/collections/{layer.name}"
    content = {
        "title": titled(layer),
        "dataType": "vector",
        "crs": CRS_3857,
        "tileMatrixSetURI": TMS_URI,
        "boundingBox": {"lowerLeft": _bounds()[:2], "upperRight": _bounds()[2:],
                        "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"},
        "layers": [{"id": layer.name, "dataType": "vector", "minTileMatrix": str(layer.min_zoom),
                    "maxTileMatrix": str(MAX_ZOOM),
                    "propertiesSchema": {"type": "object",
                                         "properties": {f.name: {"title": localised(f.title)} for f in fields}}}],
        "links": [*here(), tiles, link(f"{REL}/tiling-scheme", f"/tileMatrixSets/{TMS}?f=json", JSON),
                  link("describedby", f"{path}/tiles/{TMS}?f=tilejson", "application/vnd.mapbox.tile+json"),
                  link("alternate", f"{path}/tiles/{TMS}?f=html", HTML)],
    }  # fmt: skip
    return answer(query, titled(layer), content)


@blueprint.get(f"/collections/<name>/tiles/{TMS}/<int:z>/<int:y>/<int:x>")
@allow(*STAFF)
def show_layer_tile(name: str, z: int, y: int, x: int) -> Response:
    """A vector tile of a layer: matrix, row, column."""
    return tile_answer(readable_layer(name).name, z, x, y)


@blueprint.get("/styles")
@allow(*STAFF)
@reads(F)
def list_styles(query: dict[str, Any]) -> Response:
    """A style for every layer that the caller may read."""
    styles = [
        {"id": layer.name, "title": titled(layer), "links": [link("stylesheet", f"/styles/{layer.name}", STYLE_JSON)]}
        for layer in readable_layers()
    ]
    links = [*here(), *(link("item", f"/styles/{one['id']}", STYLE_JSON, str(one["title"])) for one in styles)]
    return answer(query, t("ogc.styles"), {"styles": styles, "links": links})


@blueprint.get("/styles/<name>")
@allow(*STAFF)
def show_style(name: str) -> Response:
    """The Mapbox style of a layer, in the colours of the map; it names the tiles itself."""
    layer = readable_layer(name)
    url = _template(layer).replace("{tileMatrix}", "{z}").replace("{tileRow}", "{y}").replace("{tileCol}", "{x}")
    found = answer({"f": "json"}, titled(layer), map_style(layer, titled(layer), url, MAX_ZOOM))
    found.headers["Content-Type"] = STYLE_JSON
    return found
