# ruff: noqa: E501 - a line is a file
"""Bad files of the corpus that are archives or databases: zip, GeoPackage, XLSX, OpenStreetMap extracts."""

import io
import struct
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl

from tests import difficulties as hard
from tests.bad_base import LAT, LAUGHS, LON, URL, VRT, Bad, text_of, zip_of
from tests.builders import MAU

_HEAD = "id,lon,lat\n"
_ROW = f"C1,{LON},{LAT}\nC2,{LON},{LAT}\n"


def _made(make: Callable[[Path], Path]) -> Callable[[], bytes]:
    """The bytes of a file that a maker writes into a folder."""

    def bytes_of() -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            return make(Path(folder)).read_bytes()

    return bytes_of


def _parts(table: gpd.GeoDataFrame | None = None) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        found = hard.shapefile_parts(Path(folder) / "p", hard.lamps() if table is None else table)
    return {f"den{suffix}": data for suffix, data in found.items()}


def _changed(**changed: Callable[[bytes], bytes]) -> Callable[[], bytes]:
    """A zipped Shapefile of which some parts are changed, or left out where nothing is returned."""

    def make() -> bytes:
        parts = _parts()
        for suffix, change in changed.items():
            parts[f"den.{suffix}"] = change(parts.get(f"den.{suffix}", b""))
        return zip_of({name: data for name, data in parts.items() if data})

    return make


def _encrypted() -> bytes:
    data = bytearray(zip_of({"den.shp": b"x", "den.dbf": b"x"}))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = 0
        while (start := data.find(mark, start)) >= 0:
            data[start + at] |= 1
            start += 4
    return bytes(data)


def _areas() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"id": ["A"]}, geometry=[MAU.box(0, 0, 100, 100)], crs=4326)


ZIP = {
    "slip": Bad("a.zip", _made(lambda folder: hard.zip_slip(folder / "a.zip", hard.lamps())), "file:zip_path"),
    "absolute": Bad("a.zip", lambda: zip_of({"/etc/den.shp": b"x"}), "file:zip_path"),
    "backslash": Bad("a.zip", lambda: zip_of({"..\\..\\den.shp": b"x"}), "file:zip_path"),
    "drive": Bad("a.zip", lambda: zip_of({"C:den.shp": b"x"}), "file:zip_path"),
    "link": Bad("a.zip", _made(lambda folder: hard.zip_with_link(folder / "a.zip")), "file:zip_link"),
    "bomb": Bad("a.zip", _made(lambda folder: hard.zip_bomb(folder / "a.zip")), "file:zip_bomb", apart=True),
    "ratio": Bad("a.zip", _made(lambda folder: hard.zip_bomb(folder / "a.zip", 30 * 2**20)), "file:zip_bomb"),
    "lying": Bad("a.zip", _made(lambda folder: hard.lying_bomb(folder / "a.zip")), "file:zip_b*"),
    "many": Bad("a.zip", _made(lambda folder: hard.many_entries(folder / "a.zip")), "file:zip_too_many"),
    "locked": Bad("a.zip", _encrypted, "file:zip_encrypted"),
    "two": Bad("a.zip", lambda: zip_of({f"{n}.{s}": b"x" for n in "ab" for s in ("shp", "dbf")}), "file:several_layers"),
    "none": Bad("a.zip", lambda: zip_of({"readme.txt": b"x"}), "file:shp_missing"),
    "zip_in_zip": Bad("a.zip", lambda: zip_of({"b.zip": zip_of(_parts())}), "file:shp_missing"),
    "vrt_in_zip": Bad("a.zip", lambda: zip_of({"a.vrt": VRT.encode()}), "file:shp_missing", apart=True),
    "vrt_as_shp": Bad("a.zip", lambda: zip_of({"a.shp": VRT.encode(), "a.dbf": b""}), "file:not_shp", apart=True),
    "no_dbf": Bad("a.zip", _changed(dbf=lambda _: b""), "file:shp_missing"),
    "no_zip": Bad("a.zip", text_of("no zip at all"), "file:zip_broken"),
    "cut": Bad("a.zip", lambda: zip_of(_parts())[:400], "file:zip_broken"),
    "empty_zip": Bad("a.zip", lambda: zip_of({}), "file:shp_missing"),
    "no_shx": Bad("a.zip", _changed(shx=lambda _: b""), "good", apart=True),
    "prj_garbage": Bad("a.zip", _changed(prj=lambda _: b"no projection"), "crs_unreadable:good"),
    "prj_huge": Bad("a.zip", _changed(prj=lambda _: b"PROJCS[" * 50_000), "crs_unreadable:good"),
    "prj_nul": Bad("a.zip", _changed(prj=lambda _: b"\0\xff\xfe\0"), "crs_unreadable:good"),
    "prj_blank": Bad("a.zip", _changed(prj=lambda _: b" \r\n"), "good"),
    "prj_of_elsewhere": Bad("a.zip", _changed(prj=lambda _: b"EPSG:2000"), "crs_unreadable:good"),
    "cpg_unknown": Bad("a.zip", _changed(cpg=lambda _: b"KLINGON"), "good"),
    "cpg_rot13": Bad("a.zip", _changed(cpg=lambda _: b"rot13"), "good"),
    "dbf_cut": Bad("a.zip", _changed(dbf=lambda data: data[:40]), "*", apart=True),
    "dbf_claims_much": Bad("a.zip", _changed(dbf=lambda data: data[:4] + struct.pack("<I", 2**31 - 1) + data[8:]), "*", apart=True),
    "shp_claims_much": Bad("a.zip", _changed(shp=lambda data: data[:24] + struct.pack(">I", 2**30) + data[28:]), "*", apart=True),
    "shp_zeros": Bad("a.zip", _changed(shp=lambda data: data[:100] + bytes(len(data) - 100)), "*", apart=True),
    "shp_head_alone": Bad("a.zip", _changed(shp=lambda data: data[:100], shx=lambda _: b""), "*", apart=True),
    "areas_for_lights": Bad("a.zip", lambda: zip_of(_parts(_areas())), "row:*"),
}  # fmt: skip


