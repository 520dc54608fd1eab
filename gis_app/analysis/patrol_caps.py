"""What a list of stops keeps to: no group gets more than the cap in any seven days; a share is drawn from streets."""

from collections import Counter
from collections.abc import Iterable, Sequence

WEEK_DAYS = 7


def week_counts(visits: Iterable[tuple[int, str]]) -> Counter[str]:
    """Of each group the most stops in any seven days with the shift's day among them; visits: days before it, group."""
    near = [(-days, group) for days, group in visits if group and abs(days) < WEEK_DAYS]
    most: Counter[str] = Counter()
    for first in range(1 - WEEK_DAYS, 1):
        most |= Counter(group for day, group in near if first <= day < first + WEEK_DAYS)
    return most


def over_cap(served: Sequence[tuple[str, bool]], visits: Iterable[tuple[int, str]], cap: int) -> list[str]:
    """Groups that the stops a shift serves (group, whether pinned) take over the cap; pins alone are the leader's."""
    used = week_counts(visits)
    mine = Counter(group for group, _ in served)
    free = {group for group, is_pinned in served if group and not is_pinned}
    return sorted(group for group in free if used[group] + mine[group] > cap)


def drawn_share(chosen_count: int, share: float) -> int:
    """How many stops are drawn beside so many chosen ones, that they are this share of all."""
    return round(chosen_count * share / (1 - share))


def drawn_wanted(chosen_count: int, stop_count: int, share: float) -> int:
    """How many streets a list of this length should have beside so many chosen stops."""
    return min(drawn_share(chosen_count, share), round(share * stop_count))
