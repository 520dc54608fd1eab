"""Invented tips for the demonstration communes, sent as a resident would; nobody has their receipts."""

import secrets
import uuid

from sqlalchemy.engine import Connection

from gis_app.jobs.tip_proof import Ticket
from gis_app.jobs.tip_send import Draft, send
from gis_app.queries import tip_doors
from gis_app.queries import tips as q

# Subject, place, words; group n of the commune, in order of names.
INVENTED = (
    ("light_out", "street", "Đèn tắt mấy tối nay, đoạn này tối hẳn"),
    ("dark_street", "street", "Không có đèn, trẻ con đi học về qua đây"),
    ("syringes", "group", "Nhặt được kim tiêm ở bãi cỏ sau nhà văn hóa"),
    ("gathering", "street", "Hay tụ tập sau 22 giờ, cuối tuần đông hơn"),
    ("gathering", "street", "Tối thứ bảy nào cũng có nhóm ngồi đến khuya"),
    ("suspicious", "group", "Nhà bỏ hoang cuối ngõ, đêm có người ra vào"),
    ("other", "group", "Bảng số đường dây nóng bị mờ, không đọc được"),
)


def load_tips(conn: Connection, secret_key: str) -> int:
    """Send the invented tips to every commune that takes tips and has none (owner rights); how many."""
    count = 0
    for place in tip_doors.fetch_open_communes(conn):
        groups = tip_doors.fetch_groups(conn, place.id)
        if not place.is_demo or not groups or q.count_all(conn, place.id):
            continue
        for number, (subject, precision, text) in enumerate(INVENTED):
            group_id = groups[number // 2 % len(groups)][0]
            streets = tip_doors.fetch_streets(conn, place.id, group_id)
            draft = Draft(
                commune_id=place.id,
                subject=subject,
                precision=precision if streets else "group",
                group_id=group_id,
                road_id=streets[0][0] if streets else None,
                spot=None,
                device=None,
                device_number=None,
                text=text,
                photo=None,
                is_suspect=False,
            )
            ticket = Ticket(str(uuid.uuid4()), secrets.randbits(62), "sent", None)
            count += send(conn, secret_key, draft, ticket)[0] == "made"
    return count
