"""How far the loudspeakers of a commune reach, for page, API and report."""

from typing import Any

import numpy as np
from sqlalchemy.engine import Connection

from gis_app.analysis.speaker_reach import Home, reach_of, share_of_commune
from gis_app.queries.communes import Commune
from gis_app.queries.coverage_inputs import Area
from gis_app.queries.speakers import as_circle, fetch_group_shapes, fetch_houses, fetch_speakers


def speaker_reach(conn: Connection, commune: Commune) -> dict[str, Any] | None:
    """Shares of households by group and of the commune, with the loudspeakers; None where there are none.

    Only working ones with a range count; `unknown_count`: working ones of which nobody knows the range.
    """
    srid = commune.metric_srid
    speakers = fetch_speakers(conn, commune.id, srid)
    if not speakers:
        return None
    groups = fetch_group_shapes(conn, commune.id, srid)
    working = [one for one in speakers if one.state == "working"]
    heard = [one for one in working if one.range_m]
    found = reach_of(
        [Home(one.id, one.shape, one.household_count) for one in groups],
        fetch_houses(conn, commune.id, Area(None, srid)),
        np.array([(one.x, one.y) for one in heard], dtype=float).reshape(-1, 2),
        np.array([one.range_m for one in heard], dtype=float),
    )
    return {
        "share": share_of_commune(found),
        "counted_count": len(heard),
        "unknown_count": len(working) - len(heard),
        "broken_count": len(speakers) - len(working),
        "groups": [vars(one) | {"name": group.name} for one, group in zip(found, groups, strict=True)],
        "speakers": [as_circle(one) for one in speakers],
    }
