"""What the corpus of tests/bad_files.py does not ask of the reading process: its limits, and its own death."""

import time
from pathlib import Path

import pytest

from gis_app.formats import FormatError, Limits, Options, read_file
from gis_app.formats.sandbox import read_apart
from tests import difficulties as hard
from tests.difficulties import DATA


def refused(path: Path, limits: Limits | None = None) -> str:
    """The code that a file is refused with; it must come within ten seconds."""
    start = time.monotonic()
    with pytest.raises(FormatError) as caught:
        read_file(path, Options(), limits or Limits())
    assert time.monotonic() - start < 10
    return caught.value.code


def test_json_that_looks_like_a_bomb(tmp_path: Path) -> None:
    brackets = tmp_path / "brackets.geojson"
    brackets.write_text(
        '{"type": "FeatureCollection", "features": [{"properties": {"a": "[[[[[[[["}, "geometry": null}]}'
    )
    assert len(read_file(brackets)) == 1, "brackets inside a text are no nesting"
    quotes = tmp_path / "quotes.geojson"
    quotes.write_text('{"type": "FeatureCollection", "a": ' + '"\\' * 200_000)
    assert refused(quotes, Limits(cpu_s=3, wall_s=6)) in ("json_broken", "too_slow")


def test_a_damaged_archive(tmp_path: Path) -> None:
    whole = hard.zipped_shapefile(tmp_path / "den.zip", hard.lamps()).read_bytes()
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(whole[:60] + bytes(200) + whole[260:])
    assert refused(damaged) in ("zip_broken", "shp_missing", "zip_path")


def test_missing_and_too_large(tmp_path: Path) -> None:
    assert refused(tmp_path / "gone.csv") == "file_missing"
    assert refused(DATA / "utf8_bom.csv", Limits(max_file_bytes=10)) == "too_large"


def test_memory_and_time_are_limited(tmp_path: Path) -> None:
    path = tmp_path / "wide.geojson"
    feature = '{"type":"Feature","properties":{"a":1},"geometry":{"type":"Point","coordinates":[106.5,20.8]}}'
    path.write_text('{"type":"FeatureCollection","features":[' + ",".join([feature] * 100_000) + "]}")
    assert refused(path, Limits(memory_bytes=340 * 2**20)) in ("too_much_memory", "reader_failed")
    assert refused(path, Limits(wall_s=1, cpu_s=1)) == "too_slow"


def test_a_reader_that_dies_is_an_answer(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,lon,lat\n")
    with pytest.raises(FormatError) as caught:
        read_apart("no_such_module", ".csv", path, Options(), Limits())
    assert caught.value.code == "reader_failed"
