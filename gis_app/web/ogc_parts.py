"""What the resources of /ogc/ share: addresses, links, parameters, answers as JSON or as a page. No views."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from flask import Response, current_app, render_template, request
from shapely.geometry.base import BaseGeometry

from gis_app.crs import CRS84, NamedCrs, named_crs
from gis_app.web.context import actor, commune
from gis_app.web.i18n import localised, t
from gis_app.web.params import MAX_TEXT, Malformed, Param, finite, one_of, whole
from layers.base import Layer

JSON, HTML, GEOJSON = "application/json", "text/html", "application/geo+json"
SCHEMA_JSON = "application/schema+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
MVT = "application/vnd.mapbox-vector-tile"
MAX_LIMIT, DEFAULT_LIMIT = 10_000, 100
# What a layer can be written as (jobs/export_layer.py).
FILE_FORMATS = ("gpkg", "shp", "geojson", "kml", "csv", "xlsx", "fgb", "parquet")

# Links that lead a person on, by the end of their relation.
_FOR_PEOPLE = frozenset(
    {"collection", "conformance", "data", "items", "queryables", "service-doc", "styles", "tiling-schemes"}
)

F = Param("f", one_of("json", "html"), "Answer as JSON or as a page", {"enum": ["json", "html"]})


def root() -> str:
    """The address of the API as its clients see it; TLS ends in front of this program."""
    scheme = "https" if current_app.config["SETTINGS"].secure_cookies else request.scheme
    return f"{scheme}://{request.host}/ogc"


def link(rel: str, path: str, kind: str, title: str = "") -> dict[str, str]:
    """A link to a path below /ogc."""
    found = {"rel": rel, "type": kind, "href": f"{root()}{path}"}
    return found | ({"title": title} if title else {})


def here(kind: str = JSON) -> list[dict[str, str]]:
    """The links of every resource: itself, and itself as a page."""
    path = request.path.removeprefix("/ogc")
    own = {name: value for name, value in request.args.items() if name != "f"}
    asked = "".join(f"&{name}={value}" for name, value in own.items() if value.isalnum())
    return [link("self", f"{path}?f=json{asked}", kind), link("alternate", f"{path}?f=html{asked}", HTML)]


def wants_page(query: Mapping[str, Any]) -> bool:
    """Whether a person's browser asks, or `f=html` says so."""
    if query["f"] is not None:
        return bool(query["f"] == "html")
    return request.accept_mimetypes.best_match([JSON, GEOJSON, HTML], default=JSON) == HTML


def answer(query: Mapping[str, Any], title: str, content: Mapping[str, Any], kind: str = JSON) -> Response:
    """A document as JSON, or as a page of its links and what they lead to."""
    if wants_page(query):
        return page(title, content.get("links", ()), content)
    return Response(json.dumps(content, ensure_ascii=False), mimetype=kind)


def page(
    title: str,
    links: Sequence[Mapping[str, str]],
    content: Mapping[str, Any] | None = None,
    table: tuple[Sequence[str], Sequence[Sequence[Any]]] = ((), ()),
) -> Response:
    """A page for people who look at the API with a browser."""
    content = content or {}
    text = render_template(
        "ogc/index.html",
        place=None if actor().is_national else commune(),
        title=title,
        about=content.get("description", ""),
        links=links,
        ways=_ways(links),
        following=next((one["href"] for one in links if one["rel"] == "next"), None),
        rows=content.get("collections", ()),
        table=_fields(content) if "$schema" in content else table,
    )
    return Response(text, mimetype=HTML)


