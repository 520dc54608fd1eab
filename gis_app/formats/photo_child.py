"""The process that meets photos: bytes come on standard input, an answer in JSON and a JPEG go to standard output.

For `positions` the input is a line of JSON, `[[name, size], …]`, and then the files; archives are looked into.
"""

import io
import json
import math
import os
import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

from gis_app.formats.tied import tie_hands

LARGEST_SIDE = 1600
MOST_MEGAPIXELS = 40
_FORMATS = ("JPEG", "PNG", "WEBP")
_LONGEST_GIVEN_SIDE = 16_000
_QUALITY = 82
_MEMORY_BYTES = 1024 * 2**20
_CPU_S = 10
# Only headers are read for positions, but of many photos.
_POSITIONS_CPU_S = 20
MOST_BYTES = 10 * 1024 * 1024
MOST_PHOTOS = 200
_GPS = 0x8825
_LAT_REF, _LAT, _LON_REF, _LON, _DIRECTION = 1, 2, 3, 4, 17


def main(task: str) -> None:
    """Do one task, `clean`, `position` or `positions`, and end without any clean-up."""
    cpu_s = _POSITIONS_CPU_S if task == "positions" else _CPU_S
    tie_hands(memory_bytes=_MEMORY_BYTES, cpu_s=cpu_s, file_bytes=0)
    given = sys.stdin.buffer.read()
    answer, data = (_positions(given), b"") if task == "positions" else _answer(task, given)
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + data)
    sys.stdout.buffer.flush()
    os._exit(0)


def _positions(given: bytes) -> dict[str, Any]:
    """What each photo says; archives are unpacked in memory, under the limits of every archive."""
    # Here, not above: one photo needs none of it.
    from gis_app.formats.limits import FormatError  # noqa: PLC0415

    try:
        found = [{"name": name} | _position_or_code(data) for name, data in islice(_each(given), MOST_PHOTOS + 1)]
    except FormatError as error:
        return {"refusal": error.code, "params": error.params}
    except MemoryError:
        return {"refusal": "too_much_memory", "params": {"limit_mb": _MEMORY_BYTES // 2**20}}
    if len(found) > MOST_PHOTOS:
        return {"refusal": "photos_too_many", "params": {"limit": MOST_PHOTOS}}
    return {"photos": found}


def _each(given: bytes) -> Iterator[tuple[str, bytes]]:
    head, _, rest = given.partition(b"\n")
    start = 0
    for name, size in json.loads(head):
        data = rest[start : start + size]
        start += size
        yield from _unpacked(data) if data.startswith(b"PK") else [(name, data)]


def _position_or_code(data: bytes) -> dict[str, Any]:
    if len(data) > MOST_BYTES:
        return {"code": "photo_too_large"}
    return _answer("position", data)[0] if data else {"code": "photo_empty"}


def _unpacked(data: bytes) -> Iterator[tuple[str, bytes]]:
    from gis_app.formats.limits import DEFAULT_LIMITS, FormatError  # noqa: PLC0415
    from gis_app.formats.zipped import BROKEN, is_junk, open_zip  # noqa: PLC0415

    with open_zip(io.BytesIO(data), DEFAULT_LIMITS) as archive:
        for entry in archive.infolist():
            if is_junk(entry):
                continue
            try:
                with archive.open(entry) as source:
                    # What is past the limit is never unpacked.
                    yield entry.filename, source.read(MOST_BYTES + 1)
            except BROKEN as error:
                raise FormatError("zip_broken") from error


def _answer(task: str, given: bytes) -> tuple[dict[str, Any], bytes]:
    Image.MAX_IMAGE_PIXELS = MOST_MEGAPIXELS * 1_000_000
    try:
        with Image.open(io.BytesIO(given), formats=_FORMATS) as image:
            width, height = image.size
            if width * height > MOST_MEGAPIXELS * 1_000_000 or max(width, height) > _LONGEST_GIVEN_SIDE:
                return {"code": "photo_dimensions"}, b""
            return (_position(image), b"") if task == "position" else _clean(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        return {"code": "photo_dimensions"}, b""
    except UnidentifiedImageError:
        return {"code": "photo_format"}, b""
    except Exception:  # noqa: BLE001 - whatever a decoder says of hostile bytes
        return {"code": "photo_broken"}, b""


def _clean(image: Image.Image) -> tuple[dict[str, Any], bytes]:
    if image.format == "JPEG":
        # Decodes at a half, quarter or eighth where that is enough.
        image.draft("RGB", (LARGEST_SIDE, LARGEST_SIDE))
    image.load()
    upright = ImageOps.exif_transpose(image)
    upright.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Image.Resampling.LANCZOS)
    if "A" in upright.getbands() or "transparency" in upright.info:
        upright = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright.convert("RGBA"))
    # A new image has no comments, profile or other words of the old one.
    fresh = Image.new("RGB", upright.size)
    fresh.paste(upright.convert("RGB"))
    out = io.BytesIO()
    fresh.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return {"width": fresh.width, "height": fresh.height}, out.getvalue()


def _position(image: Image.Image) -> dict[str, Any]:
    nothing: dict[str, Any] = {"lon": None, "lat": None, "direction": None}
    if image.format == "PNG" and "exif" not in image.info:
        # Pillow would decode every pixel to look behind them.
        return nothing
    gps = image.getexif().get_ifd(_GPS)
    lat, lon = _degrees(gps, _LAT, _LAT_REF, "S"), _degrees(gps, _LON, _LON_REF, "W")
    if lat is None or lon is None or abs(lat) > 90 or abs(lon) > 180 or (lat, lon) == (0, 0):
        return nothing
    direction = _number(gps.get(_DIRECTION))
    return {"lon": lon, "lat": lat, "direction": None if direction is None else direction % 360}


def _degrees(gps: dict[int, Any], what: int, reference: int, negative: str) -> float | None:
    parts = gps.get(what)
    if not isinstance(parts, tuple) or len(parts) != 3:
        return None
    numbers = [_number(part) for part in parts]
    if any(number is None or number < 0 for number in numbers):
        return None
    value = sum((number or 0.0) / 60.0**power for power, number in enumerate(numbers))
    return -value if str(gps.get(reference, "")).strip("\0 ").upper() == negative else value


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return number if math.isfinite(number) else None
