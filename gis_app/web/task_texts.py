"""What the pages of tasks, groups, units and notices share: words of a task, holders to choose from, faults."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import render_template, request

from gis_app.errors import GisError
from gis_app.queries.tasks import Task
from gis_app.queries.units import Unit, fetch_units
from gis_app.tables.tasks import HOLDER_ROLES
from gis_app.web.context import commune, connection
from gis_app.web.i18n import catalogue, language, localised, t
from gis_app.web.moments import vietnamese
from gis_app.web.task_forms import holder_text, result_text, value_text


@dataclass(frozen=True)
class Texts:
    """A task in words."""

    holder: str
    result: str
    measured: str
    wanted: str


def texts(task: Task) -> Texts:
    """The words of a task."""
    return Texts(
        holder_text(task.holder_role, task.holder_unit),
        result_text(task),
        value_text(task, task.measured),
        value_text(task, task.wanted),
    )


def holders(units: list[Unit] | None = None) -> list[tuple[str, str]]:
    """Units at work, then roles, as a form offers them: `unit:<id>`, `role:<code>`."""
    known = fetch_units(connection()) if units is None else units
    found = [(f"unit:{unit.id}", unit.name) for unit in known if unit.is_active]
    return found + [(f"role:{role}", t(f"role.{role}")) for role in HOLDER_ROLES]


def split_holder(value: str | None) -> dict[str, Any]:
    """What a form's holder stands for: `role` and `unit_id`, one of them None."""
    kind, _, code = (value or "").partition(":")
    return {"role": code or None if kind == "role" else None, "unit_id": code or None if kind == "unit" else None}


def named_faults(problem: GisError | None, prefix: str = "task.field") -> list[tuple[str, str]]:
    """The faults of an error as (field, rule) in words."""
    faults = [] if problem is None else problem.params.get("faults", [])
    known = catalogue(language())
    found = []
    for fault in faults:
        key = f"{prefix}.{fault['field']}"
        found.append((t(key) if key in known else fault["field"], t(f"rule.{fault['rule']}")))
    return found


def render(template: str, problem: GisError | None = None, **values: Any) -> str:
    """A page in the shell; `problem` is the error of the form that was sent."""
    shared: Mapping[str, Any] = {
        "place": commune(),
        "texts": texts,
        "holder": holder_text,
        "moment": vietnamese,
        "localised": localised,
        "problem": None if problem is None else t(f"error.{problem.code}", **problem.params),
        "faults": named_faults(problem),
        "form": request.form,
    }
    return render_template(template, **{**shared, **values})
