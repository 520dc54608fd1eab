"""What a question about hotspot statistics is made of: period, hours, categories; no views here."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from gis_app.analysis.hotspot_stats.events import Wanted
from gis_app.errors import BadRequest
from gis_app.jobs.hotspot_stats import Asked
from gis_app.queries.tasks import fetch_today
from gis_app.tables.place_reports import CATEGORIES, KEPT_DAYS
from gis_app.web.context import actor, connection
from gis_app.web.params import Malformed, Param, number, whole

DAY = {"type": "string", "format": "date"}
HOUR = {"type": "integer", "minimum": 0, "maximum": 24}
USUAL_DAYS = 365
# As long as reports are kept, and a month.
MOST_DAYS = KEPT_DAYS + 31


def _day(text: str) -> dt.date:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError as error:
        raise Malformed("date") from error
    if not 2000 <= day.year < 2100:
        raise Malformed("range")
    return day


def _categories(text: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(text.split(",")))
    if any(one not in CATEGORIES for one in found):
        raise Malformed("choice")
    return found


FILTERS = (
    Param("from_on", _day, "First day (Vietnam); a year back if not given", DAY),
    Param("to_on", _day, "Last day; today if not given", DAY),
    Param("hour_from", whole(0, 23), "From this hour of the day", HOUR, default=0),
    Param("hour_to", whole(0, 24), "Before this hour; over midnight where not after hour_from", HOUR, default=24),
    Param("categories", _categories, f"Categories with commas between: {', '.join(CATEGORIES)}; all if not given"),
)
BANDWIDTH = Param("bandwidth_m", number(50, 1000), "Metres; Silverman's rule if not given", {"type": "number"})


def asked_of(query: Mapping[str, Any]) -> Asked:
    """The question; planners' is a coarse one."""
    today = fetch_today(connection())
    to_on = query["to_on"] or today
    from_on = query["from_on"] or to_on - dt.timedelta(days=USUAL_DAYS - 1)
    if not 0 <= (to_on - from_on).days < MOST_DAYS:
        raise BadRequest("bad_parameter", name="from_on", rule="range")
    wanted = Wanted(query["hour_from"], query["hour_to"], query["categories"] or ())
    return Asked(from_on, to_on, wanted, coarse=actor().role == "planner")


def reading(view: Callable[[Asked], Any]) -> Callable[[dict[str, Any]], Any]:
    """Hand a view the question instead of the parameters."""

    def asking(query: dict[str, Any]) -> Any:
        return view(asked_of(query))

    asking.__name__, asking.__doc__, asking.__module__ = view.__name__, view.__doc__, view.__module__
    return asking
