"""What of a commune's small numbers may be told to everybody, twice a year.

Model
-----
A commune has groups i = 1 … n with counts c_i in {0, 1, 2, …}. Classes part the counts into Z = {0}, A = {1 … 4},
B = {5 … 9}, C = {10, 11, …}; write lo(k), hi(k) for the ends of class k. A group of fewer than 50 residents, or of an
unknown number, is *hidden*: neither count nor stage is told, and no total covers it. Let S be the other groups.
Published are k_i = class of c_i for i in S, and

    K = the class that holds all of [ sum lo(k_i), sum hi(k_i) ]  over i in S, or nothing where no class does.

Totals. K is computed from the published classes alone, never from counts. So whoever knows all k_i knows K too, and the
counts that fit what is published are the whole product of the classes: every cell can still have every value of its
class, whatever totals (of the commune, of a city, of any set of groups) are added up. Nor does it tell anything that a
total is missing. A rule that looks at the true total does not have this: with two cells of class A, "left out because
it would tell" says that the total is at most 4, so both are at most 3 (tests/unit/test_suppression.py shows it).

Time. Nothing links c_i of one release with c_i of the next but what an attacker assumes. If a count is assumed to stay
as long as its class stays, the intersection of equal classes is the class itself. Groups that merge or split do link
counts (c_z = c_x + c_y), so after the set of groups changes no count is told in that release and the next. A release
is never made again with other numbers: the difference would be one correction.

Not defended: an attacker who knows that a count moved by one, and sees its class change, knows on which side of the
border it was. Classes would have to be frozen against that.

References
----------
K. Kenthapadi, N. Mishra, K. Nissim, "Simulatable auditing", PODS 2005: decide from what is public already.
A. Hundepool et al., "Statistical Disclosure Control", 2012, ch. 4: primary and secondary suppression in tables.
"""

import itertools
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

MIN_RESIDENTS = 50
PAUSE_RELEASES = 2


@dataclass(frozen=True)
class CountClass:
    """A class of counts, both ends inclusive; `high` None: no end."""

    code: str
    low: int
    high: int | None


CLASSES = (
    CountClass("none", 0, 0),
    CountClass("few", 1, 4),
    CountClass("some", 5, 9),
    CountClass("many", 10, None),
)
_BY_CODE = {one.code: one for one in CLASSES}

# The public page shows the stage of work, not a scale of bad groups: a group that has fallen back is worked on.
PUBLIC_STAGES = {
    "not_selected": "waiting",
    "cleaning": "working",
    "building": "working",
    "proposed": "working",
    "lapsed": "working",
    "recognised": "achieved",
    "maintained": "achieved",
}
SHARE_CLASSES = ("under_25", "25_50", "50_75", "over_75")


@dataclass(frozen=True)
class GroupFacts:
    """What the commune knows of a group at the time of a release; None: not known."""

    group_id: int
    stage: str
    resident_count: int | None
    lit_share: float | None
    count: int | None


@dataclass(frozen=True)
class Cell:
    """What is published of a group; a hidden group has none of it."""

    group_id: int
    stage: str | None
    lit_class: str | None
    count_class: str | None


@dataclass(frozen=True)
class Publication:
    """The cells of one release, in the groups' order, and the class of their total if it is one."""

    cells: tuple[Cell, ...]
    total_class: str | None


def classify_count(count: int) -> str:
    """The code of the class that a count is in."""
    if count < 0:
        raise ValueError("a count is not negative")
    return next(one.code for one in CLASSES if one.high is None or count <= one.high)


def classify_share(share: float) -> str:
    """The quarter that a share (0 to 1) is in; the border belongs to the quarter above."""
    return SHARE_CLASSES[min(int(max(share, 0.0) * 4), 3)]


def sum_classes(codes: Sequence[str]) -> str | None:
    """The class of a sum of which only the parts' classes are known, or None where several fit."""
    low = sum(_BY_CODE[code].low for code in codes)
    highs = [_BY_CODE[code].high for code in codes]
    found = classify_count(low)
    high = _BY_CODE[found].high
    if high is None:
        return found
    return found if all(h is not None for h in highs) and sum(h or 0 for h in highs) <= high else None


def is_paused(groups: AbstractSet[int], earlier: Sequence[AbstractSet[int]]) -> bool:
    """Whether counts rest: the set of groups changed with this release or the one before.

    Parameters
    ----------
    groups
        Numbers of the groups of this release.
    earlier
        The same of earlier releases, newest first, withdrawn ones too: somebody has read them.
    """
    known = [groups, *earlier[:PAUSE_RELEASES]]
    return any(one != other for one, other in itertools.pairwise(known))


def plan_release(facts: Sequence[GroupFacts], earlier: Sequence[AbstractSet[int]], *, with_counts: bool) -> Publication:
    """Decide what is published of each group.

    Parameters
    ----------
    facts
        Every group of the commune.
    earlier
        Sets of group numbers of earlier releases, newest first.
    with_counts
        Whether the commune publishes classes of counts at all.
    """
    tells = with_counts and not is_paused({one.group_id for one in facts}, earlier)
    cells = tuple(_cell(one, tells_count=tells) for one in facts)
    shown = [cell for cell in cells if cell.stage is not None]
    codes = [cell.count_class for cell in shown if cell.count_class is not None]
    complete = bool(codes) and len(codes) == len(shown)
    return Publication(cells, sum_classes(codes) if complete else None)


def _cell(facts: GroupFacts, *, tells_count: bool) -> Cell:
    if facts.resident_count is None or facts.resident_count < MIN_RESIDENTS:
        return Cell(facts.group_id, None, None, None)
    return Cell(
        facts.group_id,
        PUBLIC_STAGES[facts.stage],
        None if facts.lit_share is None else classify_share(facts.lit_share),
        None if facts.count is None or not tells_count else classify_count(facts.count),
    )
