# ruff: noqa: E501 - a line is a file
"""Files that nobody should send, made when a test wants them: name, bytes, layer, and the answer that is right.

The answer is a code: of the door (`door:` and the reason), of the file as a whole (`file:`), of the place (`away`), of
a row (`row:` and the rule), or `good` where the file is harmless and what is hostile in it means nothing.
"""

import io
import json
import struct
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import shapely

from tests import difficulties as hard
from tests.builders import MAU

# A place of Xã Mẫu for whatever needs a good one.
SPOT = MAU.at(500, 500)
LON, LAT = round(SPOT.x, 7), round(SPOT.y, 7)
# Replaced by the address of a server that must never be called.
URL = "http://127.0.0.1:9"


@dataclass(frozen=True)
class Bad:
    """A file: its name, its bytes, the layer that it is for, the answer; `apart`: read in the real child process."""

    name: str
    make: Callable[[], bytes]
    answer: str
    layer: str = "lights"
    apart: bool = False


def _text(text: str) -> Callable[[], bytes]:
    return lambda: text.encode("utf-8", "surrogatepass")


def _point(**properties: Any) -> dict[str, Any]:
    shape = {"type": "Point", "coordinates": [LON, LAT]}
    return {"type": "Feature", "properties": {"id": "Z1", **properties}, "geometry": shape}


def _shape(shape: Any) -> str:
    return _features([{"type": "Feature", "properties": {"id": "Z2"}, "geometry": shape}])


def _features(features: Sequence[Any], **members: Any) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(features), **members})


def _with_good(shape: Any) -> str:
    """A bad shape after two good ones, so that the file's place is known."""
    bad = {"type": "Feature", "properties": {"id": "Z9"}, "geometry": shape}
    return _features([_point(), _point() | {"properties": {"id": "Z3"}}, bad])


def _spot(x: float, y: float) -> Mapping[str, Any]:
    return {"type": "Point", "coordinates": [x, y]}


