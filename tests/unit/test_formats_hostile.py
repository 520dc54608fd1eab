"""Hostile and broken files: refused by name, quickly, without a call to anywhere."""

import http.server
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gis_app.formats import FormatError, Limits, Options, formats, read_file
from gis_app.formats.sandbox import read_apart
from tests import difficulties as hard
from tests.difficulties import DATA, lamps

VIEW = "CREATE VIEW v AS SELECT * FROM den"
VIRTUAL = "CREATE VIRTUAL TABLE t USING fts4(x)"
PARTS = ("a.shp", "b.shp")


def refused(path: Path, limits: Limits | None = None) -> str:
    """The code that a file is refused with; it must come within ten seconds."""
    start = time.monotonic()
    with pytest.raises(FormatError) as caught:
        read_file(path, Options(), limits or Limits())
    assert time.monotonic() - start < 10
    return caught.value.code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("vrt.geojson", "not_geojson"),
        ("broken.geojson", "json_broken"),
        ("crs_link.geojson", "crs_link"),
        ("entity.kml", "xml_forbidden"),
        ("network_link.kml", "kml_network_link"),
    ],
)
def test_readable_difficulties(name: str, code: str) -> None:
    assert refused(DATA / name) == code


def test_archives(tmp_path: Path) -> None:
    table = lamps()
    both = {"a.shp": b"x", "a.dbf": b"x", "b.shp": b"x", "b.dbf": b"x"}
    assert refused(hard.zip_slip(tmp_path / "slip.zip", table)) == "zip_path"
    assert refused(hard.zip_with_link(tmp_path / "link.zip")) == "zip_link"
    assert refused(hard.zip_bomb(tmp_path / "bomb.zip")) == "zip_bomb"
    assert refused(hard.zip_bomb(tmp_path / "ratio.zip", 30 * 2**20)) == "zip_bomb"
    assert refused(hard.lying_bomb(tmp_path / "lie.zip")) in ("zip_bomb", "zip_broken")
    assert refused(hard.many_entries(tmp_path / "many.zip")) == "zip_too_many"
    assert refused(hard.zip_of(tmp_path / "two.zip", both)) == "several_layers"
    assert refused(hard.zip_of(tmp_path / "none.zip", {"readme.txt": b"x"})) == "shp_missing"
    assert refused(hard.zip_of(tmp_path / "vrt.zip", {"a.vrt": (DATA / "vrt.geojson").read_bytes()})) == "shp_missing"
    assert refused(hard.zip_of(tmp_path / "fake.zip", {"a.shp": b"<OGRVRTDataSource>", "a.dbf": b""})) == "not_shp"
    assert refused(hard.zipped_shapefile(tmp_path / "nodbf.zip", table, without=(".dbf",))) == "shp_missing"


