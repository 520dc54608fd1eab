"""The programme in figures: indicators, data quality in four words, the group that comes next, two totals compared."""

from typing import Any

from flask import Blueprint, Response, jsonify

from gis_app.analysis.indicators import TITLES
from gis_app.analysis.next_group import Weights, weights_dict
from gis_app.jobs import programme
from gis_app.queries import reconciliations
from gis_app.web.as_of import plain
from gis_app.web.context import actor, allow, commune, connection, people_only
from gis_app.web.i18n import localised
from gis_app.web.params import read_query
from gis_app.web.reconciliation_forms import add_reconciliation
from gis_app.web.safe_writes import once
from gis_app.web.values import json_body
from layers.base import DATA, STAFF

blueprint = Blueprint("programme", __name__)

BODY_SCHEMA = {
    "type": "object",
    "required": ["subject", "field_count"],
    "properties": {
        "subject": {"enum": list(reconciliations.SUBJECTS)},
        "field_count": {"type": "integer"},
        "reason": {"type": ["string", "null"]},
    },
}


@blueprint.get("/api/indicators")
@allow(*STAFF)
def list_indicators() -> Response:
    """Indicators of today: x of N, with the missing named."""
    read_query(())
    found = [
        {
            "code": one.code,
            "title": localised(TITLES[one.code]),
            "unit": one.unit,
            "done": None if one.is_hidden else one.done,
            "total": None if one.is_hidden else one.total,
            "share": None if one.share is None else float(round(one.share, 4)),
            "missing": [{"id": missing.id, "name": missing.name} for missing in one.missing],
        }
        for one in programme.compute_indicators(connection(), commune().id)
    ]
    return jsonify({"indicators": found})


@blueprint.get("/api/data-quality")
@allow(*STAFF)
def list_data_quality() -> Response:
    """The four bars (correct, complete, clean, current), each with its checks and the rows at fault."""
    read_query(())
    here = commune()
    bars = programme.measure_quality(connection(), here.id, actor().role, here.metric_srid)
    return jsonify({"bars": [_bar(bar) for bar in bars]})


def _bar(bar: programme.Bar) -> dict[str, Any]:
    checks = [
        {
            "code": check.code,
            "layer": check.layer,
            "checked_count": check.checked_count,
            "fault_count": check.fault_count,
            "faults": [{"layer": f.layer, "id": f.id, "name": f.name} for f in check.faults],
        }
        for check in bar.checks
        if check.checked_count
    ]
    return {"word": bar.word, "score": float(round(bar.score, 4)), "fault_count": bar.fault_count, "checks": checks}


@blueprint.get("/api/next-groups")
@allow(*STAFF)
def list_next_groups() -> Response:
    """Groups that are not recognised yet, least effort first, with the weights and the points of each reason."""
    read_query(())
    ranked = programme.rank_groups(connection(), commune().id)
    groups = [
        {
            "group_id": one.candidate.group_id,
            "name": one.candidate.name,
            "stage": one.candidate.stage,
            "effort": one.effort,
            "parts": one.parts,
            "gaps": list(one.candidate.gaps),
            "open_hotspots": one.candidate.open_hotspots,
        }
        for one in ranked
    ]
    return jsonify({"weights": weights_dict(Weights()), "groups": groups})


@blueprint.get("/api/reconciliations")
@allow(*STAFF)
def list_reconciliations() -> Response:
    """Two totals of one thing, newest first: the software's, the field's, and the reason for a difference."""
    read_query(())
    found = reconciliations.fetch_reconciliations(connection(), commune().id)
    return jsonify({"reconciliations": [plain(one) for one in found]})


@blueprint.post("/api/reconciliations")
@allow(*DATA)
@people_only
@once
def create_reconciliation() -> Response:
    """Write down what was counted in the field; a difference from the software's own count needs a reason."""
    made = add_reconciliation(json_body())
    answer = jsonify(plain(made))
    answer.status_code = 201
    return answer


create_reconciliation.body_schema = BODY_SCHEMA  # type: ignore[attr-defined]
