"""Tasks as bodies, forms and answers have them; no views here."""

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import shapely
import sqlalchemy as sa

from gis_app.errors import Conflict, Forbidden, GisError, NotFound, PreconditionFailed, Unprocessable
from gis_app.jobs import task_words
from gis_app.jobs.coverage import ensure_coverage
from gis_app.queries import tasks as q
from gis_app.queries.task_measures import MEASURES, Measure
from gis_app.queries.tasks import NewTask, Task, fetch_task, fetch_today
from gis_app.queries.writes import OUTSIDE_TOLERANCE_M, outside_by_m
from gis_app.tables.tasks import HOLDER_ROLES, SOURCES
from gis_app.text import has_controls, has_personal_number, tidy
from gis_app.web.context import actor, commune, connection
from gis_app.web.i18n import words
from gis_app.web.params import Malformed

# PostgreSQL's bigint; a larger number names nothing.
MAX_ID = 2**63 - 1
INSTRUCTION = ("title", "holder_role", "holder_unit_id", "responsibility", "due_on")
FIELDS = (*INSTRUCTION, "measure", "options", "wanted", "group_id", "feature", "point", "source", "meeting_id")
# What a broken rule of the database means to a person: constraint -> field.
REFERENCES = {
    "tasks_group_commune": "group_id",
    "tasks_unit": "holder",
    "tasks_meeting": "meeting_id",
    "tasks_feature_commune": "feature",
}

Faults = list[dict[str, str]]


def read_words(value: Any, longest: int) -> str:
    """Some words as a person typed them, tidied; a personal number is refused."""
    if value is None or (isinstance(value, str) and not tidy(value)):
        raise Malformed("required")
    if not isinstance(value, str) or len(value) > longest * 2:
        raise Malformed("text")
    text = tidy(value)
    if len(text) > longest or has_controls(text):
        raise Malformed("text")
    if has_personal_number(text):
        raise Malformed("personal_number")
    return text


def read_day(value: Any) -> dt.date:
    """A day written year-month-day."""
    if value in (None, ""):
        raise Malformed("required")
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise Malformed("date") from error


def read_id(value: Any) -> int | None:
    """The number of a row, as JSON or as a form has it; None where nothing was chosen."""
    if value in (None, ""):
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= MAX_ID:
        raise Malformed("whole")
    return value


class Reader:
    """Reads field by field and keeps every fault, so that all are named at once."""

    def __init__(self, raw: Mapping[str, Any], known: tuple[str, ...]) -> None:
        self.raw = raw
        self.faults: Faults = [{"field": str(name)[:60], "rule": "unknown_field"} for name in raw if name not in known]

    def take(self, name: str, read: Callable[[Any], Any]) -> Any:
        """The value of a field, or None and a fault."""
        try:
            return read(self.raw.get(name))
        except Malformed as error:
            self.faults.append({"field": name, "rule": str(error)})
            return None

    def check(self, code: str) -> None:
        """Raise all faults as one error."""
        if self.faults:
            raise Unprocessable(code, faults=self.faults)


def read_task(raw: Mapping[str, Any]) -> NewTask:
    """Check what a body proposes as a new task: all five fields, a place that the measure needs, a source."""
    reader = Reader(raw, FIELDS)
    values = _read_instruction(reader)
    code = reader.take("measure", _one_of(tuple(MEASURES)))
    measure = MEASURES.get(code or "")
    options, wanted = ({}, Decimal(1)) if measure is None else _read_result(reader, measure)
    group_id, feature = reader.take("group_id", read_id), reader.take("feature", _read_feature)
    place = reader.take("point", _read_point)
    source = reader.take("source", lambda value: _one_of(SOURCES)(value or "manual"))
    meeting_id = reader.take("meeting_id", read_id)
    if (source == "meeting") != (meeting_id is not None) and not any(f["field"] == "meeting_id" for f in reader.faults):
        reader.faults.append({"field": "meeting_id", "rule": "required" if source == "meeting" else "choice"})
    if measure is not None:
        reader.faults += _place_faults(measure, group_id, feature)
    reader.check("bad_task")
    layer, feature_id = feature or (None, None)
    return NewTask(
        **values, measure=code, options=options, wanted=wanted, group_id=group_id, feature_layer=layer,
        feature_id=feature_id, place=place, source=source, meeting_id=meeting_id,
    )  # fmt: skip