def _ring(count: int) -> list[list[float]]:
    circle = shapely.Point(LON, LAT).buffer(0.002, quad_segs=count // 4)
    return [[x, y] for x, y in circle.exterior.coords]


def _area(*rings: Any) -> Mapping[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


_BOW = [[LON, LAT], [LON + 0.001, LAT + 0.001], [LON + 0.001, LAT], [LON, LAT + 0.001], [LON, LAT]]
_VRT = f"<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>/vsicurl/{URL}/a</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))

DOOR = {
    "program": Bad("a.exe", _text("MZ"), "door:unknown_format"),
    "workbook_with_macros": Bad("a.xlsm", _text("PK"), "door:xlsx_macro"),
    "old_workbook": Bad("a.xls", _text("\u00d0"), "door:xlsx_macro"),
    "binary_workbook": Bad("a.xlsb", _text("PK"), "door:xlsx_macro"),
    "document_with_macros": Bad("a.docm", _text("PK"), "door:xlsx_macro"),
    "virtual_source": Bad("a.vrt", _text(_VRT), "door:unknown_format"),
    "shp_alone": Bad("a.shp", _text("x"), "door:unknown_format"),
    "dbf_alone": Bad("a.dbf", _text("x"), "door:unknown_format"),
    "no_suffix": Bad("danhsach", _text("x"), "door:unknown_format"),
    "page": Bad("a.html", _text("<html>"), "door:unknown_format"),
    "drawing": Bad("a.svg", _text("<svg/>"), "door:unknown_format"),
    "gml": Bad("a.gml", _text("<gml/>"), "door:unknown_format"),
    "sqlite": Bad("a.sqlite", _text("x"), "door:unknown_format"),
    "script": Bad("a.py", _text("print(1)"), "door:unknown_format"),
    "double_suffix": Bad("a.zip.exe", _text("MZ"), "door:unknown_format"),
    "tar": Bad("a.tar.gz", _text("x"), "door:unknown_format"),
    "nothing_csv": Bad("a.csv", _text(""), "door:file_empty"),
    "nothing_zip": Bad("a.zip", _text(""), "door:file_empty"),
    "path_in_the_name": Bad("../../etc/a.conf", _text("x"), "door:unknown_format"),
}

JSON = {
    "cut": Bad("a.geojson", _text('{"type": "FeatureCollection", "features": ['), "file:json_broken"),
    "list": Bad("a.geojson", _text("[]"), "file:not_geojson"),
    "other_json": Bad("a.json", _text('{"a": 1}'), "file:not_geojson"),
    "a_text": Bad("a.json", _text('"x"'), "file:not_geojson"),
    "vrt_inside": Bad("a.geojson", _text(_VRT), "file:not_geojson", apart=True),
    "too_deep": Bad(
        "a.geojson",
        lambda: b'{"type":"FeatureCollection","features":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        "file:too_deep",
        apart=True,
    ),
    "deep_objects": Bad("a.geojson", lambda: b'{"a":' * 5000 + b"1" + b"}" * 5000, "file:too_deep"),
    "deep_coordinates": Bad("a.geojson", _text(_shape(json.loads('{"type":"Polygon","coordinates":' + "[" * 45 + "]" * 45 + "}"))), "file:too_deep"),
    "digits": Bad("a.geojson", _text('{"type":"FeatureCollection","features":[' + "9" * 10_000 + "]}"), "file:json_broken"),
    "tail": Bad("a.geojson", _text(_features([_point()]) + "x"), "file:json_broken"),
    "nan": Bad("a.geojson", _text(_with_good(_spot(float("nan"), LAT))), "row:not_finite"),
    "infinity": Bad("a.geojson", _text(_with_good(_spot(float("inf"), LAT))), "row:not_finite"),
    "1e400": Bad("a.geojson", _text(_with_good(_spot(1.5, LAT)).replace("1.5", "1e400")), "row:not_finite"),
    "null_geometry": Bad("a.geojson", _text(_with_good(None)), "row:geometry_missing"),
    "empty_geometry": Bad("a.geojson", _text(_with_good({"type": "GeometryCollection", "geometries": []})), "row:geometry_empty"),
    "geometry_text": Bad("a.geojson", _text(_with_good("POINT(1 2)")), "row:geometry_malformed"),
    "coordinates_text": Bad("a.geojson", _text(_with_good({"type": "Point", "coordinates": ["106", "20"]})), "row:geometry_malformed"),
    "coordinates_true": Bad("a.geojson", _text(_with_good({"type": "Point", "coordinates": [True, False]})), "row:geometry_malformed"),
    "coordinates_null": Bad("a.geojson", _text(_with_good({"type": "Point", "coordinates": None})), "row:geometry_malformed"),
    "coordinates_one": Bad("a.geojson", _text(_with_good({"type": "Point", "coordinates": [106]})), "row:geometry_malformed"),
    "coordinates_object": Bad("a.geojson", _text(_with_good({"type": "Point", "coordinates": {"x": 1}})), "row:geometry_malformed"),
    "geometry_unknown": Bad("a.geojson", _text(_with_good({"type": "Cat", "coordinates": [1, 2]})), "row:geometry_malformed"),
    "feature_null": Bad("a.geojson", _text(_features([_point(), None])), "row:geometry_missing"),
    "feature_number": Bad("a.geojson", _text(_features([_point(), 7])), "row:geometry_malformed"),
    "crs_link": Bad("a.geojson", _text(_features([_point()], crs={"type": "link", "properties": {"href": URL}})), "file:crs_link", apart=True),
    "crs_path": Bad("a.geojson", _text(_features([_point()], crs={"type": "name", "properties": {"name": f"{URL}/crs"}})), "file:crs_link"),
    "crs_odd": Bad("a.geojson", _text(_features([_point()], crs="EPSG:4326")), "file:crs_link"),
    "crs_unknown": Bad("a.geojson", _text(_features([_point()], crs={"type": "name", "properties": {"name": "EPSG:2000"}})), "good"),
    "area_for_lights": Bad("a.geojson", _text(_with_good(_area(_ring(8)))), "row:wrong_type"),
    "several_points": Bad("a.geojson", _text(_with_good({"type": "MultiPoint", "coordinates": [[LON, LAT], [LON, LAT]]})), "row:several_parts"),
    "collection": Bad("a.geojson", _text(_with_good({"type": "GeometryCollection", "geometries": [_spot(LON, LAT), _area(_ring(8))]})), "row:wrong_type"),
    "point_for_groups": Bad("a.geojson", _text(_features([_point(name="A")])), "row:wrong_type", "groups"),
    "self_crossing": Bad("a.geojson", _text(_features([{"type": "Feature", "properties": {"id": "Z", "name": "A"}, "geometry": _area(_BOW)}])), "row:geometry_invalid", "groups"),
    "two_cornered": Bad("a.geojson", _text(_with_good(_area([[LON, LAT], [LON, LAT]]))), "row:geometry_malformed"),
    "huge_ring": Bad("a.geojson", lambda: _features([{"type": "Feature", "properties": {"id": "Z", "name": "A"}, "geometry": _area(_ring(240_000))}]).encode(), "row:too_many_points", "groups"),
    "far_away": Bad("a.geojson", _text(_shape(_spot(2.35, 48.85))), "away"),
    "a_zone_away": Bad("a.geojson", _text(_shape(_spot(LON + 1, LAT))), "away"),
    "one_outside": Bad("a.geojson", _text(_with_good(_spot(LON + 0.5, LAT))), "row:outside_commune"),
    "one_in_paris": Bad("a.geojson", _text(_with_good(_spot(2.35, 48.85))), "row:outside_vietnam"),
    "twice_the_id": Bad("a.geojson", _text(_features([_point(), _point()])), "row:duplicate_id"),
    "long_id": Bad("a.geojson", _text(_features([_point() | {"properties": {"id": "x" * 101}}])), "row:too_long"),
    "control_in_id": Bad("a.geojson", _text(_features([_point() | {"properties": {"id": "a\u0007b"}}])), "row:control_character"),
    "control_in_name": Bad("a.geojson", _text(_features([_point(name="a\u0000b", kind="karaoke")])), "row:control_character", "venues"),
    "escape_in_name": Bad("a.geojson", _text(_features([_point(name="\u001b[31m", kind="karaoke")])), "row:control_character", "venues"),
    "lone_surrogate": Bad("a.geojson", lambda: _features([_point(name="x", kind="karaoke")]).replace('"x"', '"\\ud800"').encode(), "row:control_character", "venues"),
    "long_name": Bad("a.geojson", _text(_features([_point(name="x" * 5000, kind="karaoke")])), "row:too_long", "venues"),
    "no_name": Bad("a.geojson", _text(_features([{"type": "Feature", "properties": {"id": "Z", "name": None}, "geometry": _area(_ring(8))}])), "row:required", "groups"),
    "wrong_choice": Bad("a.geojson", _text(_features([_point(state="xyz")])), "row:not_a_choice"),
    "word_for_number": Bad("a.geojson", _text(_features([_point(height_m="cao")])), "row:not_a_number"),
    "nan_number": Bad("a.geojson", _text(_features([_point(height_m="1e999")])), "row:not_finite"),
    "large_number": Bad("a.geojson", _text(_features([_point(height_m=1e9)])), "row:out_of_range"),
    "negative_number": Bad("a.geojson", _text(_features([_point(height_m=-5)])), "row:out_of_range"),
    "wrong_day": Bad("a.geojson", _text(_features([_point(verified_on="31/02/2026")])), "row:not_a_date"),
    "wrong_yes": Bad("a.geojson", _text(_features([_point(has_notice_sign="maybe")])), "row:not_yes_or_no", "cameras"),
    "nested_value": Bad("a.geojson", _text(_features([_point(height_m={"a": [1]})])), "row:not_a_number"),
    "no_features": Bad("a.geojson", _text(_features([])), "file:file_empty"),
    "half_utf8": Bad("a.geojson", lambda: _features([_point(name="x")]).encode().replace(b'"x"', b'"\xc3"'), "file:encoding"),
    "utf16": Bad("a.geojson", lambda: _features([_point()]).encode("utf-16"), "file:not_geojson"),
    "many_columns": Bad("a.geojson", _text(_features([_point(**{f"c{n}": n for n in range(400)})])), "file:too_many_columns"),
    "swapped": Bad("a.geojson", _text(_shape(_spot(LAT, LON))), "good"),
    "prototype": Bad("a.geojson", _text(_features([_point(**{"__proto__": {"x": 1}, "constructor": "x"})])), "good"),
    "foreign_commune": Bad("a.geojson", _text(_features([_point(commune_id=90002, version=99, source="manual")])), "good"),
    "stage_by_file": Bad("a.geojson", _text(_features([{"type": "Feature", "properties": {"id": "Z", "name": "A", "stage": "recognised", "exempt_count": 9}, "geometry": _area(_ring(8))}])), "good", "groups"),
    "sql_in_name": Bad("a.geojson", _text(_features([_point(name="'; DROP TABLE venues; --", kind="karaoke")])), "good", "venues"),
    "script_in_name": Bad("a.geojson", _text(_features([_point(name="<script>alert(1)</script>", kind="karaoke")])), "good", "venues"),
    "formula_in_name": Bad("a.geojson", _text(_features([_point(name="=cmd|' /C calc'!A0", kind="karaoke")])), "good", "venues"),
}  # fmt: skip

_HEAD = "id,lon,lat\n"
_ROW = f"C1,{LON},{LAT}\nC2,{LON},{LAT}\n"

CSV = {
    "no_coordinates": Bad("a.csv", _text("id,name\n1,2\n"), "file:no_coordinates"),
    "x_alone": Bad("a.csv", _text("id,x\n1,2\n"), "file:no_coordinates"),
    "head_twice": Bad("a.csv", _text(f"id,id,lon,lat\n1,1,{LON},{LAT}\n"), "file:csv_header"),
    "open_quote": Bad("a.csv", _text('id,lon,lat\n"1,2,3\n'), "file:csv_broken"),
    "nul": Bad("a.csv", _text(_HEAD + "\0" + _ROW), "file:csv_binary"),
    "long_row": Bad("a.csv", _text(_HEAD + _ROW + f"C3,{LON},{LAT},5\n"), "row:row_length"),
    "word_for_place": Bad("a.csv", _text(_HEAD + _ROW + f"C3,abc,{LAT}\n"), "row:not_a_number"),
    "degrees_in_words": Bad("a.csv", _text(_HEAD + _ROW + "C3,106°38′,20°49′\n"), "row:not_a_number"),
    "nan_place": Bad("a.csv", _text(_HEAD + _ROW + f"C3,nan,{LAT}\n"), "row:not_finite"),
    "infinite_place": Bad("a.csv", _text(_HEAD + _ROW + f"C3,inf,{LAT}\n"), "row:not_finite"),
    "no_place": Bad("a.csv", _text(_HEAD + _ROW + "C3,,\n"), "row:geometry_missing"),
    "huge_cell": Bad("a.csv", (_HEAD + "x" * 2_000_000 + f",{LON},{LAT}\n").encode, "file:csv_broken"),
    "head_alone": Bad("a.csv", _text(_HEAD), "file:file_empty"),
    "blank_lines": Bad("a.csv", _text("\n\n\n"), "file:file_empty"),
    "picture": Bad("a.csv", lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "file:csv_binary"),
    "mark_alone": Bad("a.csv", lambda: b"\xef\xbb\xbf", "file:file_empty"),
    "wkt_broken": Bad("a.csv", _text(f"id,wkt\n1,POINT({LON} {LAT})\n2,POINT(1\n"), "row:geometry_malformed"),
    "wkt_deep": Bad("a.csv", _text(f"id,wkt\n1,POINT({LON} {LAT})\n2,\"{'GEOMETRYCOLLECTION(' * 3000}POINT(1 1){')' * 3000}\"\n"), "row:*", apart=True),
    "wkt_area": Bad("a.csv", _text(f'id,wkt\n1,POINT({LON} {LAT})\n2,"{shapely.Point(LON, LAT).buffer(0.001).wkt}"\n'), "row:wrong_type"),
    "utf16_without_mark": Bad("a.csv", lambda: (_HEAD + _ROW).encode("utf-16-le"), "file:csv_binary"),
    "many_columns": Bad("a.csv", _text(",".join(f"c{n}" for n in range(400)) + "\n1\n"), "file:too_many_columns"),
    "not_a_direction": Bad("a.csv", _text(f"id,lon,lat,huong\nC1,{LON},{LAT},xyz\n"), "row:not_a_direction", "cameras"),
    "turned_too_far": Bad("a.csv", _text(f"id,lon,lat,huong\nC1,{LON},{LAT},999\n"), "row:not_a_direction", "cameras"),
    "formula_as_head": Bad("a.csv", _text(f"=1+1,lon,lat\nC1,{LON},{LAT}\n"), "good"),
    "formula_as_value": Bad("a.csv", _text(f"id,lon,lat,ten,loai\nC1,{LON},{LAT},\"=HYPERLINK(\"\"{URL}\"\")\",karaoke\n"), "good", "venues"),
    "no_encoding_at_all": Bad("a.csv", lambda: f"id,lon,lat,ten,loai\nC1,{LON},{LAT},".encode() + bytes(range(0x80, 0xA0)) + b",karaoke\n", "row:control_character", "venues"),
}  # fmt: skip


def _kml(body: str, head: str = "") -> str:
    return f'<?xml version="1.0"?>{head}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{body}</Document></kml>'


def _placemark(shape: str) -> str:
    good = f"<Placemark><Point><coordinates>{LON},{LAT}</coordinates></Point></Placemark>"
    return _kml(good * 2 + f"<Placemark>{shape}</Placemark>")


XML = {
    "a_page": Bad("a.kml", _text("<html></html>"), "file:not_kml"),
    "kml_cut": Bad("a.kml", _text("<kml><Placemark>"), "file:xml_broken"),
    "no_xml": Bad("a.kml", _text("no xml at all"), "file:xml_broken"),
    "entity": Bad("a.kml", _text(_kml("&x;", f'<!DOCTYPE k [<!ENTITY x SYSTEM "{URL}/secret">]>')), "file:xml_forbidden", apart=True),
    "local_file": Bad("a.kml", _text(_kml("&x;", '<!DOCTYPE k [<!ENTITY x SYSTEM "file:///etc/passwd">]>')), "file:xml_forbidden"),
    "laughs": Bad("a.kml", _text(_kml("&l9;", f'<!DOCTYPE k [<!ENTITY l0 "ha">{_LAUGHS}]>')), "file:xml_forbidden"),
    "outside_dtd": Bad("a.kml", _text(_kml("", f'<!DOCTYPE kml SYSTEM "{URL}/x.dtd">')), "file:xml_forbidden"),
    "network_link": Bad("a.kml", _text(_kml(f"<NetworkLink><Link><href>{URL}</href></Link></NetworkLink>")), "file:kml_network_link", apart=True),
    "kml_words": Bad("a.kml", _text(_placemark("<Point><coordinates>a,b</coordinates></Point>")), "row:geometry_malformed"),
    "kml_nan": Bad("a.kml", _text(_placemark("<Point><coordinates>nan,20.8</coordinates></Point>")), "row:not_finite"),
    "kml_no_shape": Bad("a.kml", _text(_placemark("<name>x</name>")), "row:geometry_missing"),
    "kml_empty_point": Bad("a.kml", _text(_placemark("<Point/>")), "row:geometry_malformed"),
    "kml_area_without_ring": Bad("a.kml", _text(_placemark("<Polygon></Polygon>")), "row:geometry_malformed"),
    "kml_mixture": Bad("a.kml", _text(_placemark(f"<MultiGeometry><Point><coordinates>{LON},{LAT}</coordinates></Point><LineString><coordinates>1,1 2,2</coordinates></LineString></MultiGeometry>")), "row:wrong_type"),
    "kml_deep": Bad("a.kml", _text(_placemark("<MultiGeometry>" * 3000 + "</MultiGeometry>" * 3000)), "row:*"),
    "kml_empty": Bad("a.kml", _text(_kml("")), "file:file_empty"),
    "kml_icon": Bad("a.kml", _text(_kml(f"<Style><IconStyle><Icon><href>{URL}</href></Icon></IconStyle></Style><Placemark><Point><coordinates>{LON},{LAT}</coordinates></Point></Placemark>")), "good"),
    "kml_odd_encoding": Bad("a.kml", _text('<?xml version="1.0" encoding="no-such"?><kml/>'), "file:xml_broken"),
    "kmz_without_kml": Bad("a.kmz", lambda: _zip({"a.txt": b"x"}), "file:not_kml"),
    "kmz_path": Bad("a.kmz", lambda: _zip({"../../a.kml": b"<kml/>"}), "file:zip_path"),
    "kmz_no_zip": Bad("a.kmz", _text("no zip"), "file:xml_broken"),
    "gpx_other": Bad("a.gpx", _text("<kml/>"), "file:not_gpx"),
    "gpx_entity": Bad("a.gpx", _text(f'<!DOCTYPE g [<!ENTITY x SYSTEM "{URL}">]><gpx>&x;</gpx>'), "file:xml_forbidden", apart=True),
    "gpx_without_place": Bad("a.gpx", _text(f'<gpx><wpt lat="{LAT}" lon="{LON}"/><wpt/></gpx>'), "row:geometry_malformed"),
    "gpx_words": Bad("a.gpx", _text(f'<gpx><wpt lat="{LAT}" lon="{LON}"/><wpt lat="a" lon="b"/></gpx>'), "row:geometry_malformed"),
    "gpx_empty": Bad("a.gpx", _text("<gpx/>"), "file:file_empty"),
    "gpx_cut": Bad("a.gpx", _text("<gpx><wpt"), "file:xml_broken"),
}  # fmt: skip


def _zip(entries: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


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
        return _zip({name: data for name, data in parts.items() if data})

    return make


def _encrypted() -> bytes:
    data = bytearray(_zip({"den.shp": b"x", "den.dbf": b"x"}))
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
    "absolute": Bad("a.zip", lambda: _zip({"/etc/den.shp": b"x"}), "file:zip_path"),
    "backslash": Bad("a.zip", lambda: _zip({"..\\..\\den.shp": b"x"}), "file:zip_path"),
    "drive": Bad("a.zip", lambda: _zip({"C:den.shp": b"x"}), "file:zip_path"),
    "link": Bad("a.zip", _made(lambda folder: hard.zip_with_link(folder / "a.zip")), "file:zip_link"),
    "bomb": Bad("a.zip", _made(lambda folder: hard.zip_bomb(folder / "a.zip")), "file:zip_bomb", apart=True),
    "ratio": Bad("a.zip", _made(lambda folder: hard.zip_bomb(folder / "a.zip", 30 * 2**20)), "file:zip_bomb"),
    "lying": Bad("a.zip", _made(lambda folder: hard.lying_bomb(folder / "a.zip")), "file:zip_b*"),
    "many": Bad("a.zip", _made(lambda folder: hard.many_entries(folder / "a.zip")), "file:zip_too_many"),
    "locked": Bad("a.zip", _encrypted, "file:zip_encrypted"),
    "two": Bad("a.zip", lambda: _zip({f"{n}.{s}": b"x" for n in "ab" for s in ("shp", "dbf")}), "file:several_layers"),
    "none": Bad("a.zip", lambda: _zip({"readme.txt": b"x"}), "file:shp_missing"),
    "zip_in_zip": Bad("a.zip", lambda: _zip({"b.zip": _zip(_parts())}), "file:shp_missing"),
    "vrt_in_zip": Bad("a.zip", lambda: _zip({"a.vrt": _VRT.encode()}), "file:shp_missing", apart=True),
    "vrt_as_shp": Bad("a.zip", lambda: _zip({"a.shp": _VRT.encode(), "a.dbf": b""}), "file:not_shp", apart=True),
    "no_dbf": Bad("a.zip", _changed(dbf=lambda _: b""), "file:shp_missing"),
    "no_zip": Bad("a.zip", _text("no zip at all"), "file:zip_broken"),
    "cut": Bad("a.zip", lambda: _zip(_parts())[:400], "file:zip_broken"),
    "empty_zip": Bad("a.zip", lambda: _zip({}), "file:shp_missing"),
    "no_shx": Bad("a.zip", _changed(shx=lambda _: b""), "good", apart=True),
    "prj_garbage": Bad("a.zip", _changed(prj=lambda _: b"no projection"), "good"),
    "prj_huge": Bad("a.zip", _changed(prj=lambda _: b"PROJCS[" * 50_000), "good"),
    "prj_of_elsewhere": Bad("a.zip", _changed(prj=lambda _: b"EPSG:2000"), "good"),
    "cpg_unknown": Bad("a.zip", _changed(cpg=lambda _: b"KLINGON"), "good"),
    "cpg_rot13": Bad("a.zip", _changed(cpg=lambda _: b"rot13"), "good"),
    "dbf_cut": Bad("a.zip", _changed(dbf=lambda data: data[:40]), "*", apart=True),
    "dbf_claims_much": Bad("a.zip", _changed(dbf=lambda data: data[:4] + struct.pack("<I", 2**31 - 1) + data[8:]), "*", apart=True),
    "shp_claims_much": Bad("a.zip", _changed(shp=lambda data: data[:24] + struct.pack(">I", 2**30) + data[28:]), "*", apart=True),
    "shp_zeros": Bad("a.zip", _changed(shp=lambda data: data[:100] + bytes(len(data) - 100)), "*", apart=True),
    "shp_head_alone": Bad("a.zip", _changed(shp=lambda data: data[:100], shx=lambda _: b""), "*", apart=True),
    "areas_for_lights": Bad("a.zip", lambda: _zip(_parts(_areas())), "row:*"),
}  # fmt: skip


def _package(*statements: str, table: gpd.GeoDataFrame | None = None) -> Callable[[], bytes]:
    source = hard.lamps() if table is None else table
    return _made(lambda folder: hard.geopackage(folder / "a.gpkg", source, *statements))


PACKAGE = {
    "fake": Bad("a.gpkg", _text(_VRT), "file:not_gpkg", apart=True),
    "sqlite_alone": Bad("a.gpkg", lambda: b"SQLite format 3\0" + bytes(500), "file:not_gpkg"),
    "view": Bad("a.gpkg", _package("CREATE VIEW v AS SELECT * FROM den"), "file:gpkg_virtual"),
    "virtual": Bad("a.gpkg", _package("CREATE VIRTUAL TABLE t USING fts4(x)"), "file:gpkg_virtual"),
    "half": Bad("a.gpkg", lambda: _package()()[:40_000], "*", apart=True),
    "no_table": Bad("a.gpkg", _package("DELETE FROM gpkg_contents"), "file:gpkg_empty"),
    "table_gone": Bad("a.gpkg", _package("UPDATE gpkg_contents SET table_name = 'none' WHERE 1"), "file:not_gpkg"),
    "quoted_name": Bad("a.gpkg", _package("UPDATE gpkg_contents SET table_name = 'a\"; DROP TABLE den; --'"), "file:not_gpkg"),
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
    return _zip(entries | dict(more))


_LAMPS = (("Mã", "lon", "lat"), ("E1", LON, LAT))
_SHEET = (
    '<?xml version="1.0"?>{head}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    '<dimension ref="A1:XFD1048576"/><sheetData>{rows}</sheetData></worksheet>'
)


def _sheet(rows: str, head: str = "") -> Callable[[], bytes]:
    text = _SHEET.format(head=head, rows=rows)
    return lambda: _repacked(_book(_LAMPS)(), {"xl/worksheets/sheet1.xml": text.encode()})


BOOK = {
    "no_book": Bad("a.xlsx", _text("no book"), "file:zip_broken"),
    "csv_as_book": Bad("a.xlsx", _text(_HEAD + _ROW), "file:zip_broken"),
    "zip_as_book": Bad("a.xlsx", lambda: _zip({"a.txt": b"x"}), "file:not_xlsx"),
    "document_as_book": Bad("a.xlsx", lambda: _zip({"[Content_Types].xml": b"wordprocessingml", "word/document.xml": b"<x/>"}), "file:not_xlsx"),
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
    "book_laughs": Bad("a.xlsx", _sheet("<row><c><v>&l9;</v></c></row>", f'<!DOCTYPE w [<!ENTITY l0 "ha">{_LAUGHS}]>'), "file:not_xlsx"),
    "sheet_cut": Bad("a.xlsx", _sheet("<row><c>"), "file:not_xlsx"),
    "formula_without_value": Bad("a.xlsx", _book((("Mã", "lon", "lat"), ("E1", LON, LAT), ("E2", "=1+1", f'=WEBSERVICE("{URL}")'))), "row:geometry_missing"),
    "wide_row": Bad("a.xlsx", _book(((*("",) * 400, "x"), ("a",))), "file:too_many_columns"),
    "claims_a_million_rows": Bad("a.xlsx", _sheet(f'<row r="1"><c r="A1" t="inlineStr"><is><t>lon</t></is></c><c r="B1" t="inlineStr"><is><t>lat</t></is></c></row><row r="2"><c r="A2"><v>{LON}</v></c><c r="B2"><v>{LAT}</v></c></row>'), "good"),
    "error_cells": Bad("a.xlsx", _book((("Mã", "lon", "lat"), ("E1", LON, LAT), ("E2", "#REF!", "#N/A"))), "row:not_a_number"),
}  # fmt: skip

OSM = {
    "pbf_garbage": Bad("a.osm.pbf", _text("PK no extract"), "osm:not_osm"),
    "osm_page": Bad("a.osm", _text("<html/>"), "osm:*"),
    "osm_cut": Bad("a.osm", _text("<osm><node"), "osm:*"),
    "osm_entity": Bad("a.osm", _text(f'<!DOCTYPE o [<!ENTITY x SYSTEM "{URL}">]><osm version="0.6">&x;</osm>'), "osm:*"),
}  # fmt: skip

BAD: Mapping[str, Bad] = {
    f"{kind}-{name}": bad
    for kind, group in (
        ("door", DOOR), ("json", JSON), ("csv", CSV), ("xml", XML), ("zip", ZIP), ("gpkg", PACKAGE), ("xlsx", BOOK),
        ("osm", OSM),
    )
    for name, bad in group.items()
}  # fmt: skip
