"""Figures carried over merges and splits: totals stay, nothing is counted twice."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis_app.analysis.lineage import Lineage, carry_over

DAY = dt.date(2026, 7, 1)
BEFORE, AFTER = dt.date(2026, 6, 1), dt.date(2026, 8, 1)


def test_a_merge_adds_and_a_split_shares_by_households() -> None:
    figures = {1: Decimal(10), 2: Decimal(20), 3: Decimal(8)}
    lineages = [
        (1, 11, DAY, Decimal(1)),
        (2, 11, DAY, Decimal(1)),
        (3, 12, DAY, Decimal("0.25")),
        (3, 13, DAY, Decimal("0.75")),
    ]
    assert carry_over(figures, lineages, BEFORE, AFTER) == {11: 30, 12: 2, 13: 6}
    assert carry_over(figures, lineages, AFTER, AFTER) == figures


def test_chains_on_one_day_and_over_days() -> None:
    later = dt.date(2026, 7, 15)
    lineages = [(1, 2, DAY, Decimal(1)), (2, 3, DAY, Decimal(1)), (3, 4, later, Decimal(1))]
    assert carry_over({1: Decimal(5)}, lineages, BEFORE, AFTER) == {4: 5}
    assert carry_over({1: Decimal(5)}, lineages, BEFORE, DAY) == {3: 5}
    with pytest.raises(ValueError, match="of itself"):
        carry_over({1: Decimal(5)}, [(1, 2, DAY, Decimal(1)), (2, 1, DAY, Decimal(1))], BEFORE, AFTER)


@st.composite
def histories(draw: st.DrawFn) -> tuple[dict[int, Decimal], list[Lineage]]:
    alive = list(range(1, draw(st.integers(2, 8)) + 1))
    figures = {unit: Decimal(draw(st.integers(0, 500))) for unit in alive}
    fresh, lineages = 100, []
    for step in range(draw(st.integers(0, 6))):
        on = BEFORE + dt.timedelta(days=1 + step)
        if len(alive) > 1 and draw(st.booleans()):
            parents = [alive.pop(draw(st.integers(0, len(alive) - 1))) for _ in range(2)]
            lineages += [(parent, fresh, on, Decimal(1)) for parent in parents]
            alive.append(fresh)
            fresh += 1
        else:
            parent = alive.pop(draw(st.integers(0, len(alive) - 1)))
            share = Decimal(draw(st.integers(0, 100))) / 100
            lineages += [(parent, fresh, on, share), (parent, fresh + 1, on, 1 - share)]
            alive += [fresh, fresh + 1]
            fresh += 2
    return figures, lineages


@given(histories())
def test_totals_are_kept_and_only_living_units_have_figures(found: tuple[dict[int, Decimal], list[Lineage]]) -> None:
    figures, lineages = found
    carried = carry_over(figures, lineages, BEFORE, AFTER)
    assert sum(carried.values()) == sum(figures.values())
    assert not carried.keys() & {parent for parent, _, _, _ in lineages}