def _ways(links: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Where a person goes on from here: titles and the addresses of pages."""
    found: dict[str, str] = {}
    for one in links:
        rel = one["rel"].rsplit("/", 1)[-1]
        if rel in _FOR_PEOPLE and one.get("title"):
            found.setdefault(
                t("ogc.items") if rel == "items" else one["title"], one["href"].replace("f=json", "f=html")
            )
    return found


def _fields(schema: Mapping[str, Any]) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """The fields of a JSON schema as a table: name, title, what stands in it."""
    own = {"id": t("ogc.number"), "geom": t("ogc.shape"), "external_id": t("ogc.code")}
    rows = [
        (name, one.get("title") or own.get(name, ""), one.get("description") or _kind(one))
        for name, one in schema["properties"].items()
    ]
    return (t("ogc.field"), t("ogc.meaning"), t("ogc.value")), rows


def _kind(one: Mapping[str, Any]) -> str:
    kind = "date" if one.get("format") == "date" else one.get("type", "shape")
    unit = one.get("x-ogc-unit")
    return f"{t(f'ogc.kind_{kind}')}{f' ({unit})' if unit else ''}"


def titled(layer: Layer) -> str:
    """The layer's title in the language of the request."""
    return localised(layer.title)


def crs(text: str) -> NamedCrs:
    """A CRS by its URI or CURIE."""
    found = named_crs(text) if len(text) <= MAX_TEXT else None
    if found is None:
        raise Malformed("crs")
    return found


def limit(text: str) -> int:
    """A page's size; more than the most is the most (Part 1, 7.15.2)."""
    return min(whole(1, 10**9)(text), MAX_LIMIT)


def bbox(text: str) -> BaseGeometry:
    """Four numbers, or six with heights, in the axis order of `bbox-crs`."""
    numbers = [finite(part) for part in text.split(",")]
    if len(numbers) not in (4, 6):
        raise Malformed("bbox")
    half = len(numbers) // 2
    (low_a, low_b), (high_a, high_b) = numbers[:2], numbers[half : half + 2]
    if low_a > high_a or low_b > high_b:
        raise Malformed("bbox")
    if low_a < high_a and low_b < high_b:
        return shapely.box(low_a, low_b, high_a, high_b)
    corners = [(low_a, low_b), (high_a, high_b)]
    return shapely.Point(corners[0]) if corners[0] == corners[1] else shapely.LineString(corners)


def span(text: str) -> tuple[dt.date | None, dt.date | None]:
    """An instant or `start/end` of RFC 3339; `..` or nothing is an open end."""
    ends = text.split("/")
    if len(ends) > 2 or set(ends) <= {"", ".."}:
        raise Malformed("datetime")
    found = [None if end in ("", "..") and len(ends) == 2 else _moment(end) for end in ends]
    start, end = (found[0], found[-1])
    if start is not None and end is not None and start > end:
        raise Malformed("datetime")
    return start, end


def _moment(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text) if len(text) == 10 else dt.datetime.fromisoformat(text).date()
    except ValueError as error:
        raise Malformed("datetime") from error


def long_text(text: str) -> str:
    """A filter; its own reader bounds it."""
    return text


CRS_PARAM = Param("crs", crs, "CRS of the coordinates in the answer (default CRS84)", default=CRS84)
ITEMS_PARAMS = (
    F,
    CRS_PARAM,
    Param("bbox", bbox, "Features that touch a box: minimum, then maximum of both axes of `bbox-crs`"),
    Param("bbox-crs", crs, "CRS of `bbox` (default CRS84)", default=CRS84),
    Param("datetime", span, "Features that hold at a time: an instant or start/end", default=(None, None)),
    Param("filter", long_text, "CQL2 expression", default=""),
    Param("filter-lang", one_of("cql2-text", "cql2-json"), "Encoding of `filter`",
          {"enum": ["cql2-text", "cql2-json"]}, default="cql2-text"),
    Param("filter-crs", crs, "CRS of shapes in `filter` (default CRS84)", default=CRS84),
    Param("limit", limit, "Most features in the answer",
          {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}, default=DEFAULT_LIMIT),
    Param("after", whole(0, 2**62), "Go on after this id (of a `next` link)", {"type": "integer"}),
)  # fmt: skip
