"""Tasks with the five clarities ("5 rõ"): open and overdue when the report is frozen, done in its period."""

from sqlalchemy.engine import Connection

from gis_app.analysis.report import Block, Column, Section, Table, Text
from gis_app.jobs.report_sources import VIETNAM, Asked, day
from gis_app.jobs.task_words import holder_text, result_text, value_text
from gis_app.queries.reports import LEAST_READER
from gis_app.queries.task_figures import TaskFigures, count_tasks
from gis_app.queries.tasks import Task, TaskFilter, fetch_tasks
from gis_app.words import VIETNAMESE as VI

HAS_HISTORY = False
TITLE = "Nhiệm vụ “5 rõ”"
# Two pages of tasks are as many as a meeting goes through.
LISTED = 30


def section(conn: Connection, asked: Asked) -> Section:
    """How many, the open ones (the longest overdue first), and those done in the period."""
    period = (asked.period.from_on, asked.period.to_on)
    counts = count_tasks(conn, asked.commune.id, *period)
    figures = {name: getattr(counts, name) for name in TaskFigures.__dataclass_fields__}
    blocks: list[Block] = [Text(_sentence(asked, counts))]
    if counts.open:
        found = fetch_tasks(conn, LEAST_READER, TaskFilter(state="open", limit=LISTED))
        blocks += _table("Việc đang làm", found, counts.open, "tasks_open")
    if counts.done:
        found = fetch_tasks(conn, LEAST_READER, TaskFilter(done_in=period, limit=LISTED))
        blocks += _table("Việc hoàn thành trong kỳ", found, counts.done, "tasks_done")
    return Section("tasks", TITLE, blocks, figures)


def _sentence(asked: Asked, counts: TaskFigures) -> str:
    since = f" Từ sau kỳ đến lúc chốt hoàn thành thêm {counts.done_since} việc." if counts.done_since else ""
    return (
        f"Trong kỳ giao {counts.made} việc, hoàn thành {counts.done} việc, hủy {counts.cancelled} việc.{since} "
        f"Lúc chốt báo cáo, ngày {day(asked.frozen_on)}, còn {counts.open} việc đang làm, trong đó "
        f"{counts.overdue} việc quá hạn."
    )


def _table(title: str, found: list[Task], count: int, name: str) -> list[Block]:
    columns = (
        Column("TT", 9, "center"),
        Column("Rõ việc", 37),
        Column("Rõ người", 25),
        Column("Rõ trách nhiệm", 32),
        Column("Rõ thời gian", 23, "center"),
        Column("Rõ kết quả", 40),
    )
    blocks: list[Block] = [Table(title, columns, [_row(number, task) for number, task in enumerate(found, 1)], name)]
    if count > len(found):
        blocks.append(Text(f"Còn {count - len(found)} việc khác xem trên hệ thống.", is_note=True))
    return blocks


def _row(number: int, task: Task) -> tuple[int | str, ...]:
    return (
        number,
        f"{task.title} ({task.group})" if task.group else task.title,
        holder_text(VI, task.holder_role, task.holder_unit),
        task.responsibility,
        _when(task),
        f"{result_text(VI, task)}\nĐo được: {value_text(VI, task, task.measured)}",
    )


def _when(task: Task) -> str:
    if task.state == "done" and task.closed_at is not None:
        return f"Hạn {day(task.due_on)}\nXong {day(task.closed_at.astimezone(VIETNAM).date())}"
    late = f"\n{VI.say('task.late', days=task.days_late)}" if task.days_late else ""
    return f"{day(task.due_on)}{late}"
