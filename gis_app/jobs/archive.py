"""The file of a backup: one .tar of `manifest.json` and `database.dump`, readable by its owner alone."""

import hashlib
import json
import os
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MANIFEST, DUMP = "manifest.json", "database.dump"
FORMAT = "ban-do-binh-yen backup 1"
MAX_MANIFEST_BYTES = 16 * 1024 * 1024
BLOCK = 1024 * 1024


class BackupError(RuntimeError):
    """A backup cannot be made, read or restored; the message says why and what to do."""


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_archive(target: Path, manifest: Mapping[str, Any], dump: Path) -> None:
    """Write the archive whole or not at all: a name without `.partial` is a backup that reached the disk."""
    partial, text = target.with_name(target.name + ".partial"), dump.with_name(MANIFEST)
    text.write_text(json.dumps(manifest, indent=1, ensure_ascii=False, sort_keys=True))
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
                tar.add(text, MANIFEST, filter=_plain)
                tar.add(dump, DUMP, filter=_plain)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(target)
    except OSError:
        partial.unlink(missing_ok=True)
        raise


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


def read_manifest(source: Path) -> dict[str, Any]:
    """The manifest of an archive.

    Raises
    ------
    BackupError
        The file is no backup, or one of another format.
    """
    try:
        with tarfile.open(source) as tar:
            member = tar.extractfile(MANIFEST)
            found = json.loads(member.read(MAX_MANIFEST_BYTES)) if member else {}
    except (OSError, KeyError, ValueError, tarfile.TarError) as error:
        raise BackupError(f"{source} cannot be read as a backup: {error}") from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise BackupError(f"{source} is not a backup of this program ({FORMAT}).")
    return found


def unpack_dump(source: Path, manifest: Mapping[str, Any], target: Path) -> None:
    """Copy the dump out of the archive and check that it is the one that was written."""
    digest = hashlib.sha256()
    try:
        with tarfile.open(source) as tar, target.open("wb") as out:
            member = tar.extractfile(DUMP)
            while member is not None and (block := member.read(BLOCK)):
                digest.update(block)
                out.write(block)
    except (KeyError, tarfile.TarError) as error:
        raise BackupError(f"{source} is damaged: {error}. Nothing was touched; take another backup file.") from error
    if digest.hexdigest() != manifest["sha256"]:
        raise BackupError(f"{source} is damaged: its SHA-256 is another. Nothing was touched; take another file.")
