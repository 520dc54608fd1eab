# ruff: noqa: E501 - a line is a file
"""Files that nobody should send, made when a test wants them: name, bytes, layer, and the answer that is right.

The answer is a code: of the door (`door:` and the reason), of the file as a whole (`file:`), of the place (`away`), of
a row (`row:` and the rule), or `good` where the file is harmless and what is hostile in it means nothing.
"""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import shapely

from tests.bad_base import LAT, LAUGHS, LON, URL, VRT, Bad, text_of, zip_of
from tests.bad_packs import BOOK, OSM, PACKAGE, ZIP
from tests.photo_kit import photo_at


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
    turns = [math.tau * k / count for k in range(count)]
    ring = [[LON + 0.002 * math.cos(turn), LAT + 0.002 * math.sin(turn)] for turn in turns]
    return [*ring, ring[0]]


def _area(*rings: Any) -> Mapping[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


_BOW = [[LON, LAT], [LON + 0.001, LAT + 0.001], [LON + 0.001, LAT], [LON, LAT + 0.001], [LON, LAT]]
DOOR = {
    "program": Bad("a.exe", text_of("MZ"), "door:unknown_format"),
    "workbook_with_macros": Bad("a.xlsm", text_of("PK"), "door:xlsx_macro"),
    "old_workbook": Bad("a.xls", text_of("\u00d0"), "door:xlsx_macro"),
    "binary_workbook": Bad("a.xlsb", text_of("PK"), "door:xlsx_macro"),
    "document_with_macros": Bad("a.docm", text_of("PK"), "door:xlsx_macro"),
    "virtual_source": Bad("a.vrt", text_of(VRT), "door:unknown_format"),
    "shp_alone": Bad("a.shp", text_of("x"), "door:shp_parts"),
    "dbf_alone": Bad("a.dbf", text_of("x"), "door:shp_parts"),
    "no_suffix": Bad("danhsach", text_of("x"), "door:unknown_format"),
    "page": Bad("a.html", text_of("<html>"), "door:unknown_format"),
    "drawing": Bad("a.svg", text_of("<svg/>"), "door:unknown_format"),
    "gml": Bad("a.gml", text_of("<gml/>"), "door:unknown_format"),
    "sqlite": Bad("a.sqlite", text_of("x"), "door:unknown_format"),
    "script": Bad("a.py", text_of("print(1)"), "door:unknown_format"),
    "double_suffix": Bad("a.zip.exe", text_of("MZ"), "door:unknown_format"),
    "tar": Bad("a.tar.gz", text_of("x"), "door:unknown_format"),
    "nothing_csv": Bad("a.csv", text_of(""), "door:file_empty"),
    "nothing_zip": Bad("a.zip", text_of(""), "door:file_empty"),
    "path_in_the_name": Bad("../../etc/a.conf", text_of("x"), "door:unknown_format"),
}

JSON = {
    "cut": Bad("a.geojson", text_of('{"type": "FeatureCollection", "features": ['), "file:json_broken"),
    "list": Bad("a.geojson", text_of("[]"), "file:not_geojson"),
    "other_json": Bad("a.json", text_of('{"a": 1}'), "file:not_geojson"),
    "a_text": Bad("a.json", text_of('"x"'), "file:not_geojson"),
    "vrt_inside": Bad("a.geojson", text_of(VRT), "file:not_geojson", apart=True),
    "too_deep": Bad(
        "a.geojson",
        lambda: b'{"type":"FeatureCollection","features":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        "file:too_deep",
        apart=True,
    ),
    "deep_objects": Bad("a.geojson", lambda: b'{"a":' * 5000 + b"1" + b"}" * 5000, "file:too_deep"),
    "deep_coordinates": Bad("a.geojson", text_of(_shape(json.loads('{"type":"Polygon","coordinates":' + "[" * 45 + "]" * 45 + "}"))), "file:too_deep"),
    "digits": Bad("a.geojson", text_of('{"type":"FeatureCollection","features":[' + "9" * 10_000 + "]}"), "file:json_broken"),
    "tail": Bad("a.geojson", text_of(_features([_point()]) + "x"), "file:json_broken"),
    "nan": Bad("a.geojson", text_of(_with_good(_spot(float("nan"), LAT))), "row:not_finite"),
    "infinity": Bad("a.geojson", text_of(_with_good(_spot(float("inf"), LAT))), "row:not_finite"),
    "1e400": Bad("a.geojson", text_of(_with_good(_spot(1.5, LAT)).replace("1.5", "1e400")), "row:not_finite"),
    "null_geometry": Bad("a.geojson", text_of(_with_good(None)), "row:geometry_missing"),
    "empty_geometry": Bad("a.geojson", text_of(_with_good({"type": "GeometryCollection", "geometries": []})), "row:geometry_empty"),
    "geometry_text": Bad("a.geojson", text_of(_with_good("POINT(1 2)")), "row:geometry_malformed"),
    "coordinates_text": Bad("a.geojson", text_of(_with_good({"type": "Point", "coordinates": ["106", "20"]})), "row:geometry_malformed"),
    "coordinates_true": Bad("a.geojson", text_of(_with_good({"type": "Point", "coordinates": [True, False]})), "row:geometry_malformed"),
    "coordinates_null": Bad("a.geojson", text_of(_with_good({"type": "Point", "coordinates": None})), "row:geometry_malformed"),
    "coordinates_one": Bad("a.geojson", text_of(_with_good({"type": "Point", "coordinates": [106]})), "row:geometry_malformed"),
    "coordinates_object": Bad("a.geojson", text_of(_with_good({"type": "Point", "coordinates": {"x": 1}})), "row:geometry_malformed"),
    "geometry_unknown": Bad("a.geojson", text_of(_with_good({"type": "Cat", "coordinates": [1, 2]})), "row:geometry_malformed"),
    "feature_null": Bad("a.geojson", text_of(_features([_point(), None])), "row:geometry_missing"),
    "feature_number": Bad("a.geojson", text_of(_features([_point(), 7])), "row:geometry_malformed"),
    "crs_link": Bad("a.geojson", text_of(_features([_point()], crs={"type": "link", "properties": {"href": URL}})), "file:crs_link", apart=True),
    "crs_path": Bad("a.geojson", text_of(_features([_point()], crs={"type": "name", "properties": {"name": f"{URL}/crs"}})), "file:crs_link"),
    "crs_odd": Bad("a.geojson", text_of(_features([_point()], crs="EPSG:4326")), "good"),
    "crs_unknown": Bad("a.geojson", text_of(_features([_point()], crs={"type": "name", "properties": {"name": "EPSG:2000"}})), "crs_unreadable:good"),
    "crs_beyond_all": Bad("a.geojson", text_of(_features([_point()], crs={"type": "name", "properties": {"name": "EPSG:999999"}})), "crs_unreadable:good"),
    "crs_that_ends_like_ours": Bad("a.geojson", text_of(_features([_point()], crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::104326"}})), "crs_unreadable:good"),
    "crs_nonsense": Bad("a.geojson", text_of(_features([_point()], crs={"type": "name", "properties": {"name": "VN-2000 / múi \u0000\ud800 3"}})), "crs_unreadable:good"),
    "crs_number": Bad("a.geojson", text_of(_features([_point()], crs=9210)), "crs_unreadable:good"),
    "crs_nameless": Bad("a.geojson", text_of(_features([_point()], crs={"type": "name", "properties": {}})), "crs_unreadable:good"),
    "crs_false": Bad("a.geojson", text_of(_features([_point()], crs={"type": "name", "properties": {"name": "EPSG:9210"}})), "crs_misdeclared:good"),
    "area_for_lights": Bad("a.geojson", text_of(_with_good(_area(_ring(8)))), "row:wrong_type"),
    "several_points": Bad("a.geojson", text_of(_with_good({"type": "MultiPoint", "coordinates": [[LON, LAT], [LON, LAT]]})), "row:several_parts"),
    "collection": Bad("a.geojson", text_of(_with_good({"type": "GeometryCollection", "geometries": [_spot(LON, LAT), _area(_ring(8))]})), "row:wrong_type"),
    "point_for_groups": Bad("a.geojson", text_of(_features([_point(name="A")])), "row:wrong_type", "groups"),
    "self_crossing": Bad("a.geojson", text_of(_features([{"type": "Feature", "properties": {"id": "Z", "name": "A"}, "geometry": _area(_BOW)}])), "row:geometry_invalid", "groups"),
    "two_cornered": Bad("a.geojson", text_of(_with_good(_area([[LON, LAT], [LON, LAT]]))), "row:geometry_malformed"),
    "huge_ring": Bad("a.geojson", lambda: _features([{"type": "Feature", "properties": {"id": "Z", "name": "A"}, "geometry": _area(_ring(240_000))}]).encode(), "row:too_many_points", "groups"),
    "far_away": Bad("a.geojson", text_of(_shape(_spot(2.35, 48.85))), "away"),
    "a_zone_away": Bad("a.geojson", text_of(_shape(_spot(LON + 1, LAT))), "away"),
    "one_outside": Bad("a.geojson", text_of(_with_good(_spot(LON + 0.5, LAT))), "row:outside_commune"),
    "one_in_paris": Bad("a.geojson", text_of(_with_good(_spot(2.35, 48.85))), "row:outside_vietnam"),
    "twice_the_id": Bad("a.geojson", text_of(_features([_point(), _point()])), "row:duplicate_id"),
    "long_id": Bad("a.geojson", text_of(_features([_point() | {"properties": {"id": "x" * 101}}])), "row:too_long"),
    "control_in_id": Bad("a.geojson", text_of(_features([_point() | {"properties": {"id": "a\u0007b"}}])), "row:control_character"),
    "control_in_name": Bad("a.geojson", text_of(_features([_point(name="a\u0000b", kind="karaoke")])), "row:control_character", "venues"),
    "escape_in_name": Bad("a.geojson", text_of(_features([_point(name="\u001b[31m", kind="karaoke")])), "row:control_character", "venues"),
    "lone_surrogate": Bad("a.geojson", lambda: _features([_point(name="x", kind="karaoke")]).replace('"x"', '"\\ud800"').encode(), "row:control_character", "venues"),
    "long_name": Bad("a.geojson", text_of(_features([_point(name="x" * 5000, kind="karaoke")])), "row:too_long", "venues"),
    "no_name": Bad("a.geojson", text_of(_features([{"type": "Feature", "properties": {"id": "Z", "name": None}, "geometry": _area(_ring(8))}])), "row:required", "groups"),
    "wrong_choice": Bad("a.geojson", text_of(_features([_point(state="xyz")])), "row:not_a_choice"),
    "word_for_number": Bad("a.geojson", text_of(_features([_point(height_m="cao")])), "row:not_a_number"),
    "nan_number": Bad("a.geojson", text_of(_features([_point(height_m="1e999")])), "row:not_finite"),
    "large_number": Bad("a.geojson", text_of(_features([_point(height_m=1e9)])), "row:out_of_range"),
    "negative_number": Bad("a.geojson", text_of(_features([_point(height_m=-5)])), "row:out_of_range"),
    "wrong_day": Bad("a.geojson", text_of(_features([_point(verified_on="31/02/2026")])), "row:not_a_date"),
    "wrong_yes": Bad("a.geojson", text_of(_features([_point(has_notice_sign="maybe")])), "row:not_yes_or_no", "cameras"),
    "nested_value": Bad("a.geojson", text_of(_features([_point(height_m={"a": [1]})])), "row:not_a_number"),
    "no_features": Bad("a.geojson", text_of(_features([])), "file:file_empty"),
    "half_utf8": Bad("a.geojson", lambda: _features([_point(name="x")]).encode().replace(b'"x"', b'"\xc3"'), "file:encoding"),
    "utf16": Bad("a.geojson", lambda: _features([_point()]).encode("utf-16"), "file:not_geojson"),
    "many_columns": Bad("a.geojson", text_of(_features([_point(**{f"c{n}": n for n in range(400)})])), "file:too_many_columns"),
    "swapped": Bad("a.geojson", text_of(_shape(_spot(LAT, LON))), "good"),
    "prototype": Bad("a.geojson", text_of(_features([_point(**{"__proto__": {"x": 1}, "constructor": "x"})])), "good"),
    "foreign_commune": Bad("a.geojson", text_of(_features([_point(commune_id=90002, version=99, source="manual")])), "good"),
    "stage_by_file": Bad("a.geojson", text_of(_features([{"type": "Feature", "properties": {"id": "Z", "name": "A", "stage": "recognised", "exempt_count": 9}, "geometry": _area(_ring(8))}])), "good", "groups"),
    "sql_in_name": Bad("a.geojson", text_of(_features([_point(name="'; DROP TABLE venues; --", kind="karaoke")])), "good", "venues"),
    "script_in_name": Bad("a.geojson", text_of(_features([_point(name="<script>alert(1)</script>", kind="karaoke")])), "good", "venues"),
    "formula_in_name": Bad("a.geojson", text_of(_features([_point(name="=cmd|' /C calc'!A0", kind="karaoke")])), "good", "venues"),
}  # fmt: skip

_HEAD = "id,lon,lat\n"
_ROW = f"C1,{LON},{LAT}\nC2,{LON},{LAT}\n"

CSV = {
    "no_coordinates": Bad("a.csv", text_of("id,name\n1,2\n"), "file:no_coordinates"),
    "x_alone": Bad("a.csv", text_of("id,x\n1,2\n"), "file:no_coordinates"),
    "head_twice": Bad("a.csv", text_of(f"id,id,lon,lat\n1,1,{LON},{LAT}\n"), "file:csv_header"),
    "open_quote": Bad("a.csv", text_of('id,lon,lat\n"1,2,3\n'), "file:csv_broken"),
    "nul": Bad("a.csv", text_of(_HEAD + "\0" + _ROW), "file:csv_binary"),
    "long_row": Bad("a.csv", text_of(_HEAD + _ROW + f"C3,{LON},{LAT},5\n"), "row:row_length"),
    "word_for_place": Bad("a.csv", text_of(_HEAD + _ROW + f"C3,abc,{LAT}\n"), "row:not_a_number"),
    "degrees_in_words": Bad("a.csv", text_of(_HEAD + _ROW + "C3,106°38′,20°49′\n"), "row:not_a_number"),
    "nan_place": Bad("a.csv", text_of(_HEAD + _ROW + f"C3,nan,{LAT}\n"), "row:not_finite"),
    "infinite_place": Bad("a.csv", text_of(_HEAD + _ROW + f"C3,inf,{LAT}\n"), "row:not_finite"),
    "no_place": Bad("a.csv", text_of(_HEAD + _ROW + "C3,,\n"), "row:geometry_missing"),
    "huge_cell": Bad("a.csv", (_HEAD + "x" * 2_000_000 + f",{LON},{LAT}\n").encode, "file:csv_broken"),
    "head_alone": Bad("a.csv", text_of(_HEAD), "file:file_empty"),
    "blank_lines": Bad("a.csv", text_of("\n\n\n"), "file:file_empty"),
    "picture": Bad("a.csv", lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "file:csv_binary"),
    "mark_alone": Bad("a.csv", lambda: b"\xef\xbb\xbf", "file:file_empty"),
    "wkt_broken": Bad("a.csv", text_of(f"id,wkt\n1,POINT({LON} {LAT})\n2,POINT(1\n"), "row:geometry_malformed"),
    "wkt_deep": Bad("a.csv", text_of(f"id,wkt\n1,POINT({LON} {LAT})\n2,\"{'GEOMETRYCOLLECTION(' * 3000}POINT(1 1){')' * 3000}\"\n"), "row:*", apart=True),
    "wkt_area": Bad("a.csv", text_of(f'id,wkt\n1,POINT({LON} {LAT})\n2,"{shapely.Point(LON, LAT).buffer(0.001).wkt}"\n'), "row:wrong_type"),
    "utf16_without_mark": Bad("a.csv", lambda: (_HEAD + _ROW).encode("utf-16-le"), "file:csv_binary"),
    "many_columns": Bad("a.csv", text_of(",".join(f"c{n}" for n in range(400)) + "\n1\n"), "file:too_many_columns"),
    "not_a_direction": Bad("a.csv", text_of(f"id,lon,lat,huong\nC1,{LON},{LAT},xyz\n"), "row:not_a_direction", "cameras"),
    "turned_too_far": Bad("a.csv", text_of(f"id,lon,lat,huong\nC1,{LON},{LAT},999\n"), "row:not_a_direction", "cameras"),
    "formula_as_head": Bad("a.csv", text_of(f"=1+1,lon,lat\nC1,{LON},{LAT}\n"), "good"),
    "formula_as_value": Bad("a.csv", text_of(f"id,lon,lat,ten,loai\nC1,{LON},{LAT},\"=HYPERLINK(\"\"{URL}\"\")\",karaoke\n"), "good", "venues"),
    "no_encoding_at_all": Bad("a.csv", lambda: f"id,lon,lat,ten,loai\nC1,{LON},{LAT},".encode() + bytes(range(0x80, 0xA0)) + b",karaoke\n", "row:control_character", "venues"),
}  # fmt: skip


def _kml(body: str, head: str = "") -> str:
    return f'<?xml version="1.0"?>{head}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{body}</Document></kml>'


def _placemark(shape: str) -> str:
    good = f"<Placemark><Point><coordinates>{LON},{LAT}</coordinates></Point></Placemark>"
    return _kml(good * 2 + f"<Placemark>{shape}</Placemark>")


XML = {
    "a_page": Bad("a.kml", text_of("<html></html>"), "file:not_kml"),
    "kml_cut": Bad("a.kml", text_of("<kml><Placemark>"), "file:xml_broken"),
    "no_xml": Bad("a.kml", text_of("no xml at all"), "file:xml_broken"),
    "entity": Bad("a.kml", text_of(_kml("&x;", f'<!DOCTYPE k [<!ENTITY x SYSTEM "{URL}/secret">]>')), "file:xml_forbidden", apart=True),
    "local_file": Bad("a.kml", text_of(_kml("&x;", '<!DOCTYPE k [<!ENTITY x SYSTEM "file:///etc/passwd">]>')), "file:xml_forbidden"),
    "laughs": Bad("a.kml", text_of(_kml("&l9;", f'<!DOCTYPE k [<!ENTITY l0 "ha">{LAUGHS}]>')), "file:xml_forbidden"),
    "outside_dtd": Bad("a.kml", text_of(_kml("", f'<!DOCTYPE kml SYSTEM "{URL}/x.dtd">')), "file:xml_forbidden"),
    "network_link": Bad("a.kml", text_of(_kml(f"<NetworkLink><Link><href>{URL}</href></Link></NetworkLink>")), "file:kml_network_link", apart=True),
    "kml_words": Bad("a.kml", text_of(_placemark("<Point><coordinates>a,b</coordinates></Point>")), "row:geometry_malformed"),
    "kml_nan": Bad("a.kml", text_of(_placemark("<Point><coordinates>nan,20.8</coordinates></Point>")), "row:not_finite"),
    "kml_no_shape": Bad("a.kml", text_of(_placemark("<name>x</name>")), "row:geometry_missing"),
    "kml_empty_point": Bad("a.kml", text_of(_placemark("<Point/>")), "row:geometry_malformed"),
    "kml_area_without_ring": Bad("a.kml", text_of(_placemark("<Polygon></Polygon>")), "row:geometry_malformed"),
    "kml_mixture": Bad("a.kml", text_of(_placemark(f"<MultiGeometry><Point><coordinates>{LON},{LAT}</coordinates></Point><LineString><coordinates>1,1 2,2</coordinates></LineString></MultiGeometry>")), "row:wrong_type"),
    "kml_deep": Bad("a.kml", text_of(_placemark("<MultiGeometry>" * 3000 + "</MultiGeometry>" * 3000)), "row:*"),
    "kml_empty": Bad("a.kml", text_of(_kml("")), "file:file_empty"),
    "kml_icon": Bad("a.kml", text_of(_kml(f"<Style><IconStyle><Icon><href>{URL}</href></Icon></IconStyle></Style><Placemark><Point><coordinates>{LON},{LAT}</coordinates></Point></Placemark>")), "good"),
    "kml_odd_encoding": Bad("a.kml", text_of('<?xml version="1.0" encoding="no-such"?><kml/>'), "file:xml_broken"),
    "kmz_without_kml": Bad("a.kmz", lambda: zip_of({"a.txt": b"x"}), "file:not_kml"),
    "kmz_path": Bad("a.kmz", lambda: zip_of({"../../a.kml": b"<kml/>"}), "file:zip_path"),
    "kmz_no_zip": Bad("a.kmz", text_of("no zip"), "file:xml_broken"),
    "gpx_other": Bad("a.gpx", text_of("<kml/>"), "file:not_gpx"),
    "gpx_entity": Bad("a.gpx", text_of(f'<!DOCTYPE g [<!ENTITY x SYSTEM "{URL}">]><gpx>&x;</gpx>'), "file:xml_forbidden", apart=True),
    "gpx_without_place": Bad("a.gpx", text_of(f'<gpx><wpt lat="{LAT}" lon="{LON}"/><wpt/></gpx>'), "row:geometry_malformed"),
    "gpx_words": Bad("a.gpx", text_of(f'<gpx><wpt lat="{LAT}" lon="{LON}"/><wpt lat="a" lon="b"/></gpx>'), "row:geometry_malformed"),
    "gpx_empty": Bad("a.gpx", text_of("<gpx/>"), "file:file_empty"),
    "gpx_cut": Bad("a.gpx", text_of("<gpx><wpt"), "file:xml_broken"),
}  # fmt: skip

# What makes GDAL call out, under every name that is let in.
CALLS = {
    suffix: Bad(f"a.{suffix}", text_of(VRT), "file:*") for suffix in ("json", "kml", "csv", "tsv", "gpx")
} | {
    suffix: Bad(f"a.{suffix}", text_of(VRT), "file:*", apart=True) for suffix in ("zip", "kmz", "xlsx", "gpkg")
}  # fmt: skip
PHOTO = {
    "vrt_as_photo": Bad("a.jpg", text_of(VRT), "away", "cameras"),
    "cut_photo": Bad("a.jpg", lambda: photo_at(LON, LAT)[:60], "away", "cameras"),
    "photo_of_a_street": Bad("a.jpg", lambda: photo_at(LON, LAT), "door:photos_points", "roads"),
    "photo_of_elsewhere": Bad("a.jpg", lambda: photo_at(2.35, 48.85), "away", "cameras"),
    "photos_bomb": Bad("a.zip", lambda: zip_of({"a.jpg": bytes(70 * 2**20)}), "door:zip_bomb", "cameras"),
    "photos_slip": Bad("a.zip", lambda: zip_of({"../a.jpg": b"x"}), "door:zip_path", "cameras"),
}


BAD: Mapping[str, Bad] = {
    f"{kind}-{name}": bad
    for kind, group in (
        ("door", DOOR), ("json", JSON), ("csv", CSV), ("xml", XML), ("zip", ZIP), ("gpkg", PACKAGE), ("xlsx", BOOK),
        ("osm", OSM), ("calls", CALLS), ("photo", PHOTO),
    )
    for name, bad in group.items()
}  # fmt: skip
