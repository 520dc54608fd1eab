"""Effort of patrols in the period: sums of whole weeks that are over, as the committee reads them; no place."""

import datetime as dt

from sqlalchemy.engine import Connection

from gis_app.analysis.report import Column, Section, Table, Text, grouped, percent
from gis_app.jobs.patrol_effort import effort_of
from gis_app.jobs.report_sources import Asked, day
from gis_app.queries.patrol_effort import Period
from gis_app.words import VIETNAMESE as VI

HAS_HISTORY = False
TITLE = "Tuần tra"
LIMIT_DAYS = 7
NAMES = ("shifts", "planned", "done", "missed", "extra", "visits", "minutes")


def weeks_of(first: dt.date, last: dt.date, today: dt.date) -> tuple[dt.date, dt.date]:
    """The whole weeks, Monday to Sunday, that a committee reads of a period (migrations/sql/effort.sql)."""

    def monday(one: dt.date) -> dt.date:
        return one - dt.timedelta(days=one.weekday())

    end = monday(min(last + dt.timedelta(days=1), today)) - dt.timedelta(days=1)
    return min(monday(first), end - dt.timedelta(days=6)), end


def section(conn: Connection, asked: Asked) -> Section:
    """Shifts, stops, minutes, streets walked and why stops were missed."""
    effort = effort_of(conn, asked.commune, Period(asked.period.from_on, asked.period.to_on, LIMIT_DAYS))
    first, last = weeks_of(asked.period.from_on, asked.period.to_on, asked.frozen_on)
    figures: dict[str, int | str] = {name: int(effort.total[name]) for name in NAMES}
    weeks = f"các tuần trọn từ {day(first)} đến {day(last)}"
    if not figures["shifts"]:
        return Section("patrol", TITLE, (Text(f"Trong {weeks} không có ca tuần tra nào trên hệ thống."),), figures)
    streets = effort.streets
    figures["walked_share"] = percent(round(streets.walked_m), round(streets.total_m))
    text = (
        f"Tính {weeks}: {grouped(effort.total['shifts'])} ca, đã đến {grouped(effort.total['done'])}/"
        f"{grouped(effort.total['planned'])} điểm theo kế hoạch "
        f"({percent(effort.total['done'], effort.total['planned'])}), {grouped(effort.total['minutes'])} phút tại chỗ; "
        f"các tổ đã đi {figures['walked_share']} chiều dài đường của địa bàn."
    )
    rows = [(VI.say(f"effort.column.{name}"), grouped(int(effort.total[name]))) for name in NAMES]
    rows += [
        (f"Bỏ lỡ vì: {VI.say(f'walk.reason.{code}').lower()}", grouped(int(count)))
        for code, count in sorted(effort.reasons.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    columns = (Column("Nội dung", 110), Column("Số", 55, "right"))
    return Section("patrol", TITLE, (Text(text), Table("Kết quả tuần tra", columns, rows, "patrol")), figures)
