"""What officers do with a tip: read it, answer, close, hand on, share, make something of it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import shapely
from sqlalchemy.engine import Connection

from gis_app.analysis.person_guard import Finding, findings
from gis_app.analysis.tip_clock import FIRST_LOOK_DAYS, MAYBE_CRIME, REMARK_DAYS, VERIFY_DAYS
from gis_app.errors import Conflict, NotFound, Unprocessable
from gis_app.jobs import tip_box
from gis_app.queries import tips as q
from gis_app.queries.communes import Commune
from gis_app.queries.place_reports import NewReport, insert_report
from gis_app.queries.tasks import NewTask, insert_task
from gis_app.queries.tip_queue import ClockDays, TipRow, fetch_row
from gis_app.queries.writes import insert_feature, update_feature
from gis_app.words import VIETNAMESE as VI
from layers import LAYERS

DAYS = ClockDays(MAYBE_CRIME, FIRST_LOOK_DAYS, VERIFY_DAYS, REMARK_DAYS)
TASK_DAYS, HOTSPOT_DAYS = 7, 180
# Who looks after what.
HOLDERS = {"light_out": "planner", "camera_out": "planner", "dark_street": "planner"}
KINDS = ("hotspot", "task", "broken", "report")


@dataclass(frozen=True)
class OpenedTip:
    """A tip with its words; None where SECRET_KEY has changed since."""

    row: TipRow
    parts: q.TipParts
    text: str | None
    number: str
    shared: str
    messages: Sequence[tuple[bool, str | None, dt.date]]
    persons: Sequence[Finding]


def shared_text(secret_key: str, row: TipRow) -> str:
    """What other roles may read of it."""
    return (tip_box.unseal_words(secret_key, row.id, "shared", row.shared) or {}).get("text", "")


def open_tip(conn: Connection, secret_key: str, tip_id: int) -> OpenedTip:
    """A tip of the acting commune, for a police role."""
    row = fetch_row(conn, tip_id)
    parts = q.fetch_parts(conn, tip_id)
    if row is None or parts is None:
        raise NotFound("tip_not_found")
    words = tip_box.unseal_words(secret_key, tip_id, "body", parts.body)
    text = None if words is None else words.get("text", "")
    said = [
        (by_officer, (tip_box.unseal_words(secret_key, message, "message", body) or {}).get("text"), sent_on)
        for by_officer, body, sent_on, message in q.fetch_messages(conn, tip_id)
    ]
    shared = shared_text(secret_key, row)
    return OpenedTip(row, parts, text, (words or {}).get("number", ""), shared, said, findings(text or ""))


@dataclass(frozen=True)
class ChosenPlace:
    """Where an officer says that it is, and the street's name."""

    spot: shapely.Point
    street: str | None = None


# Their point is the middle of something wide: nobody has seen anything there.
WIDE = frozenset({"group", "cell"})


def title_of(row: TipRow, street: str | None = None) -> str:
    """A tip in a line: what, on which street, in which group."""
    where = street or (row.street if row.precision not in WIDE and row.street else row.group_name)
    return VI.say(f"tip.subject.{row.subject}") + (f": {where}" if where else "")


def make(
    conn: Connection, place: Commune, opened: OpenedTip, kind: str, today: dt.date, chosen: ChosenPlace | None = None
) -> Mapping[str, Any]:
    """Make a hotspot, a task, a report or a broken device of a tip; what the tip then points to.

    Raises
    ------
    Conflict
        It was made before, or there is nothing to make.
    Unprocessable
        A tip of a whole group or cell has no point, and none was chosen.
    """
    row, parts = opened.row, opened.parts
    made = {"hotspot": parts.hotspot_id, "task": parts.task_id, "report": parts.report_id}.get(kind)
    if made is not None:
        raise Conflict("tip_made_before")
    if kind in ("hotspot", "report") and row.precision in WIDE and chosen is None:
        raise Unprocessable("tip_needs_place")
    if kind == "hotspot":
        values = {
            "place": title_of(row, chosen.street if chosen else None)[:120], "class": "risk", "severity": 1,
            "state": "new", "source_kind": "tip", "first_seen_on": row.received_on, "last_seen_on": row.received_on,
            "expires_on": today + dt.timedelta(HOTSPOT_DAYS),
        }  # fmt: skip
        spot = chosen.spot if chosen else shapely.Point(row.lon, row.lat)
        return {"hotspot_id": insert_feature(conn, LAYERS["hotspots"], place.id, values, spot).id}
    if kind == "task":
        return {"task_id": _task(conn, place, opened, today, chosen)}
    if kind == "report":
        spot = chosen.spot if chosen else shapely.Point(*q.fetch_street_middle(conn, place.id, row.id))
        return {"report_id": insert_report(conn, place.id, NewReport(spot, row.subject, parts.received_at, "tip"))}
    _break(conn, parts)
    return {}


def _task(conn: Connection, place: Commune, opened: OpenedTip, today: dt.date, chosen: ChosenPlace | None) -> int:
    row, is_wide = opened.row, opened.row.precision in WIDE and chosen is None
    # Everybody in the commune reads tasks: the street, never the point; of something wide its group.
    spot = chosen.spot if chosen else shapely.Point(*q.fetch_street_middle(conn, place.id, row.id))
    return insert_task(
        conn,
        place.id,
        NewTask(
            title=VI.say("tip.task_title", what=title_of(row, chosen.street if chosen else None))[:200],
            holder_role=HOLDERS.get(row.subject, "patrol"),
            holder_unit_id=None,
            responsibility=VI.say("tip.task_responsibility"),
            due_on=today + dt.timedelta(TASK_DAYS),
            measure="tip_handled",
            options={},
            wanted=Decimal(1),
            group_id=row.group_id if is_wide else None,
            place=None if is_wide else spot,
            source="tip",
        ),
    )


def _break(conn: Connection, parts: q.TipParts) -> None:
    if parts.device_layer is None or parts.device_id is None or parts.device_version is None:
        raise Conflict("tip_no_device")
    if parts.device_state == "broken":
        raise Conflict("tip_made_before")
    layer = LAYERS[parts.device_layer]
    if update_feature(conn, layer, parts.device_id, parts.device_version, {"state": "broken"}, None) is None:
        raise Conflict("tip_no_device")