def test_cut_archives_and_tables(tmp_path: Path) -> None:
    whole = hard.zipped_shapefile(tmp_path / "den.zip", lamps()).read_bytes()
    cut = tmp_path / "cut.zip"
    cut.write_bytes(whole[: len(whole) // 2])
    assert refused(cut) == "zip_broken"
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(whole[:60] + bytes(200) + whole[260:])
    assert refused(damaged) in ("zip_broken", "shp_missing", "zip_path")
    package = hard.geopackage(tmp_path / "den.gpkg", lamps()).read_bytes()
    half = tmp_path / "half.gpkg"
    half.write_bytes(package[: len(package) // 2])
    assert refused(half) in ("not_gpkg", "driver_refused")


def test_geopackages(tmp_path: Path) -> None:
    assert refused(hard.geopackage(tmp_path / "view.gpkg", lamps(), VIEW)) == "gpkg_virtual"
    assert refused(hard.geopackage(tmp_path / "virtual.gpkg", lamps(), VIRTUAL)) == "gpkg_virtual"
    fake = tmp_path / "fake.gpkg"
    fake.write_bytes((DATA / "vrt.geojson").read_bytes())
    assert refused(fake) == "not_gpkg"


def test_json_bombs(tmp_path: Path) -> None:
    assert refused(hard.deep_json(tmp_path / "deep.geojson")) == "too_deep"
    brackets = tmp_path / "brackets.geojson"
    brackets.write_text(
        '{"type": "FeatureCollection", "features": [{"properties": {"a": "[[[[[[[["}, "geometry": null}]}'
    )
    assert len(read_file(brackets)) == 1, "brackets inside a text are no nesting"
    digits = tmp_path / "digits.geojson"
    digits.write_text('{"type": "FeatureCollection", "features": [' + "9" * 10_000 + "]}")
    assert refused(digits) == "json_broken"
    quotes = tmp_path / "quotes.geojson"
    quotes.write_text('{"type": "FeatureCollection", "a": ' + '"\\' * 200_000)
    assert refused(quotes, Limits(cpu_s=3, wall_s=6)) in ("json_broken", "too_slow")


def test_names_and_sizes(tmp_path: Path) -> None:
    for name, content, code in (
        ("a.exe", b"MZ", "unknown_format"),
        ("a.vrt", b"<OGRVRTDataSource/>", "unknown_format"),
        ("a.shp", b"x", "unknown_format"),
        ("a.geojson", b"", "file_empty"),
        ("a.csv", b"id,name\n1,2\n", "no_coordinates"),
        ("b.csv", b"id,id,lon,lat\n", "csv_header"),
        ("c.csv", b'id,lon,lat\n"1,2,3\n', "csv_broken"),
        ("d.csv", b"id,lon,lat\n\x001,2,3\n", "csv_binary"),
        ("a.kml", b"<html></html>", "not_kml"),
        ("b.kml", b"<kml><Placemark>", "xml_broken"),
        ("a.json", b"\xff\xfe{}", "not_geojson"),
        ("b.json", b'{"type": "FeatureCollection", "features": ["\xc3"]}', "encoding"),
    ):
        path = tmp_path / name
        path.write_bytes(content)
        assert refused(path) == code, name
    assert refused(tmp_path / "gone.csv") == "file_missing"
    assert refused(DATA / "utf8_bom.csv", Limits(max_file_bytes=10)) == "too_large"


def test_memory_and_time_are_limited(tmp_path: Path) -> None:
    path = tmp_path / "wide.geojson"
    feature = '{"type":"Feature","properties":{"a":1},"geometry":{"type":"Point","coordinates":[106.5,20.8]}}'
    path.write_text('{"type":"FeatureCollection","features":[' + ",".join([feature] * 100_000) + "]}")
    assert refused(path, Limits(memory_bytes=340 * 2**20)) in ("too_much_memory", "reader_failed")
    assert refused(path, Limits(wall_s=1, cpu_s=1)) == "too_slow"


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """A server on this machine that notes every call."""
    calls: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            calls.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", calls
    server.shutdown()
    server.server_close()


def test_nothing_calls_out(tmp_path: Path, listener: tuple[str, list[str]]) -> None:
    url, calls = listener
    for name in ("vrt.geojson", "crs_link.geojson", "entity.kml", "network_link.kml"):
        path = tmp_path / name
        path.write_text((DATA / name).read_text().replace("http://127.0.0.1:9", url).replace("file:///etc/passwd", url))
        refused(path)
    source = f"<SrcDataSource>/vsicurl/{url}/a</SrcDataSource>"
    vrt = f"<OGRVRTDataSource><OGRVRTLayer name='x'>{source}</OGRVRTLayer></OGRVRTDataSource>"
    for suffix in sorted(suffix for suffix, module in formats().items() if hasattr(module, "read")):
        path = tmp_path / f"vrt{suffix}"
        path.write_text(vrt)
        refused(path)
    assert calls == []


def test_a_reader_that_dies_is_an_answer(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,lon,lat\n")
    with pytest.raises(FormatError) as caught:
        read_apart("no_such_module", ".csv", path, Options(), Limits())
    assert caught.value.code == "reader_failed"
