"""The period that figures of effort are asked for; no views here."""

import datetime as dt
from typing import Any

from gis_app.errors import BadRequest
from gis_app.queries import patrol_effort as q
from gis_app.queries.tasks import fetch_today
from gis_app.web.as_of import DAY_SCHEMA, a_day
from gis_app.web.context import actor, connection
from gis_app.web.params import Param, whole

USUAL_DAYS, MOST_DAYS, USUAL_LIMIT = 28, 366, 7
FROM = Param("from", a_day, "First day (default: four weeks before the last)", DAY_SCHEMA)
TO = Param("to", a_day, "Last day (default: today in Vietnam)", DAY_SCHEMA)
LIMIT = Param("limit_days", whole(1, 90), "Most days without a visit", {"type": "integer"}, default=USUAL_LIMIT)


def period_of(query: dict[str, Any]) -> q.Period:
    """The period that was asked for: at most a year, from before to; for the committee whole weeks that are over."""
    last = query["to"] or (query["from"] + dt.timedelta(days=USUAL_DAYS - 1) if query["from"] else None)
    today = fetch_today(connection())
    last = last or today
    first = query["from"] or last - dt.timedelta(days=USUAL_DAYS - 1)
    if not 0 <= (last - first).days < MOST_DAYS:
        raise BadRequest("bad_parameter", name="from", rule="range")
    if actor().role == "committee":
        # As migrations/sql/effort.sql has it, whatever is asked.
        end = min(last + dt.timedelta(days=1), today)
        last = end - dt.timedelta(days=end.weekday() + 1)
        first = min(first - dt.timedelta(days=first.weekday()), last - dt.timedelta(days=6))
    return q.Period(first, last, query["limit_days"])
