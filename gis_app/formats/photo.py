"""Photos of places: made anew from their pixels, so that nothing a camera or a person wrote beside them stays.

The bytes go to a child process through a pipe and come back through one: what was sent never touches the disk.
JPEG, PNG and WebP are read (HEIC is not: phones send JPEG when a page asks for it). Always JPEG comes out.
Of photos that are imported, the place alone is kept: `photo_places` says where each was taken, and the photo is gone.
"""

import hashlib
import json
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gis_app.errors import TooLarge, Unprocessable
from gis_app.formats.limits import FormatError
from gis_app.formats.photo_child import LARGEST_SIDE, MOST_BYTES, MOST_MEGAPIXELS
from gis_app.formats.tied import boot

_ROOT = Path(__file__).resolve().parents[2]
_WALL_S = 20
PHOTO_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif")
_CODES = {"photo_format", "photo_broken", "photo_dimensions", "photo_too_large", "photo_empty"}
# A name as an archive lists it: signature, 24 bytes, its length, 16 bytes, itself.
_LISTED = re.compile(rb"PK\x01\x02.{24}(..).{16}", re.DOTALL)
# Room for the list of more files than may be in one.
LIST_BYTES = 256 * 1024


class PhotoError(Unprocessable):
    """A photo cannot be taken; the code is a message key under `error.`."""


@dataclass(frozen=True)
class CleanPhoto:
    """A JPEG of pixels alone: no EXIF, XMP, ICC or comments, upright, its longest side at most 1,600 px."""

    data: bytes
    width: int
    height: int
    sha256: str


@dataclass(frozen=True)
class PhotoPosition:
    """Where a photo says it was taken (WGS 84), and the way the camera looked, degrees from north."""

    lon: float
    lat: float
    direction: float | None


@dataclass(frozen=True)
class PhotoPlace:
    """Where a photo of a name was taken and which way the camera looked; `reason`: why it tells of no place."""

    name: str
    lon: float | None = None
    lat: float | None = None
    direction: float | None = None
    reason: str = ""


def clean_photo(data: bytes) -> CleanPhoto:
    """Make a photo anew from its pixels.

    Raises
    ------
    TooLarge
        `photo_too_large`.
    PhotoError
        `photo_empty`, `photo_format`, `photo_broken`, `photo_dimensions`, `photo_too_slow`.
    """
    answer, jpeg = _apart("clean", data)
    width, height = int(answer["width"]), int(answer["height"])
    if not (jpeg.startswith(b"\xff\xd8\xff") and 0 < width <= LARGEST_SIDE and 0 < height <= LARGEST_SIDE):
        raise PhotoError("photo_broken")
    return CleanPhoto(jpeg, width, height, hashlib.sha256(jpeg).hexdigest())


def photo_position(data: bytes) -> PhotoPosition | None:
    """Return where a photo was taken by its own account; None where it says nothing sound. Raises as `clean_photo`."""
    answer, _ = _apart("position", data)
    if answer["lon"] is None:
        return None
    direction = answer["direction"]
    return PhotoPosition(float(answer["lon"]), float(answer["lat"]), None if direction is None else float(direction))


def photo_places(files: Sequence[tuple[str, bytes]]) -> list[PhotoPlace]:
    """Say of photos, and of those in archives, where they were taken, in the order in which they come.

    Raises
    ------
    FormatError
        `photos_too_many`, `photos_none`, and those of `zipped.open_zip`.
    PhotoError
        `photo_broken`, `photo_too_slow`: the reader died of one of them.
    """
    head = json.dumps([[name, len(data)] for name, data in files]).encode()
    answer, _ = _run("positions", b"\n".join((head, b"".join(data for _, data in files))), 2 * _WALL_S)
    if "refusal" in answer:
        raise FormatError(str(answer["refusal"]), **answer["params"])
    found = [_place(one) for one in answer["photos"]]
    if not found:
        raise FormatError("photos_none")
    return found


def _place(said: dict[str, Any]) -> PhotoPlace:
    name, code = str(said["name"]), said.get("code")
    if code is not None:
        if name.lower().endswith((".heic", ".heif")):
            code = "photo_heic"
        return PhotoPlace(name, reason=code if code in {*_CODES, "photo_heic"} else "photo_broken")
    if said["lon"] is None:
        return PhotoPlace(name, reason="photo_no_place")
    direction = said["direction"]
    return PhotoPlace(name, float(said["lon"]), float(said["lat"]), None if direction is None else float(direction))


def as_document(places: Sequence[PhotoPlace]) -> bytes:
    """What is kept of photos in their place; `photos.read` reads it."""
    return json.dumps({"photos": [asdict(place) for place in places]}, ensure_ascii=False).encode("utf-8", "replace")


def lists_photos(tail: bytes) -> bool:
    """Whether an archive that ends so lists photos and no map data; it is not opened for that."""
    names = [
        tail[match.end() : match.end() + int.from_bytes(match[1], "little")].lower() for match in _LISTED.finditer(tail)
    ]
    return any(name.endswith(tuple(map(str.encode, PHOTO_SUFFIXES))) for name in names) and not any(
        name.endswith((b".shp", b".dbf")) for name in names
    )


def _apart(task: str, data: bytes) -> tuple[dict[str, Any], bytes]:
    if not data:
        raise PhotoError("photo_empty")
    if len(data) > MOST_BYTES:
        raise TooLarge("photo_too_large", limit_mb=MOST_BYTES // 2**20)
    answer, rest = _run(task, data)
    code = answer.get("code")
    if code is not None:
        raise PhotoError(code if code in _CODES else "photo_broken", limit_mp=MOST_MEGAPIXELS)
    return answer, rest


def _run(task: str, data: bytes, wall_s: float = _WALL_S) -> tuple[dict[str, Any], bytes]:
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter, fixed arguments
            [sys.executable, "-I", "-c", boot("photo_child", "gis_app", "gis_app.formats"), str(_ROOT), task],
            check=False,
            cwd="/",
            env={"LC_ALL": "C.UTF-8"},
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=wall_s,
            start_new_session=True,
        )
    except subprocess.TimeoutExpired as error:
        raise PhotoError("photo_too_slow") from error
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise PhotoError("photo_too_slow")
    head, _, rest = done.stdout.partition(b"\n")
    try:
        answer: dict[str, Any] = dict(json.loads(head))
    except (ValueError, TypeError) as error:
        # The reader died of what it met.
        raise PhotoError("photo_broken") from error
    return answer, rest
