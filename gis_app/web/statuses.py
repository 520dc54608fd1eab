"""Status of groups at any day, as known at any moment; what changed between two days; the life of a group."""

from collections import Counter
from typing import Any

from flask import Blueprint, Response, jsonify

from gis_app.analysis.status import ACHIEVED_STAGES
from gis_app.errors import BadRequest, NotFound
from gis_app.queries import statuses
from gis_app.web.as_of import AT, DAY_SCHEMA, KNOWN, a_day, plain
from gis_app.web.context import allow, commune, connection
from gis_app.web.params import Param, one_of, reads
from layers.base import STAFF

blueprint = Blueprint("statuses", __name__)


def status_dict(status: statuses.GroupStatus) -> dict[str, Any]:
    """A status as JSON."""
    named = {name: getattr(status, name) for name in status.__dataclass_fields__ if name != "answers"}
    answers = {
        code: {"answer": answer, "on": on and on.isoformat(), "document": document}
        for code, (answer, on, document) in status.answers.items()
    }
    return plain(named) | {"answers": answers}


@blueprint.get("/api/statuses")
@allow(*STAFF)
@reads(AT, KNOWN, Param("shapes", one_of("0", "1"), "1: with outlines", {"enum": ["0", "1"]}, default="0"))
def list_statuses(query: dict[str, Any]) -> Response:
    """Groups as they were on a day, as known at a moment; computed answer, counts by stage and, if asked, outlines."""
    here, conn = commune(), connection()
    found = statuses.fetch_statuses(conn, here.id, query["at"], query["known_at"])
    groups = [status_dict(status) for status in found]
    if query["shapes"] == "1":
        shapes = statuses.fetch_shapes(conn, here.id, query["at"], query["known_at"])
        groups = [group | {"geometry": shapes[group["group_id"]]} for group in groups]
    stages = Counter(status.stage for status in found)
    day = query["at"] or statuses.fetch_today(conn)
    return jsonify(
        {
            "at": day.isoformat(),
            "known_at": query["known_at"] and query["known_at"].isoformat(),
            "group_count": len(found),
            "achieved_count": sum(stages[stage] for stage in ACHIEVED_STAGES),
            "stages": dict(stages),
            "groups": groups,
        }
    )


@blueprint.get("/api/status-changes")
@allow(*STAFF)
@reads(
    Param("from", a_day, "The earlier day", DAY_SCHEMA, required=True),
    Param("to", a_day, "The later day (default: today)", DAY_SCHEMA),
    KNOWN,
)
def list_status_changes(query: dict[str, Any]) -> Response:
    """What differs between two days: name, stage, criteria, computed answer; groups that came or went."""
    here, conn = commune(), connection()
    later = query["to"] or statuses.fetch_today(conn)
    if query["from"] > later:
        raise BadRequest("bad_parameter", name="from", rule="range")
    before = statuses.fetch_statuses(conn, here.id, query["from"], query["known_at"])
    after = statuses.fetch_statuses(conn, here.id, later, query["known_at"])
    changes = [
        {"group_id": c.group_id, "name": c.name, "before": c.before, "after": c.after}
        for c in statuses.find_changes(before, after)
    ]
    return jsonify({"from": query["from"].isoformat(), "to": later.isoformat(), "changes": changes})


@blueprint.get("/api/groups/<int:group_id>/history")
@allow(*STAFF)
@reads(KNOWN)
def show_group_history(query: dict[str, Any], group_id: int) -> Response:
    """The life of a group: spans of days, and what it came of or became; 404 alike for another's and for none."""
    commune()
    spans = statuses.fetch_history(connection(), group_id, query["known_at"]) if group_id < 2**63 else []
    if not spans:
        raise NotFound("group_not_found")
    lineage = [plain(entry) | {"household_share": float(entry["household_share"])}
               for entry in statuses.fetch_lineage(connection(), group_id)]  # fmt: skip
    return jsonify({"group_id": group_id, "spans": [plain(span) for span in spans], "lineage": lineage})
