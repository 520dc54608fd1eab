"""OGC API at /ogc/: what it is, what it keeps to, and its collections: the layers that the caller may read."""

from typing import Any

from flask import Blueprint, Response, redirect
from werkzeug.wrappers import Response as AnyResponse

from gis_app.queries.communes import Commune
from gis_app.queries.ogc_items import fetch_freshness
from gis_app.web import ogc_documents as documents
from gis_app.web.api_document import api_document
from gis_app.web.context import actor, allow, commune, connection, readable_layer, readable_layers
from gis_app.web.i18n import t
from gis_app.web.ogc_parts import GEOJSON, HTML, JSON, OPENAPI, SCHEMA_JSON, F, answer, here, link, titled
from gis_app.web.params import reads
from layers.base import STAFF

blueprint = Blueprint("ogc", __name__, url_prefix="/ogc")


def _place() -> Commune | None:
    return None if actor().is_national else commune()


@blueprint.get("/")
@allow(*STAFF)
@reads(F)
def show_landing(query: dict[str, Any]) -> Response:
    """The landing page: where everything is."""
    place = _place()
    content = {
        "title": t("ogc.title") if place is None else f"{t('ogc.title')} · {place.full_name}",
        "description": t("ogc.about"),
        "links": [
            *here(),
            link("service-desc", "/api?f=json", OPENAPI, t("ogc.api")),
            link("service-doc", "/api?f=html", HTML, t("ogc.api")),
            link("conformance", "/conformance?f=json", JSON, t("ogc.conformance")),
            link("data", "/collections?f=json", JSON, t("ogc.collections")),
            link(f"{documents.REL}/tiling-schemes", "/tileMatrixSets?f=json", JSON, t("ogc.tile_matrix_sets")),
            link(f"{documents.REL}/styles", "/styles?f=json", JSON, t("ogc.styles")),
        ],
    }
    return answer(query, str(content["title"]), content)


@blueprint.get("/api")
@allow(*STAFF)
@reads(F)
def show_api(query: dict[str, Any]) -> Response | AnyResponse:
    """The OpenAPI 3.0 document of this API."""
    document = api_document(t("ogc.title"), ("/ogc/",)) | {
        "servers": [{"url": link("", "", "")["href"][: -len("/ogc")]}]
    }
    if query["f"] == "html":
        paths = [
            link(", ".join(sorted(ways)).upper(), path.removeprefix("/ogc"), JSON, next(iter(ways.values()))["summary"])
            for path, ways in document["paths"].items()
        ]
        return answer(query, t("ogc.api"), {"links": paths})
    found = answer({"f": "json"}, t("ogc.api"), document)
    found.headers["Content-Type"] = OPENAPI
    return found


@blueprint.get("/conformance")
@allow(*STAFF)
@reads(F)
def show_conformance(query: dict[str, Any]) -> Response:
    """The conformance classes that tests show."""
    content = {"conformsTo": list(documents.CONFORMANCE), "links": here()}
    shown = [{"rel": "", "href": uri, "type": ""} for uri in documents.CONFORMANCE]
    return answer(query, t("ogc.conformance"), content | ({"links": shown} if query["f"] == "html" else {}))


@blueprint.get("/collections")
@allow(*STAFF)
@reads(F)
def list_collections(query: dict[str, Any]) -> Response:
    """The layers that the caller may read."""
    place = _place()
    found = [documents.collection(layer, place) for layer in readable_layers()]
    crs = found[0]["crs"] if found else []
    for one in found:
        one["crs"] = ["#/crs"]
    return answer(query, t("ogc.collections"), {"links": here(), "crs": crs, "collections": found})


@blueprint.get("/collections/<name>")
@allow(*STAFF)
@reads(F)
def show_collection(query: dict[str, Any], name: str) -> Response:
    """One layer."""
    layer = readable_layer(name)
    return answer(query, titled(layer), documents.collection(layer, _place()))


@blueprint.get("/collections/<name>/queryables")
@allow(*STAFF)
@reads(F)
def show_queryables(query: dict[str, Any], name: str) -> Response:
    """What a filter of a layer may name."""
    layer = readable_layer(name)
    found = documents.schema(layer, "queryables")
    return answer(query, f"{titled(layer)}: {t('ogc.fields')}", found, SCHEMA_JSON)


@blueprint.get("/collections/<name>/schema")
@allow(*STAFF)
@reads(F)
def show_schema(query: dict[str, Any], name: str) -> Response:
    """The JSON schema of a layer's features."""
    layer = readable_layer(name)
    found = documents.schema(layer, "schema")
    return answer(query, f"{titled(layer)}: {t('ogc.fields')}", found, SCHEMA_JSON)


@blueprint.get("/collections/<name>/record")
@allow(*STAFF)
@reads(F)
def show_record(query: dict[str, Any], name: str) -> Response:
    """What a catalogue says of a layer."""
    layer = readable_layer(name)
    count, updated = fetch_freshness(connection(), layer, actor().reads_as)
    return answer(query, titled(layer), documents.record(layer, _place(), count, updated), GEOJSON)


@blueprint.get("")
@allow(*STAFF)
def show_root() -> AnyResponse:
    """The landing page has a slash at its end."""
    return redirect("/ogc/", 308)
