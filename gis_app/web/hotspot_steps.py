"""The register of hotspots for programs: the list as JSON or CSV, and a step of one."""

from typing import Any

from flask import Blueprint, Response, jsonify

from gis_app.queries import hotspot_register as q
from gis_app.queries.audit import record_event
from gis_app.tables.hotspots import STATES
from gis_app.web.answers import csv_file
from gis_app.web.as_of import plain
from gis_app.web.context import actor, allow, commune, connection, people_only
from gis_app.web.hotspot_step_forms import FILTERS, STEP_SCHEMA, add_step, csv_table, find_hotspot, wanted_of
from gis_app.web.params import Param, one_of, read_query, reads, whole
from gis_app.web.safe_writes import once, wanted_version
from gis_app.web.values import json_body
from layers.base import POLICE, SITING

blueprint = Blueprint("hotspot_steps", __name__)

MOST_ROWS = 1000
FORMAT = Param("f", one_of("json", "csv"), "Answer as JSON or CSV", {"enum": ["json", "csv"]}, default="json")
LIMIT = Param("limit", whole(1, MOST_ROWS), "Most rows", {"type": "integer"}, default=MOST_ROWS)
OFFSET = Param("offset", whole(0, 100_000), "Rows to leave out", {"type": "integer"}, default=0)


def _dict(row: q.HotspotRow) -> dict[str, Any]:
    hidden = {"steps", "looks"} | (set() if actor().role in POLICE else {"place", "unit"})
    found = {name: getattr(row, name) for name in row.__dataclass_fields__ if name not in hidden}
    found |= {"lon": round(row.lon, 6), "lat": round(row.lat, 6), "class": found.pop("klass")}
    found["dates"] = {state: day.isoformat() for state, day in row.dates.items()}
    if row.looks:
        found |= {"visit_count": row.looks.count, "last_visit_on": row.looks.last_on}
    return plain(found)


@blueprint.get("/api/hotspot-register")
@allow(*SITING)
@reads(*FILTERS, LIMIT, OFFSET, FORMAT)
def list_register(query: dict[str, Any]) -> Response:
    """Hotspots with the step each is at, its days and what is due; planners read the middle of the street."""
    rows = q.fetch_register(
        connection(), commune().id, actor().role, wanted_of(query), limit=query["limit"], offset=query["offset"]
    )
    if query["f"] == "csv":
        record_event(connection(), "export", "hotspots", {"format": "csv", "row_count": len(rows)})
        return csv_file(*csv_table(rows), "so-diem-nong")
    return jsonify({"hotspots": [_dict(row) for row in rows], "states": STATES})


@blueprint.get("/api/hotspots/<int:hotspot_id>/steps")
@allow(*SITING)
def list_steps(hotspot_id: int) -> Response:
    """The steps of a hotspot, oldest first."""
    read_query(())
    row = find_hotspot(hotspot_id)
    words = ("note", "document", "unit", "task_id") if actor().role in POLICE else ()
    names = ("state", "on_day", "is_loaded", *words)
    answer = jsonify({"steps": [plain({name: getattr(step, name) for name in names}) for step in row.steps]})
    answer.set_etag(str(row.version))
    return answer


@blueprint.post("/api/hotspots/<int:hotspot_id>/steps")
@allow(*POLICE)
@people_only
@once
def create_step(hotspot_id: int) -> Response:
    """Take the next step, a short cut or a way back, of the version that If-Match names."""
    version = wanted_version()
    add_step(find_hotspot(hotspot_id), version, json_body())
    row = find_hotspot(hotspot_id)
    answer = jsonify(_dict(row))
    answer.status_code = 201
    answer.set_etag(str(row.version))
    return answer


create_step.body_schema = STEP_SCHEMA  # type: ignore[attr-defined]
create_step.needs_version = True  # type: ignore[attr-defined]
