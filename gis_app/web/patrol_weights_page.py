"""The page of the weights: what a stop is worth, for the commune to change; every change is a version."""

import re
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from gis_app.analysis.patrol_weights import DEFAULTS, HOTSPOTS, VENUES
from gis_app.errors import GisError
from gis_app.jobs.patrol_list import weights_of
from gis_app.queries import patrol as q
from gis_app.web import patrol_forms as forms
from gis_app.web.context import allow, commune, connection
from gis_app.web.i18n import t
from gis_app.web.moments import vietnamese
from gis_app.web.params import finite, read_query
from gis_app.web.safe_writes import seen_version

blueprint = Blueprint("patrol_weights_page", __name__, url_prefix="/tuan-tra/trong-so")

NUMBERS = ("hotspot_half_life_days", "off_hours_share", "school", "dark_per_100m", "dark_most", "gateway", "key_route",
           "revisit", "revisit_days", "due", "shift_every_days", "explore_share", "group_week_cap",
           "merge_m")  # fmt: skip
WHOLE = ("revisit_days", "shift_every_days", "group_week_cap")
_HOURS = re.compile(r"\s*([0-9]{2}:[0-9]{2})\s*[-–]\s*([0-9]{2}:[0-9]{2})\s*")


def _value(text: str | None, *, whole: bool = False) -> Any:
    """A number as Vietnamese writes it, else the text for the check to refuse."""
    text = (text or "").strip().replace(",", ".")
    try:
        found = finite(text)
    except ValueError:
        return text or None
    return int(found) if whole and found == int(found) else found


def _hours(text: str | None) -> Any:
    found = []
    for part in (text or "").split(";"):
        if part.strip():
            match = _HOURS.fullmatch(part)
            found.append(list(match.groups()) if match else [part.strip(), ""])
    return found


def _weights_of_form(form: MultiDict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {name: _value(form.get(name), whole=name in WHOLE) for name in NUMBERS}
    found["hotspot"] = {name: _value(form.get(f"hotspot_{name}")) for name in HOTSPOTS}
    found["revisit_limit"] = {name: _value(form.get(f"revisit_limit_{name}"), whole=True) for name in HOTSPOTS}
    found["venue"] = {name: _value(form.get(f"venue_{name}")) for name in VENUES}
    found["school_hours"], found["venue_hours"] = _hours(form.get("school_hours")), _hours(form.get("venue_hours"))
    found["police_only"] = [name for name in HOTSPOTS if f"police_only_{name}" in form]
    return found


def _page(problem: GisError | None = None, weights: Mapping[str, Any] | None = None) -> str:
    here, conn = commune(), connection()
    found = weights_of(conn, here.id)
    faults = [] if problem is None else problem.params.get("faults", [])
    return render_template(
        "patrol/weights.html", place=here, version=found.version, weights=weights or found.weights.raw,
        defaults=DEFAULTS, hotspots=HOTSPOTS, venues=VENUES, numbers=NUMBERS, moment=vietnamese,
        versions=q.fetch_weight_versions(conn, here.id),
        problem=None if problem is None else t(f"error.{problem.code}", **problem.params),
        faults=[(_field(fault["field"]), t(f"rule.{fault['rule']}")) for fault in faults],
    )  # fmt: skip


def _field(path: str) -> str:
    part, _, name = path.partition(".")
    if part == "revisit_limit" and name:
        return f"{t('patrol.weights_limit')}: {t(f'patrol.class.{name}')}"
    if part in ("hotspot", "venue") and name:
        return t(f"patrol.{'class' if part == 'hotspot' else 'venue'}.{name}")
    return t(f"patrol.weight.{part}")


@blueprint.get("")
@allow(*q.MAKERS)
def show_weights() -> str:
    """The weights as they are, and their versions."""
    read_query(())
    return _page()


@blueprint.post("")
@allow(*q.MAKERS)
def save_weights() -> AnyResponse | tuple[str, int]:
    """Add a version after the one that the page showed."""
    version = seen_version()
    weights = _weights_of_form(request.form)
    try:
        forms.save_weights(version, weights)
    except GisError as error:
        return _page(error, weights), error.status
    return redirect("/tuan-tra/trong-so", 303)
