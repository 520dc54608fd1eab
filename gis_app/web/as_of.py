"""What every "as of a day, as known at a moment" needs: parameters, and days and moments as text."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from gis_app.web.params import Malformed, Param

# Before the programme and after anybody's plans: PostgreSQL's arithmetic with days stays inside.
FIRST_DAY, LAST_DAY = dt.date(1990, 1, 1), dt.date(2100, 12, 31)
DAY_SCHEMA = {"type": "string", "format": "date"}


def a_day(text: Any) -> dt.date:
    """A day as YYYY-MM-DD between 1990 and 2100."""
    try:
        day = dt.date.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise Malformed("date") from error
    if not FIRST_DAY <= day <= LAST_DAY:
        raise Malformed("range")
    return day


def a_moment(text: str) -> dt.datetime:
    """A moment (ISO 8601, UTC where it names no zone)."""
    try:
        # A plus sign in an address arrives as a space.
        moment = dt.datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError as error:
        raise Malformed("date") from error
    if not FIRST_DAY <= moment.date() <= LAST_DAY:
        raise Malformed("range")
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


AT = Param("at", a_day, "The day (default: today in Vietnam)", DAY_SCHEMA)
KNOWN = Param("known_at", a_moment, "As known at this moment (default: now)", {"type": "string", "format": "date-time"})


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Days and moments as text."""
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}
