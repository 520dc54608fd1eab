"""Which groups come next: the five with the least effort left, and why.

Open hotspots weigh in the order (gis_app/analysis/next_group.py) but are not printed, nor is the effort, from which
they could be told: paper goes to every group, and how many hotspots a group has is for the officers alone.
"""

from sqlalchemy.engine import Connection

from gis_app.analysis.next_group import MOST_QUARTERS, Ranked, Weights
from gis_app.analysis.report import Column, Section, Table, Text
from gis_app.jobs.programme import rank_groups
from gis_app.jobs.report_sources import STAGE_TITLES, Asked, day
from gis_app.words import VIETNAMESE as VI

HAS_HISTORY = False
TITLE = "Đề xuất nơi làm tiếp theo"
FIRST = 5


def section(conn: Connection, asked: Asked) -> Section:
    """The first five of the adviser's list."""
    ranked = rank_groups(conn, asked.commune.id)
    figures = {"candidates": len(ranked), "listed": len(ranked[:FIRST])}
    if not ranked:
        text = Text(f"Mọi {asked.unit} đã được công nhận hoặc giữ vững.")
        return Section("next_groups", TITLE, (text,), figures)
    columns = (
        Column("TT", 10, "center"),
        Column(asked.unit[0].upper() + asked.unit[1:], 40),
        Column("Giai đoạn", 30),
        Column("Việc còn lại, lý do", 85),
    )
    rows = [
        (number, one.candidate.name, STAGE_TITLES[one.candidate.stage], _sentence(reasons(one)))
        for number, one in enumerate(ranked[:FIRST], 1)
    ]
    note = (
        f"Ghi chú: trong {len(ranked)} {asked.unit} chưa được công nhận, máy xếp theo công sức còn lại tính đến ngày "
        f"{day(asked.frozen_on)}, ít nhất đứng trước; có tính cả tình hình an ninh không in ở đây. Ban Chỉ đạo "
        "quyết định."
    )
    table = Table(f"{len(rows)} {asked.unit} gần được công nhận nhất", columns, rows, "next_groups")
    return Section("next_groups", TITLE, (table, Text(note, is_note=True)), figures)


def _sentence(parts: list[str]) -> str:
    text = "; ".join(parts)
    return text[:1].upper() + text[1:]


def reasons(one: Ranked) -> list[str]:
    """What is left for a group, in words."""
    candidate, said = one.candidate, []
    for code in ("not_met", "not_reviewed"):
        count = getattr(candidate, code)
        said += [VI.say(f"next_group.{code}", count=count)] if count else []
    if not said:
        said.append(VI.say("next_group.criteria_met"))
    # The adviser counts no more than four quarters.
    quarters = one.parts["quarter"] // Weights().quarter
    if candidate.last_reviewed_on is None:
        said.append(VI.say("next_group.never_reviewed"))
    elif quarters:
        said.append(VI.say("next_group.quarters" if quarters < MOST_QUARTERS else "next_group.year", count=quarters))
    said += [VI.say(f"next_group.gap.{code}") for code in candidate.gaps]
    if candidate.newly_met:
        code = "better" if candidate.newly_met > 0 else "worse"
        said.append(VI.say(f"next_group.{code}", count=abs(candidate.newly_met)))
    return said
