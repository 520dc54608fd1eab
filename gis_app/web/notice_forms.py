"""Notices and reminders as bodies, forms and answers have them; no views here."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from gis_app.errors import Conflict, Forbidden, GisError, NotFound, Unprocessable
from gis_app.queries import notices as q
from gis_app.web.context import actor, commune, connection
from gis_app.web.i18n import t
from gis_app.web.params import Malformed
from gis_app.web.task_forms import Reader, holder_text, read_id, read_words
from layers.base import ROLES


def notice_title(notice: q.Notice) -> str:
    """The notice in one sentence."""
    about = notice.task or notice.group or notice.about or ""
    key = f"notice.{notice.kind}"
    if notice.kind == "reminder":
        key += "_task" if notice.task_id else "_group"
    elif notice.kind == "job_failed":
        about = t(f"job.{about}")
    return t(key, about=about)


def notice_to(notice: q.Notice) -> str:
    """Whom it is to."""
    return holder_text(notice.role, notice.unit) if notice.role or notice.unit else t("notice.to_you")


def notice_link(notice: q.Notice) -> str | None:
    """Where what it is about stands; a page of the programme, or nothing."""
    if notice.task_id and notice.task:
        return f"/viec/{notice.task_id}"
    return notice.link or (f"/to/{notice.group_id}" if notice.group_id else None)


def notice_dict(notice: q.Notice) -> dict[str, Any]:
    """A notice as JSON; no name of an account."""
    names = ("id", "kind", "role", "unit", "group_id", "group", "task_id", "task", "body", "is_read")
    return {name: getattr(notice, name) for name in names} | {
        "title": notice_title(notice),
        "to": notice_to(notice),
        "link": notice_link(notice),
        "created_at": notice.created_at.isoformat(),
    }


def _role(value: Any) -> str | None:
    if value in (None, ""):
        return None
    if value not in ROLES:
        raise Malformed("choice")
    return str(value)


def send_instruction(raw: Mapping[str, Any]) -> None:
    """Tell a role or a unit of a changed instruction: `body`, `role` or `unit_id`, and `group_id` where it has one."""
    reader = Reader(raw, ("body", "role", "unit_id", "group_id"))
    body = reader.take("body", lambda value: read_words(value, q.MAX_LENGTH))
    values = {"role": reader.take("role", _role)}
    values |= {name: reader.take(name, read_id) for name in ("unit_id", "group_id")}
    if not reader.faults and (values["role"] is None) == (values["unit_id"] is None):
        reader.faults.append({"field": "holder", "rule": "required"})
    reader.check("bad_notice")
    conn = connection()
    try:
        with conn.begin_nested():
            q.insert_notice(conn, commune().id, "instruction", body=body, **values)
    except sa.exc.IntegrityError as error:
        raise Unprocessable("bad_notice", faults=[{"field": "holder", "rule": "not_here"}]) from error


def send_reminder(*, group_id: int | None = None, task_id: int | None = None) -> q.Reminded:
    """Remind of an overdue review or task, or say why not; 409 for a second one on the same day."""
    commune()
    found = q.insert_reminder(connection(), group_id=group_id, task_id=task_id)
    errors: dict[str, GisError] = {
        "already": Conflict("already_reminded"),
        "not_overdue": Conflict("not_overdue"),
        "missing": NotFound("task_not_found" if task_id is not None else "group_not_found"),
        "role": Forbidden("role_not_allowed", role=actor().role),
    }
    if found.outcome in errors:
        raise errors[found.outcome]
    return found
