"""Numbers and days as people of the request's language write them: 1.234,5 · 8,7 % · 05/01/2026."""

import datetime as dt
from decimal import Decimal

from gis_app.web.i18n import words


def plain_number(value: Decimal | int) -> str:
    """A number without useless zeros, with the language's separators."""
    return words().number(value)


def per_cent(part: int, of: int) -> str:
    """A share with one place, half up; an empty text where there is nothing to share."""
    return words().per_cent(part, of)


def plain_day(day: dt.date | None) -> str:
    """dd/MM/yyyy."""
    return "" if day is None else day.strftime("%d/%m/%Y")
