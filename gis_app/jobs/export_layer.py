"""A layer as a file: any format, filter and area, in WGS 84 or a VN-2000 zone; for a page and the command line."""

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.crs import STORED
from gis_app.errors import BadRequest, TooLarge
from gis_app.formats import csv, geojson, kml
from gis_app.formats.geoparquet import write_geoparquet
from gis_app.formats.osm_export import TAGGED
from gis_app.formats.table import Column, Table, write_flatgeobuf, write_geopackage, write_shapefile
from gis_app.formats.table_xlsx import write_xlsx
from gis_app.jobs.export_asked import DIRECT_POINTS, DIRECT_ROWS, ExportAsked, ExportedFile, go_on
from gis_app.queries.audit import record_event
from gis_app.queries.exports import fetch_export, fetch_size
from gis_app.words import Words
from layers.base import Layer

# KML knows no other CRS.
ONLY_WGS84 = ("kml",)


def _geojson(table: Table, _layer: Layer) -> bytes:
    out = io.BytesIO()
    geojson.write(table.frame(), out, keep_crs=True)
    return out.getvalue()


def _csv(table: Table, _layer: Layer) -> bytes:
    out = io.BytesIO()
    csv.write(table.frame(), out, keep_crs=True)
    return out.getvalue()


def _kml(table: Table, layer: Layer) -> bytes:
    out, style = io.BytesIO(), layer.style
    kml.write(table.frame(), out, label=layer.label, by=style.by, colors=style.colors if style.by else {})
    return out.getvalue()


# Format -> suffix, media type, writer.
FORMATS: Mapping[str, tuple[str, str, Callable[[Table, Layer], bytes]]] = {
    "geojson": (".geojson", "application/geo+json", _geojson),
    "gpkg": (".gpkg", "application/geopackage+sqlite3", lambda table, _: write_geopackage(table)),
    "shp": (".zip", "application/zip", lambda table, _: write_shapefile(table)),
    "kml": (".kml", "application/vnd.google-earth.kml+xml", _kml),
    "csv": (".csv", "text/csv; charset=utf-8", _csv),
    "xlsx": (".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
             lambda table, _: write_xlsx(table)),
    "parquet": (".parquet", "application/vnd.apache.parquet", lambda table, _: write_geoparquet(table)),
    "fgb": (".fgb", "application/vnd.flatgeobuf", lambda table, _: write_flatgeobuf(table)),
}  # fmt: skip


def check_asked(layer: Layer, asked: ExportAsked) -> None:
    """Refuse what no file can be.

    Raises
    ------
    BadRequest
        `only_wgs84` for formats that know nothing else, `no_osm_tags` for layers without.
    """
    if asked.format in ONLY_WGS84 and asked.srid != STORED:
        raise BadRequest("only_wgs84", format=asked.format)
    if asked.osm and layer.name not in TAGGED:
        raise BadRequest("no_osm_tags", layer=layer.name)


def is_small(conn: Connection, layer: Layer, role: str, asked: ExportAsked) -> bool:
    """Whether a request may write it itself; raises BadFilter."""
    rows, points = fetch_size(conn, layer, role, asked.wanted, asked.group_id, DIRECT_ROWS)
    return rows <= DIRECT_ROWS and points <= DIRECT_POINTS


def export_layer(
    conn: Connection, layer: Layer, role: str, asked: ExportAsked, words: Words, step: Callable[[int, str], Any] = go_on
) -> ExportedFile:
    """Write the rows that the actor may see; the audit keeps what was taken and how much.

    Raises
    ------
    BadRequest
        What `check_asked` refuses, a bad filter.
    TooLarge
        `export_too_large`.
    """
    check_asked(layer, asked)
    step(5, "reading")
    rows = fetch_export(conn, layer, role, asked.wanted, asked.srid, asked.group_id)
    if len(rows) > asked.wanted.limit:
        raise TooLarge("export_too_large", limit=asked.wanted.limit)
    step(30, "writing")
    table = _table(layer, role, rows, asked, words)
    suffix, media_type, write = FORMATS[asked.format]
    detail = {"format": asked.format, "srid": asked.srid, "rows": len(rows), "filter": asked.wanted.filter[:500]}
    record_event(conn, "export", layer.name, detail)
    tail = "" if asked.srid == STORED else f"-{asked.srid}"
    return ExportedFile(write(table, layer), media_type, f"{layer.name}{tail}{suffix}", len(rows))


def _table(layer: Layer, role: str, rows: Sequence[sa.Row[Any]], asked: ExportAsked, words: Words) -> Table:
    fields = layer.visible_fields(role)
    columns = [Column("external_id", "text", "external_id", "", [row.external_id for row in rows])]
    columns += [
        Column(f.name, f.type, words.of(f.title), f.unit, [row._mapping[f.name] for row in rows]) for f in fields
    ]
    if asked.osm:
        columns = _tagged(layer, columns, len(rows))
    changed_at = max((row.updated_at for row in rows), default=datetime(1980, 1, 1, tzinfo=UTC))
    wkb = [bytes(row.wkb) for row in rows]
    return Table(layer.name, words.of(layer.title), layer.geometry, asked.srid, columns, wkb, changed_at)


def _tagged(layer: Layer, columns: Sequence[Column], count: int) -> list[Column]:
    rows = [TAGGED[layer.name]({column.name: column.values[n] for column in columns}) for n in range(count)]
    kinds = {column.name: column for column in columns}
    names = list(rows[0]) if rows else list(TAGGED[layer.name]({}))
    return [
        Column(name, kinds[name].type if name in kinds else "text", name, kinds[name].unit if name in kinds else "",
               [row[name] for row in rows])
        for name in names
    ]  # fmt: skip
