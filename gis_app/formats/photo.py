"""Photos of places: made anew from their pixels, so that nothing a camera or a person wrote beside them stays.

The bytes go to a child process through a pipe and come back through one: what was sent never touches the disk.
JPEG, PNG and WebP are read (HEIC is not: phones send JPEG when a page asks for it). Always JPEG comes out.
"""

import hashlib
import json
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gis_app.errors import TooLarge, Unprocessable
from gis_app.formats.photo_child import LARGEST_SIDE, MOST_MEGAPIXELS
from gis_app.formats.tied import boot

_ROOT = Path(__file__).resolve().parents[2]
MOST_BYTES = 10 * 1024 * 1024
_WALL_S = 20


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


def _apart(task: str, data: bytes) -> tuple[dict[str, Any], bytes]:
    if not data:
        raise PhotoError("photo_empty")
    if len(data) > MOST_BYTES:
        raise TooLarge("photo_too_large", limit_mb=MOST_BYTES // 2**20)
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter, fixed arguments
            [sys.executable, "-I", "-c", boot("photo_child", "gis_app", "gis_app.formats"), str(_ROOT), task],
            check=False,
            cwd="/",
            env={"LC_ALL": "C.UTF-8"},
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_WALL_S,
            start_new_session=True,
        )
    except subprocess.TimeoutExpired as error:
        raise PhotoError("photo_too_slow") from error
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise PhotoError("photo_too_slow")
    head, _, rest = done.stdout.partition(b"\n")
    try:
        answer: dict[str, Any] = json.loads(head)
        code = answer.get("code")
    except (ValueError, AttributeError) as error:
        # The reader died of what it met.
        raise PhotoError("photo_broken") from error
    if code is not None:
        known = {"photo_format", "photo_broken", "photo_dimensions"}
        raise PhotoError(code if code in known else "photo_broken", limit_mp=MOST_MEGAPIXELS)
    return answer, rest
