"""Indicators of the programme: x of N with the missing named.

Each is a share of things that have what the documents ask of all of them; nothing here is about persons.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Work:
    """What an indicator reads of a group."""

    group_id: int
    name: str
    household_count: int | None
    tip_box_count: int
    board_count: int
    communication_count: int | None
    pledge_household_count: int | None


@dataclass(frozen=True)
class Missing:
    """What has not got it yet."""

    id: int
    name: str


@dataclass(frozen=True)
class Indicator:
    """`done` of `total` things (`unit`: group, household, school, ...); `by_group`: 1 done, 0 not."""

    code: str
    unit: str
    done: int
    total: int
    missing: Sequence[Missing]
    by_group: Mapping[int, bool]
    # So few that their number is not told.
    is_hidden: bool = False

    @property
    def share(self) -> Decimal | None:
        """The share from 0 to 1; None of nothing."""
        return Decimal(self.done) / self.total if self.total else None


# What people read, in the order of the board.
TITLES: Mapping[str, tuple[str, str]] = {
    "reviews": ("Rà soát đủ ba tiêu chí trong kỳ", "All three criteria reviewed in the period"),
    "tip_boxes": ("Có hòm thư tố giác", "Tip box"),
    "notice_boards": ("Có bảng niêm yết đủ 3 số điện thoại", "Notice board with three numbers"),
    "communication": ("Truyền thông trong tháng", "Communication this month"),
    "household_pledges": ("Hộ ký cam kết", "Households that pledged"),
    "school_briefings": ("Trường học được tuyên truyền trong năm học", "Schools briefed in the school year"),
    "school_pledges": ("Trường học ký cam kết", "Schools that pledged"),
    "venue_pledges": ("Cơ sở kinh doanh ký cam kết", "Businesses that pledged"),
    "camera_signs": ("Camera đã gắn biển báo", "Cameras with a notice sign"),
    "hotspots_handled": ("Điểm nóng đã xử lý trong kỳ", "Hotspots handled in the period"),
    "venue_checks": ("Cơ sở kinh doanh kiểm tra đúng hạn", "Business checks not overdue"),
}
# Each asks whether a group has what every group should have.
GROUP_RULES: Mapping[str, Callable[[Work], bool]] = {
    "tip_boxes": lambda g: g.tip_box_count > 0,
    "notice_boards": lambda g: g.board_count > 0,
    "communication": lambda g: (g.communication_count or 0) > 0,
}


def hotspot_indicator(counts: tuple[int, int] | None) -> Indicator:
    """Hotspots handled, of those open at some time of the period; never which. None: too few to be told."""
    total, handled = counts or (0, 0)
    return Indicator("hotspots_handled", "hotspot", handled, total, [], {}, is_hidden=counts is None)


def group_indicators(groups: Sequence[Work], reviewed: Mapping[int, bool]) -> list[Indicator]:
    """Indicators that count groups; `reviewed`: whether all three criteria are answered in the period, by group."""
    found = [_of_groups(code, groups, {g.group_id: rule(g) for g in groups}) for code, rule in GROUP_RULES.items()]
    found.append(_of_groups("reviews", groups, {g.group_id: reviewed.get(g.group_id, False) for g in groups}))
    found.append(_households(groups))
    return found


def _of_groups(code: str, groups: Sequence[Work], has: Mapping[int, bool]) -> Indicator:
    missing = [Missing(g.group_id, g.name) for g in groups if not has[g.group_id]]
    return Indicator(code, "group", len(groups) - len(missing), len(groups), missing, has)


def _households(groups: Sequence[Work]) -> Indicator:
    """Households that pledged, of all; a group is done when all of its households have."""
    known = [g for g in groups if g.household_count]
    done = sum(min(g.pledge_household_count or 0, g.household_count or 0) for g in known)
    whole = {g.group_id: (g.pledge_household_count or 0) >= (g.household_count or 1) for g in known}
    missing = [Missing(g.group_id, g.name) for g in known if not whole[g.group_id]]
    return Indicator("household_pledges", "household", done, sum(g.household_count or 0 for g in known), missing, whole)


def place_indicator(code: str, unit: str, places: Iterable[tuple[int, str, bool]]) -> Indicator:
    """An indicator of places (id, name, done)."""
    listed = list(places)
    missing = [Missing(number, name) for number, name, done in listed if not done]
    return Indicator(code, unit, len(listed) - len(missing), len(listed), missing, {})
