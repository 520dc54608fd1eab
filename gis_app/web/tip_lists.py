"""What the tip form lists of a village, kept for a minute: the same for everybody, and what costs most in a flood."""

import time
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from gis_app.queries import tip_doors
from gis_app.queries.tip_doors import Landmark

KEPT_S, MOST_KEPT = 60.0, 500


@dataclass(frozen=True)
class VillageLists:
    """A village's named streets (segment, name) and its landmarks."""

    streets: list[tuple[int, str]]
    landmarks: list[Landmark]


_kept: dict[tuple[str, int, int], tuple[float, VillageLists]] = {}


def lists_of(conn: Connection, commune_id: int, group_id: int) -> VillageLists:
    """The lists of a village of an open commune."""
    key, now = (str(conn.engine.url), commune_id, group_id), time.monotonic()
    found = _kept.get(key)
    if found is None or now - found[0] > KEPT_S:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        streets = tip_doors.fetch_streets(conn, commune_id, group_id)
        found = _kept[key] = (now, VillageLists(streets, tip_doors.fetch_landmarks(conn, commune_id, group_id)))
    return found[1]
