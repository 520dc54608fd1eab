"""What is kept of the files that somebody sends to be imported; no views here.

A file is kept as it came. Of photos only their places are: where each was taken and which way the camera looked.
"""

import hashlib
import re
import shutil
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import IO

from gis_app.errors import GisError, Unprocessable
from gis_app.formats.limits import FormatError
from gis_app.formats.photo import LIST_BYTES, PHOTO_SUFFIXES, as_document, lists_photos, photo_places
from gis_app.tables.imports import MAX_PART_BYTES
from gis_app.text import has_personal_number, tidy

MAX_BYTES = 50 * 2**20
MAX_NAME = 120
# Of a Shapefile; the others that programs write beside it (.sbn, .qix, .xml) say nothing that is needed.
PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


@dataclass(frozen=True)
class Sent:
    """A file as it was sent, under a cleaned name."""

    name: str
    stream: IO[bytes]


@dataclass(frozen=True)
class Kept:
    """What is kept: `byte_count` and `sha256` are of what was sent, `pieces` what the reader gets."""

    name: str
    byte_count: int
    sha256: str
    pieces: Iterable[bytes]
    are_photos: bool = False


def clean_name(text: str) -> str:
    """A file's name without folders, controls and marks that turn the direction of reading; it keeps its suffix."""
    last = re.split(r"[/\\]", text)[-1]
    name = tidy("".join(char for char in last if unicodedata.category(char)[0] != "C")) or "tep"
    stem, dot, suffix = name.rpartition(".")
    if has_personal_number(stem):
        stem = "tep"
    return f"{stem[: MAX_NAME - 20]}{dot}{suffix[:19]}" if dot else name[:MAX_NAME]


def keep(files: Sequence[Sent]) -> Kept:
    """Say what is kept of one file, or of several photos.

    Raises
    ------
    Unprocessable
        `import_refused` with the rule's name as `reason`.
    """
    size, digest = 0, hashlib.sha256()
    for file in files:
        for piece in pieces_of(file.stream):
            size += len(piece)
            digest.update(piece)
    if size == 0:
        raise Unprocessable("import_refused", reason="file_empty")
    if size > MAX_BYTES:
        raise Unprocessable("import_refused", reason="too_large", limit_mb=MAX_BYTES // 2**20)
    kinds = {_is_photos(file) for file in files}
    if kinds == {True}:
        return _photos(files, size, digest.hexdigest())
    if any(PurePath(file.name).suffix.lower() in PARTS for file in files):
        name, parts = _shapefile(files)
        return Kept(name, size, digest.hexdigest(), _packed(parts))
    if len(files) > 1:
        raise Unprocessable("import_refused", reason="several_files")
    check_name(files[0].name)
    return Kept(files[0].name, size, digest.hexdigest(), pieces_of(files[0].stream))


def _shapefile(files: Sequence[Sent]) -> tuple[str, dict[str, IO[bytes]]]:
    """A name, and the parts of one Shapefile by suffix: people choose them side by side in a folder."""
    names = [PurePath(file.name) for file in files]
    parts = {name.suffix.lower(): file.stream for name, file in zip(names, files, strict=True)}
    if len({name.stem for name in names}) > 1 or len(parts) < len(files) or (".shp" not in parts and len(files) > 1):
        raise Unprocessable("import_refused", reason="several_files")
    missing = [suffix for suffix in (".shp", ".shx", ".dbf") if suffix not in parts]
    if missing:
        raise Unprocessable("import_refused", reason="shp_parts", missing=", ".join(missing))
    return f"{names[0].stem}.zip", {suffix: parts[suffix] for suffix in PARTS if suffix in parts}


def _packed(parts: Mapping[str, IO[bytes]]) -> Iterator[bytes]:
    with tempfile.SpooledTemporaryFile(max_size=2**20) as packed:
        with zipfile.ZipFile(packed, "w") as archive:
            for suffix, stream in parts.items():
                stream.seek(0)
                with archive.open(f"tep{suffix}", "w") as sink:
                    shutil.copyfileobj(stream, sink)
        yield from pieces_of(packed)


def check_name(name: str) -> None:
    """Refuse a file whose name says already that it cannot be read."""
    from gis_app.jobs.import_steps import suffix_of  # noqa: PLC0415 - half of the server's start

    try:
        suffix_of(name)
    except FormatError as error:
        code = "xlsx_macro" if name.lower().endswith((".xlsm", ".xltm", ".xlsb", ".xls", ".docm")) else error.code
        raise Unprocessable("import_refused", reason=code, **error.params) from error


def pieces_of(stream: IO[bytes]) -> Iterator[bytes]:
    """The whole stream, from its start."""
    stream.seek(0)
    while piece := stream.read(MAX_PART_BYTES):
        yield piece


def _is_photos(file: Sent) -> bool:
    name = file.name.lower()
    if not name.endswith(".zip"):
        return name.endswith(PHOTO_SUFFIXES)
    end = file.stream.seek(0, 2)
    file.stream.seek(max(0, end - LIST_BYTES))
    return lists_photos(file.stream.read())


def _photos(files: Sequence[Sent], size: int, sha256: str) -> Kept:
    given = []
    for file in files:
        file.stream.seek(0)
        given.append((file.name, file.stream.read()))
    try:
        found = photo_places(given)
    except GisError as error:
        raise Unprocessable("import_refused", reason=error.code, **error.params) from error
    places = [replace(place, name=clean_name(place.name)) for place in found]
    stem, _, suffix = files[0].name.rpartition(".")
    if len(places) > 1 or suffix.lower() == "zip":
        stem, suffix = f"{stem} ({len(places)})", "jpg"
    document = as_document(places)
    pieces = (document[at : at + MAX_PART_BYTES] for at in range(0, len(document), MAX_PART_BYTES))
    return Kept(f"{stem}.{suffix}", size, sha256, pieces, are_photos=True)
