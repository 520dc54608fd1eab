"""Target rules: what one clause of a resolution asks for, as data.

A rule belongs to a *chain*: all rules of one kind of unit and one subject ("" is "drug-free"; another subject is, for
example, "signs the pledge"). Shares are percentages (Decimal, 0-100) of the units of that kind; never floats.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

KINDS = ("group", "residential_area", "agency", "school", "business", "clan", "commune", "model")
OPERATORS = ("=", ">=", ">")
PARTS = ("keep", "new")
# How an amount is to be understood: so much more than before; so much in all; so much more in every year of the span.
BASES = ("added", "total", "yearly")
ROUNDINGS = {"ceil": ROUND_CEILING, "half_up": ROUND_HALF_UP, "floor": ROUND_FLOOR}
HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Reading:
    """One way to understand a clause; `code` and `text` are empty where there is only one way."""

    code: str
    text: str
    basis: str
    share: Decimal | None = None
    count: int | None = None


@dataclass(frozen=True)
class TargetRule:
    """One target of one clause.

    `share` and `count` may both be given ("08 thôn (50 %)"): the count decides, the share is its check. A `keep` rule
    without either keeps whatever was due before. `until_year` is the last year of the span, None: "trở đi".
    `chosen` is the code of the reading that the committee chose, None while it has not. `due_on`: the last day.
    """

    id: int
    kind: str
    part: str
    year: int
    until_year: int | None
    operator: str = "="
    basis: str = "added"
    share: Decimal | None = None
    count: int | None = None
    rounding: str = "ceil"
    subject: str = ""
    named: Sequence[str] = ()
    readings: Sequence[Reading] = ()
    chosen: str | None = None
    due_on: date | None = None
    text: str = field(default="", compare=False)
    document: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)

    @property
    def chain(self) -> tuple[str, str]:
        """What the rule adds up with."""
        return self.kind, self.subject

    @property
    def due_year(self) -> int:
        """The year by whose end a new part is due: the last of the span; of an open span the first."""
        return self.year if self.until_year is None else self.until_year

    @property
    def alternatives(self) -> tuple[Reading, ...]:
        """The readings that are still open: one, if there is no choice or it was made."""
        chosen = tuple(reading for reading in self.readings if reading.code == self.chosen)
        if chosen:
            return chosen
        return tuple(self.readings) or (Reading("", "", self.basis, self.share, self.count),)

    @property
    def is_open(self) -> bool:
        """Whether a choice between readings is still to be made."""
        return len(self.alternatives) > 1

    def holds_in(self, year: int) -> bool:
        """Whether the span covers the year."""
        return self.year <= year and (self.until_year is None or year <= self.until_year)


def whole_units(exact: Decimal, operator: str, rounding: str) -> int:
    """Return the whole number of units that an exact target stands for.

    `>`: the least whole number strictly over; `>=`: the least not under; `=`: by the stated rounding rule. With `=` and
    `floor` the whole number may lie under the exact one: that is what the rule says. Decimal throughout, since
    Python's ``round(12.5)`` is 12.
    """
    if operator == ">":
        return int(exact.to_integral_value(ROUND_FLOOR)) + 1
    if operator == ">=":
        return int(exact.to_integral_value(ROUND_CEILING))
    return int(exact.to_integral_value(ROUNDINGS[rounding]))