def _package(*statements: str, table: gpd.GeoDataFrame | None = None) -> Callable[[], bytes]:
    source = hard.lamps() if table is None else table
    return _made(lambda folder: hard.geopackage(folder / "a.gpkg", source, *statements))


def _srs(srs_id: int, definition: str | None = None) -> Sequence[str]:
    """Statements that let the table declare other coordinates, with a definition of their own if one is given."""
    row = f"INSERT INTO gpkg_spatial_ref_sys VALUES ('Hệ lạ', {srs_id}, 'NONE', {srs_id}, '{definition}', NULL)"
    tables = ("gpkg_contents", "gpkg_geometry_columns")
    return (*([row] if definition is not None else []), *(f"UPDATE {name} SET srs_id = {srs_id}" for name in tables))


PACKAGE = {
    "fake": Bad("a.gpkg", text_of(VRT), "file:not_gpkg", apart=True),
    "sqlite_alone": Bad("a.gpkg", lambda: b"SQLite format 3\0" + bytes(500), "file:not_gpkg"),
    "view": Bad("a.gpkg", _package("CREATE VIEW v AS SELECT * FROM den"), "file:gpkg_virtual"),
    "virtual": Bad("a.gpkg", _package("CREATE VIRTUAL TABLE t USING fts4(x)"), "file:gpkg_virtual"),
    "half": Bad("a.gpkg", lambda: _package()()[:40_000], "*", apart=True),
    "no_table": Bad("a.gpkg", _package("DELETE FROM gpkg_contents"), "file:gpkg_empty"),
    "table_gone": Bad("a.gpkg", _package("UPDATE gpkg_contents SET table_name = 'none' WHERE 1"), "file:not_gpkg"),
    "quoted_name": Bad("a.gpkg", _package("UPDATE gpkg_contents SET table_name = 'a\"; DROP TABLE den; --'"), "file:not_gpkg"),
    "srs_nonsense": Bad("a.gpkg", _package(*_srs(777_777, "nonsense")), "crs_unreadable:good", apart=True),
    "srs_blank": Bad("a.gpkg", _package(*_srs(777_778, "")), "crs_unreadable:good"),
    "srs_local": Bad("a.gpkg", _package(*_srs(777_779, 'LOCAL_CS["Múi",UNIT["metre",1]]')), "crs_unreadable:good"),
    "srs_missing": Bad("a.gpkg", _package(*_srs(777_780)), "crs_unreadable:good"),
    "srs_undefined": Bad("a.gpkg", _package(*_srs(0)), "good"),
    "no_geometry_columns": Bad("a.gpkg", _package("DELETE FROM gpkg_geometry_columns"), "*", apart=True),
}  # fmt: skip


def _book(rows: Sequence[Sequence[Any]], **more: bytes) -> Callable[[], bytes]:
    def make() -> bytes:
        book = openpyxl.Workbook()
        page = book.active
        assert page is not None
        for row in rows:
            page.append(list(row))
        out = io.BytesIO()
        book.save(out)
        return _repacked(out.getvalue(), {name.replace("__", "/"): data for name, data in more.items()})

    return make


