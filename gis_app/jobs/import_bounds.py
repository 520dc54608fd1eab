"""What the boundaries of groups would be after an import: faults by kind, and groups that would lie upon others."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import shapely
from sqlalchemy.engine import Connection

from gis_app.analysis.boundaries import Bounded, find_faults
from gis_app.crs import STORED
from gis_app.jobs.import_places import Frame, transform
from gis_app.jobs.import_rows import Rows
from gis_app.queries.boundaries import fetch_metric_groups

SHOWN = 10
# A new group that covers so much of one that is there is likely to be the same.
_COVERED_SHARE = 0.5


def foresee(conn: Connection, frame: Frame, rows: Rows, known: Mapping[str, tuple[int, str]]) -> dict[str, Any]:
    """Faults of the file's groups together with those that stay, and pairs of one upon another; JSON.

    Parameters
    ----------
    known
        Id and name by key of the groups that are there.
    """
    brought = {known[key][0] for key in rows.external_ids if key in known}
    shapes = transform(rows.shapes, STORED, frame.srid)
    names = [str(name or "") for name in rows.values.get("name", rows.external_ids)]
    # Below zero: numbers that no row of the table has.
    new = [Bounded(-at - 1, name, 0, shape) for at, (name, shape) in enumerate(zip(names, shapes, strict=True))]
    stay = [
        Bounded(one.id, one.name, one.version, one.shape)
        for one in fetch_metric_groups(conn, frame.outline.id, frame.srid)
        if one.id not in brought
    ]
    by_id = {one.id: one for one in (*new, *stay)}
    faults = find_faults([*new, *stay], frame.metric_shape)
    covered = []
    for fault in faults:
        mine = [one for one in fault.group_ids if one < 0]
        others = [one for one in fault.group_ids if one > 0]
        if fault.kind == "overlap" and mine and others:
            least = min(shapely.area(by_id[one].shape) for one in fault.group_ids)
            if fault.area_m2 > _COVERED_SHARE * least:
                covered.append([by_id[mine[0]].name, by_id[others[0]].name])
    counts = Counter(fault.kind for fault in faults)
    return {"counts": dict(counts), "covered": covered[:SHOWN], "covered_count": len(covered)}
