"""Values of a JSON body or a form that check themselves: one reader a field, every fault named at once."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from flask import request

from gis_app.errors import BadRequest, Unprocessable
from gis_app.text import has_controls
from gis_app.web.as_of import a_day
from gis_app.web.params import Malformed

Reader = Callable[[Any], Any]
# bigint's largest; a larger id is nobody's.
MAX_ID = 2**63 - 1


def json_body() -> Mapping[str, Any]:
    """The request's JSON object."""
    body = request.get_json()
    if not isinstance(body, dict):
        raise BadRequest("bad_body")
    return body


def read_values(
    raw: Mapping[str, Any], readers: Mapping[str, Reader], *, code: str, whole: bool = True
) -> dict[str, Any]:
    """Read named values; a field that breaks its rule, or that nobody knows, is a fault of the error `code`.

    `whole`: fields that are not there are read as None (and refused by `needed`); else they are left out.
    """
    values: dict[str, Any] = {}
    faults = [{"field": str(name)[:60], "rule": "unknown_field"} for name in raw if name not in readers]
    for name, read in readers.items():
        if name not in raw and not whole:
            continue
        try:
            values[name] = read(raw.get(name))
        except Malformed as error:
            faults.append({"field": name, "rule": str(error)})
    if faults:
        raise Unprocessable(code, faults=faults)
    return values


def needed(read: Reader) -> Reader:
    """A value that must be there."""

    def reading(value: Any) -> Any:
        found = read(value)
        if found is None:
            raise Malformed("required")
        return found

    return reading


def text(longest: int) -> Reader:
    """Trimmed text without control characters; empty is None."""

    def read(value: Any) -> str | None:
        if value is None or value == "":
            return None
        if not isinstance(value, str) or len(value) > longest:
            raise Malformed("text")
        if has_controls(value):
            raise Malformed("text")
        return value.strip() or None

    return read


def choice(*codes: str) -> Reader:
    """One of some codes; empty is None."""

    def read(value: Any) -> str | None:
        if value is None or value == "":
            return None
        if not isinstance(value, str) or value not in codes:
            raise Malformed("choice")
        return value

    return read


def day(value: Any) -> dt.date | None:
    """A day as YYYY-MM-DD; empty is None."""
    return None if value is None or value == "" else a_day(value)


def count(low: int, high: int) -> Reader:
    """A whole number in a range, as a number or its digits; empty is None."""

    def read(value: Any) -> int | None:
        if value is None or value == "":
            return None
        if isinstance(value, str):
            if not (value.isascii() and value.isdigit() and len(value) < 19):
                raise Malformed("whole")
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise Malformed("whole")
        if not low <= value <= high:
            raise Malformed("range")
        return value

    return read


ID = count(1, MAX_ID)
