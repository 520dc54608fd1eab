# ruff: noqa: E501 - a line is a file
"""What the corpus of bad files shares: a file's record, a good place, and how contents are made."""

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.builders import MAU

# A place of Xã Mẫu for whatever needs a good one.
SPOT = MAU.at(500, 500)
LON, LAT = round(SPOT.x, 7), round(SPOT.y, 7)
# Replaced by the address of a server that must never be called.
URL = "http://127.0.0.1:9"


@dataclass(frozen=True)
class Bad:
    """A file: its name, its bytes, the layer that it is for, the answer; `apart`: read in the real child process."""

    name: str
    make: Callable[[], bytes]
    answer: str
    layer: str = "lights"
    apart: bool = False


def text_of(text: str) -> Callable[[], bytes]:
    return lambda: text.encode("utf-8", "surrogatepass")


def zip_of(entries: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


VRT = f"<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>/vsicurl/{URL}/a</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
