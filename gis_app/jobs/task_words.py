"""Tasks in words, for pages and for the report."""

import datetime as dt
from decimal import Decimal

from gis_app.queries.task_measures import MEASURES
from gis_app.queries.tasks import Task
from gis_app.words import Words


def _number(say: Words, value: Decimal) -> str:
    """A number as the language writes it, without needless zeros."""
    text = f"{value:,.1f}".removesuffix(".0")
    return text.translate(str.maketrans(",.", ".,")) if say.lang == "vi" else text


def value_text(say: Words, task: Task, value: Decimal) -> str:
    """What the measure answers, in words."""
    measure = MEASURES.get(task.measure)
    unit = measure.unit if measure else "count"
    if unit == "yes":
        return say.say("task.value_yes" if value >= 1 else "task.value_no")
    if unit == "rank" and measure is not None and measure.option is not None:
        codes = [code for code, rank in measure.ranks.items() if rank == int(value)]
        titles = [say.of((c.vi, c.en)) for c in measure.option.choices if c.code in codes]
        return titles[0] if titles else say.say("task.value_none")
    keys = {"share": "task.value_share", "criteria": "task.value_criteria", "groups": "task.value_groups"}
    number = _number(say, value)
    return say.say(keys[unit], value=number) if unit in keys else number


def result_text(say: Words, task: Task) -> str:
    """The expected result in one sentence: measure, what else it was told, value."""
    measure = MEASURES.get(task.measure)
    if measure is None:
        return task.measure
    parts = [say.of(measure.title)]
    option = measure.option
    if option is not None and not measure.ranks:
        told = str(task.options.get(option.name, ""))
        named = [say.of((c.vi, c.en)) for c in option.choices if c.code == told]
        parts.append(named[0] if named else f"{say.of(option.title)} {_day(told)}")
    if measure.wanted is not None or measure.ranks:
        parts.append(value_text(say, task, task.wanted))
    return ": ".join([parts[0], ", ".join(parts[1:])]) if parts[1:] else parts[0]


def _day(iso: str) -> str:
    """Day, month, year of a day written year-month-day."""
    try:
        return dt.date.fromisoformat(iso).strftime("%d/%m/%Y")
    except ValueError:
        return ""


def holder_text(say: Words, role: str | None, unit: str | None) -> str:
    """Who holds a task, as people read it."""
    return unit or say.say(f"role.{role}")
