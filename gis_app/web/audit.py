"""The audit log of the commune, for administrators and supervisors."""

import datetime as dt
from typing import Any

from flask import Blueprint, Response, jsonify, render_template

from gis_app.queries.audit import AuditFilter, fetch_entries
from gis_app.web.context import allow, commune, connection
from gis_app.web.i18n import catalogue, localised, t
from gis_app.web.nav import Page
from gis_app.web.params import Malformed, Param, plain, reads, whole
from gis_app.words import LANGUAGES
from layers import LAYERS

blueprint = Blueprint("audit", __name__)

READERS = ("admin", "supervisor")
# A page for people; programs read as many as the query gives.
SHOWN = 50
PAGE = Page("/nhat-ky", "audit", frozenset(READERS), 58, "table")
# People read and type Vietnamese time; entries are kept in UTC.
VIETNAM = dt.timezone(dt.timedelta(hours=7))


def _day(text: str) -> dt.datetime:
    try:
        return dt.datetime.combine(dt.date.fromisoformat(text), dt.time(), VIETNAM)
    except ValueError as error:
        raise Malformed("date") from error


ACTION, TABLE = "audit.action.", "audit.table."


def _named(prefix: str, name: str) -> str:
    """What a code of the log is called; the code itself where nothing is."""
    key = f"{prefix}{name}"
    return t(key) if key in catalogue(LANGUAGES[0]) else name


def _table(name: str) -> str:
    return localised(LAYERS[name].title) if name in LAYERS else _named(TABLE, name)


def _actions() -> list[tuple[str, str]]:
    codes = [key.removeprefix(ACTION) for key in catalogue(LANGUAGES[0]) if key.startswith(ACTION)]
    return [(code, t(f"{ACTION}{code}")) for code in codes]


PARAMS = (
    Param("since", _day, "First day, Vietnamese time", {"type": "string", "format": "date"}),
    Param("until", _day, "Last day, Vietnamese time", {"type": "string", "format": "date"}),
    Param("username", plain, "Who"),
    Param("table", plain, "Which table"),
    Param("action", plain, "insert, update, delete, sign_in, sign_in_failed, export …"),
    Param("before", whole(1, 2**62), "Entries older than this id", {"type": "integer"}),
)


def _entries(query: dict[str, Any]) -> list[dict[str, Any]]:
    commune()
    until = query["until"] + dt.timedelta(days=1) if query["until"] else None
    wanted = AuditFilter(query["since"], until, query["username"], query["table"], query["action"], query["before"])
    names = ("id", "at", "role", "username", "action", "table_name", "row_id")
    return [dict(zip(names, row, strict=True)) for row in fetch_entries(connection(), wanted)]


def _runs(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Entries as the page shows them: what one person did alike to many rows in one second stands there once."""
    found: list[dict[str, Any]] = []
    for entry in entries:
        alike = (entry["at"].replace(microsecond=0), entry["username"], entry["action"], entry["table"])
        if found and found[-1]["alike"] == alike:
            found[-1]["count"] += 1
        else:
            found.append(entry | {"alike": alike, "count": 1})
    return found


@blueprint.get("/api/audit")
@allow(*READERS)
@reads(*PARAMS)
def list_entries(query: dict[str, Any]) -> Response:
    """Entries of the commune's log, newest first, a hundred at a time."""
    found = _entries(query)
    return jsonify({"entries": [entry | {"at": entry["at"].isoformat()} for entry in found]})


@blueprint.get("/nhat-ky")
@allow(*READERS)
@reads(*PARAMS)
def show_page(query: dict[str, Any]) -> str:
    """The log as a page with filters; works without JavaScript."""
    every = _entries(query)
    found = every[:SHOWN]
    for entry in found:
        entry["at"] = entry["at"].astimezone(VIETNAM)
        entry |= {"action": _named(ACTION, entry["action"]), "table": _table(entry["table_name"])}
    older = found[-1]["id"] if len(every) > SHOWN else None
    found = _runs(found)
    return render_template(
        "audit/index.html", entries=found, query=query, older=older, place=commune(), actions=_actions()
    )
