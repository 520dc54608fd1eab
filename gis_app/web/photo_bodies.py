"""A photo in a JSON body: base64 in, a JPEG made anew from its pixels out. No views here."""

import base64
import binascii
import uuid
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from gis_app.errors import Unprocessable
from gis_app.formats.photo import MOST_BYTES, clean_photo
from gis_app.queries.patrol_notes import NewPhoto
from gis_app.tables.patrol_notes import MOST_PHOTO_BYTES

Fault = Callable[[str, str], Exception]


def read_photo(value: Any, fault: Fault) -> NewPhoto | None:
    """The photo of a body; None where there is none. `fault(field, rule)` makes the error of a value that is no photo.

    Raises
    ------
    PhotoError, TooLarge
        As `clean_photo`.
    """
    if value in (None, ""):
        return None
    if not isinstance(value, str) or len(value) > MOST_BYTES * 4 // 3 + 8:
        raise fault("photo", "text")
    try:
        data = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise fault("photo", "text") from None
    clean = clean_photo(data)
    if len(clean.data) > MOST_PHOTO_BYTES:
        raise Unprocessable("photo_dimensions", limit_mp=1)
    return NewPhoto(**asdict(clean))


def read_client_id(body: Any, fault: Fault) -> uuid.UUID:
    """The number that a device gave to what it sends."""
    try:
        return uuid.UUID(str(body.get("client_id")))
    except ValueError:
        raise fault("client_id", "text") from None
