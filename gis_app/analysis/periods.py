"""Reporting periods. Decree 09/2019/NĐ-CP, Article 12, closes every month on the 14th.

A month runs from the 15th of the one before to its 14th, and quarters, half-years and years are made of such months, so
the year is 15 December to 14 December: the evaluation period of Decision 28/2025/QĐ-TTg.
"""

import datetime as dt
from dataclasses import dataclass

# Kinds that the calendar gives, with their length in months; campaign and range have days of their own.
MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
FREE_KINDS = ("campaign", "range")
KINDS = (*MONTHS, *FREE_KINDS)
LAST_DAY = 14
ROMAN = ("I", "II", "III", "IV")


@dataclass(frozen=True)
class Period:
    """A kind and its first and last day, both included."""

    kind: str
    from_on: dt.date
    to_on: dt.date

    @property
    def year(self) -> int:
        """The year that the last day belongs to, as the programme counts."""
        return (self.to_on + dt.timedelta(days=17)).year

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


def _shift(year: int, month: int, by: int) -> tuple[int, int]:
    count = year * 12 + month - 1 + by
    return count // 12, count % 12 + 1


def period_at(kind: str, day: dt.date) -> Period:
    """The month, quarter, half-year or year that holds a day."""
    length = MONTHS[kind]
    year, month = (day.year, day.month) if day.day <= LAST_DAY else _shift(day.year, day.month, 1)
    end_month = -(-month // length) * length
    from_year, from_month = _shift(year, end_month, -length)
    return Period(kind, dt.date(from_year, from_month, LAST_DAY + 1), dt.date(year, end_month, LAST_DAY))


def last_full(kind: str, today: dt.date) -> Period:
    """The last such period that is over: today is not its last day any more."""
    return period_at(kind, period_at(kind, today).from_on - dt.timedelta(days=1))


def latest_periods(kind: str, today: dt.date, count: int) -> list[Period]:
    """The period that holds today and those before it, newest first."""
    found = [period_at(kind, today)]
    while len(found) < count:
        found.append(period_at(kind, found[-1].from_on - dt.timedelta(days=1)))
    return found
