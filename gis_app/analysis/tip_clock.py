"""By when a tip must be dealt with: days of the calendar from the day it was received, never later than the law.

What may be a crime: looked at and handed on within 24 hours (joint circular 01/2017/TTLT of the ministries, Art. 8),
verified within 20 days (Criminal Procedure Code 2015, Art. 147). Anything else is a citizen's remark: answered within
10 days (Law on the Reception of Citizens 2013, Art. 28). A commune's police check the acts in force; the numbers are
here and nowhere else.
"""

import datetime as dt
from dataclasses import dataclass

MAYBE_CRIME = frozenset({"gathering", "syringes", "suspicious"})
FIRST_LOOK_DAYS, VERIFY_DAYS, REMARK_DAYS = 1, 20, 10


@dataclass(frozen=True)
class Clock:
    """The next day by which something is due, the rule that says so (a message key), days left (below 0: late)."""

    due_on: dt.date
    rule: str
    days_left: int


def clock_of(subject: str, received_on: dt.date, state: str, handed_on: dt.date | None, today: dt.date) -> Clock | None:
    """The clock of a tip; None once it is closed."""
    if state == "closed":
        return None
    if subject not in MAYBE_CRIME:
        days, rule = REMARK_DAYS, "remark"
    elif state == "new" and handed_on is None:
        days, rule = FIRST_LOOK_DAYS, "first_look"
    else:
        days, rule = VERIFY_DAYS, "verify"
    due_on = received_on + dt.timedelta(days)
    return Clock(due_on, rule, (due_on - today).days)


def goes_on(received_on: dt.date, closed_on: dt.date | None, kept_days: int, open_days: int) -> dt.date:
    """The day on which a tip is deleted: so long after it was closed, or, never closed, after it was sent."""
    return received_on + dt.timedelta(open_days) if closed_on is None else closed_on + dt.timedelta(kept_days + 1)
