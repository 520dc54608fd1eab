"""Photos made when a test wants them: two colours, and where they say that they were taken."""

import io

from PIL import Image

SECRET = b"SECRET-16A-123.45"


def picture(width: int = 400, height: int = 300) -> Image.Image:
    """Red above, blue below, so that turning it shows."""
    image = Image.new("RGB", (width, height), "red")
    image.paste("blue", (0, height // 2, width, height))
    return image


def gps_exif(
    lat: tuple[float, ...] = (20.0, 51.0, 30.6),
    refs: str = "NE",
    lon: tuple[float, ...] = (106.0, 41.0, 3.0),
    direction: float | None = 245.5,
) -> Image.Exif:
    """A camera's words: a place, a direction, and what must never be kept."""
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    exif[0x0110] = "Phone " + SECRET.decode()
    gps = exif.get_ifd(0x8825)
    gps.update({1: refs[0], 2: lat, 3: refs[1], 4: lon})
    if direction is not None:
        gps[17] = direction
    return exif


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    """The bytes of an image file."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def photo_at(lon: float, lat: float, direction: float | None = None, kind: str = "JPEG") -> bytes:
    """A photo that says it was taken there."""
    places = [((int(d), int(d % 1 * 60), round(d * 60 % 1 * 60, 6))) for d in (lat, lon)]
    return encoded(picture(), kind, exif=gps_exif(places[0], "NE", places[1], direction))
