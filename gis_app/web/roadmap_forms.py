"""What the forms of the roadmap page do with what is typed; no views here."""

from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from gis_app.errors import BadRequest, GisError, Unprocessable
from gis_app.queries import records
from gis_app.tables.roadmap import clauses, commune_figures, resolutions, target_rules, unit_counts
from gis_app.web import figure_bodies
from gis_app.web import roadmap_bodies as bodies
from gis_app.web.context import commune, connection
from gis_app.web.i18n import catalogue, language, t
from gis_app.web.records import MAX_ID, check_version, choice, day, found_record, number, read_values, words, written

RESOLUTION_FIELDS = ("number", "issued_on", "issuer", "title", "document")
CLAUSE_FIELDS = ("line", "text")
RULE_FIELDS = ("kind", "subject", "part", "operator", "basis", "share", "count", "year", "until_year", "due_on",
               "rounding", "named")  # fmt: skip
# Both ways to understand "x %" after an earlier year: in all, or on top.
TWO_WAYS = ("total", "added")
UNIT_COUNT = {
    "kind": choice("residential_area", "agency", "school", "business", "clan", "commune", "model"),
    "subject": words(100),
    "counted_on": day,
    "unit_count": number(0, 1_000_000),
    "achieved_count": number(0, 1_000_000),
    "document": words(300),
}

Form = MultiDict[str, str]


def field_name(name: str) -> str:
    """What a person calls a field."""
    key = f"record.{name}"
    return t(key) if key in catalogue(language()) else name


def fault_lines(problem: GisError | None) -> list[tuple[str, str]]:
    """The faults of an error as (field, rule) in words."""
    faults = [] if problem is None else problem.params.get("faults", [])
    return [(field_name(fault["field"]), t(f"rule.{fault['rule']}")) for fault in faults]


def version_of(form: Mapping[str, str]) -> int:
    """The version that the page showed."""
    text = form.get("version", "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadRequest("bad_parameter", name="version", rule="whole")
    return int(text)


def _part(form: Form, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: form.get(name, "") for name in names}


def _known(form: Form, name: str) -> int | None:
    """The row that a form names, or none."""
    found: int | None = read_values({name: number(1, MAX_ID)}, {name: form.get(name, "")})[name]
    return found


def add(form: Form) -> None:
    """Enter what the form holds: a resolution (or one that is there), its clause and, where a year is given, a rule."""
    here, conn = commune().id, connection()
    chosen = _known(form, "resolution_id")
    if chosen is None:
        values = read_values(bodies.RESOLUTION, _part(form, RESOLUTION_FIELDS), required=("title",))
        chosen = written(lambda: records.insert_record(conn, resolutions, here, values), resolutions).id
    values = read_values(
        bodies.CLAUSE, _part(form, CLAUSE_FIELDS) | {"resolution_id": chosen}, required=("resolution_id", "text")
    )
    clause = written(lambda: records.insert_record(conn, clauses, here, values), clauses)
    if form.get("year", "").strip():
        add_rule(form, clause.id)


def add_rule(form: Form, clause_id: int) -> None:
    """Enter the rule that the form holds."""
    raw = {name: value for name, value in _part(form, RULE_FIELDS).items() if value != ""} | {"clause_id": clause_id}
    if form.get("open_ended"):
        raw["until_year"] = None
    values = bodies.read_rule(raw, whole=True)
    if form.get("two_ways"):
        values["readings"] = _two_readings(values)
        values |= {"share": None, "count": None}
    bodies.check_rule(values)
    here = commune().id
    written(lambda: records.insert_record(connection(), target_rules, here, values), target_rules)


def _two_readings(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    share, count = values.get("share"), values.get("count")
    if share is None and count is None:
        raise Unprocessable("bad_record", faults=[{"field": "share", "rule": "amount_missing"}])
    amount = {"share": f"{share:f}"} if count is None else {"count": count}
    return [{"code": basis, "text": t(f"roadmap.reading.{basis}"), "basis": basis} | amount for basis in TWO_WAYS]


def state_rounding(resolution_id: int, version: int, rounding: str) -> None:
    """State the rounding rule of all rules of a resolution."""
    row = found_record(resolutions, resolution_id)
    if row.version != version:
        check_version(None, resolutions, resolution_id)
    bodies.state_rounding(resolution_id, rounding)


def count_units(form: Form) -> None:
    """Enter a count of a day."""
    values = read_values(UNIT_COUNT, _part(form, tuple(UNIT_COUNT)), required=("kind", "counted_on", "unit_count"))
    here = commune().id
    written(lambda: records.insert_record(connection(), unit_counts, here, values), unit_counts)


def set_figures(form: Form) -> None:
    """Enter the figures of a period, or correct those that the page showed (`figures_id`, `version`)."""
    known = _known(form, "figures_id")
    names = tuple(figure_bodies.READERS)
    conn, here = connection(), commune().id
    if known is None:
        values = figure_bodies.read_figures(_part(form, names), whole=True)
        values |= figure_bodies.with_type(values)
        written(lambda: records.insert_record(conn, commune_figures, here, values), commune_figures)
        return
    raw = {name: value for name, value in _part(form, names).items() if name != "period_year"}
    values = figure_bodies.read_figures(raw, whole=False)
    values |= figure_bodies.with_type(values)
    version = version_of(form)
    row = written(lambda: records.update_record(conn, commune_figures, known, version, values), commune_figures)
    check_version(row, commune_figures, known)
