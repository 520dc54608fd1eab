"""What changed in the period: stages, answers, groups that came and went."""

from sqlalchemy.engine import Connection

from gis_app.analysis.report import Column, Section, Table, Text
from gis_app.jobs.report_sources import ANSWER_TITLES, CRITERION_TITLES, STAGE_TITLES, Asked, day
from gis_app.queries.statuses import GroupStatus

HAS_HISTORY = True


def section(_conn: Connection, asked: Asked) -> Section:
    """The table of changes between the day before the period and its last day."""
    old = {group.group_id: group for group in asked.before}
    rows: list[tuple[str, str, str, str, str]] = []
    for group in asked.after:
        rows += _changes(old.pop(group.group_id, None), group)
    rows += [(group.name, f"Không còn là {asked.unit} riêng", "", "", "") for group in old.values()]
    stages = sum(row[1] == "Giai đoạn" for row in rows)
    figures = {"changes": len(rows), "stage_changes": stages}
    title = "Thay đổi trong kỳ"
    if not rows:
        text = f"Trong kỳ không có {asked.unit} nào thay đổi giai đoạn hoặc kết quả tiêu chí."
        return Section("changes", title, (Text(text),), figures)
    columns = (
        Column(asked.unit[0].upper() + asked.unit[1:], 34),
        Column("Nội dung", 40),
        Column("Trước kỳ", 26),
        Column("Cuối kỳ", 26),
        Column("Ngày, văn bản", 34),
    )
    return Section("changes", title, (Table("Thay đổi so với trước kỳ", columns, rows, "changes"),), figures)


def _changes(before: GroupStatus | None, after: GroupStatus) -> list[tuple[str, str, str, str, str]]:
    if before is None:
        return [(after.name, "Mới thành lập hoặc bổ sung", "", STAGE_TITLES[after.stage], day(after.valid_from))]
    rows = []
    if before.name != after.name:
        rows.append((after.name, "Tên", before.name, after.name, ""))
    if before.stage != after.stage:
        stages = STAGE_TITLES[before.stage], STAGE_TITLES[after.stage]
        rows.append((after.name, "Giai đoạn", *stages, _mark(after.stage_on, after.stage_document)))
    for code, title in CRITERION_TITLES.items():
        old, (answer, on, document) = before.answers[code][0], after.answers[code]
        if old != answer:
            rows.append((after.name, title, ANSWER_TITLES[old], ANSWER_TITLES[answer], _mark(on, document)))
    return rows


def _mark(on: object, document: str | None) -> str:
    return ", ".join(part for part in (day(on), document) if part)  # type: ignore[arg-type]
