# ruff: noqa: E501 - a line is a file
"""Bad files of the corpus that are GeoParquet: pages that unpack to much, schemas and geometry that are none."""

import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import fastparquet
import fastparquet.writer
import pandas as pd
import pyproj
import shapely
from fastparquet import parquet_thrift

from tests.bad_base import LAT, LAUGHS, LON, VRT, Bad, text_of

_GOOD = shapely.Point(LON, LAT).wkb
_LOCAL = {
    "type": "EngineeringCRS",
    "name": "Hệ riêng của xã",
    "datum": {"name": "mốc ở sân ủy ban"},
    "coordinate_system": {
        "subtype": "Cartesian",
        "axis": [
            {"name": name, "abbreviation": name[0], "direction": name.lower(), "unit": "metre"}
            for name in ("East", "North")
        ],
    },
}


class _Kept(io.BytesIO):
    def close(self) -> None:
        pass


def geo(**changed: Any) -> str:
    """The member `geo` with its geometry column changed; an empty text takes a member away."""
    column = {
        name: value for name, value in ({"encoding": "WKB", "geometry_types": []} | changed).items() if value != ""
    }
    return json.dumps({"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}})


def parquet(
    columns: Mapping[str, Sequence[Any]], about: str | None = None, texts: str = "utf8", geometry: str = "bytes"
) -> bytes:
    """A Parquet file of these columns with a member `geo`, unless it is empty."""
    frame = pd.DataFrame({name: pd.Series(list(cells), dtype=object) for name, cells in columns.items()})
    kinds = {name: geometry if name == "geometry" else texts for name in columns}
    meta = fastparquet.writer.make_metadata(
        frame, has_nulls=True, object_encoding=kinds, index_cols=[], fixed_text=None, times="int64", cols_dtype="object"
    )
    about = geo() if about is None else about
    meta.key_value_metadata = [parquet_thrift.KeyValue(key=b"geo", value=about.encode())] if about else []
    out = _Kept()
    fastparquet.writer.write_simple("x.parquet", frame, meta, compression="ZSTD", open_with=lambda *_: out)
    return out.getvalue()


def _lamps(third: bytes | None = _GOOD, about: str | None = None) -> Callable[[], bytes]:
    return lambda: parquet({"id": ["Q1", "Q2", "Q3"], "geometry": [_GOOD, _GOOD, third]}, about)


def _long(megabytes: int) -> bytes:
    count = megabytes * 64
    return parquet({"id": [str(n) for n in range(count)], "note": ["0" * 2**14] * count, "geometry": [_GOOD] * count})


def _claims(data: bytes, change: Callable[[Any], None]) -> bytes:
    """The file with another footer."""
    file = fastparquet.ParquetFile(io.BytesIO(data))
    change(file.fmd)
    footer = bytes(file.fmd.to_bytes())
    size = int.from_bytes(data[-8:-4], "little")
    return data[: -8 - size] + footer + len(footer).to_bytes(4, "little") + b"PAR1"


def _small(meta: Any) -> None:
    for column in meta.row_groups[0].columns:
        column.meta_data.total_uncompressed_size = 100


def _many(meta: Any) -> None:
    meta.num_rows = 2**60
    meta.row_groups[0].num_rows = 2**60


def _wide(meta: Any) -> None:
    meta.schema[1].type_length = 0x7FFFFFFF


def _lz4(meta: Any) -> None:
    meta.row_groups[0].columns[0].meta_data.codec = parquet_thrift.CompressionCodec.LZ4


def _cut_footer(length: int) -> Callable[[], bytes]:
    return lambda: _lamps()()[:-8] + length.to_bytes(4, "little") + b"PAR1"


_DEEP = '{"primary_column":' + "[" * 50_000 + "]" * 50_000 + "}"

PARQUET = {
    "fake": Bad("a.parquet", text_of(VRT), "file:not_parquet", apart=True),
    "marks_alone": Bad("a.parquet", text_of("PAR1PAR1"), "file:not_parquet"),
    "locked": Bad("a.parquet", lambda: _lamps()()[:-4] + b"PARE", "file:not_parquet"),
    "cut": Bad("a.parquet", lambda: _lamps()()[:-40], "file:not_parquet"),
    "laughs": Bad("a.geoparquet", text_of(LAUGHS), "file:not_parquet"),
    "no_footer": Bad("a.parquet", _cut_footer(0), "file:parquet_broken"),
    "footer_of_gigabytes": Bad("a.parquet", _cut_footer(2**31 - 1), "file:parquet_broken"),
    "footer_of_noise": Bad("a.parquet", lambda: b"PAR1" + b"\xff" * 400 + (400).to_bytes(4, "little") + b"PAR1", "file:*", apart=True),
    "footer_too_short": Bad("a.parquet", _cut_footer(20), "file:*", apart=True),
    "pages_of_noise": Bad("a.parquet", lambda: b"PAR1" + b"\xff" * 60 + _lamps()()[64:], "file:*", apart=True),
    "pages_of_zeros": Bad("a.parquet", lambda: b"PAR1" + bytes(60) + _lamps()()[64:], "file:*", apart=True),
    "bomb": Bad("a.parquet", lambda: _long(80), "file:parquet_bomb", apart=True),
    "lying_bomb": Bad("a.parquet", lambda: _claims(_long(80), _small), "file:parquet_bomb", apart=True),
    "rows_without_end": Bad("a.parquet", lambda: _claims(_lamps()(), _many), "file:too_many_rows", apart=True),
    "width_of_gigabytes": Bad("a.parquet", lambda: _claims(_lamps()(), _wide), "file:parquet_broken", apart=True),
    "codec_not_read": Bad("a.parquet", lambda: _claims(_lamps()(), _lz4), "file:parquet_codec", apart=True),
    "no_geo": Bad("a.parquet", _lamps(about=""), "file:not_geoparquet"),
    "geo_broken": Bad("a.parquet", _lamps(about="{"), "file:not_geoparquet"),
    "geo_list": Bad("a.parquet", _lamps(about="[]"), "file:not_geoparquet"),
    "geo_deep": Bad("a.parquet", _lamps(about=_DEEP), "file:too_deep", apart=True),
    "geo_of_another_column": Bad("a.parquet", _lamps(about=geo().replace('"geometry"', '"geom"')), "file:not_geoparquet"),
    "native_points": Bad("a.parquet", _lamps(about=geo(encoding="point")), "file:parquet_encoding"),
    "numbers_for_geometry": Bad(
        "a.parquet", lambda: parquet({"id": ["Q1"], "geometry": [7]}, geometry="int"), "away"
    ),
    "text_for_geometry": Bad(
        "a.parquet",
        lambda: parquet({"id": ["Q1"], "geometry": [f"POINT({LON} {LAT})"]}, geometry="utf8"),
        "away",
    ),
    "wkb_nonsense": Bad("a.parquet", _lamps(b"\xde\xad\xbe\xef" * 9), "row:geometry_malformed", apart=True),
    "wkb_cut": Bad("a.parquet", _lamps(_GOOD[:12]), "row:geometry_malformed"),
    "wkb_of_billions": Bad("a.parquet", _lamps(b"\x01\x02\x00\x00\x00\xff\xff\xff\x7f"), "row:geometry_malformed", apart=True),
    "wkb_missing": Bad("a.parquet", _lamps(None), "row:geometry_missing"),
    "wkb_nan": Bad("a.parquet", _lamps(shapely.Point(float("nan"), LAT).wkb), "row:*"),
    "area_for_lights": Bad("a.parquet", _lamps(shapely.Point(LON, LAT).buffer(0.001).wkb), "row:wrong_type"),
    "bytes_for_text": Bad(
        "a.parquet", lambda: parquet({"id": [b"\xff\xfe"], "geometry": [_GOOD]}, texts="bytes"), "file:parquet_broken"
    ),
    "crs_of_its_own": Bad("a.parquet", _lamps(about=geo(crs=_LOCAL)), "crs_unreadable:good"),
    "crs_nonsense": Bad("a.parquet", _lamps(about=geo(crs={"name": "lạ\u0000"})), "crs_unreadable:good"),
    "crs_list": Bad("a.parquet", _lamps(about=geo(crs=[1])), "crs_unreadable:good"),
    "crs_of_elsewhere": Bad("a.parquet", _lamps(about=geo(crs=pyproj.CRS(2000).to_json_dict())), "crs_unreadable:good"),
    "crs_untrue": Bad("a.parquet", _lamps(about=geo(crs=pyproj.CRS(9210).to_json_dict())), "crs_misdeclared:good"),
    "crs_null": Bad("a.parquet", _lamps(about=geo(crs=None)), "good"),
}  # fmt: skip
