"""Resolutions, their clauses and target rules: read, write, and the choice between two readings."""

from typing import Any

from flask import Blueprint, Response, jsonify

from gis_app.analysis.target_rules import BASES, KINDS, OPERATORS, PARTS, ROUNDINGS
from gis_app.errors import NotFound, Unprocessable
from gis_app.queries import records
from gis_app.queries import roadmap as queries
from gis_app.tables.roadmap import clauses, resolutions, target_rules
from gis_app.web import roadmap_bodies as bodies
from gis_app.web.context import allow, commune, connection, people_only
from gis_app.web.params import read_query
from gis_app.web.records import answer, body, check_version, found_record, own_version, read_values, words, written
from gis_app.web.safe_writes import once
from layers.base import STAFF

blueprint = Blueprint("resolutions", __name__)

TEXT = {"type": "string"}
RESOLUTION_SCHEMA = {
    "type": "object",
    "properties": dict.fromkeys(("number", "issuer", "title", "document", "note"), TEXT)
    | {"issued_on": {"type": "string", "format": "date", "nullable": True}},
}
CLAUSE_SCHEMA = {
    "type": "object",
    "properties": {"resolution_id": {"type": "integer"}, "line": {"type": "integer"}, "text": TEXT},
}
RULE_SCHEMA = {
    "type": "object",
    "properties": {
        "clause_id": {"type": "integer"},
        "kind": {"enum": list(KINDS)},
        "subject": TEXT,
        "part": {"enum": list(PARTS)},
        "operator": {"enum": list(OPERATORS)},
        "basis": {"enum": list(BASES)},
        "share": {"type": "string", "nullable": True},
        "count": {"type": "integer", "nullable": True},
        "year": {"type": "integer"},
        "until_year": {"type": "integer", "nullable": True},
        "due_on": {"type": "string", "format": "date", "nullable": True},
        "rounding": {"enum": list(ROUNDINGS)},
        "named": {"type": "array", "items": TEXT},
        "readings": {"type": "array", "items": {"type": "object"}},
        "note": TEXT,
    },
}
READING_SCHEMA = {"type": "object", "properties": {"code": {"type": "string", "nullable": True}}}


@blueprint.get("/api/resolutions")
@allow(*STAFF)
def list_resolutions() -> Response:
    """Resolutions of the commune with their clauses and target rules, as the documents say."""
    read_query(())
    here, conn = commune().id, connection()
    rules: dict[int, list[dict[str, Any]]] = {}
    for row in queries.fetch_rules(conn, here):
        rules.setdefault(row["clause_id"], []).append(bodies.rule_dict(row))
    own: dict[int, list[dict[str, Any]]] = {}
    for clause in queries.fetch_clauses(conn, here):
        own.setdefault(clause.resolution_id, []).append(
            bodies.clause_dict(clause) | {"rules": rules.get(clause.id, [])}
        )
    found = queries.fetch_resolutions(conn, here)
    return jsonify({"resolutions": [bodies.resolution_dict(r) | {"clauses": own.get(r.id, [])} for r in found]})


@blueprint.get("/api/resolutions/<int:resolution_id>")
@allow(*STAFF)
def show_resolution(resolution_id: int) -> Response:
    """One resolution."""
    read_query(())
    return answer(bodies.resolution_dict(found_record(resolutions, resolution_id)), "/api/resolutions")


@blueprint.post("/api/resolutions")
@allow(*bodies.EDITORS)
@once
def create_resolution() -> Response:
    """Enter a resolution; number and day may be unknown, the title may not."""
    values = read_values(bodies.RESOLUTION, body(), required=("title",))
    here = commune().id
    row = written(lambda: records.insert_record(connection(), resolutions, here, values), resolutions)
    return answer(bodies.resolution_dict(row), "/api/resolutions", 201)


@blueprint.patch("/api/resolutions/<int:resolution_id>")
@allow(*bodies.EDITORS)
def update_resolution(resolution_id: int) -> Response:
    """Change the named values; `rounding` states the rounding rule of all its target rules at once."""
    version, raw = own_version(), dict(body())
    rounding = raw.pop("rounding", None)
    values = read_values(bodies.RESOLUTION, raw)
    if values.get("title") == "":
        raise Unprocessable("bad_record", faults=[{"field": "title", "rule": "required"}])
    row = written(lambda: records.update_record(connection(), resolutions, resolution_id, version, values), resolutions)
    row = check_version(row, resolutions, resolution_id)
    if rounding is not None:
        bodies.state_rounding(resolution_id, rounding)
    return answer(bodies.resolution_dict(row), "/api/resolutions")


@blueprint.delete("/api/resolutions/<int:resolution_id>")
@allow(*bodies.EDITORS)
def delete_resolution(resolution_id: int) -> tuple[str, int]:
    """Delete a resolution with its clauses and rules, unless other rules keep what it builds."""
    bodies.delete_resolution(resolution_id, own_version())
    return "", 204


