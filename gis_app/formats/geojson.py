"""GeoJSON (RFC 7946), read by the standard library alone: no driver, no link is followed."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry import shape

from gis_app.crs import STORED
from gis_app.formats.base import (
    DEFAULT_LIMITS,
    DEFAULT_OPTIONS,
    FormatError,
    Limits,
    Options,
    Problem,
    check_size,
    frame,
    plain,
)
from gis_app.formats.declared_crs import identify, is_named, unknown

SUFFIXES = (".geojson", ".json")
MEDIA_TYPE = "application/geo+json"

_STRINGS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_OPEN, _CLOSE = b"[{", b"]}"
_GEOMETRIES = frozenset(
    ("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection")
)
_BAD_SHAPE = (ValueError, TypeError, KeyError, IndexError, AttributeError, shapely.errors.ShapelyError)


def read(path: Path, options: Options = DEFAULT_OPTIONS, limits: Limits = DEFAULT_LIMITS) -> gpd.GeoDataFrame:
    """Read a FeatureCollection, a Feature or a bare geometry.

    Parameters
    ----------
    path
        The file, UTF-8 with or without a byte order mark.
    options
        An EPSG code given there overrides the `crs` member of the file.

    Returns
    -------
    GeoDataFrame
        One row per feature, attributes as they stand, CRS unset where the file declares none.

    Raises
    ------
    FormatError
        `json_broken`, `too_deep`, `not_geojson`, `crs_link`, `crs_unknown`, `encoding`, `too_many_rows`.
    """
    document = _parse(path.read_bytes(), limits)
    features = _features(document)
    names: dict[str, None] = {}
    for feature in features:
        if isinstance(feature, dict) and isinstance(feature.get("properties"), dict):
            names.update(dict.fromkeys(feature["properties"]))
    if "id" not in names and any(isinstance(f, dict) and f.get("id") is not None for f in features):
        names["id"] = None
    check_size(len(features), len(names), limits)
    return _to_frame(features, list(names), options.crs or _declared(document))


def _parse(data: bytes, limits: Limits) -> Mapping[str, Any]:
    data = data.removeprefix(b"\xef\xbb\xbf")
    if data[:64].lstrip()[:1] != b"{":
        raise FormatError("not_geojson")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError("encoding", position=error.start) from error
    if _depth(data) > limits.max_depth:
        raise FormatError("too_deep", limit=limits.max_depth)
    try:
        document = json.loads(text)
    except RecursionError as error:
        raise FormatError("too_deep", limit=limits.max_depth) from error
    except ValueError as error:
        line, column = getattr(error, "lineno", 0), getattr(error, "colno", 0)
        raise FormatError("json_broken", line=line, column=column) from error
    if not isinstance(document, dict):
        raise FormatError("not_geojson")
    return document


def _depth(data: bytes) -> int:
    """Return the deepest nesting of brackets outside strings, before any parser sees the text."""
    bare = np.frombuffer(_STRINGS.sub(b"", data), dtype=np.uint8)
    steps = np.isin(bare, list(_OPEN)).astype(np.int8) - np.isin(bare, list(_CLOSE)).astype(np.int8)
    steps = steps[steps != 0]
    return int(np.cumsum(steps, dtype=np.int64).max(initial=0))


def _features(document: Mapping[str, Any]) -> Sequence[Any]:
    kind = document.get("type")
    if kind == "FeatureCollection" and isinstance(document.get("features"), list):
        features: list[Any] = document["features"]
        return features
    if kind == "Feature":
        return [document]
    if kind in _GEOMETRIES:
        return [{"type": "Feature", "geometry": document, "properties": {}}]
    raise FormatError("not_geojson")


def _declared(document: Mapping[str, Any]) -> int | None:
    """Return the EPSG code of a `crs` member of the 2008 specification; a link to elsewhere is refused."""
    member = document.get("crs")
    if member is None:
        return None
    kind = member.get("type") if isinstance(member, dict) else None
    properties = member.get("properties") if isinstance(member, dict) else None
    properties = properties if isinstance(properties, dict) else {"name": member}
    name = f"EPSG:{properties.get('code')}" if kind == "EPSG" else properties.get("name")
    if kind == "link" or (isinstance(name, str) and "://" in name and not is_named(name)):
        raise FormatError("crs_link")
    if not isinstance(name, str) or not name.strip():
        raise unknown(json.dumps(member, ensure_ascii=False))
    return identify(name)


def _to_frame(features: Sequence[Any], names: Sequence[str], crs: int | None) -> gpd.GeoDataFrame:
    columns: dict[str, list[Any]] = {name: [] for name in names}
    shapes: list[Any] = []
    problems: list[Problem] = []
    for number, feature in enumerate(features, start=1):
        properties, geometry = _split(feature)
        for name, column in columns.items():
            column.append(_scalar(properties.get(name)))
        if "id" in columns and columns["id"][-1] is None and isinstance(feature, dict):
            columns["id"][-1] = _scalar(feature.get("id"))
        try:
            shapes.append(None if geometry is None else _shape(geometry))
        except _BAD_SHAPE:
            shapes.append(None)
            problems.append(Problem(number, "geometry", json.dumps(geometry)[:80], "geometry_malformed"))
    return frame(columns, shapes, crs, problems=problems)


def _split(feature: Any) -> tuple[Mapping[str, Any], Any]:
    if not isinstance(feature, dict):
        return {}, feature
    properties = feature.get("properties")
    return (properties if isinstance(properties, dict) else {}), feature.get("geometry")


def _shape(geometry: Any) -> Any:
    if not isinstance(geometry, dict) or geometry.get("type") not in _GEOMETRIES:
        raise ValueError("not a geometry")
    if "coordinates" in geometry and not _is_numeric(geometry["coordinates"]):
        raise ValueError("coordinates hold something else than numbers")
    return shape(geometry)


def _is_numeric(coordinates: Any) -> bool:
    """Whether nested lists end in numbers: "106" and true must not pass as coordinates."""
    stack = [coordinates]
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            if not item or not isinstance(item[0], list):
                if not all(type(value) in (int, float) for value in item):
                    return False
            else:
                stack.extend(item)
        else:
            return False
    return True


def _scalar(value: Any) -> Any:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return plain(value)


def write(gdf: gpd.GeoDataFrame, stream: BinaryIO, *, keep_crs: bool = False) -> None:
    """Write a FeatureCollection in EPSG:4326 with nine decimals (0.1 mm), as RFC 7946 has it.

    `keep_crs`: in the frame's own CRS with a `crs` member, as the specification of 2008 had it; four decimals.
    """
    declared = keep_crs and gdf.crs is not None and gdf.crs.to_epsg() != STORED
    table = gdf if gdf.crs is None or declared else gdf.to_crs(STORED)
    names = [name for name in table.columns if name != table.geometry.name]
    grid = 1e-4 if declared else 1e-9
    shapes = shapely.to_geojson(shapely.set_precision(table.geometry.to_numpy(), grid, mode="pointwise"))
    head = ""
    if declared and gdf.crs is not None:
        name = f"urn:ogc:def:crs:EPSG::{gdf.crs.to_epsg()}"
        head = f'"crs":{json.dumps({"type": "name", "properties": {"name": name}})},'
    stream.write(f'{{"type":"FeatureCollection",{head}"features":['.encode())
    for row, (geometry, *values) in enumerate(zip(shapes, *(table[name] for name in names), strict=True)):
        properties = json.dumps(dict(zip(names, map(plain, values), strict=True)), ensure_ascii=False, allow_nan=False)
        text = f'{{"type":"Feature","geometry":{geometry or "null"},"properties":{properties}}}'
        stream.write((",\n" if row else "\n").encode() + text.encode())
    stream.write(b"\n]}\n")