def read_instruction(raw: Mapping[str, Any], now: Task) -> dict[str, Any]:
    """Check what a body changes of a task; what it does not name stays. A day that was already past may stay."""
    known = {name: getattr(now, name) for name in INSTRUCTION} | {"due_on": now.due_on.isoformat()}
    if "holder_role" in raw or "holder_unit_id" in raw:
        known |= {"holder_role": None, "holder_unit_id": None}
    reader = Reader(known | dict(raw), INSTRUCTION)
    values = _read_instruction(reader, earliest=min(now.due_on, fetch_today(connection())))
    reader.check("bad_task")
    return values


def _read_instruction(reader: Reader, earliest: dt.date | None = None) -> dict[str, Any]:
    first = earliest or fetch_today(connection())

    def due(value: Any) -> dt.date:
        day = read_day(value)
        if day < first:
            raise Malformed("past")
        if day.year > first.year + 10:
            raise Malformed("range")
        return day

    role = reader.take("holder_role", lambda value: None if value in (None, "") else _one_of(HOLDER_ROLES)(value))
    unit_id = reader.take("holder_unit_id", read_id)
    if not any(fault["field"].startswith("holder") for fault in reader.faults) and (role is None) == (unit_id is None):
        reader.faults.append({"field": "holder", "rule": "required" if role is None else "one_holder"})
    return {
        "title": reader.take("title", lambda value: read_words(value, 200)),
        "holder_role": role,
        "holder_unit_id": unit_id,
        "responsibility": reader.take("responsibility", lambda value: read_words(value, 300)),
        "due_on": reader.take("due_on", due),
    }


