"""Units of a commune, the accounts that act for them, and which unit is in charge of which group."""

import datetime as dt
from typing import Any

from flask import Blueprint, Response, jsonify, request

from gis_app.errors import BadRequest, NotFound, PreconditionFailed
from gis_app.queries import units as q
from gis_app.tables.units import UNIT_KINDS
from gis_app.web.context import allow, commune, connection, people_only
from gis_app.web.params import Param, plain, read_query, reads, whole
from gis_app.web.safe_writes import once, wanted_version
from gis_app.web.task_forms import read_day
from gis_app.web.unit_forms import add_member, assign, charge_dict, find_unit, save_unit, unit_dict
from layers.base import STAFF

blueprint = Blueprint("units", __name__)

UNIT_SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 120},
        "kind": {"enum": list(UNIT_KINDS)},
        "is_active": {"type": "boolean"},
    },
}
CHARGE_SCHEMA = {
    "type": "object",
    "required": ["group_ids", "unit_id", "from_on"],
    "properties": {
        "group_ids": {"type": "array", "items": {"type": "integer"}},
        "unit_id": {"type": "integer", "nullable": True},
        "from_on": {"type": "string", "format": "date"},
    },
}
MEMBER_SCHEMA = {"type": "object", "required": ["username"], "properties": {"username": {"type": "string"}}}


def _body() -> dict[str, Any]:
    body = request.get_json()
    if not isinstance(body, dict):
        raise BadRequest("bad_body")
    return body


def _day(text: str) -> dt.date:
    return read_day(text)


def _answer(unit_id: int, status: int = 200) -> Response:
    unit = find_unit(unit_id)
    answer = jsonify(unit_dict(unit))
    answer.status_code = status
    answer.set_etag(str(unit.version))
    return answer


@blueprint.get("/api/units")
@allow(*STAFF)
def list_units() -> Response:
    """Units of the commune, those at work first; `is_own`: the caller's account acts for it."""
    read_query(())
    commune()
    own = set(q.fetch_own_units(connection()))
    return jsonify({"units": [unit_dict(unit) | {"is_own": unit.id in own} for unit in q.fetch_units(connection())]})


@blueprint.get("/api/units/<int:unit_id>")
@allow(*STAFF)
def show_unit(unit_id: int) -> Response:
    """One unit; 404 alike for another commune's and for none."""
    read_query(())
    return _answer(unit_id)


@blueprint.post("/api/units")
@allow(*q.EDITORS)
@once
def create_unit() -> Response:
    """Add a unit."""
    commune()
    return _answer(save_unit(_body()) or 0, 201)


@blueprint.patch("/api/units/<int:unit_id>")
@allow(*q.EDITORS)
def update_unit(unit_id: int) -> Response:
    """Rename, close or open the version of a unit that If-Match names."""
    version, unit = wanted_version(), find_unit(unit_id)
    if save_unit(_body(), unit, version) is None:
        raise PreconditionFailed("stale_version", version=unit.version)
    return _answer(unit_id)


@blueprint.post("/api/units/<int:unit_id>/members")
@allow("admin")
@people_only
@once
def create_member(unit_id: int) -> Response:
    """Let an account of the commune act for a unit: it sees the unit's tasks and notices."""
    username = _body().get("username")
    if not isinstance(username, str) or len(username) > 80 or "\x00" in username:
        raise BadRequest("bad_body")
    add_member(unit_id, username)
    return _answer(unit_id)


@blueprint.delete("/api/units/<int:unit_id>/members/<username>")
@allow("admin")
@people_only
def delete_member(unit_id: int, username: str) -> tuple[str, int]:
    """End that an account acts for a unit."""
    unit = find_unit(unit_id)
    if not q.delete_member(connection(), unit.id, plain(username)):
        raise NotFound("account_not_found")
    return "", 204


@blueprint.get("/api/group-units")
@allow(*STAFF)
@reads(
    Param("on", _day, "Who is in charge on this day (none: today)", {"type": "string", "format": "date"}),
    Param("group_id", whole(1, 2**62), "The history of this group instead", {"type": "integer"}),
)
def list_group_units(query: dict[str, Any]) -> Response:
    """Each group with the unit in charge, on a day; or who has been in charge of one group, newest first."""
    commune()
    if query["group_id"] is not None:
        rows = q.fetch_charge_history(connection(), query["group_id"])
    else:
        rows = q.fetch_charges(connection(), query["on"])
    return jsonify({"group_units": [charge_dict(row) for row in rows]})


@blueprint.post("/api/group-units")
@allow(*q.EDITORS)
@once
def create_group_units() -> Response:
    """Put a unit (null: nobody) in charge of groups from a day on; who was before stays in the history."""
    commune()
    return jsonify({"group_count": assign(_body())})


for _view, _schema in (
    (create_unit, UNIT_SCHEMA),
    (update_unit, UNIT_SCHEMA),
    (create_group_units, CHARGE_SCHEMA),
    (create_member, MEMBER_SCHEMA),
):
    _view.body_schema = _schema  # type: ignore[attr-defined]
update_unit.needs_version = True  # type: ignore[attr-defined]