def _repacked(data: bytes, more: Mapping[str, bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    return zip_of(entries | dict(more))


_LAMPS = (("Mã", "lon", "lat"), ("E1", LON, LAT))
_SHEET = (
    '<?xml version="1.0"?>{head}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    '<dimension ref="A1:XFD1048576"/><sheetData>{rows}</sheetData></worksheet>'
)


def _sheet(rows: str, head: str = "") -> Callable[[], bytes]:
    text = _SHEET.format(head=head, rows=rows)
    return lambda: _repacked(_book(_LAMPS)(), {"xl/worksheets/sheet1.xml": text.encode()})


BOOK = {
    "no_book": Bad("a.xlsx", text_of("no book"), "file:zip_broken"),
    "csv_as_book": Bad("a.xlsx", text_of(_HEAD + _ROW), "file:zip_broken"),
    "zip_as_book": Bad("a.xlsx", lambda: zip_of({"a.txt": b"x"}), "file:not_xlsx"),
    "document_as_book": Bad("a.xlsx", lambda: zip_of({"[Content_Types].xml": b"wordprocessingml", "word/document.xml": b"<x/>"}), "file:not_xlsx"),
    "macros": Bad("a.xlsx", lambda: _repacked(_book(_LAMPS)(), {"xl/vbaProject.bin": b"x"}), "file:xlsx_macro"),
    "macro_type": Bad("a.xlsx", lambda: _repacked(_book(_LAMPS)(), {"[Content_Types].xml": b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"}), "file:xlsx_macro"),
    "macro_sheet": Bad("a.xlsx", lambda: _repacked(_book(_LAMPS)(), {"xl/macrosheets/sheet1.xml": b"<x/>"}), "file:xlsx_macro"),
    "outside_link": Bad("a.xlsx", lambda: _repacked(_book(_LAMPS)(), {"xl/externalLinks/externalLink1.xml": f"<x h='{URL}'/>".encode()}), "file:xlsx_link"),
    "connection": Bad("a.xlsx", lambda: _repacked(_book(_LAMPS)(), {"xl/connections.xml": b"<x/>"}), "file:xlsx_link"),
    "embedded": Bad("a.xlsx", lambda: _repacked(_book(_LAMPS)(), {"xl/embeddings/oleObject1.bin": b"x"}), "file:xlsx_link"),
    "book_slip": Bad("a.xlsx", lambda: _repacked(_book(_LAMPS)(), {"../../a": b"x"}), "file:zip_path"),
    "book_bomb": Bad("a.xlsx", lambda: _repacked(_book(_LAMPS)(), {"xl/sharedStrings.xml": bytes(70 * 2**20)}), "file:zip_bomb", apart=True),
    "empty_book": Bad("a.xlsx", _book(()), "file:file_empty"),
    "head_twice": Bad("a.xlsx", _book((("id", "id", "lon", "lat"), (1, 1, LON, LAT))), "file:csv_header"),
    "no_place": Bad("a.xlsx", _book((("id", "ten"), (1, "x"))), "file:no_coordinates"),
    "book_entity": Bad("a.xlsx", _sheet("<row><c><v>&x;</v></c></row>", f'<!DOCTYPE w [<!ENTITY x SYSTEM "{URL}">]>'), "file:not_xlsx", apart=True),
    "book_laughs": Bad("a.xlsx", _sheet("<row><c><v>&l9;</v></c></row>", f'<!DOCTYPE w [<!ENTITY l0 "ha">{LAUGHS}]>'), "file:not_xlsx"),
    "sheet_cut": Bad("a.xlsx", _sheet("<row><c>"), "file:not_xlsx"),
    "formula_without_value": Bad("a.xlsx", _book((("Mã", "lon", "lat"), ("E1", LON, LAT), ("E2", "=1+1", f'=WEBSERVICE("{URL}")'))), "row:geometry_missing"),
    "wide_row": Bad("a.xlsx", _book(((*("",) * 400, "x"), ("a",))), "file:too_many_columns"),
    "claims_a_million_rows": Bad("a.xlsx", _sheet(f'<row r="1"><c r="A1" t="inlineStr"><is><t>lon</t></is></c><c r="B1" t="inlineStr"><is><t>lat</t></is></c></row><row r="2"><c r="A2"><v>{LON}</v></c><c r="B2"><v>{LAT}</v></c></row>'), "good"),
    "error_cells": Bad("a.xlsx", _book((("Mã", "lon", "lat"), ("E1", LON, LAT), ("E2", "#REF!", "#N/A"))), "row:not_a_number"),
}  # fmt: skip

OSM = {
    "pbf_garbage": Bad("a.osm.pbf", text_of("PK no extract"), "osm:not_osm"),
    "osm_page": Bad("a.osm", text_of("<html/>"), "osm:*"),
    "osm_cut": Bad("a.osm", text_of("<osm><node"), "osm:*"),
    "osm_entity": Bad("a.osm", text_of(f'<!DOCTYPE o [<!ENTITY x SYSTEM "{URL}">]><osm version="0.6">&x;</osm>'), "osm:*"),
}  # fmt: skip
