"""Where a file's own word on its coordinates is not what they are read as: the person must choose, no guess will do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gis_app.queries.import_records import ImportRecord

UNREADABLE, MISDECLARED = "crs_unreadable", "crs_misdeclared"


@dataclass(frozen=True)
class Doubt:
    """`code` is stable for programs; `name` is what the file says; `near`: an EPSG code that it resembles, or None."""

    code: str
    name: str
    near: int | None = None


def doubt_of(record: ImportRecord) -> Doubt | None:
    """What is doubtful of the reading as it is chosen now; None: the file says the same, or nothing."""
    found: Mapping[str, Any] = record.found or {}
    unread, declared, srid = found.get("unread"), found.get("declared"), record.options.get("srid")
    if unread:
        return Doubt(UNREADABLE, unread["name"], unread["near"])
    if declared and srid and (srid, bool(record.options.get("swap_axes"))) != (declared, False):
        return Doubt(MISDECLARED, f"EPSG:{declared}")
    return None
