"""The joint timetable of two communes: whose patrols are in the strip by day and two hours; no route, no stop."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, jsonify, render_template

from gis_app.errors import Conflict
from gis_app.queries.agreements import Agreement, fetch_today
from gis_app.queries.joint_patrol import BAND_HOURS, DAYS, NEIGHBOUR, OWN, Presence, fetch_presence
from gis_app.web.agreement_forms import find_agreement
from gis_app.web.context import allow, commune, connection
from gis_app.web.params import read_query
from layers.base import POLICE

blueprint = Blueprint("agreement_presence", __name__)

READERS = tuple(sorted(POLICE))
BANDS = range(24 // BAND_HOURS)
# In these hours nobody in the strip is said in words.
EVENING = range(18 // BAND_HOURS, 24 // BAND_HOURS)


def band_text(band: int) -> str:
    """20:00–22:00."""
    return f"{band * BAND_HOURS:02d}:00–{(band + 1) * BAND_HOURS:02d}:00"


def _week(agreement: Agreement) -> list[dt.date]:
    """Today and what follows of the week, as far as the agreement goes."""
    today = fetch_today(connection())
    days = [today + dt.timedelta(days=n) for n in range(DAYS)]
    return [day for day in days if day <= agreement.ends_on]


def _cells(found: Sequence[Presence]) -> dict[tuple[dt.date, int], str]:
    """own, neighbour or both, by day and band; free where there is none."""
    sides: dict[tuple[dt.date, int], set[str]] = {}
    for one in found:
        sides.setdefault((one.day, one.band), set()).add(one.side)
    return {key: "both" if len(who) > 1 else next(iter(who)) for key, who in sides.items()}


def _in_force(agreement_id: int) -> Agreement:
    found = find_agreement(agreement_id)
    if found.state != "approved":
        raise Conflict("agreement_not_in_force")
    return found


@blueprint.get("/api/agreements/<int:agreement_id>/presence")
@allow(*READERS)
def show_presence(agreement_id: int) -> Response:
    """Whose issued shifts lead through the strip, this week as far as the agreement goes; 409 once it has ended.

    `{"days": [day], "presence": [{"day", "from": "20:00", "to": "22:00", "own", "neighbour"}]}`: planned, in bands of
    two hours; hours that are not named have nobody. No route, no stop, no number of teams.
    """
    read_query(())
    agreement = _in_force(agreement_id)
    cells = _cells(fetch_presence(connection(), agreement.id))
    return jsonify({
        "days": [day.isoformat() for day in _week(agreement)],
        "presence": [
            {"day": day.isoformat(), "from": f"{band * BAND_HOURS:02d}:00", "to": f"{(band + 1) * BAND_HOURS:02d}:00",
             OWN: who in (OWN, "both"), NEIGHBOUR: who in (NEIGHBOUR, "both")}
            for (day, band), who in sorted(cells.items())
        ],
    })  # fmt: skip


def _spans(days: Sequence[dt.date], cells: Mapping[tuple[dt.date, int], str], wanted: str) -> list[dict[str, Any]]:
    """Days with the evening's bands in which `wanted` holds."""
    found = []
    for day in days:
        bands = [band_text(band) for band in EVENING if cells.get((day, band), "free") == wanted]
        if bands:
            found.append({"day": day, "bands": ", ".join(bands)})
    return found


@blueprint.get("/giap-ranh/<int:agreement_id>/lich")
@allow(*READERS)
def show_page(agreement_id: int) -> str:
    """The week as a table, with hours in which both are there and evenings in which nobody is."""
    read_query(())
    agreement = _in_force(agreement_id)
    days, cells = _week(agreement), _cells(fetch_presence(connection(), agreement.id))
    return render_template(
        "agreements/presence.html", place=commune(), agreement=agreement, days=days, bands=BANDS, cells=cells,
        band_text=band_text, together=_spans(days, cells, "both"), nobody=_spans(days, cells, "free"),
    )  # fmt: skip
