"""Conclusions of the last meeting before the report, each with its state: done or not done."""

from sqlalchemy.engine import Connection

from gis_app.analysis.report import Column, Section, Table, Text
from gis_app.jobs.report_sources import VIETNAM, Asked, day
from gis_app.jobs.task_words import holder_text
from gis_app.queries.tasks import Conclusion, fetch_conclusions, fetch_meetings
from gis_app.words import VIETNAMESE as VI

HAS_HISTORY = False
TITLE = "Kết luận cuộc họp trước"


def section(conn: Connection, asked: Asked) -> Section:
    """The conclusions; a meeting on the day of the report itself is the one that the report is made for."""
    before = asked.frozen_on
    meeting = next((one for one in fetch_meetings(conn) if one.held_on < before), None)
    found = fetch_conclusions(conn, asked.commune.id, before)
    states = [row.state for row in found]
    overdue = sum(row.days_late > 0 for row in found)
    figures: dict[str, int | str] = {"conclusions": len(found), "overdue": overdue}
    figures |= {state: states.count(state) for state in ("done", "open", "cancelled")}
    if meeting is None:
        return Section("conclusions", TITLE, (Text("Trên hệ thống chưa ghi nhận cuộc họp nào trước đó."),), figures)
    figures["held_on"] = day(meeting.held_on)
    name = f"Cuộc họp “{meeting.title}” ngày {day(meeting.held_on)}"
    if not found:
        return Section("conclusions", TITLE, (Text(f"{name} không có kết luận nào được giao thành việc."),), figures)
    text = (
        f"{name} có {len(found)} kết luận: đã xong {figures['done']}, chưa xong {figures['open']} (quá hạn {overdue}), "
        f"hủy {figures['cancelled']}; tính đến ngày {day(asked.frozen_on)}."
    )
    columns = (
        Column("TT", 9, "center"),
        Column("Kết luận", 66),
        Column("Nơi thực hiện", 36),
        Column("Thời hạn", 22, "center"),
        Column("Tình trạng", 32, "center"),
    )
    rows = [_row(number, row) for number, row in enumerate(found, 1)]
    return Section(
        "conclusions", TITLE, (Text(text), Table("Thực hiện kết luận", columns, rows, "conclusions")), figures
    )


def _row(number: int, row: Conclusion) -> tuple[int | str, ...]:
    title = f"{row.title} ({row.group})" if row.group else row.title
    return number, title, holder_text(VI, row.holder_role, row.holder_unit), day(row.due_on), _state(row)


def _state(row: Conclusion) -> str:
    if row.state == "open":
        return f"Chưa xong, {VI.say('task.late', days=row.days_late).lower()}" if row.days_late else "Chưa xong"
    closed = "" if row.closed_at is None else f"\n{day(row.closed_at.astimezone(VIETNAM).date())}"
    return f"{VI.say(f'task.state.{row.state}')}{closed}"
