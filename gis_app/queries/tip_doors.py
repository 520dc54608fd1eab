"""What a stranger may do about tips: functions of migrations/sql/tips.sql alone, since no policy lets a stranger in.

Places are EPSG:4326 (lon, lat).
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

# By lane: above so many tips of a commune in one hour they wait apart; where so many wait they are refused. Machines
# answer questions too: those never take the last places.
MOST_OPEN = {"sent": 40, "asked": 20}
MOST_HELD = {"sent": 2500, "asked": 1000}
# Of those whose sender brought the word of a poster, so many an hour of each poster come in whatever others send.
POSTER_SHARE = 6
# Of photos that wait apart; beyond, a tip that waits is kept without its photo.
MOST_PHOTO_BYTES = 150_000_000
# In one hour, of those that no officer had asked for.
MOST_ANSWERS = 120


@dataclass(frozen=True)
class OpenCommune:
    """A commune that takes tips; `load` worked-for tips came in this hour."""

    id: int
    code: str
    full_name: str
    province_name: str | None
    is_demo: bool
    commune_phone: str | None
    pc04_phone: str | None
    c04_phone: str | None
    load: int


@dataclass(frozen=True)
class Landmark:
    """Something that everybody sees from the street."""

    kind: str
    name: str
    lon: float
    lat: float


@dataclass(frozen=True)
class SealedTip:
    """A tip as it is sent: words and photo are ciphertext, the place as coarse as the sender chose."""

    id: int
    commune_id: int
    subject: str
    precision: str
    group_id: int | None
    road_id: int | None
    spot: tuple[float, float] | None
    device: str | None
    device_number: str | None
    body: bytes
    photo: bytes | None
    receipt_hash: str
    is_suspect: bool


@dataclass(frozen=True)
class SentTip:
    """A tip as its sender may know it."""

    id: int
    commune_id: int
    commune: str
    subject: str
    group_name: str | None
    received_on: dt.date
    state: str
    outcome: str | None
    was_handed: bool


def hush(conn: Connection) -> None:
    """Keep this transaction out of the server's own log, whatever happens to it."""
    conn.execute(sa.text("SELECT hush()"))


def fetch_open_communes(conn: Connection, code: str | None = None) -> list[OpenCommune]:
    """The communes that take tips, by province and name; with a code that one, or none."""
    rows = conn.execute(sa.text("SELECT * FROM tip_communes(:code)"), {"code": code})
    return [OpenCommune(*row) for row in rows]


def fetch_box(conn: Connection, commune_id: int, kind: str, box_id: int) -> tuple[str | None, int | None] | None:
    """Where a box ("h") or board ("b") stands, in words, and its group; None if it is there no more."""
    values = {"commune": commune_id, "kind": kind, "box": box_id}
    row = conn.execute(sa.text("SELECT place, group_id FROM tip_box(:commune, :kind, :box)"), values).one_or_none()
    return None if row is None else (row.place, row.group_id)


def fetch_groups(conn: Connection, commune_id: int) -> list[tuple[int, str]]:
    """The groups of an open commune by name."""
    rows = conn.execute(sa.text("SELECT id, name FROM tip_groups(:commune)"), {"commune": commune_id})
    return [(row.id, row.name) for row in rows]


def fetch_streets(conn: Connection, commune_id: int, group_id: int) -> list[tuple[int, str]]:
    """The named streets of a group: a segment's number and the name."""
    values = {"commune": commune_id, "group": group_id}
    rows = conn.execute(sa.text("SELECT id, name FROM tip_streets(:commune, :group)"), values)
    return [(row.id, row.name) for row in rows]


def fetch_landmarks(conn: Connection, commune_id: int, group_id: int) -> list[Landmark]:
    """What stands in or close to a group for everybody to see."""
    values = {"commune": commune_id, "group": group_id}
    return [Landmark(*row) for row in conn.execute(sa.text("SELECT * FROM tip_landmarks(:commune, :group)"), values)]


def fetch_map(conn: Connection, commune_id: int, group_id: int) -> Mapping[str, Any] | None:
    """Outline, streets, numbered lights and signed cameras of a group (GeoJSON parts); None if it is none."""
    values = {"commune": commune_id, "group": group_id}
    found: Mapping[str, Any] | None = conn.execute(
        sa.text("SELECT tip_map(:commune, :group)"), values
    ).scalar_one_or_none()
    return found


def fetch_cell(conn: Connection, commune_id: int) -> Decimal:
    """The width of a commune's cells in degrees."""
    return Decimal(conn.execute(sa.text("SELECT tip_cell(:commune)"), {"commune": commune_id}).scalar_one())


def insert_tip(
    conn: Connection, tip: SealedTip, mark: int, lane: str, reach: int | None, share: str | None = None
) -> str:
    """Send; made, held, bare (held without photo), known (the same sending again), closed, place, more, spent, full.

    The form has this mark and is good for so many tips of the hour (`reach`) of its lane (jobs/tip_proof.py). An
    answered question with a poster's word first takes the poster's own places (`share`).
    """
    if share is not None and lane == "asked":
        outcome = _take(conn, tip, mark, share, POSTER_SHARE)
        if outcome != "more":
            return outcome
    return _take(conn, tip, mark, lane, reach)


def _take(conn: Connection, tip: SealedTip, mark: int, lane: str, reach: int | None) -> str:
    lon, lat = tip.spot or (None, None)
    call = sa.func.take_tip(
        tip.id, tip.commune_id, tip.subject, tip.precision, tip.group_id, tip.road_id,
        sa.cast(lon, sa.Float), sa.cast(lat, sa.Float), tip.device, tip.device_number, tip.body,
        sa.cast(tip.photo, sa.LargeBinary), tip.receipt_hash, tip.is_suspect, mark, lane, reach,
        MOST_OPEN.get(lane, POSTER_SHARE), MOST_HELD.get(lane, MOST_HELD["asked"]), MOST_PHOTO_BYTES,
    )  # fmt: skip
    return str(conn.execute(sa.select(call)).scalar_one())


def fetch_sent(conn: Connection, receipt_hash: str) -> SentTip | None:
    """The tip of a receipt."""
    row = conn.execute(sa.text("SELECT * FROM tip_of_receipt(:receipt)"), {"receipt": receipt_hash}).one_or_none()
    return None if row is None else SentTip(*row)


def fetch_sent_messages(conn: Connection, receipt_hash: str) -> Sequence[tuple[bool, bytes, dt.date, int]]:
    """(by an officer, ciphertext, day, id) of a receipt's tip, in order."""
    rows = conn.execute(
        sa.text("SELECT is_officer, body, sent_on, id FROM messages_of_receipt(:receipt)"), {"receipt": receipt_hash}
    )
    return [(row.is_officer, bytes(row.body), row.sent_on, row.id) for row in rows]


def insert_answer(conn: Connection, receipt_hash: str, message_id: int, body: bytes) -> str:
    """Write to the officers: made, missing, closed or full."""
    return str(conn.execute(sa.select(sa.func.answer_tip(receipt_hash, message_id, body, MOST_ANSWERS))).scalar_one())


def count_missed(conn: Connection) -> int:
    """Count a receipt that does not exist; how many in this minute."""
    return int(conn.execute(sa.select(sa.func.count_tip(0, "missed"))).scalar_one())


def fetch_missed(conn: Connection) -> int:
    """How many receipts that do not exist were looked up in this minute."""
    return int(conn.execute(sa.select(sa.func.missed_tips())).scalar_one())
