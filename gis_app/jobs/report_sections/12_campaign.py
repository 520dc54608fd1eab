"""The campaign that a report sums up: its targets and what was reached, shifts and tasks within its days."""

from sqlalchemy.engine import Connection

from gis_app.analysis.campaign import Target
from gis_app.analysis.indicators import TITLES
from gis_app.analysis.report import Cell, Column, Section, Table, Text, grouped, percent
from gis_app.jobs.campaign import Told, tell
from gis_app.jobs.programme import compute_indicators
from gis_app.jobs.report_sources import Asked, day, told_count
from gis_app.queries.campaigns import fetch_campaigns
from gis_app.words import VIETNAMESE as VI

HAS_HISTORY = False
TITLE = "Kết quả đợt cao điểm"


def section(conn: Connection, asked: Asked) -> Section | None:
    """The campaigns whose days are those of the report; none: nothing to say."""
    if asked.period.kind != "campaign":
        return None
    days = (asked.period.from_on, asked.period.to_on)
    chosen = [one for one in fetch_campaigns(conn, asked.commune.id) if (one.starts_on, one.ends_on) == days]
    if not chosen:
        return None
    indicators = compute_indicators(conn, asked.commune.id)
    blocks: list[Text | Table] = []
    figures: dict[str, int | str] = {}
    for told in tell(conn, asked.commune.id, chosen, asked.frozen_on, indicators):
        one = told.campaign
        reached = sum(target.is_reached is True for target in told.targets)
        figures |= {f"{one.id}_targets": len(told.targets), f"{one.id}_reached": reached,
                    f"{one.id}_tasks": told.tasks.total, f"{one.id}_tasks_done": told.tasks.done}  # fmt: skip
        blocks += [Text(_sentence(told, reached)), *_table(told)]
    note = f"Ghi chú: chỉ tiêu theo số hiện có trên hệ thống ngày {day(asked.frozen_on)}; ca tuần tra tính tuần trọn."
    return Section("campaign", TITLE, (*blocks, Text(note, is_note=True)), figures)


def _sentence(told: Told, reached: int) -> str:
    one, tasks = told.campaign, told.tasks
    parts = [f"{one.name}, từ {day(one.starts_on)} đến {day(one.ends_on)}"]
    if told.targets:
        parts.append(f"đạt {reached}/{len(told.targets)} chỉ tiêu")
    if told.shift_count is not None:
        parts.append(f"{grouped(told.shift_count)} ca tuần tra")
    late = f", {grouped(tasks.late)} việc quá hạn" if tasks.late else ""
    parts.append(f"xong {grouped(tasks.done)}/{grouped(tasks.total)} việc đến hạn trong đợt{late}")
    return f"{'; '.join(parts)}."


def _table(told: Told) -> list[Table]:
    if not told.targets:
        return []
    columns = (Column("Chỉ tiêu", 70), Column("Mục tiêu", 22, "right"), Column("Đạt", 28, "center"),
               Column("Tỷ lệ", 20, "right"), Column("Kết quả", 25, "center"))  # fmt: skip
    return [Table(told.campaign.name, columns, [_row(one) for one in told.targets], f"campaign-{told.campaign.id}")]


def _row(target: Target) -> tuple[Cell, ...]:
    one = target.indicator
    title, wanted = VI.of(TITLES[one.code]), f"{target.wanted} %"
    if one.is_hidden:
        return title, wanted, VI.say("tip.few"), "", "Không nêu"
    result = {True: "Đạt", False: "Chưa đạt", None: "Chưa có số liệu"}[target.is_reached]
    # Hotspots are told as in their own section: to the nearest five.
    is_vague = one.unit == "hotspot"
    done, total = (told_count(count) if is_vague else grouped(count) for count in (one.done, one.total))
    share = "" if is_vague or not one.total else percent(one.done, one.total)
    return title, wanted, f"{done}/{total}", share, result
