"""Numbers and days as people of the request's language write them: 1.234,5 · 8,7 % · 05/01/2026."""

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal

from gis_app.web.i18n import language


def plain_number(value: Decimal | int) -> str:
    """A number without useless zeros, with the language's separators."""
    text = f"{value:,}" if isinstance(value, int) else f"{value.normalize():,f}"
    return text if language() == "en" else text.translate(str.maketrans(",.", ".,"))


def per_cent(part: int, of: int) -> str:
    """A share with one place, half up; an empty text where there is nothing to share."""
    if of == 0:
        return ""
    share = (Decimal(part * 100) / of).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{plain_number(share)} %"


def plain_day(day: dt.date | None) -> str:
    """dd/MM/yyyy."""
    return "" if day is None else day.strftime("%d/%m/%Y")
