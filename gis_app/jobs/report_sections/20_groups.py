"""Every group with its stage and the three criteria."""

from sqlalchemy.engine import Connection

from gis_app.analysis.report import Column, Section, Table, Text
from gis_app.analysis.status import Answer, answer_at
from gis_app.jobs.report_sources import ANSWER_TITLES, CRITERION_TITLES, STAGE_TITLES, Asked, day
from gis_app.queries.statuses import GroupStatus

HAS_HISTORY = True
CONCLUSIONS = {"met": "Đạt đủ", "not_met": "Chưa đạt", "not_reviewed": "Chưa rà soát đủ"}


def section(_conn: Connection, asked: Asked) -> Section:
    """The table of groups, in Vietnamese name order; its numbers stand on the map."""
    columns = (
        Column("TT", 8, "center"),
        Column(asked.unit[0].upper() + asked.unit[1:], 32),
        Column("Giai đoạn", 23),
        *(Column(f"Tiêu chí {number}", 18, "center") for number in range(1, len(CRITERION_TITLES) + 1)),
        Column("Ba tiêu chí", 18, "center"),
        Column("Số hộ", 11, "right"),
        Column("Rà soát gần nhất", 20, "center"),
    )
    rows = [_row(number, group, asked) for number, group in enumerate(asked.after, 1)]
    notes = "; ".join(f"tiêu chí {n}: {title}" for n, title in enumerate(CRITERION_TITLES.values(), 1))
    note = (
        f"Ghi chú: {notes}. “Chưa rà soát” gồm cả kết quả rà soát của kỳ đánh giá trước (kỳ đánh giá từ 15/12 đến "
        "14/12). Kết luận theo tiêu chí, không theo số người."
    )
    table = Table(f"Danh sách {asked.unit}", columns, rows, "groups")
    return Section("groups", f"Tình hình từng {asked.unit}", (table, Text(note, is_note=True)), {"listed": len(rows)})


def _row(number: int, group: GroupStatus, asked: Asked) -> tuple[int | str | None, ...]:
    answers = []
    for code in CRITERION_TITLES:
        answer, on, document = group.answers[code]
        counted = answer_at(Answer(answer, on, document), asked.valid_on)
        answers.append("\n".join((ANSWER_TITLES[counted], *([day(on)] if counted != "not_reviewed" else ()))))
    reviewed = group.last_reviewed_on
    return (
        number,
        group.name + (" (làm điểm)" if group.is_pilot else ""),
        STAGE_TITLES[group.stage],
        *answers,
        CONCLUSIONS[group.drug_free],
        group.household_count,
        # A review of after the day that is drawn is none of it.
        day(reviewed) if reviewed and reviewed <= asked.valid_on else "",
    )
