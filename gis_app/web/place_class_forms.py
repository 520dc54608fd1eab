"""Kinds of place as bodies and forms have them; no views here."""

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from gis_app.errors import Conflict, NotFound, PreconditionFailed, Unprocessable
from gis_app.queries import place_classes as q
from gis_app.tables.place_classes import COLORS, SHAPES, VISIBILITIES
from gis_app.text import fold, tidy
from gis_app.web.context import commune, connection
from gis_app.web.guarded_words import refuse_persons
from gis_app.web.params import Malformed
from gis_app.web.safe_writes import CHECK_VIOLATION, UNIQUE_VIOLATION
from gis_app.web.values import MAX_ID, Reader, choice, needed, read_values, text

LONGEST_NAME = 60
# More would make no legend.
MOST = 40


def _letters(value: Any) -> str | None:
    found = text(2)(value)
    return found.upper() if found else None


READERS: Mapping[str, Reader] = {
    "name": needed(text(LONGEST_NAME)),
    "letters": _letters,
    "color": needed(choice(*COLORS)),
    "visibility": needed(choice(*VISIBILITIES)),
}
NEW_READERS: Mapping[str, Reader] = {**READERS, "shape": needed(choice(*SHAPES))}


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Malformed("bool")
    return value


PART_READERS: Mapping[str, Reader] = {**READERS, "is_active": _flag}


def find_class(place_class_id: int) -> q.PlaceClass:
    """The class if it is the commune's; 404 alike for another's and for none."""
    found = q.fetch_classes(connection(), commune().id, place_class_id) if place_class_id <= MAX_ID else []
    if not found:
        raise NotFound("place_class_not_found")
    return found[0]


def _read(raw: Mapping[str, Any], readers: Mapping[str, Reader], known: q.PlaceClass | None = None) -> dict[str, Any]:
    """Read a new class, or what is named of a known one."""
    values = read_values(raw, readers, code="bad_place_class", whole=known is None)
    if "name" in values:
        values["name"] = tidy(values["name"])
        refuse_persons(values["name"])
    if "letters" in values and not values["letters"]:
        # The first letters of its first two words.
        name = values.get("name", known.name if known else "")
        values["letters"] = "".join(word[0] for word in fold(name).split("_")[:2] if word).upper()
    return values


def _keep(write: Callable[[], Any]) -> Any:
    """Run a write; say what the database refuses."""
    try:
        with connection().begin_nested():
            return write()
    except sa.exc.IntegrityError as error:
        state, diagnostics = getattr(error.orig, "pgcode", ""), error.orig.diag  # type: ignore[union-attr]
        field, _, rule = (diagnostics.constraint_name or "").removeprefix("place_classes_").partition("_")
        if state not in (UNIQUE_VIOLATION, CHECK_VIOLATION):
            raise
        rule = "twice" if state == UNIQUE_VIOLATION else rule
        raise Unprocessable("bad_place_class", faults=[{"field": field, "rule": rule}]) from error


def add_class(raw: Mapping[str, Any]) -> int:
    """Add a class; its id."""
    conn, here = connection(), commune()
    if len(q.fetch_classes(conn, here.id)) >= MOST:
        raise Conflict("place_classes_full", count=MOST)
    values = _read(raw, NEW_READERS)
    found: int = _keep(lambda: q.insert_class(conn, here.id, values))
    return found


def change_class(known: q.PlaceClass, version: int, raw: Mapping[str, Any]) -> None:
    """Change what is named alone; its places follow. `is_active`: offered in the forms."""
    values = {"is_active": known.is_active, **_read(raw, PART_READERS, known)}
    _check(_keep(lambda: q.update_class(connection(), known.id, version, values)), known)


def remove_class(known: q.PlaceClass, version: int) -> None:
    """Delete a class that no place has."""
    try:
        with connection().begin_nested():
            done = q.delete_class(connection(), known.id, version)
    except sa.exc.IntegrityError as error:
        raise Conflict("place_class_in_use") from error
    _check(done, known)


def _check(done: object, known: q.PlaceClass) -> None:
    if not done:
        raise PreconditionFailed("stale_version", version=known.version)
