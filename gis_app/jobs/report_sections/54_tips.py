"""Tips of residents in the period, by subject: how many came, how many were dealt with. No place, no small number.

The paper goes to others than the unit's own police, and a month, its quarter and its half-year can be subtracted from
each other. So one to four is told as just that, and from five on to the nearest five.
"""

from sqlalchemy.engine import Connection

from gis_app.analysis.report import Column, Section, Table, Text
from gis_app.jobs.report_sources import COUNT_STEP, Asked, day, told_count
from gis_app.queries.tip_queue import count_period
from gis_app.tables.tips import KEPT_DAYS, SUBJECTS
from gis_app.words import VIETNAMESE as VI

HAS_HISTORY = False
TITLE = "Tin báo của nhân dân"


def section(conn: Connection, asked: Asked) -> Section:
    """What came and what was dealt with, by subject."""
    counts = count_period(conn, asked.period.from_on, asked.period.to_on)
    figures: dict[str, int | str] = {}
    rows = []
    for subject in SUBJECTS:
        told = [told_count(number) for number in counts.get(subject, (0, 0))]
        figures |= {f"{subject}_received": told[0], f"{subject}_closed": told[1]}
        rows.append((VI.say(f"tip.subject.{subject}"), *told))
    if not counts:
        return Section("tips", TITLE, (Text("Trong kỳ không có tin báo nào được tiếp nhận trên hệ thống."),), figures)
    columns = (Column("Nội dung tin", 85), Column("Tiếp nhận", 40, "right"), Column("Đã kết thúc", 40, "right"))
    note = (
        f"Ghi chú: số từ 1 đến 4 chỉ ghi “{VI.say('tip.few')}”, số lớn hơn làm tròn đến {COUNT_STEP}, không cộng dồn, "
        f"để không ai bị nhận ra. Tin đã kết thúc được xóa sau {KEPT_DAYS} ngày nên không còn tính ở đây; số liệu ngày "
        f"{day(asked.frozen_on)}. Đây là phản ánh về nơi chốn, không thay tố giác, tin báo về tội phạm."
    )
    return Section(
        "tips", TITLE, (Table("Tin báo theo nội dung", columns, rows, "tips"), Text(note, is_note=True)), figures
    )
