"""Figures of a commune as bodies and forms have them, and the type that they make. No views here."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from gis_app.analysis.commune_type import Classification, period_of
from gis_app.jobs.commune_type import classify, type_columns
from gis_app.queries.commune_types import CommuneType
from gis_app.web.records import decimal, number, read_values, words, yes_no

COUNTS = ("resident_count", "addict_user_count", "use_point_count", "arrested_count", "plant_count")
READERS = {
    "period_year": number(2020, 2100),
    "resident_count": number(1, 2_000_000),
    **{name: number(0, 2_000_000) for name in COUNTS[1:]},
    "plant_area_m2": decimal(Decimal(0), Decimal(1_000_000_000), 2),
    "on_key_route": yes_no,
    "document": words(300),
}


def read_figures(raw: Mapping[str, Any], *, whole: bool) -> dict[str, Any]:
    """The named figures of a period; what is not named or empty is not known."""
    readers = READERS if whole else {name: reader for name, reader in READERS.items() if name != "period_year"}
    return read_values(readers, raw, required=("period_year",) if whole else ())


def with_type(values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of the type that all figures of a period make."""
    return type_columns(classify(values))


def type_dict(found: CommuneType) -> dict[str, Any]:
    """A type as JSON, for all staff: no count, and no criterion that would tell one."""
    since, until = period_of(found.period_year)
    names = ("period_year", "commune_type", "is_certain", "rests_on_zero", "on_key_route")
    return {name: getattr(found, name) for name in names} | {"period_from": since, "period_to": until}


def reasons_dict(found: Classification) -> dict[str, Any]:
    """Why the type is what it is: the type that each criterion reaches."""
    return {
        "levels": dict(found.levels),
        "criteria_count": found.criteria_count,
        "route": found.route,
        "unknown": list(found.unknown),
    }


def figures_dict(row: sa.Row[Any]) -> dict[str, Any]:
    """Figures as JSON, for police roles."""
    names = ("id", "version", "period_year", *COUNTS, "on_key_route", "document", "commune_type", "is_certain",
             "rests_on_zero")  # fmt: skip
    area = row.plant_area_m2
    return {name: getattr(row, name) for name in names} | {
        "plant_area_m2": None if area is None else f"{area.normalize():f}",
        "reasons": reasons_dict(classify(row._mapping)),
    }
