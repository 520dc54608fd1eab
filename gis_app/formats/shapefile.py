"""Zipped Shapefile: the parts are taken out under a name of our own, nothing else is unpacked."""

import codecs
import io
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

import geopandas as gpd
import pandas as pd
import pyogrio

from gis_app.formats.base import DEFAULT_LIMITS, DEFAULT_OPTIONS, FormatError, Limits, Options
from gis_app.formats.declared_crs import identify
from gis_app.formats.encodings import OLD, decode, readings, text_of
from gis_app.formats.geopackage import read_ogr
from gis_app.formats.zipped import extract_entry, is_junk, open_zip

SUFFIXES = (".zip",)
# The encoding is this module's business.
READS_BYTES = True
MEDIA_TYPE = "application/zip"
DRIVER = "ESRI Shapefile"

_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_NEEDED = (".shp", ".dbf")
_MAGIC = b"\x00\x00\x27\x0a"
_OWN_NAME = "layer"
# GDAL's own windows-1258 loses the last letter of every text (iconv waits for a tone mark): it hands over bytes.
_BYTES = "ISO-8859-1"
_WESTERN = frozenset(codecs.lookup(name).name for name in ("iso-8859-1", "cp1252", "cp437", "cp850", "ascii"))


def read(path: Path, options: Options = DEFAULT_OPTIONS, limits: Limits = DEFAULT_LIMITS) -> gpd.GeoDataFrame:
    """Read the one Shapefile of an archive.

    Without a .cpg the encoding is guessed; so it is where the .cpg names one that knows no Vietnamese, which is what
    survey software writes beside text in TCVN3.

    Raises
    ------
    FormatError
        Those of `open_zip`, `shp_missing`, `several_layers`, `not_shp`, `crs_unknown`, `too_many_rows`.
    """
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder)
        with open_zip(path, limits) as archive:
            for suffix, entry in _choose(archive, options.layer).items():
                extract_entry(archive, entry, target / f"{_OWN_NAME}{suffix}", limits)
        return _read_parts(target, options, limits)


def _choose(archive: zipfile.ZipFile, wanted: str) -> Mapping[str, zipfile.ZipInfo]:
    """Return the parts of the one Shapefile, by suffix."""
    found: dict[str, dict[str, zipfile.ZipInfo]] = {}
    for entry in archive.infolist():
        name = PurePosixPath(entry.filename.replace("\\", "/"))
        suffix = name.suffix.lower()
        if suffix in _PARTS and not is_junk(entry):
            found.setdefault(str(name.with_suffix("")).lower(), {})[suffix] = entry
    whole = {stem: parts for stem, parts in found.items() if ".shp" in parts}
    if len(whole) > 1:
        whole = {stem: parts for stem, parts in whole.items() if PurePosixPath(stem).name == wanted} or whole
    if len(whole) > 1:
        raise FormatError("several_layers", names=", ".join(PurePosixPath(stem).name for stem in whole)[:200])
    if not whole:
        raise FormatError("shp_missing", part=".shp")
    parts = next(iter(whole.values()))
    for suffix in _NEEDED:
        if suffix not in parts:
            raise FormatError("shp_missing", part=suffix)
    return parts


def _read_parts(folder: Path, options: Options, limits: Limits) -> gpd.GeoDataFrame:
    main = folder / f"{_OWN_NAME}.shp"
    with main.open("rb") as stream:
        if stream.read(4) != _MAGIC:
            raise FormatError("not_shp")
    projection = folder / f"{_OWN_NAME}.prj"
    if options.crs is None and projection.exists():
        # Read here, so that a broken .prj is an answer and not a silent guess of the driver.
        options = replace(options, crs=identify(_projection_text(projection)))
    projection.unlink(missing_ok=True)
    encoding = _declared_encoding(folder / f"{_OWN_NAME}.cpg", options)
    return _decoded(read_ogr(main, None, options, limits, _BYTES), encoding, options)


def _projection_text(path: Path) -> str:
    data = path.read_bytes()[:10_000]
    is_utf16 = data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    return data.decode("utf-16" if is_utf16 else "utf-8-sig", errors="replace")[:5000]


def _decoded(table: gpd.GeoDataFrame, encoding: str | None, options: Options) -> gpd.GeoDataFrame:
    """Turn the bytes that came through as Latin-1 into text; names of columns, too."""
    texts = {name: _bytes_of(table[name]) for name in table.columns if name != table.geometry.name}
    heads = [name.encode(_BYTES) for name in texts]
    cells = [*heads, *(_whole(cell) for column in texts.values() for cell in column if isinstance(cell, bytes))]
    if encoding is None:
        _, encoding = decode(b"\n".join(cells), lenient=options.lenient)
    table.attrs["encoding"] = encoding
    if options.lenient:
        table.attrs["readings"] = readings(cells)
    for name, column in texts.items():
        values = [_text(cell, encoding) if isinstance(cell, bytes) else cell for cell in column]
        table[name] = pd.Series(values, dtype=object, index=table.index)
    return table.rename(columns={name: _text(head, encoding) for name, head in zip(texts, heads, strict=True)})


def _bytes_of(column: "pd.Series[Any]") -> list[Any]:
    return [value.encode(_BYTES) if isinstance(value, str) else value for value in column]


def _whole(cell: bytes) -> bytes:
    """A cell without the half letter at which dBASE cut it, if it is UTF-8."""
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(cell).encode()
    except UnicodeDecodeError:
        return cell


def _text(cell: bytes, encoding: str) -> str:
    # dBASE cuts a text where its field ends, in the middle of a letter, too.
    return text_of(_whole(cell) if encoding.startswith("utf") else cell, encoding)


def _declared_encoding(path: Path, options: Options) -> str | None:
    """Return the encoding that a person or a .cpg names, None without one or with one that knows no Vietnamese."""
    if options.encoding or not path.exists():
        path.unlink(missing_ok=True)
        return options.encoding or None
    name = path.read_text("ascii", errors="replace").strip()[:40]
    path.unlink()
    for candidate in (name, f"cp{name}", name.upper().replace("ANSI ", "cp")):
        try:
            # Python has codecs that make text of text; they are no encodings, and this says so.
            b"aa".decode(candidate)
            found = codecs.lookup(candidate).name
        except (LookupError, ValueError):
            continue
        return None if found in _WESTERN or (options.lenient and found == "utf-8") else found
    if options.lenient or name.lower() in OLD:
        return name.lower() if name.lower() in OLD else None
    raise FormatError("encoding_unknown", name=name)


def write(gdf: gpd.GeoDataFrame, stream: BinaryIO) -> None:
    """Write a zipped Shapefile, UTF-8, in the frame's own CRS; column names are cut to ten letters."""
    buffer = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        pyogrio.write_dataframe(gdf, Path(folder) / f"{_OWN_NAME}.shp", driver=DRIVER, encoding="UTF-8")
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in sorted(Path(folder).iterdir()):
                archive.write(part, part.name)
    stream.write(buffer.getvalue())