@blueprint.post("/api/clauses")
@allow(*bodies.EDITORS)
@once
def create_clause() -> Response:
    """Enter a clause of a resolution: its words, and the line at which they stand."""
    values = read_values(bodies.CLAUSE, body(), required=("resolution_id", "text"))
    here = commune().id
    row = written(lambda: records.insert_record(connection(), clauses, here, values), clauses)
    return answer(bodies.clause_dict(row), "/api/clauses", 201)


@blueprint.get("/api/clauses/<int:clause_id>")
@allow(*STAFF)
def show_clause(clause_id: int) -> Response:
    """One clause."""
    read_query(())
    return answer(bodies.clause_dict(found_record(clauses, clause_id)), "/api/clauses")


@blueprint.patch("/api/clauses/<int:clause_id>")
@allow(*bodies.EDITORS)
def update_clause(clause_id: int) -> Response:
    """Change the words or the line of a clause; it stays in its resolution."""
    version = own_version()
    readers = {name: reader for name, reader in bodies.CLAUSE.items() if name != "resolution_id"}
    values = read_values(readers, body())
    row = written(lambda: records.update_record(connection(), clauses, clause_id, version, values), clauses)
    return answer(bodies.clause_dict(check_version(row, clauses, clause_id)), "/api/clauses")


@blueprint.delete("/api/clauses/<int:clause_id>")
@allow(*bodies.EDITORS)
def delete_clause(clause_id: int) -> tuple[str, int]:
    """Delete a clause with its rules, unless other rules keep what it builds."""
    bodies.delete_clause(clause_id, own_version())
    return "", 204


@blueprint.get("/api/target-rules/<int:rule_id>")
@allow(*STAFF)
def show_rule(rule_id: int) -> Response:
    """One target rule."""
    read_query(())
    return answer(bodies.rule_dict(_rule(rule_id)), "/api/target-rules")


def _rule(rule_id: int) -> Any:
    here = commune().id
    found = [row for row in queries.fetch_rules(connection(), here) if row["id"] == rule_id]
    if not found:
        raise NotFound("record_not_found")
    return found[0]


@blueprint.post("/api/target-rules")
@allow(*bodies.EDITORS)
@once
def create_rule() -> Response:
    """Enter a target of a clause; refused where the rules of the commune would no longer add up."""
    here, values = commune().id, bodies.read_rule(body(), whole=True)
    bodies.check_rule(values)
    row = written(lambda: records.insert_record(connection(), target_rules, here, values), target_rules)
    return answer(bodies.rule_dict(row._mapping), "/api/target-rules", 201)


@blueprint.patch("/api/target-rules/<int:rule_id>")
@allow(*bodies.EDITORS)
def update_rule(rule_id: int) -> Response:
    """Change the named values; a changed meaning opens the choice of a reading again."""
    version, raw = own_version(), dict(body())
    if "clause_id" in raw:
        raise Unprocessable("bad_record", faults=[{"field": "clause_id", "rule": "unknown_field"}])
    now, values = _rule(rule_id), bodies.read_rule(raw, whole=False)
    merged = dict(now) | values
    if "readings" in values:
        merged["chosen_reading"] = None
    bodies.check_rule(merged)
    row = written(lambda: records.update_record(connection(), target_rules, rule_id, version, values), target_rules)
    return answer(bodies.rule_dict(check_version(row, target_rules, rule_id)._mapping), "/api/target-rules")


@blueprint.delete("/api/target-rules/<int:rule_id>")
@allow(*bodies.EDITORS)
def delete_rule(rule_id: int) -> tuple[str, int]:
    """Delete a rule, unless another one keeps what it builds."""
    version = own_version()
    commune()
    if not records.delete_record(connection(), target_rules, rule_id, version):
        check_version(None, target_rules, rule_id)
    bodies.check_rules(None, [rule_id])
    return "", 204


@blueprint.post("/api/target-rules/<int:rule_id>/reading")
@allow(*bodies.CHOOSERS)
@people_only
@once
def choose_reading(rule_id: int) -> Response:
    """Choose how a clause is to be understood (`code`), or open the choice again (null)."""
    version = own_version()
    commune()
    code = read_values({"code": words(40)}, body()).get("code") or None
    bodies.choose(rule_id, code, version)
    return answer(bodies.rule_dict(_rule(rule_id)), "/api/target-rules")


for _view, _schema in (
    (create_resolution, RESOLUTION_SCHEMA),
    (update_resolution, RESOLUTION_SCHEMA),
    (create_clause, CLAUSE_SCHEMA),
    (update_clause, CLAUSE_SCHEMA),
    (create_rule, RULE_SCHEMA),
    (update_rule, RULE_SCHEMA),
    (choose_reading, READING_SCHEMA),
):
    _view.body_schema = _schema  # type: ignore[attr-defined]
for _change in (
    update_resolution, delete_resolution, update_clause, delete_clause, update_rule, delete_rule, choose_reading,
):  # fmt: skip
    _change.needs_version = True  # type: ignore[attr-defined]