def _one_of(codes: tuple[str, ...]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value in (None, ""):
            raise Malformed("required")
        if not isinstance(value, str) or value not in codes:
            raise Malformed("choice")
        return value

    return read


def _read_result(reader: Reader, measure: Measure) -> tuple[dict[str, str], Decimal]:
    """The measure's option and the value that it must reach."""
    options: dict[str, str] = {}
    given = reader.raw.get("options") or {}
    option = measure.option
    if not isinstance(given, Mapping) or set(given) - ({option.name} if option else set()):
        reader.faults.append({"field": "options", "rule": "unknown_field"})
    elif option is not None:
        read = _one_of(tuple(c.code for c in option.choices)) if option.choices else _read_past_day
        try:
            options[option.name] = read(given.get(option.name))
        except Malformed as error:
            reader.faults.append({"field": option.name, "rule": str(error)})
    if measure.ranks:
        return options, Decimal(measure.ranks.get(options.get(option.name if option else "", ""), 1))
    if measure.wanted is None:
        return options, Decimal(measure.always)
    low, high, _ = measure.wanted
    return options, reader.take("wanted", _bounded(low, high)) or Decimal(1)


def _read_past_day(value: Any) -> str:
    day = read_day(value)
    if day > fetch_today(connection()):
        raise Malformed("future")
    return day.isoformat()


def _bounded(low: int, high: int) -> Callable[[Any], Decimal]:
    def read(value: Any) -> Decimal:
        number = read_id(value)
        if number is None:
            raise Malformed("required")
        if not low <= number <= high:
            raise Malformed("range")
        return Decimal(number)

    return read


def _read_feature(value: Any) -> tuple[str, int] | None:
    if value in (None, ""):
        return None
    if isinstance(value, str):
        layer, _, number = value.partition(":")
    elif isinstance(value, Mapping) and set(value) == {"layer", "id"}:
        layer, number = value["layer"], value["id"]
    else:
        raise Malformed("choice")
    found = read_id(number)
    if not isinstance(layer, str) or found is None:
        raise Malformed("choice")
    return layer, found


def _read_point(value: Any) -> shapely.Point | None:
    """`[lon, lat]`; the place must lie in the commune."""
    if value in (None, ""):
        return None
    if not isinstance(value, list) or len(value) != 2 or any(isinstance(v, bool) or not isinstance(v, int | float)
                                                             for v in value):  # fmt: skip
        raise Malformed("lonlat")
    if not (102 <= value[0] <= 118 and 6 <= value[1] <= 24):
        raise Malformed("lonlat")
    spot, here = shapely.Point(*value), commune()
    if outside_by_m(connection(), here.id, spot, here.metric_srid) > OUTSIDE_TOLERANCE_M:
        raise Malformed("outside")
    return spot


def _place_faults(measure: Measure, group_id: int | None, feature: tuple[str, int] | None) -> Faults:
    if measure.place == "group" and group_id is None:
        return [{"field": "group_id", "rule": "required"}]
    if measure.place == "feature" and feature is None:
        return [{"field": "feature", "rule": "required"}]
    if feature is not None and feature[0] not in measure.layers:
        return [{"field": "feature", "rule": "choice"}]
    return []


def broken_reference(error: sa.exc.IntegrityError) -> GisError:
    """The user's error where a row names a group, unit, meeting or place that is not the commune's."""
    field = REFERENCES.get(error.orig.diag.constraint_name or "", "")  # type: ignore[union-attr]
    if not field:
        raise error
    return Unprocessable("bad_task", faults=[{"field": field, "rule": "not_here"}])


def find_task(task_id: int) -> Task:
    """The task if the actor may read it; 404 alike for another's and for none."""
    commune()
    found = fetch_task(connection(), actor().role, task_id) if task_id <= MAX_ID else None
    if found is None:
        raise NotFound("task_not_found")
    return found


def may_close(task: Task) -> bool:
    """Whether the actor is one who closes this task."""
    return task.state == "open" and actor().role in q.CLOSERS and (actor().role in ("admin", "data") or task.is_mine)


def close(task: Task, version: int) -> None:
    """Measure again and close, or say why not."""
    if MEASURES[task.measure].by_coverage and ensure_coverage(connection(), actor(), commune()).is_stale:
        raise Conflict("coverage_not_ready")
    outcome, value = q.update_closed(connection(), task.id, version)
    if outcome == "closed":
        return
    if outcome == "not_reached":
        params = {"measured": value_text(task, value or Decimal(0)), "wanted": value_text(task, task.wanted)}
        numbers = {"value": float(value or 0), "target": float(task.wanted), "unit": MEASURES[task.measure].unit}
        raise Conflict("measure_not_reached", **params, **numbers)
    raise outcome_error(outcome, task.version)


def outcome_error(outcome: str, version: int) -> GisError:
    """The error that an outcome of the database's functions stands for."""
    errors: dict[str, GisError] = {
        "role": Forbidden("role_not_allowed", role=actor().role),
        "missing": NotFound("task_not_found"),
        "not_holder": Forbidden("not_task_holder"),
        "stale": PreconditionFailed("stale_version", version=version),
        "closed_before": Conflict("task_closed"),
    }
    return errors[outcome]


def value_text(task: Task, value: Decimal) -> str:
    """What the measure answers, in words."""
    return task_words.value_text(words(), task, value)


def result_text(task: Task) -> str:
    """The expected result in one sentence: measure, what else it was told, value."""
    return task_words.result_text(words(), task)


def holder_text(role: str | None, unit: str | None) -> str:
    """Who holds a task, as people read it."""
    return task_words.holder_text(words(), role, unit)


def task_dict(task: Task) -> dict[str, Any]:
    """A task as JSON; no name of an account."""
    names = ("id", "version", "title", "responsibility", "measure", "options", "group_id", "group", "source",
             "meeting_id", "state", "days_late", "cancel_reason", "comment_count", "is_mine", "is_reached")  # fmt: skip
    feature = None if task.feature_layer is None else {"layer": task.feature_layer, "id": task.feature_id}
    holder = {"role": task.holder_role, "unit_id": task.holder_unit_id}
    return {name: getattr(task, name) for name in names} | {
        "holder": holder | {"title": holder_text(task.holder_role, task.holder_unit)},
        "due_on": task.due_on.isoformat(),
        "result": result_text(task),
        "wanted": float(task.wanted),
        "measured": float(task.measured),
        "feature": feature,
        "point": None if task.lon is None else [task.lon, task.lat],
        "created_at": task.created_at.isoformat(),
        "closed_at": None if task.closed_at is None else task.closed_at.isoformat(),
    }
