"""Targets of a siting plan on the map: each street piece and place, and what covers it by day and by night."""

from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import shapely
from flask import Blueprint, Response, jsonify

from gis_app.analysis.siting_figures import count_covers, full_weight
from gis_app.analysis.siting_ground import Bools, Ints
from gis_app.analysis.siting_pieces import covered_by, target_ends
from gis_app.analysis.siting_settings import CLASSES, HOTSPOTS
from gis_app.jobs.siting_problem import Bench, covers_of
from gis_app.queries import siting as q
from gis_app.queries.siting_sources import to_degrees
from gis_app.web import siting_forms as forms
from gis_app.web.context import actor, allow, connection
from gis_app.web.params import Param, one_of, reads, whole
from layers.base import SITING

blueprint = Blueprint("siting_targets", __name__)

# Places are told in millionths of a degree, 0.1 m: whole numbers from the first one are half as long to send.
UNITS = 1_000_000
_UNITS: WeakKeyDictionary[Bench, Ints] = WeakKeyDictionary()


def _units(bench: Bench) -> Ints:
    """Both ends of every target (n, 4); remembered as long as the ground is, which a plan's devices never change."""
    if bench not in _UNITS:
        ends = target_ends(bench.ground, bench.sources)
        # One shape of all of them: the database is asked once, not for each.
        spots = shapely.multipoints(shapely.points(ends.reshape(-1, 2)))
        degrees = shapely.get_coordinates(to_degrees(connection(), [spots], bench.srid)).reshape(-1, 4)
        _UNITS[bench] = np.rint(degrees * UNITS).astype(np.int64)
    return _UNITS[bench]


def _ends(bench: Bench, shown: Bools) -> dict[str, Any]:
    """`origin` and `targets`: the class of each, its first end from the origin, its second end from the first."""
    kinds, units = bench.ground.kind[shown].tolist(), _units(bench)[shown]
    origin = units[:1, :2].ravel().tolist() or [0, 0]
    steps = np.hstack([units[:, :2] - origin, units[:, 2:] - units[:, :2]]).tolist()
    return {"origin": origin, "targets": [[kind, *row] for kind, row in zip(kinds, steps, strict=True)]}


def _is_counted(device: q.Device, year: int | None) -> bool:
    """Whether a device stands at the end of a year; None: at the end of the plan."""
    return not device.is_forbidden and (year is None or (device.year is not None and device.year <= year))


@blueprint.get("/api/siting-plans/<int:plan_id>/targets")
@allow(*q.READERS)
@reads(
    Param("shapes", one_of("0", "1"), "0: only what covers them", {"enum": ["0", "1"]}, default="1"),
    Param("year", whole(2000, 2200), "Only devices of the plan up to this year", {"type": "integer"}),
)
def list_targets(query: dict[str, Any], plan_id: int) -> Response:
    """What the plan is to cover, and what covers it now: for a map that follows each edit.

    `{"classes": [class], "origin": [lon, lat] in millionths of a degree, "targets": [[index of class, first end less
    the origin (2), second end less the first (2)]] (ends of a piece of street; a place has one, so 0, 0) or null,
    "day": "0120…", "night": "0120…", "full_weight"}`: one digit a target, 0 nothing covers it, 1 devices that stand
    already, 2 only the plan's. Committee and supervisor get no hotspots and no weight.
    """
    plan = forms.find_plan(plan_id)
    bench, conn = forms.bench_of(plan), connection()
    devices = [device for device in q.fetch_devices(conn, plan.id) if _is_counted(device, query["year"])]
    places = q.fetch_metric_places(conn, plan.id, bench.srid)
    after = count_covers(bench.ground, covers_of(bench, devices, places))
    day, night = covered_by(count_covers(bench.ground, []), after)
    shown = np.ones(bench.ground.size, bool)
    if actor().role not in SITING:
        shown = bench.ground.kind != CLASSES.index(HOTSPOTS)
    return jsonify(
        {
            "classes": list(CLASSES),
            **(_ends(bench, shown) if query["shapes"] == "1" else {"origin": None, "targets": None}),
            "day": "".join(map(str, day[shown].tolist())),
            "night": "".join(map(str, night[shown].tolist())),
            "full_weight": full_weight(bench.ground) if actor().role in SITING else None,
        }
    )
