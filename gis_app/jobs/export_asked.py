"""What an export was asked with, as JSON that a job reads back."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import shapely

from gis_app.crs import STORED, NamedCrs, named_crs
from gis_app.errors import BadRequest
from gis_app.queries.ogc_items import ItemQuery

MAX_ROWS = 200_000
# What is answered at once: the slowest format writes this in about 0.2 s of an idle processor. More is a job.
DIRECT_ROWS, DIRECT_POINTS, DIRECT_TILES = 2_000, 50_000, 64


@dataclass(frozen=True)
class ExportAsked:
    """What to write: `format` a key of FORMATS, `srid` EPSG of the file, `osm` tags for cameras and lamps."""

    format: str
    srid: int = STORED
    wanted: ItemQuery = field(default_factory=lambda: ItemQuery(limit=MAX_ROWS))
    group_id: int | None = None
    osm: bool = False


@dataclass(frozen=True)
class ExportedFile:
    """A file: its bytes, media type and name, and how many features (of a tile set: tiles) are in it."""

    content: bytes
    media_type: str
    filename: str
    row_count: int


def go_on(_percent: int, _message: str, /) -> bool:
    """No job looks on."""
    return False


def to_json(asked: ExportAsked) -> dict[str, Any]:
    """The same as JSON."""
    wanted = asked.wanted
    start, end = wanted.span
    return {
        "format": asked.format,
        "srid": asked.srid,
        "group_id": asked.group_id,
        "osm": asked.osm,
        "bbox": None if wanted.bbox is None else wanted.bbox.wkt,
        "bbox_crs": wanted.bbox_crs.uri,
        "from_on": start.isoformat() if start else None,
        "to_on": end.isoformat() if end else None,
        "filter": wanted.filter,
        "filter_lang": wanted.filter_lang,
        "filter_crs": wanted.filter_crs.uri,
    }


def from_json(kept: Mapping[str, Any]) -> ExportAsked:
    """What `to_json` kept."""
    wanted = ItemQuery(
        bbox=None if kept["bbox"] is None else shapely.from_wkt(kept["bbox"]),
        bbox_crs=_crs(kept["bbox_crs"]),
        span=(_day(kept["from_on"]), _day(kept["to_on"])),
        filter=kept["filter"],
        filter_lang=kept["filter_lang"],
        filter_crs=_crs(kept["filter_crs"]),
        limit=MAX_ROWS,
    )
    return ExportAsked(kept["format"], kept["srid"], wanted, kept["group_id"], osm=kept["osm"])


def _crs(uri: str) -> NamedCrs:
    found = named_crs(uri)
    if found is None:
        # Kept by a program that spoke more of them.
        raise BadRequest("bad_parameter", name="crs", rule="crs")
    return found


def _day(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)
