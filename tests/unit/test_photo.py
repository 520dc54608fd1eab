"""Photos: made anew from their pixels; hostile ones are refused by name, quickly, and never with a crash."""

import hashlib
import io
import struct
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

from gis_app.errors import GisError
from gis_app.formats import photo as photo_module
from gis_app.formats.photo import MOST_BYTES, clean_photo, photo_position
from gis_app.web.i18n import catalogue
from tests.photo_kit import SECRET, encoded, gps_exif, picture


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png_of(width: int, height: int, *, rows: int | None = None) -> bytes:
    """A PNG of one bit a pixel, packed so tightly that a few kilobytes become gigapixels."""
    packer = zlib.compressobj(9)
    line = b"\0" * (1 + (width + 7) // 8)
    body = b"".join(packer.compress(line) for _ in range(height if rows is None else rows)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_but_pixels_is_left(kind: str) -> None:
    """T-P8: a photo comes back without EXIF, XMP, ICC, comments."""
    options: dict[str, object] = {"exif": gps_exif(), "icc_profile": SECRET * 20}
    if kind == "PNG":
        texts = PngImagePlugin.PngInfo()
        texts.add_text("Comment", SECRET.decode())
        options["pnginfo"] = texts
    else:
        options["xmp"] = b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>"
    if kind == "JPEG":
        options["comment"] = SECRET
    given = encoded(picture(), kind, **options) + SECRET
    assert SECRET in given
    clean = clean_photo(given)
    assert SECRET not in clean.data
    assert clean.sha256 == hashlib.sha256(clean.data).hexdigest()
    with Image.open(io.BytesIO(clean.data)) as image:
        assert image.format == "JPEG"
        assert image.size == (clean.width, clean.height) == (400, 300)
        assert not image.getexif()
        assert not {"exif", "xmp", "icc_profile", "comment", "photoshop"} & set(image.info)
        red, _, blue = image.getpixel((200, 40))
        assert red > 200
        assert blue < 60


def test_a_turned_photo_stands_upright_and_is_made_small() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    clean = clean_photo(encoded(picture(4000, 2000), "JPEG", exif=exif))
    assert (clean.width, clean.height) == (800, 1600)
    with Image.open(io.BytesIO(clean.data)) as image:
        # Turned by a quarter: red was above, is at the right.
        assert image.getpixel((700, 800))[0] > 200
        assert image.getpixel((100, 800))[2] > 200


def test_clear_parts_become_white_and_grey_or_indexed_photos_pass() -> None:
    clear = Image.new("RGBA", (50, 40), (255, 0, 0, 0))
    with Image.open(io.BytesIO(clean_photo(encoded(clear, "PNG")).data)) as image:
        assert min(image.getpixel((20, 20))) > 250
    for mode in ("L", "P", "1", "I;16", "CMYK"):
        kind = "JPEG" if mode == "CMYK" else "PNG"
        assert clean_photo(encoded(Image.new(mode, (50, 40)), kind)).width == 50


def test_a_photo_made_anew_stays_the_same_size_and_small() -> None:
    once = clean_photo(encoded(picture(4000, 3000), "JPEG"))
    again = clean_photo(once.data)
    assert (again.width, again.height) == (once.width, once.height) == (1600, 1200)
    assert len(once.data) < 400_000


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "photo_empty"),
    "large": (lambda: b"\xff\xd8\xff" + b"\0" * MOST_BYTES, "photo_too_large"),
    "bomb": (lambda: png_of(60_000, 60_000, rows=600), "photo_dimensions"),
    "long": (lambda: png_of(20_000, 10), "photo_dimensions"),
    "text bomb": (
        lambda: (
            png_of(10, 10)[:33] + chunk(b"zTXt", b"a\0\0" + zlib.compress(b"\0" * 90_000_000)) + png_of(10, 10)[33:]
        ),
        "photo_broken",
    ),
    "truncated": (lambda: encoded(picture(), "JPEG")[:900], "photo_broken"),
    "truncated png": (lambda: encoded(picture(), "PNG")[:200], "photo_broken"),
    "head only": (lambda: b"\xff\xd8\xff\xe0", "photo_format"),
    "svg": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "photo_format"),
    "gif": (lambda: encoded(picture(), "GIF"), "photo_format"),
    "tiff as jpg": (lambda: encoded(picture(), "TIFF"), "photo_format"),
    "bmp": (lambda: encoded(picture(), "BMP"), "photo_format"),
    "avif": (lambda: encoded(picture(), "AVIF"), "photo_format"),
    "html before jpeg": (lambda: b"<html>" + encoded(picture(), "JPEG"), "photo_format"),
    "zip": (lambda: b"PK\x03\x04" + b"\0" * 100, "photo_format"),
    "noise": (lambda: bytes(range(256)) * 40, "photo_format"),
    "text": (lambda: b"a photo of a lamp", "photo_format"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_photos_are_refused_by_name(name: str) -> None:
    make, code = HOSTILE[name]
    data = make()
    for read in (clean_photo, photo_position):
        # Only headers are read for a position, so damage further on is not met.
        if read is photo_position and code == "photo_broken":
            continue
        start = time.monotonic()
        with pytest.raises(GisError) as caught:
            read(data)
        assert caught.value.code == code
        assert caught.value.status in (413, 422)
        assert f"error.{code}" in catalogue("vi")
        assert time.monotonic() - start < 10


def test_a_polyglot_loses_its_second_face() -> None:
    archive = b"PK\x03\x04evil.html<script>" + SECRET + b"PK\x05\x06" + b"\0" * 18
    for given in (encoded(picture(), "JPEG", comment=b"*/alert(1)//") + archive, encoded(picture(), "PNG") + archive):
        clean = clean_photo(given)
        assert b"PK\x03\x04" not in clean.data
        assert b"alert" not in clean.data


def test_the_first_picture_of_an_animation_is_taken() -> None:
    frames = [Image.new("RGB", (60, 40), colour) for colour in ("red", "blue")]
    clean = clean_photo(encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=100))
    with Image.open(io.BytesIO(clean.data)) as image:
        assert image.getpixel((30, 20))[0] > 200


def test_nothing_is_written_to_a_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The photo goes through pipes; the child may not even write a file."""
    source = (
        Path(photo_module.__file__).read_text() + (Path(photo_module.__file__).parent / "photo_child.py").read_text()
    )
    assert "tempfile" not in source
    assert "file_bytes=0" in source
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    clean_photo(encoded(picture(), "JPEG"))
    assert list(tmp_path.iterdir()) == []


def test_position_of_a_photo() -> None:
    found = photo_position(encoded(picture(), "JPEG", exif=gps_exif()))
    assert found is not None
    assert (found.lon, found.lat, found.direction) == pytest.approx((106 + 41 / 60 + 3 / 3600, 20.8585, 245.5))
    south = photo_position(encoded(picture(), "JPEG", exif=gps_exif(refs="SW")))
    assert south is not None
    assert south.lat == pytest.approx(-20.8585)
    assert south.lon < 0
    assert photo_position(encoded(picture(), "JPEG")) is None
    assert photo_position(encoded(picture(), "JPEG", exif=gps_exif(lat=(200.0, 0.0, 0.0)))) is None
