"""The five reference units' clauses as their documents say (gis_app/data/roadmaps), for the demonstration communes."""

import datetime as dt
import json
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy.engine import Connection

from gis_app.jobs.commune_type import DATA, classify, type_columns
from gis_app.queries.records import insert_record
from gis_app.tables.roadmap import clauses, commune_figures, resolutions, target_rules, unit_counts

# Said on screen: these numbers are in no document.
INVENTED = "Số liệu minh họa"


@cache
def read_roadmap(code: str) -> Mapping[str, Any]:
    """The file of one commune; empty where there is none."""
    path = DATA / "roadmaps" / f"{code}.json"
    found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"resolutions": []}
    return found


def _day(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)


def load_roadmap(conn: Connection, commune_id: int, code: str) -> int:
    """Insert resolutions, clauses, rules and the invented counts of one commune; return how many rules."""
    document = read_roadmap(code)
    count = 0
    for raw in document["resolutions"]:
        values = {name: value for name, value in raw.items() if name != "clauses"}
        resolution = insert_record(conn, resolutions, commune_id, values | {"issued_on": _day(raw["issued_on"])})
        for clause in raw["clauses"]:
            row = {"resolution_id": resolution.id, "line": clause["line"], "text": clause["text"]}
            clause_id = insert_record(conn, clauses, commune_id, row).id
            for rule in clause["rules"]:
                _insert_rule(conn, commune_id, clause_id, rule)
                count += 1
    _load_counts(conn, commune_id, document.get("demo", {}))
    return count


def _insert_rule(conn: Connection, commune_id: int, clause_id: int, rule: Mapping[str, Any]) -> None:
    values = dict(rule) | {"clause_id": clause_id, "due_on": _day(rule.get("due_on"))}
    if "share" in rule:
        values["share"] = Decimal(rule["share"])
    insert_record(conn, target_rules, commune_id, values)


def _load_counts(conn: Connection, commune_id: int, demo: Mapping[str, Any]) -> None:
    for raw in demo.get("unit_counts", ()):
        values = dict(raw) | {"counted_on": _day(raw["counted_on"]), "document": INVENTED}
        insert_record(conn, unit_counts, commune_id, values)
    figures = demo.get("figures")
    if figures:
        values = dict(figures) | {"plant_area_m2": Decimal(figures["plant_area_m2"]), "document": INVENTED}
        insert_record(conn, commune_figures, commune_id, values | type_columns(classify(values)))
