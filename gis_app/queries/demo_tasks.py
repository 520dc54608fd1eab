"""Demonstration data of the programme's daily work: units in charge, a meeting, tasks with the five clarities.

Days count from today, so that the overdue board has rows whenever the data are loaded. `load_tasks` runs with the
owner's rights, one commune at a time.
"""

import datetime as dt
import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.db import Actor, act_as
from gis_app.queries.tasks import fetch_today

# (name without the commune's kind, kind, share of the groups that it is in charge of)
UNITS = (
    ("Công an {kind}", "police", 3),
    ("Ban Chỉ huy Quân sự {kind}", "military", 1),
    ("Đoàn Thanh niên", "youth", 2),
    ("Hội Phụ nữ", "women", 2),
    ("Mặt trận Tổ quốc", "front", 1),
)
# Title, holder (index of a unit, or a role), responsibility, due in days, measure, options, wanted, what it needs.
TASKS: tuple[tuple[str, int | str, str, int, str, dict[str, str], int, str], ...] = (
    ("Rà soát đủ 3 tiêu chí của tổ", 0, "Chủ trì rà soát cùng tổ trưởng, lập biên bản", -9, "criteria_reviewed",
     {"from_on": "today"}, 3, "not_reviewed"),
    ("Lắp bảng niêm yết đủ 3 số đường dây nóng", 2, "Chọn nơi đông người, lắp bảng, kiểm tra 3 số", -3,
     "board_complete", {}, 1, "no_board"),
    ("Lắp hòm thư tố giác", 3, "Chọn vị trí kín đáo, lắp đặt, mở hòm thư hằng tuần", 12, "tip_box_working", {}, 1,
     "no_box"),
    ("Sửa đèn hỏng, bảo đảm tuyến ngõ đủ sáng", "planner", "Lập dự trù, theo dõi đơn vị sửa chữa", 20,
     "lights_working", {}, 95, "group"),
    ("Đưa tổ làm điểm đến bước đề nghị công nhận", 0, "Hoàn thiện hồ sơ theo Hướng dẫn", 30, "group_stage",
     {"stage": "proposed"}, 3, "building"),
    ("Bảo đảm mỗi tổ có hòm thư tố giác hoạt động", 4, "Tổng hợp, đôn đốc các đoàn thể", -1, "commune_indicator",
     {"indicator": "tip_box"}, 0, "commune"),
)  # fmt: skip
MISSING = {
    "not_reviewed": "'not_reviewed' IN (g.users_answer, g.offenders_answer, g.places_answer)",
    "no_board": "NOT EXISTS (SELECT 1 FROM notice_boards AS b WHERE b.commune_id = g.commune_id "
    "AND b.state = 'working' AND b.has_commune_police AND b.has_pc04 AND b.has_c04 AND ST_Intersects(g.geom, b.geom))",
    "no_box": "NOT EXISTS (SELECT 1 FROM tip_boxes AS b WHERE b.commune_id = g.commune_id AND b.state = 'working' "
    "AND ST_Intersects(g.geom, b.geom))",
    "building": "g.stage = 'building'",
    "group": "true",
}


def load_tasks(conn: Connection, commune_id: int) -> None:
    """Units, who is in charge of what, last month's meeting and six tasks of one demonstration commune."""
    act_as(conn, Actor("system", commune_id))
    row = conn.execute(sa.text("SELECT kind FROM communes WHERE id = :c"), {"c": commune_id}).one()
    kind = {"ward": "phường", "commune": "xã"}.get(row.kind, "đặc khu")
    groups = list(
        conn.execute(sa.text("SELECT id FROM groups WHERE commune_id = :c ORDER BY id"), {"c": commune_id}).scalars()
    )
    units = [_unit(conn, commune_id, name.format(kind=kind), what) for name, what, _ in UNITS]
    turns = [unit for unit, (_, _, share) in zip(units, UNITS, strict=True) for _ in range(share)]
    today = fetch_today(conn)
    since = today - dt.timedelta(days=120)
    # The last group has nobody yet: the map shows what that looks like.
    for number, group_id in enumerate(groups[:-1]):
        values = {"c": commune_id, "g": group_id, "u": turns[number % len(turns)], "d": since}
        conn.execute(
            sa.text("INSERT INTO group_units (commune_id, group_id, unit_id, from_on) VALUES (:c, :g, :u, :d)"), values
        )
    meeting = conn.execute(
        sa.text("INSERT INTO meetings (commune_id, held_on, title, kind) VALUES (:c, :d, :t, 'month') RETURNING id"),
        {"c": commune_id, "d": today - dt.timedelta(days=25), "t": f"Giao ban Ban Chỉ đạo {kind} tháng trước"},
    ).scalar_one()
    for number, task in enumerate(TASKS):
        # The first three are the conclusions of the meeting.
        _task(conn, commune_id, units, task, today, meeting if number < 3 else None, len(groups))
    _close_what_is_reached(conn, commune_id)


def _unit(conn: Connection, commune_id: int, name: str, kind: str) -> int:
    statement = sa.text("INSERT INTO units (commune_id, name, kind) VALUES (:c, :n, :k) RETURNING id")
    return int(conn.execute(statement, {"c": commune_id, "n": name, "k": kind}).scalar_one())


def _task(
    conn: Connection,
    commune_id: int,
    units: list[int],
    task: Any,
    today: dt.date,
    meeting: int | None,
    group_count: int,
) -> None:
    title, holder, responsibility, days, measure, options, wanted, needs = task
    group_id = None
    if needs != "commune":
        order = f"({MISSING[needs]}) DESC, g.id" if needs != "group" else "g.id"
        query = sa.text(f"SELECT g.id FROM groups AS g WHERE g.commune_id = :c ORDER BY {order} LIMIT 1")  # noqa: S608
        group_id = conn.execute(query, {"c": commune_id}).scalar_one()
    told = {
        name: (today - dt.timedelta(days=25)).isoformat() if value == "today" else value
        for name, value in options.items()
    }
    values = {
        "c": commune_id, "t": title, "role": holder if isinstance(holder, str) else None,
        "unit": None if isinstance(holder, str) else units[holder], "r": responsibility,
        "d": today + dt.timedelta(days=days), "m": measure, "o": json.dumps(told), "w": wanted or group_count,
        "g": group_id, "s": "meeting" if meeting else "manual", "meeting": meeting,
    }  # fmt: skip
    conn.execute(
        sa.text(
            "INSERT INTO tasks (commune_id, title, holder_role, holder_unit_id, responsibility, due_on, measure, "
            "options, wanted, group_id, source, meeting_id) "
            "VALUES (:c, :t, :role, :unit, :r, :d, :m, cast(:o AS jsonb), :w, :g, :s, :meeting)"
        ),
        values,
    )


def _close_what_is_reached(conn: Connection, commune_id: int) -> None:
    """A town whose data reach a measure already shows a task that is done."""
    reached = sa.text("SELECT id FROM tasks WHERE commune_id = :c AND task_value(tasks) >= wanted")
    numbers = list(conn.execute(reached, {"c": commune_id}).scalars())
    act_as(conn, Actor("admin", commune_id))
    for number in numbers:
        conn.execute(sa.text("SELECT close_task(:i, 1)"), {"i": number})
    act_as(conn, Actor("system"))
