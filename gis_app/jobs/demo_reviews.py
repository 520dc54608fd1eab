"""Invented monthly reviews of the demonstration's groups: some diligent, some late, some with months that nobody sent.

They tell of communication and pledges; the criteria are answered by the last one, as the group has them.
"""

import datetime as dt
import random
from collections.abc import Iterator
from typing import Any

from sqlalchemy.engine import Connection

from gis_app.analysis.periods import period_of
from gis_app.jobs.report_sources import VIETNAM
from gis_app.queries import demo_reviews as q
from gis_app.queries.tasks import fetch_today
from gis_app.tables.statuses import CRITERION_CODES

SEED = 28_2025
MONTHS = 9
DAY = dt.timedelta(days=1)
# How well kept a group's reviews are, by its stage; each group is a little better or worse.
DILIGENCE = {"maintained": 0.95, "recognised": 0.93, "proposed": 0.9, "building": 0.78, "cleaning": 0.62, "lapsed": 0.5}
# What reviews say in words, by the place of the group in the list.
REMARKS = {
    0: {"lesson": "Họp tổ vào tối thứ bảy đông người dự hơn", "proposal": "Nhân rộng cách làm ra các tổ bên cạnh"},
    2: {"obstacle": "Nhiều nhà trọ đổi khách thuê trong tháng", "proposal": "Thêm một loa truyền thanh cuối ngõ"},
    5: {"lesson": "Treo bảng số đường dây nóng ở nhà văn hóa, nhiều người gọi hỏi hơn"},
}  # fmt: skip


def load_reviews(conn: Connection, commune_id: int) -> int:
    """Invent reviews for the groups that were ever reviewed (owner rights); how many. Same day, same reviews."""
    chance, today = random.Random(SEED + commune_id), fetch_today(conn)  # noqa: S311 # nosec B311 - invented data
    rows: list[dict[str, Any]] = []
    for number, group in enumerate(q.fetch_reviewed(conn, commune_id)):
        found = list(_reviews(group, months_until(group.reviewed_on, today), chance))
        found[-1] |= REMARKS.get(number, {})
        rows += found
    q.insert_reviews(conn, commune_id, rows)
    return len(rows)


def months_until(last: dt.date, today: dt.date) -> list[tuple[dt.date, dt.date]]:
    """The month of a day and those before it, from MONTHS before today's on."""
    first = period_of("month", today)[0]
    for _ in range(MONTHS):
        first = period_of("month", first - DAY)[0]
    found = [period_of("month", last)]
    while found[0][0] > first:
        found.insert(0, period_of("month", found[0][0] - DAY))
    return found


def _reviews(
    group: q.Reviewed, months: list[tuple[dt.date, dt.date]], chance: random.Random
) -> Iterator[dict[str, Any]]:
    care = DILIGENCE.get(group.stage, 0.6) + chance.uniform(-0.25, 0.05)
    pledged = min(0.99, max(0.2, care + chance.uniform(-0.2, 0.15)))
    for number, (starts_on, ends_on) in enumerate(months, 1):
        luck, is_last = chance.random(), number == len(months)
        talked, late, day = chance.random() < care, chance.randrange(8, 20), chance.randrange(17, 28)
        if luck > care + 0.12 and not is_last:
            continue
        reviewed_on = group.reviewed_on if is_last else starts_on.replace(day=day)
        sent_on = reviewed_on + DAY if is_last else ends_on + DAY * (late if luck > care else chance.randrange(4))
        sent_at = dt.datetime.combine(sent_on, dt.time(9, chance.randrange(60)), tzinfo=VIETNAM)
        share = pledged * (0.6 + 0.4 * number / len(months))
        yield {
            "group_id": group.id, "starts_on": starts_on, "ends_on": ends_on, "reviewed_on": reviewed_on,
            "communication_count": chance.randrange(1, 4) if talked else 0,
            "pledge_household_count": round(share * group.household_count),
            "submitted_at": sent_at, "decided_at": sent_at + DAY,
            **(group.answers if is_last else {f"{code}_answer": "not_reviewed" for code in CRITERION_CODES}),
        }  # fmt: skip
