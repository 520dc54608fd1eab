"""Invented tips for the demonstration communes, sent as a resident would, some of them worked on; and hotlines.

Nobody has their receipts. The telephone numbers are none: no subscriber's number begins with three zeros.
"""

import secrets
import uuid
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from gis_app.jobs import tip_box
from gis_app.jobs.tip_proof import Ticket
from gis_app.jobs.tip_send import Draft, send
from gis_app.queries import tip_doors
from gis_app.queries import tips as q
from gis_app.queries.releases import PublicSettings, fetch_settings, upsert_settings
from gis_app.words import VIETNAMESE as VI

HOTLINES = PublicSettings(commune_phone="0225 000 0001", pc04_phone="0225 000 0002", c04_phone="069 000 0003")


@dataclass(frozen=True)
class Invented:
    """What was told, how many days ago, and what became of it."""

    subject: str
    precision: str
    days: int
    state: str
    text: str
    outcome: str | None = None
    channel: str | None = None
    question: str | None = None
    answer: str | None = None
    is_suspect: bool = False


INVENTED = (
    Invented("light_out", "street", 0, "new", "Đèn tắt mấy tối nay, đoạn này tối hẳn"),
    Invented("gathering", "street", 0, "new", "Tối thứ bảy nào cũng có nhóm ngồi đến khuya"),
    Invented("syringes", "group", 1, "new", "Nhặt được kim tiêm ở bãi cỏ sau nhà văn hóa"),
    Invented("dark_street", "street", 3, "new", "Không có đèn, trẻ con đi học về qua đây"),
    Invented("other", "group", 12, "new", "Bảng số đường dây nóng bị mờ, không đọc được"),
    Invented("gathering", "street", 4, "verifying", "Hay tụ tập sau 22 giờ, cuối tuần đông hơn",
             question="when_seen", answer="Thường từ 22 giờ đến nửa đêm, nhất là thứ sáu"),
    Invented("dark_street", "street", 6, "verifying", "Cây che hết đèn, đi xe máy không thấy đường"),
    Invented("suspicious", "group", 9, "handling", "Nhà bỏ hoang cuối ngõ, đêm có người vào", channel="investigators"),
    Invented("light_out", "street", 8, "handling", "Ba cột liền nhau không sáng"),
    Invented("camera_out", "street", 5, "handling", "Camera ở ngã ba bị lệch, quay xuống đất"),
    *(Invented("light_out", "street", days, "closed", "Đèn tắt", "confirmed") for days in (21, 28, 36, 47, 59, 70)),
    *(Invented("gathering", "street", days, "closed", "Có nhóm tụ tập ban đêm", "confirmed") for days in (24, 33, 45)),
    *(Invented("dark_street", "group", days, "closed", "Đoạn này tối", "duplicate") for days in (26, 40)),
    Invented("suspicious", "group", 50, "closed", "Xe lạ hay đỗ trước kho cũ", "passed_on", "investigators"),
    Invented("syringes", "group", 38, "closed", "Có kim tiêm gần bờ mương", "unfounded"),
    Invented("other", "group", 0, "new", "Quảng cáo vay tiền dán đầy cột điện", is_suspect=True),
    Invented("other", "group", 0, "new", "thử thử thử", is_suspect=True),
)  # fmt: skip


def load_tips(conn: Connection, secret_key: str) -> int:
    """Send the invented tips to every demonstration commune that takes tips and has none (owner rights); how many."""
    count = 0
    for place in tip_doors.fetch_open_communes(conn):
        groups = tip_doors.fetch_groups(conn, place.id)
        if not place.is_demo or not groups or q.count_all(conn, place.id):
            continue
        if fetch_settings(conn, place.id).version == 0:
            upsert_settings(conn, place.id, HOTLINES)
        streets = [tip_doors.fetch_streets(conn, place.id, group_id) for group_id, _ in groups[:4]]
        for number, one in enumerate(INVENTED):
            at = number // 2 % len(streets)
            road_id = streets[at][number % len(streets[at])][0] if streets[at] else None
            _load(conn, secret_key, one, place.id, groups[at][0], road_id)
        count += len(INVENTED)
    return count


def _load(conn: Connection, key: str, one: Invented, commune_id: int, group_id: int, road_id: int | None) -> None:
    draft = Draft(
        commune_id=commune_id,
        subject=one.subject,
        precision=one.precision if road_id else "group",
        group_id=group_id,
        road_id=road_id,
        spot=None,
        device=None,
        device_number=None,
        text=one.text,
        photo=None,
        is_suspect=one.is_suspect,
    )
    ticket = Ticket(str(uuid.uuid4()), secrets.randbits(62), "sent", None)
    _, receipt = send(conn, key, draft, ticket)
    digest = tip_box.receipt_hash(key, receipt)
    sent = tip_doors.fetch_sent(conn, digest)
    if sent is None:
        raise LookupError(one.text)
    if one.question:
        words = VI.say(f"tip.template.{one.question}")
        row = tip_box.make_id()
        q.insert_message(conn, commune_id, sent.id, row, tip_box.seal_words(key, row, "message", {"text": words}))
    if one.answer:
        row = tip_box.make_id()
        tip_doors.insert_answer(conn, digest, row, tip_box.seal_words(key, row, "message", {"text": one.answer}))
    q.age_tip(conn, sent.id, one.days, {"state": one.state, "outcome": one.outcome, "channel": one.channel})
