"""The documents that describe layers to OGC clients: collection, schema, queryables, record; from the layer files."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from gis_app.crs import CRS84, NAMED_CRS
from gis_app.queries.communes import Commune
from gis_app.web.context import actor, may_edit
from gis_app.web.i18n import localised, t
from gis_app.web.ogc_parts import GEOJSON, HTML, JSON, MVT, SCHEMA_JSON, here, link, root, titled
from layers.base import SECTIONS, Field, Layer

# All of Vietnam, for who reads the outlines of all communes.
VIETNAM = (102.0, 6.0, 118.0, 24.0)
REL = "http://www.opengis.net/def/rel/ogc/1.0"
# What the whole API keeps to; tests show each of them (tests/db/test_ogc_conformance.py). `basic-spatial-operators` is
# the name of a draft, by which QGIS knows that boxes and intersections may be asked for.
CONFORMANCE = (
    *(f"http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/{name}" for name in ("core", "json", "html", "oas30")),
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    *(f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{name}"
      for name in ("core", "oas30", "html", "geojson")),
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    *(f"http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/{name}"
      for name in ("filter", "features-filter", "queryables", "queryables-query-parameters")),
    *(f"http://www.opengis.net/spec/cql2/1.0/conf/{name}"
      for name in ("cql2-text", "cql2-json", "basic-cql2", "advanced-comparison-operators",
                   "case-insensitive-comparison", "basic-spatial-functions", "basic-spatial-functions-plus",
                   "basic-spatial-operators", "spatial-functions")),
    *(f"http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/{name}"
      for name in ("create-replace-delete", "update", "features", "optimistic-locking-etags")),
    "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/schemas",
    *(f"http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/{name}"
      for name in ("core", "tileset", "tilesets-list", "geodata-tilesets", "mvt", "oas30")),
    "http://www.opengis.net/spec/tms/2.0/conf/tilematrixset",
)  # fmt: skip

_TYPES: Mapping[str, Mapping[str, str]] = {
    "text": {"type": "string"}, "int": {"type": "integer"}, "bigint": {"type": "integer"},
    "float": {"type": "number"}, "bool": {"type": "boolean"}, "date": {"type": "string", "format": "date"},
}  # fmt: skip
_GEOMETRY = {
    "POINT": "geometry-point", "LINESTRING": "geometry-linestring", "MULTILINESTRING": "geometry-multilinestring",
    "POLYGON": "geometry-polygon", "MULTIPOLYGON": "geometry-multipolygon",
}  # fmt: skip


def collection(layer: Layer, place: Commune | None) -> dict[str, Any]:
    """A layer as a collection; its extent is the commune's, so that it tells of no row."""
    path = f"/collections/{layer.name}"
    bbox = VIETNAM if place is None else place.bbox
    return {
        "id": layer.name,
        "title": titled(layer),
        "description": about(layer),
        "itemType": "feature",
        "extent": {"spatial": {"bbox": [list(bbox)], "crs": CRS84.uri}},
        "crs": [one.uri for one in NAMED_CRS],
        "storageCrs": CRS84.uri,
        "links": [
            link("self", f"{path}?f=json", JSON),
            link("alternate", f"{path}?f=html", HTML),
            link("items", f"{path}/items?f=json", GEOJSON, titled(layer)),
            link("items", f"{path}/items?f=html", HTML, titled(layer)),
            link(f"{REL}/queryables", f"{path}/queryables", SCHEMA_JSON, t("ogc.fields")),
            link(f"{REL}/schema", f"{path}/schema", SCHEMA_JSON),
            link("describedby", f"{path}/record", GEOJSON),
            link(f"{REL}/tilesets-vector", f"{path}/tiles?f=json", JSON),
            link("stylesheet", f"/styles/{layer.name}", "application/vnd.mapbox.style+json"),
        ],
    }


def about(layer: Layer) -> str:
    """One line of a layer: its heading in the switcher."""
    return f"{localised(SECTIONS[layer.section])} · {titled(layer)}" if layer.section in SECTIONS else titled(layer)


def _property(f: Field, place: int) -> dict[str, Any]:
    found: dict[str, Any] = {"title": localised(f.title), **_TYPES[f.type], "x-ogc-propertySeq": place}
    if f.choices:
        found["enum"] = [choice.code for choice in f.choices]
        found["description"] = "; ".join(f"{c.code}: {localised((c.vi, c.en))}" for c in f.choices)
    elif f.type == "text":
        found["maxLength"] = f.max_length
    if f.low is not None and f.high is not None:
        found |= {"minimum": f.low, "maximum": f.high}
    if f.unit:
        found["x-ogc-unit"] = f.unit
    if f.managed:
        found["readOnly"] = True
    return found


def schema(layer: Layer, kind: str) -> dict[str, Any]:
    """The JSON schema of a layer's features (`schema`) or of what a filter may name (`queryables`)."""
    fields = layer.visible_fields(actor().reads_as)
    properties: dict[str, Any] = {
        "id": {"type": "integer", "readOnly": True, "x-ogc-role": "id", "x-ogc-propertySeq": 1},
        "geom": {"format": _GEOMETRY[layer.geometry], "x-ogc-role": "primary-geometry", "x-ogc-propertySeq": 2},
        "external_id": {"type": "string", "maxLength": 100, "x-ogc-propertySeq": 3},
    }
    properties |= {f.name: _property(f, place) for place, f in enumerate(fields, 4)}
    if kind == "schema" and may_edit(layer):
        # Sent back unchanged it says what a replacement started from (ogc_replace.py).
        about_version = {"title": t("ogc.version"), "type": "integer", "readOnly": True}
        properties["version"] = about_version | {"x-ogc-propertySeq": len(fields) + 4}
    found: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{root()}/collections/{layer.name}/{kind}",
        "type": "object",
        "title": titled(layer),
        "properties": properties,
        "additionalProperties": False,
    }
    required = [f.name for f in fields if f.required and f.default is None]
    return found | ({"required": required} if required and kind == "schema" else {})


def record(layer: Layer, place: Commune | None, count: int, updated: dt.datetime | None) -> dict[str, Any]:
    """What a catalogue says of a layer, as a record of OGC API Records."""
    west, south, east, north = VIETNAM if place is None else place.bbox
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    owner = "" if place is None else place.full_name
    properties: dict[str, Any] = {
        "type": "dataset",
        "title": f"{titled(layer)}{' · ' if owner else ''}{owner}",
        "description": about(layer),
        "language": {"code": "vi"},
        "keywords": [*layer.title, layer.name],
        "formats": [{"name": "GeoJSON", "mediaType": GEOJSON}, {"name": "Mapbox Vector Tiles", "mediaType": MVT}],
        "license": "other",
        "count": count,
        "fields": [f"{f.name}: {localised(f.title)}{f' ({f.unit})' if f.unit else ''}"
                   for f in layer.visible_fields(actor().reads_as)],
    }  # fmt: skip
    if updated is not None:
        properties["updated"] = updated.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if place is not None and place.is_demo:
        properties["description"] += " · " + localised(
            ("Số liệu trình diễn, không có thật", "Invented demonstration data")
        )
    path = f"/collections/{layer.name}"
    return {
        "id": layer.name,
        "type": "Feature",
        "conformsTo": ["http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-core"],
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "time": None,
        "properties": properties,
        "links": [*here(GEOJSON), link("collection", f"{path}?f=json", JSON),
                  link("item", f"{path}/items?f=json", GEOJSON)],
    }  # fmt: skip
