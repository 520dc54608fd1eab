"""OGC API Features: the features of a layer, filtered, paged and in any CRS of ours; one feature."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from gis_app.crs import NamedCrs
from gis_app.errors import BadRequest, NotFound
from gis_app.queries.cql2_sql import columns_of
from gis_app.queries.ogc_items import ItemPage, ItemQuery, fetch_item, fetch_items
from gis_app.web.context import actor, allow, connection, may_edit, readable_layer
from gis_app.web.i18n import localised, t, words
from gis_app.web.ogc_parts import (
    CRS_PARAM,
    GEOJSON,
    HTML,
    ITEMS_PARAMS,
    JSON,
    F,
    link,
    page,
    titled,
    wants_page,
)
from gis_app.web.params import plain, read_query, reads
from gis_app.web.values import MAX_ID
from layers.base import STAFF, Field, Layer

blueprint = Blueprint("ogc_items", __name__, url_prefix="/ogc")


def _equal(layer: Layer) -> tuple[Any, ...]:
    """`?state=working`: a queryable by its name is an equality."""
    found = []
    for name, kind in columns_of(layer, actor().reads_as).items():
        text = request.args.get(name)
        if text is not None:
            found.append({"op": "=", "args": [{"property": name}, _typed(name, kind, text)]})
    return tuple(found)


def _typed(name: str, kind: str, text: str) -> Any:
    try:
        if kind == "number":
            return float(text)
        if kind == "bool":
            return {"true": True, "false": False}[text]
        return {"date": plain(text)} if kind == "date" else plain(text)
    except (ValueError, KeyError) as error:
        raise BadRequest(
            "bad_parameter", name=name, rule={"bool": "bool", "number": "number"}.get(kind, "text")
        ) from error


@blueprint.get("/collections/<name>/items", provide_automatic_options=False)
@allow(*STAFF)
def list_items(name: str) -> Response:
    """Features of a layer: in a box, of a time, by CQL2 or by value; in any CRS; by pages."""
    layer = readable_layer(name)
    query = read_query(ITEMS_PARAMS, others=list(columns_of(layer, actor().reads_as)))
    wanted = ItemQuery(
        crs=query["crs"],
        bbox=query["bbox"],
        bbox_crs=query["bbox-crs"],
        span=query["datetime"],
        filter=query["filter"],
        filter_lang=query["filter-lang"],
        filter_crs=query["filter-crs"],
        equal=_equal(layer),
        after=query["after"],
        limit=query["limit"],
        with_version=may_edit(layer),
    )
    found = fetch_items(connection(), layer, actor().reads_as, wanted)
    links = _links(layer, found)
    if wants_page(query):
        return _page(layer, found, links)
    head = f'"numberMatched":{found.matched},"numberReturned":{found.count},"links":{json.dumps(links)}'
    text = f'{{"type":"FeatureCollection",{head},"features":[{found.text}]}}'
    return _with_crs(Response(text, mimetype=GEOJSON), wanted.crs)


list_items.params = ITEMS_PARAMS  # type: ignore[attr-defined]


def _links(layer: Layer, found: ItemPage) -> list[dict[str, str]]:
    path = f"/collections/{layer.name}"
    own = {name: value for name, value in request.args.items() if name not in ("f", "after")}

    def to(rel: str, kind: str, **more: Any) -> dict[str, str]:
        return link(rel, f"{path}/items?{urlencode(own | more)}", kind)

    after = {"after": request.args["after"]} if request.args.get("after") else {}
    links = [to("self", GEOJSON, f="json", **after), to("alternate", HTML, f="html", **after)]
    links.append(link("collection", f"{path}?f=json", JSON, titled(layer)))
    if found.next_after is not None:
        links.append(
            to("next", GEOJSON, f="html" if request.args.get("f") == "html" else "json", after=found.next_after)
        )
    return links


def _shown(f: Field, value: Any) -> Any:
    """A value as a person reads it."""
    if value is None or value == "":
        return ""
    if f.choices:
        return next((localised((c.vi, c.en)) for c in f.choices if c.code == value), value)
    if f.type == "date":
        return dt.date.fromisoformat(value).strftime("%d/%m/%Y")
    if f.type == "bool":
        return t("common.yes") if value else t("common.no")
    if isinstance(value, int | float):
        value = words().number(Decimal(str(value)))
    return f"{value}\u00a0{f.unit}" if f.unit else value


def _page(layer: Layer, found: ItemPage, links: list[dict[str, str]]) -> Response:
    fields = layer.visible_fields(actor().reads_as)
    features = [(one["id"], one["properties"]) for one in json.loads(f"[{found.text}]")]
    rows = [
        [number, values["external_id"] or "", *(_shown(f, values[f.name]) for f in fields)]
        for number, values in features
    ]
    head = [t("ogc.number"), t("ogc.code"), *(localised(f.title) for f in fields)]
    return page(f"{titled(layer)} ({words().number(found.matched)})", links, None, (head, rows))


def _with_crs(found: Response, crs: NamedCrs) -> Response:
    found.headers["Content-Crs"] = f"<{crs.uri}>"
    return found


@blueprint.get("/collections/<name>/items/<int:feature_id>", provide_automatic_options=False)
@allow(*STAFF)
@reads(F, CRS_PARAM)
def show_item(query: dict[str, Any], name: str, feature_id: int) -> Response:
    """One feature; 404 alike for one that does not exist and one of another commune."""
    layer = readable_layer(name)
    role = actor().reads_as
    found = None
    if feature_id <= MAX_ID:
        found = fetch_item(connection(), layer, role, feature_id, query["crs"], with_version=may_edit(layer))
    if found is None:
        raise NotFound("feature_not_found", layer=name)
    text, version = found
    path = f"/collections/{layer.name}"
    own = f"{path}/items/{feature_id}"
    links = [
        link("self", f"{own}?f=json", GEOJSON),
        link("alternate", f"{own}?f=html", HTML),
        link("collection", f"{path}?f=json", JSON, titled(layer)),
    ]
    if wants_page(query):
        properties = json.loads(text)["properties"]
        rows = [(t("ogc.code"), properties["external_id"] or "")]
        rows += [(localised(f.title), _shown(f, properties[f.name])) for f in layer.visible_fields(role)]
        return page(f"{titled(layer)} #{feature_id}", links, None, ((), rows))
    answer = Response(f'{text[:-1]},"links":{json.dumps(links)}}}', mimetype=GEOJSON)
    answer.set_etag(str(version))
    return _with_crs(answer, query["crs"])
