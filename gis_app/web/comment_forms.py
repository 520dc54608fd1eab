"""Comments as bodies, forms and answers have them; no views here."""

import unicodedata
from typing import Any

import sqlalchemy as sa

from gis_app.errors import NotFound, Unprocessable
from gis_app.queries import comments as q
from gis_app.text import has_controls, has_personal_number
from gis_app.web.context import commune, connection
from gis_app.web.i18n import t
from gis_app.web.params import Malformed
from gis_app.web.task_forms import Reader, find_task, read_id


def read_text(value: Any) -> str:
    """Text of several lines, NFC; a telephone or identity number is refused."""
    if not isinstance(value, str) or not value.strip():
        raise Malformed("required" if value in (None, "") or isinstance(value, str) else "text")
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n")).strip()
    allowed = text.replace("\n", " ")
    if len(text) > q.MAX_LENGTH or has_controls(allowed):
        raise Malformed("text")
    if has_personal_number(text):
        raise Malformed("personal_number")
    return text


def add_comment(raw: dict[str, Any]) -> int:
    """Check and add a comment: `body`, and `group_id` or `task_id`."""
    reader = Reader(raw, ("body", "group_id", "task_id"))
    body = reader.take("body", read_text)
    group_id, task_id = reader.take("group_id", read_id), reader.take("task_id", read_id)
    if not reader.faults and (group_id is None) == (task_id is None):
        reader.faults.append({"field": "group_id", "rule": "required"})
    if any(fault["rule"] == "personal_number" for fault in reader.faults):
        raise Unprocessable("personal_number", faults=reader.faults)
    reader.check("bad_comment")
    if task_id is not None:
        find_task(task_id)
    conn = connection()
    try:
        with conn.begin_nested():
            return q.insert_comment(conn, commune().id, body, group_id=group_id, task_id=task_id)
    except sa.exc.IntegrityError as error:
        raise NotFound("group_not_found") from error


def comment_dict(comment: q.Comment) -> dict[str, Any]:
    """A comment as JSON: by whom is a role."""
    names = ("id", "group_id", "task_id", "body", "role")
    return {name: getattr(comment, name) for name in names} | {
        "role_title": t(f"role.{comment.role}"),
        "created_at": comment.created_at.isoformat(),
    }
