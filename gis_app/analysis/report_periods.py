"""Periods as reports name and offer them; which days they have is gis_app/analysis/periods.py's business."""

import datetime as dt
from dataclasses import dataclass

from gis_app.analysis.periods import period_of

# Kinds that the calendar gives, with their length in months; campaign and range have days of their own.
MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
FREE_KINDS = ("campaign", "range")
KINDS = (*MONTHS, *FREE_KINDS)
ROMAN = ("I", "II", "III", "IV")


@dataclass(frozen=True)
class Period:
    """A kind and its first and last day, both included."""

    kind: str
    from_on: dt.date
    to_on: dt.date

    @property
    def year(self) -> int:
        """The year that it is named after: that of its last day."""
        return self.to_on.year

    @property
    def ordinal(self) -> int:
        """Which month, quarter or half-year of its year it is, from 1."""
        return -(-self.to_on.month // MONTHS.get(self.kind, 12))

    @property
    def name(self) -> str:
        """What Vietnamese reports call it, without its days."""
        names = {
            "month": f"tháng {self.to_on.month:02d} năm {self.year}",
            "quarter": f"quý {ROMAN[min(self.ordinal, 4) - 1]} năm {self.year}",
            "half_year": f"6 tháng {'đầu' if self.ordinal == 1 else 'cuối'} năm {self.year}",
            "year": f"năm {self.year}",
            "campaign": "đợt cao điểm",
            "range": "",
        }
        return names[self.kind]

    @property
    def days(self) -> str:
        """Its days in words."""
        return f"từ ngày {self.from_on:%d/%m/%Y} đến ngày {self.to_on:%d/%m/%Y}"


def period_at(kind: str, day: dt.date) -> Period:
    """The month, quarter, half-year or year that holds a day."""
    return Period(kind, *period_of(kind, day))


def last_full(kind: str, today: dt.date) -> Period:
    """The last such period that is over: today is not its last day any more."""
    return period_at(kind, period_at(kind, today).from_on - dt.timedelta(days=1))


def latest_periods(kind: str, today: dt.date, count: int) -> list[Period]:
    """The period that holds today and those before it, newest first."""
    found = [period_at(kind, today)]
    while len(found) < count:
        found.append(period_at(kind, found[-1].from_on - dt.timedelta(days=1)))
    return found
