"""Moments as people read them: the database keeps UTC, pages show Vietnamese time."""

import datetime as dt

VIETNAM = dt.timezone(dt.timedelta(hours=7))


def vietnamese(moment: dt.datetime | None) -> str:
    """Day, month, year, hour and minute in Vietnam; nothing for no moment."""
    return moment.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M") if moment else ""
