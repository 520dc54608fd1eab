"""Meetings and their conclusions as bodies and answers have them; no views here."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from gis_app.queries import tasks as q
from gis_app.tables.tasks import MEETING_KINDS
from gis_app.web.context import commune, connection
from gis_app.web.params import Malformed
from gis_app.web.task_forms import Reader, holder_text, read_day, read_words


def _kind(value: Any) -> str:
    if not isinstance(value, str) or value not in MEETING_KINDS:
        raise Malformed("required" if value in (None, "") else "choice")
    return value


def _held(value: Any) -> dt.date:
    day = read_day(value)
    if day.year < 2000 or day.year > 2100:
        raise Malformed("range")
    return day


def add_meeting(raw: Mapping[str, Any]) -> int:
    """Check and note a meeting: `held_on`, `title`, `kind`."""
    reader = Reader(raw, ("held_on", "title", "kind"))
    held_on = reader.take("held_on", _held)
    title = reader.take("title", lambda value: read_words(value, 200))
    kind = reader.take("kind", _kind)
    reader.check("bad_meeting")
    return q.insert_meeting(connection(), commune().id, held_on, title, kind)


def meeting_dict(meeting: q.Meeting) -> dict[str, Any]:
    """A meeting as JSON."""
    names = ("id", "title", "kind", "open_count", "done_count", "cancelled_count")
    return {name: getattr(meeting, name) for name in names} | {"held_on": meeting.held_on.isoformat()}


def conclusion_dict(row: q.Conclusion) -> dict[str, Any]:
    """A conclusion as JSON."""
    names = ("meeting_id", "meeting_title", "task_id", "title", "state", "days_late", "group")
    return {name: getattr(row, name) for name in names} | {
        "held_on": row.held_on.isoformat(),
        "due_on": row.due_on.isoformat(),
        "closed_at": None if row.closed_at is None else row.closed_at.isoformat(),
        "holder": holder_text(row.holder_role, row.holder_unit),
    }
