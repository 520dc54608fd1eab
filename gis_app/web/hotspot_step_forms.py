"""Steps of hotspots as bodies, forms and tables have them; no views here."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from gis_app.errors import NotFound, Unprocessable
from gis_app.queries import hotspot_register as q
from gis_app.tables.hotspots import STATES, USUAL_DAYS
from gis_app.web.context import actor, commune, connection
from gis_app.web.decisions import check_outcome
from gis_app.web.guarded_words import refuse_persons
from gis_app.web.i18n import localised, t
from gis_app.web.params import Param, one_of
from gis_app.web.values import ID, MAX_ID, choice, count, day, needed, read_values, text
from layers import LAYERS
from layers.base import POLICE

LONGEST_NOTE, LONGEST_DOCUMENT = 300, 120
_LAYER = LAYERS["hotspots"]
TITLES = {name: {one.code: (one.vi, one.en) for one in _LAYER.field(name).choices} for name in ("state", "class")}  # type: ignore[union-attr]
CLASSES = tuple(TITLES["class"])
FILTERS = (
    Param("standing", one_of(*q.STANDINGS), "Where it stands; late: past its day", {"enum": list(q.STANDINGS)}),
    Param("class", one_of(*CLASSES), "Hotspots of this class", {"enum": list(CLASSES)}),
)
READERS = {
    "state": needed(choice(*STATES)),
    "on_day": needed(day),
    "note": text(LONGEST_NOTE),
    "document": text(LONGEST_DOCUMENT),
    "unit_id": ID,
    "task_id": ID,
}
STEP_SCHEMA = {
    "type": "object",
    "required": ["state", "on_day"],
    "properties": {
        "state": {"enum": list(STATES)},
        "on_day": {"type": "string", "format": "date"},
        "note": {"type": ["string", "null"]},
        "document": {"type": ["string", "null"]},
        "unit_id": {"type": ["integer", "null"]},
        "task_id": {"type": ["integer", "null"]},
    },
}


def wanted_of(query: Mapping[str, Any]) -> q.Wanted:
    """The filter that a query asks for."""
    return q.Wanted(query["standing"], query["class"])


def title(name: str, code: str) -> str:
    """A class or state in words."""
    return localised(TITLES[name][code])


def find_hotspot(hotspot_id: int) -> q.HotspotRow:
    """The hotspot as the actor reads it; 404 alike for another's, for an expired one and for none."""
    found = (
        q.fetch_register(connection(), commune().id, actor().role, q.Wanted(None, hotspot_id=hotspot_id))
        if hotspot_id <= MAX_ID
        else []
    )
    if not found:
        raise NotFound("hotspot_not_found")
    return found[0]


def add_step(row: q.HotspotRow, version: int, raw: Mapping[str, Any]) -> str:
    """Read a step and take it; the state that was reached."""
    values = read_values(raw, READERS, code="bad_hotspot_step")
    refuse_persons(values["note"])
    refuse_persons(values["document"])
    conn = connection()
    try:
        with conn.begin_nested():
            outcome = q.insert_step(conn, row.id, version, q.NewStep(**values))
    except sa.exc.IntegrityError as error:
        constraint = getattr(error.orig, "diag").constraint_name or ""  # noqa: B009 - psycopg2's, untyped
        field = constraint.removeprefix("hotspot_steps_").removesuffix("_text")
        known = {"unit": "unit_id", "task": "task_id"}
        faults = [{"field": known.get(field, field), "rule": "choice" if field in known else "personal_number"}]
        raise Unprocessable("bad_hotspot_step", faults=faults) from error
    check_outcome(outcome, "stepped", "hotspot", row.version)
    return str(values["state"])


def read_rules(raw: Mapping[str, Any]) -> dict[str, int]:
    """The days that a commune gives each step."""
    return read_values(raw, {state: needed(count(1, 365)) for state in USUAL_DAYS}, code="bad_hotspot_rules")


def csv_table(rows: Sequence[q.HotspotRow]) -> tuple[list[str], list[list[Any]]]:
    """Head and rows of the register's CSV: of a coarse reader no name, no unit, no visit."""
    is_police = actor().role in POLICE
    names = ["id", "class", "severity", "group", "state", *(f"{state}_on" for state in STATES), "days", "due_on",
             "days_late", "lon", "lat"]  # fmt: skip
    names += ["place", "unit", "visit_count", "last_visit_on"] if is_police else []
    table = []
    for row in rows:
        line = [row.id, title("class", row.klass), row.severity, row.group, title("state", row.state)]
        line += [row.dates.get(state) for state in STATES]
        line += [row.days, row.due_on, row.days_late or None, round(row.lon, 6), round(row.lat, 6)]
        if is_police:
            line += [row.place, row.unit, row.looks and row.looks.count, row.looks and row.looks.last_on]
        table.append(line)
    return [t(f"hotspot.column.{name}") for name in names], table
