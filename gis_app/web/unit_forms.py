"""Units and assignments as bodies and forms have them; no views here."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from gis_app.errors import Conflict, NotFound, Unprocessable
from gis_app.queries import units as q
from gis_app.tables.units import UNIT_KINDS
from gis_app.web.context import commune, connection
from gis_app.web.params import Malformed
from gis_app.web.safe_writes import UNIQUE_VIOLATION
from gis_app.web.task_forms import MAX_ID, Reader, read_day, read_id, read_words

# A commune has tens of groups; this keeps one request bounded.
MOST_GROUPS = 500


def _kind(value: Any) -> str:
    if not isinstance(value, str) or value not in UNIT_KINDS:
        raise Malformed("required" if value in (None, "") else "choice")
    return value


def _bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Malformed("bool")
    return value


def save_unit(raw: Mapping[str, Any], unit: q.Unit | None = None, version: int = 0) -> int | None:
    """Add a unit, or change the version of one; its id, or None where that version is gone."""
    known = {"name": unit.name, "kind": unit.kind, "is_active": unit.is_active} if unit else {"is_active": True}
    reader = Reader(known | dict(raw), ("name", "kind", "is_active"))
    values = {
        "name": reader.take("name", lambda value: read_words(value, 120)),
        "kind": reader.take("kind", _kind),
        "is_active": reader.take("is_active", _bool),
    }
    reader.check("bad_unit")
    conn = connection()
    try:
        with conn.begin_nested():
            if unit is None:
                return q.insert_unit(conn, commune().id, values["name"], values["kind"])
            return unit.id if q.update_unit(conn, unit.id, version, values) else None
    except sa.exc.IntegrityError as error:
        if getattr(error.orig, "pgcode", "") == UNIQUE_VIOLATION:
            raise Conflict("unit_exists") from error
        raise


def find_unit(unit_id: int) -> q.Unit:
    """The unit if it is the commune's; 404 alike for another's and for none."""
    commune()
    found = q.fetch_units(connection(), unit_id) if unit_id <= MAX_ID else []
    if not found:
        raise NotFound("unit_not_found")
    return found[0]


def _groups(value: Any) -> list[int]:
    if not isinstance(value, list) or not value:
        raise Malformed("required")
    found = [read_id(one) for one in value]
    if len(found) > MOST_GROUPS or None in found:
        raise Malformed("range")
    return sorted({one for one in found if one is not None})


def assign(raw: Mapping[str, Any]) -> int:
    """Put a unit in charge of groups from a day on: `group_ids`, `unit_id` (null: nobody), `from_on`."""
    reader = Reader(raw, ("group_ids", "unit_id", "from_on"))
    group_ids = reader.take("group_ids", _groups)
    unit_id = reader.take("unit_id", read_id)
    from_on = reader.take("from_on", read_day)
    if "unit_id" not in raw:
        reader.faults.append({"field": "unit_id", "rule": "required"})
    reader.check("bad_group_units")
    conn = connection()
    try:
        with conn.begin_nested():
            return q.upsert_charges(conn, commune().id, group_ids, unit_id, from_on)
    except sa.exc.IntegrityError as error:
        names = {"group_units_group_commune": "group_ids", "group_units_unit": "unit_id"}
        field = names.get(error.orig.diag.constraint_name or "")  # type: ignore[union-attr]
        if field is None:
            raise
        raise Unprocessable("bad_group_units", faults=[{"field": field, "rule": "not_here"}]) from error


def add_member(unit_id: int, username: str) -> None:
    """Let an account of the commune act for a unit."""
    conn, here, unit = connection(), commune(), find_unit(unit_id)
    try:
        with conn.begin_nested():
            q.insert_member(conn, here.id, unit.id, username)
    except sa.exc.IntegrityError as error:
        raise NotFound("account_not_found") from error


def unit_dict(unit: q.Unit) -> dict[str, Any]:
    """A unit as JSON."""
    return {name: getattr(unit, name) for name in ("id", "version", "name", "kind", "is_active")}


def charge_dict(charge: q.Charge) -> dict[str, Any]:
    """Who is in charge of a group, as JSON."""
    names = ("group_id", "group", "unit_id", "unit")
    from_on = None if charge.from_on is None else charge.from_on.isoformat()
    return {name: getattr(charge, name) for name in names} | {"from_on": from_on}
