"""Carry figures of old units over to the units that came of them, weighted by households.

With shares s(p, c) of the parent's households that went to child c, sum over c of s(p, c) = 1, a figure x(p) becomes
x(c) = x_own(c) + sum over p of s(p, c) * x(p), lineage by lineage in the order of days; so totals are kept and nothing
is counted twice.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal

Lineage = tuple[int, int, dt.date, Decimal]


def carry_over(
    figures: Mapping[int, Decimal], lineages: Iterable[Lineage], after: dt.date, until: dt.date
) -> dict[int, Decimal]:
    """Figures of units as they stood on `after`, given to the units that stand on `until` (inclusive).

    Parameters
    ----------
    figures
        By unit id, a count or an amount that adds up over units.
    lineages
        (parent, child, day, share of the parent's households), any order.
    """
    carried = dict(figures)
    changes = sorted((entry for entry in lineages if after < entry[2] <= until), key=lambda entry: entry[2])
    by_day: dict[dt.date, list[Lineage]] = {}
    for entry in changes:
        by_day.setdefault(entry[2], []).append(entry)
    for day in sorted(by_day):
        # Units that begin and end on one day pass through: parents before children.
        pending = by_day[day]
        while pending:
            children = {child for _, child, _, _ in pending}
            ready = {parent for parent, _, _, _ in pending if parent not in children}
            if not ready:
                raise ValueError("a unit comes of itself")
            for parent in sorted(ready):
                amount = carried.pop(parent, None)
                if amount is not None:
                    heirs = [(child, share) for p, child, _, share in pending if p == parent]
                    _share_out(carried, amount, heirs)
            pending = [entry for entry in pending if entry[0] not in ready]
    return carried


def _share_out(carried: dict[int, Decimal], amount: Decimal, heirs: list[tuple[int, Decimal]]) -> None:
    """Give the amount by shares; the last heir takes what rounding of the shares left."""
    left = amount
    for child, share in heirs[:-1]:
        part = amount * share
        carried[child] = carried.get(child, Decimal(0)) + part
        left -= part
    last = heirs[-1][0]
    carried[last] = carried.get(last, Decimal(0)) + left
