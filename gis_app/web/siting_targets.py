"""Targets of a siting plan on the map: each street piece and place, and what covers it by day and by night."""

from typing import Any

import numpy as np
import shapely
from flask import Blueprint, Response, jsonify

from gis_app.analysis.siting_figures import count_covers, full_weight
from gis_app.analysis.siting_pieces import covered_by, target_ends
from gis_app.analysis.siting_settings import CLASSES, HOTSPOTS
from gis_app.jobs.siting_problem import Bench, covers_of
from gis_app.queries import siting as q
from gis_app.queries.siting_sources import to_degrees
from gis_app.web import siting_forms as forms
from gis_app.web.context import actor, allow, connection
from gis_app.web.params import Param, one_of, reads
from layers.base import SITING

blueprint = Blueprint("siting_targets", __name__)

# Places are told to 0.1 m.
DECIMALS = 6


def _ends(bench: Bench, shown: np.ndarray) -> list[list[float]]:
    """`[class, lon, lat, lon, lat]` of the targets that are shown."""
    ends = target_ends(bench.ground, bench.sources.streets)[shown]
    kinds = bench.ground.kind[shown].tolist()
    spots = shapely.points(ends.reshape(-1, 2)).tolist()
    degrees = shapely.get_coordinates(to_degrees(connection(), spots, bench.srid)).reshape(-1, 4).round(DECIMALS)
    return [[kind, *row] for kind, row in zip(kinds, degrees.tolist(), strict=True)]


@blueprint.get("/api/siting-plans/<int:plan_id>/targets")
@allow(*q.READERS)
@reads(Param("shapes", one_of("0", "1"), "0: only what covers them", {"enum": ["0", "1"]}, default="1"))
def list_targets(query: dict[str, Any], plan_id: int) -> Response:
    """What the plan is to cover, and what covers it now: for a map that follows each edit.

    `{"classes": [class], "targets": [[index of class, lon, lat, lon, lat]] (both ends of a piece of street; twice the
    same for a place) or null, "day": "0120…", "night": "0120…"}`: one digit a target, 0 nothing covers it, 1 devices
    that stand already, 2 only the plan's; `full_weight` of all of them. Committee and supervisor get no hotspots and no
    weight.
    """
    plan = forms.find_plan(plan_id)
    bench, conn = forms.bench_of(plan), connection()
    devices = [device for device in q.fetch_devices(conn, plan.id) if not device.is_forbidden]
    places = q.fetch_metric_places(conn, plan.id, bench.srid)
    after = count_covers(bench.ground, covers_of(bench, devices, places))
    day, night = covered_by(count_covers(bench.ground, []), after)
    shown = np.ones(bench.ground.size, bool)
    if actor().role not in SITING:
        shown = bench.ground.kind != CLASSES.index(HOTSPOTS)
    return jsonify(
        {
            "classes": list(CLASSES),
            "targets": _ends(bench, shown) if query["shapes"] == "1" else None,
            "day": "".join(map(str, day[shown].tolist())),
            "night": "".join(map(str, night[shown].tolist())),
            "full_weight": full_weight(bench.ground) if actor().role in SITING else None,
        }
    )
