"""Periods of reviews and reports: months, quarters, half-years of the calendar; the year runs 15/12 to 14/12."""

import datetime as dt

from gis_app.analysis.status import period, period_year

MONTHS_OF = {"month": 1, "quarter": 3, "half_year": 6}


def period_of(kind: str, day: dt.date) -> tuple[dt.date, dt.date]:
    """First and last day of the month, quarter, half-year or programme year that holds a day."""
    if kind == "year":
        return period(period_year(day))
    months = MONTHS_OF[kind]
    first = dt.date(day.year, (day.month - 1) // months * months + 1, 1)
    after = first.month + months
    following = dt.date(first.year + (after > 12), (after - 1) % 12 + 1, 1)
    return first, following - dt.timedelta(days=1)


def last_full(kind: str, day: dt.date) -> tuple[dt.date, dt.date]:
    """First and last day of the last such period that is over on a day."""
    return period_of(kind, period_of(kind, day)[0] - dt.timedelta(days=1))
