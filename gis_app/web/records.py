"""What resources of tables that are not layers share: bodies read field by field, versions, broken checks. No views."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa
from flask import Response, jsonify, request

from gis_app.errors import BadRequest, Conflict, GisError, NotFound, PreconditionFailed, Unprocessable
from gis_app.queries.records import fetch_record
from gis_app.text import has_controls, tidy
from gis_app.web.context import commune, connection
from gis_app.web.params import Malformed
from gis_app.web.safe_writes import wanted_version

# PostgreSQL's bigint; a larger number in an address names nothing.
MAX_ID = 2**63 - 1
UNIQUE_VIOLATION, FOREIGN_KEY_VIOLATION = "23505", "23503"

Reader = Callable[[Any], Any]


def body() -> Mapping[str, Any]:
    """The request's JSON object."""
    found = request.get_json()
    if not isinstance(found, dict):
        raise BadRequest("bad_body")
    return found


def read_values(
    readers: Mapping[str, Reader], raw: Mapping[str, Any], *, required: Sequence[str] = ()
) -> dict[str, Any]:
    """Read the named values of a body or form; every fault is named at once."""
    faults: list[dict[str, str]] = []
    values: dict[str, Any] = {}
    for name, value in raw.items():
        try:
            if name not in readers:
                raise Malformed("unknown_field")  # noqa: TRY301
            values[name] = readers[name](value)
        except Malformed as error:
            faults.append({"field": str(name)[:60], "rule": str(error)})
    named = {fault["field"] for fault in faults}
    missing = [name for name in required if values.get(name) in (None, "") and name not in named]
    faults += [{"field": name, "rule": "required"} for name in missing]
    if faults:
        raise Unprocessable("bad_record", faults=faults)
    return values


def words(longest: int) -> Reader:
    """Text of a bounded length in NFC; runs of white space, line breaks too, become one space."""

    def read(value: Any) -> str:
        if value is None:
            return ""
        if not isinstance(value, str) or len(value) > longest:
            raise Malformed("text")
        text = tidy(value)
        if has_controls(text):
            raise Malformed("text")
        return text

    return read


def number(low: int, high: int) -> Reader:
    """A whole number between bounds, as a number or as digits; None and "" are None."""

    def read(value: Any) -> int | None:
        if value in (None, ""):
            return None
        text = str(value).strip()
        if isinstance(value, bool | float) or not text.isascii() or not text.isdigit() or len(text) > 18:
            raise Malformed("whole")
        if not low <= int(text) <= high:
            raise Malformed("range")
        return int(text)

    return read


def decimal(low: Decimal, high: Decimal, places: int) -> Reader:
    """A decimal number between bounds, with a point or a comma, with so many places at most; "" is None."""

    def read(value: Any) -> Decimal | None:
        if value in (None, ""):
            return None
        if isinstance(value, bool) or not isinstance(value, int | float | str) or len(str(value)) > 30:
            raise Malformed("number")
        try:
            found = Decimal(str(value).strip().replace(",", "."))
        except InvalidOperation as error:
            raise Malformed("number") from error
        if not found.is_finite() or not low <= found <= high:
            raise Malformed("range")
        if found != round(found, places):
            raise Malformed("places")
        return found

    return read


def day(value: Any) -> dt.date | None:
    """A day (year-month-day), or none."""
    if value in (None, ""):
        return None
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise Malformed("date") from error


def choice(*allowed: str) -> Reader:
    """One of some words."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise Malformed("choice")
        return value

    return read


def yes_no(value: Any) -> bool:
    """True or false, as JSON or as a form's check box."""
    if value in (True, "1", "on"):
        return True
    if value in (False, None, "", "0"):
        return False
    raise Malformed("bool")


def own_version() -> int:
    """The version that `If-Match` names, for an actor who works in a commune."""
    commune()
    return wanted_version()


def found_record(table: sa.Table, record_id: int) -> sa.Row[Any]:
    """The row, or 404 alike for another commune's and for none."""
    commune()
    row = fetch_record(connection(), table, record_id) if record_id <= MAX_ID else None
    if row is None:
        raise NotFound("record_not_found")
    return row


def check_version(row: sa.Row[Any] | None, table: sa.Table, record_id: int) -> sa.Row[Any]:
    """What a write gave back; where nothing was written, 404 or 412."""
    if row is None:
        raise PreconditionFailed("stale_version", version=found_record(table, record_id).version)
    return row


def written(write: Callable[[], Any], table: sa.Table) -> Any:
    """Run a write; say what a failed check means: constraints are named `<table>_<field>_<rule>`."""
    try:
        return write()
    except sa.exc.IntegrityError as error:
        raise _broken(error, table) from error


def _broken(error: sa.exc.IntegrityError, table: sa.Table) -> GisError:
    state, diagnostics = getattr(error.orig, "pgcode", ""), error.orig.diag  # type: ignore[union-attr]
    if state == UNIQUE_VIOLATION:
        return Conflict("record_exists")
    if state == FOREIGN_KEY_VIOLATION:
        return NotFound("record_not_found")
    field, _, rule = (diagnostics.constraint_name or "").removeprefix(f"{table.name}_").rpartition("_")
    return Unprocessable("bad_record", faults=[{"field": field or diagnostics.column_name or "", "rule": rule}])


def answer(content: Mapping[str, Any], address: str, status: int = 200) -> Response:
    """A row as JSON, with its version as the ETag."""
    found = jsonify(content)
    found.status_code = status
    found.set_etag(str(content["version"]))
    found.headers["Location"] = f"{address}/{content['id']}"
    return found
