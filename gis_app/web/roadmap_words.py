"""Targets in words of the request's language, and as JSON. No views here."""

from decimal import Decimal
from typing import Any

from gis_app.analysis.roadmap import Target, YearTargets
from gis_app.jobs import roadmap_words as said
from gis_app.jobs.roadmap import Roadmap
from gis_app.jobs.roadmap_words import reading_labels
from gis_app.web.i18n import words

__all__ = ["headline", "reading_labels", "target_dict", "target_words", "year_dict", "year_sentence", "year_words"]


def target_words(one: YearTargets, target: Target) -> str:
    """One target: "5/23 (20 % = 4,6 → làm tròn lên)"."""
    return said.target_words(words(), one, target)


def year_words(one: YearTargets) -> str:
    """The targets of a year: all readings, and that one is still to be chosen."""
    return said.year_words(words(), one)


def year_sentence(one: YearTargets) -> str:
    """The same with its year: "mục tiêu 2026: 5/23"."""
    return said.year_sentence(words(), one)


def headline(roadmap: Roadmap, commune_kind: str, year: int) -> str:
    """The committee's sentence: what is achieved, and what this year's target is."""
    return said.headline(words(), roadmap, commune_kind, year)


def _decimal_text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value.normalize():f}"


def target_dict(roadmap: Roadmap, one: YearTargets, target: Target) -> dict[str, Any]:
    """A target as JSON; exact numbers are text."""
    names = ("whole", "keep", "new", "operator", "rounding", "gap", "met")
    readings = [[{"rule_id": rule_id, "code": code} for rule_id, code in choices] for choices in target.readings]
    return {name: getattr(target, name) for name in names} | {
        "exact": _decimal_text(target.exact),
        "share": _decimal_text(target.share),
        "readings": readings,
        "reading_texts": reading_labels(roadmap, target),
        "words": target_words(one, target),
    }


def year_dict(roadmap: Roadmap, one: YearTargets) -> dict[str, Any]:
    """The targets of one kind in one year as JSON."""
    names = ("kind", "subject", "year", "total", "achieved")
    return {name: getattr(one, name) for name in names} | {
        "missing": list(one.missing),
        "unknown": list(one.unknown),
        "rule_ids": list(one.rule_ids),
        "due_on": None if one.due_on is None else one.due_on.isoformat(),
        "measured_on": None if one.measured_on is None else one.measured_on.isoformat(),
        "sentence": year_sentence(one),
        "targets": [target_dict(roadmap, one, target) for target in one.targets],
    }
