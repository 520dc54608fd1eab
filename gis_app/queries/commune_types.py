"""Figures of a commune by evaluation period, for police roles, and the type that they make, for all staff."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.queries.records import fetch_records
from gis_app.tables.roadmap import commune_figures


@dataclass(frozen=True)
class CommuneType:
    """The type of a commune in one period, without the counts behind it."""

    period_year: int
    commune_type: str
    is_certain: bool
    rests_on_zero: bool
    on_key_route: bool
    document: str


def fetch_figures(conn: Connection, commune_id: int) -> list[sa.Row[Any]]:
    """Figures by period, oldest first; none for a role that is not police."""
    return fetch_records(conn, commune_figures, commune_id, "period_year")


def fetch_types(conn: Connection) -> list[CommuneType]:
    """The types of the acting commune, newest period first."""
    names = "period_year, commune_type, is_certain, rests_on_zero, on_key_route, document"
    rows = conn.execute(sa.text(f"SELECT {names} FROM commune_types ORDER BY period_year DESC"))  # noqa: S608
    return [CommuneType(*row) for row in rows]
