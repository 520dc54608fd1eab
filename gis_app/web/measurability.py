"""Can it be measured? Events needed, smallest fall seen, zones of a study; afterwards the difference with its interval.

Never a promise of fewer crimes: figures say what counting can show, not what devices do.
"""

import dataclasses
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, jsonify, render_template

from gis_app.analysis.measurability import CONTROL_SHARE, Counts, Difference, difference, events_needed, smallest_fall
from gis_app.errors import NotFound
from gis_app.jobs.study_zones import StudyZones, find_zones
from gis_app.queries.group_facts import fetch_group_facts
from gis_app.queries.statuses import fetch_today
from gis_app.web.context import allow, commune, connection
from gis_app.web.numbers import per_cent, plain_number
from gis_app.web.params import Param, number, reads, whole
from layers.base import STAFF

blueprint = Blueprint("measurability", __name__)

ADDRESS = "/do-phu/do-duoc-khong"
# Falls (per cent) that the plan is asked about.
FALLS = (50, 40, 30, 20)
MOST_EVENTS = 100_000
_WHOLE = {"type": "integer", "minimum": 0, "maximum": MOST_EVENTS}

PLAN = (
    Param("events", whole(0, MOST_EVENTS), "Events before, in the treated area", _WHOLE),
    Param("months", whole(1, 120), "Months in which they were counted", {"type": "integer"}, default=12),
    Param("control", number(0.05, 20), "Events in the control for one in the treated area", {"type": "number"},
          default=CONTROL_SHARE),
    Param("sites", whole(1, 200), "Sites with as many events each that are studied together", {"type": "integer"},
          default=1),
)  # fmt: skip
AREAS = ("treated", "control", "displaced", "control_displaced")
COUNTS = tuple(
    Param(f"{area}_{time}", whole(0, MOST_EVENTS), f"Events {time} in the {area.replace('_', ' ')} area", _WHOLE)
    for area in AREAS
    for time in ("before", "after")
)
WEIGHT = Param("weight", number(0.05, 20), "What one event of the control counts", {"type": "number"}, default=1.0)
GROUP = Param("group_id", whole(1, 2**31 - 1), "The treated group", {"type": "integer"})


def _plan(query: Mapping[str, Any]) -> dict[str, Any]:
    control = query["control"]
    needed = {fall: events_needed(fall / 100, control) for fall in FALLS}
    found: dict[str, Any] = {"control": control, "needed": [{"fall": f, "events": n} for f, n in needed.items()]}
    if query["events"] is None:
        return found
    events = query["events"] * query["sites"]
    fall = smallest_fall(events, control)
    rate = events / query["months"]
    for row in found["needed"]:
        row["enough"] = events >= row["events"]
        row["months"] = None if rate == 0 else max(query["months"], -(-row["events"] // rate))
    return found | {"events": events, "smallest_fall": None if fall is None else round(fall, 4)}


def _counts(query: Mapping[str, Any]) -> Difference | None:
    """The difference, where the four counts that it cannot do without are there."""
    if any(query[f"{area}_{time}"] is None for area in AREAS[:2] for time in ("before", "after")):
        return None
    areas = [Counts(query[f"{area}_before"] or 0, query[f"{area}_after"] or 0) for area in AREAS]
    return difference(areas[0], areas[1], areas[2], areas[3], query["weight"])


def _difference_dict(found: Difference) -> dict[str, Any]:
    figures = {k: None if v is None else round(v, 2) for k, v in dataclasses.asdict(found).items()}
    return figures | {"verdict": found.verdict}


def _zones(group_id: int) -> StudyZones:
    found = find_zones(connection(), commune(), group_id, fetch_today(connection()))
    if found is None:
        raise NotFound("group_not_found")
    return found


@blueprint.get("/api/measurability")
@allow(*STAFF)
@reads(*PLAN)
def show_plan(query: dict[str, Any]) -> Response:
    """Before: events needed for each fall, and the smallest fall that so many events would show (null: none)."""
    return jsonify(_plan(query))


@blueprint.get("/api/measurability/zones")
@allow(*STAFF)
@reads(dataclasses.replace(GROUP, required=True))
def show_zones(query: dict[str, Any]) -> Response:
    """Suggested displacement and control zones for a study of one group."""
    return jsonify(dataclasses.asdict(_zones(query["group_id"])))


@blueprint.get("/api/measurability/difference")
@allow(*STAFF)
@reads(*(dataclasses.replace(param, required=param.name.startswith(("treated", "control_b", "control_a")))
         for param in COUNTS), WEIGHT)  # fmt: skip
def show_difference(query: dict[str, Any]) -> Response:
    """After: the weighted displacement difference with its 90 % interval, or `too_few`."""
    found = _counts(query)
    return jsonify(_difference_dict(found) if found else {})


@blueprint.get(ADDRESS)
@allow(*STAFF)
@reads(*PLAN, *COUNTS, WEIGHT, GROUP)
def show_page(query: dict[str, Any]) -> str:
    """The same as a page that needs no JavaScript."""
    here, today = commune(), fetch_today(connection())
    groups = fetch_group_facts(connection(), here.id, (today.replace(day=1), today))
    return render_template(
        "measurability/index.html",
        place=here,
        asked=query,
        groups=groups,
        plan=_plan(query),
        zones=None if query["group_id"] is None else _zones(query["group_id"]),
        difference=_counts(query),
        areas=AREAS,
        number=lambda value: plain_number(Decimal(str(value))),
        share=lambda value: per_cent(round(value * 1000), 1000),
    )
