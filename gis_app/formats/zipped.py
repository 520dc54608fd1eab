"""Opening an untrusted zip: counted, measured, flat, and never by the names inside."""

import lzma
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from gis_app.formats.limits import FormatError, Limits

_CHUNK = 1024 * 1024
# Blank columns of a small table compress well, too.
_RATIO_FROM_BYTES = 1024 * 1024
# What the standard library raises at an archive that is no sound one.
BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, OSError, ValueError)


def open_zip(path: Path | BinaryIO, limits: Limits) -> zipfile.ZipFile:
    """Open an archive after checking every entry's name, kind, size and ratio.

    Raises
    ------
    FormatError
        `zip_broken`, `zip_too_many`, `zip_bomb`, `zip_link`, `zip_path`, `zip_encrypted`.
    """
    try:
        archive = zipfile.ZipFile(path)
    except BROKEN as error:
        raise FormatError("zip_broken") from error
    entries = archive.infolist()
    if len(entries) > limits.max_entries:
        raise FormatError("zip_too_many", count=len(entries), limit=limits.max_entries)
    total = sum(entry.file_size for entry in entries)
    if total > limits.max_unpacked_bytes:
        raise FormatError("zip_bomb", limit_mb=limits.max_unpacked_bytes // 2**20)
    for entry in entries:
        _check_entry(entry, limits)
    return archive


def _check_entry(entry: zipfile.ZipInfo, limits: Limits) -> None:
    name = PurePosixPath(entry.filename.replace("\\", "/"))
    if name.is_absolute() or ".." in name.parts or ":" in entry.filename or "\0" in entry.filename:
        raise FormatError("zip_path", name=entry.filename[:80])
    mode = entry.external_attr >> 16
    if mode and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_IFMT(mode) == 0):
        raise FormatError("zip_link", name=entry.filename[:80])
    if entry.flag_bits & 0x1:
        raise FormatError("zip_encrypted")
    if entry.file_size > _RATIO_FROM_BYTES and entry.file_size > limits.max_ratio * max(entry.compress_size, 1):
        raise FormatError("zip_bomb", limit_mb=limits.max_unpacked_bytes // 2**20)


def extract_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, limits: Limits) -> None:
    """Write one entry under a name of our own; the real size counts, not the one that the zip claims."""
    written = 0
    try:
        with archive.open(entry) as source, target.open("wb") as sink:
            while chunk := source.read(_CHUNK):
                written += len(chunk)
                if written > min(limits.max_unpacked_bytes, entry.file_size):
                    raise FormatError("zip_bomb", limit_mb=limits.max_unpacked_bytes // 2**20)
                sink.write(chunk)
    except BROKEN as error:
        raise FormatError("zip_broken") from error


def is_junk(entry: zipfile.ZipInfo) -> bool:
    """Whether an entry is a folder or what macOS and Windows leave behind."""
    name = PurePosixPath(entry.filename.replace("\\", "/"))
    return entry.is_dir() or name.parts[0] == "__MACOSX" or name.name.startswith(".") or name.name == "Thumbs.db"
