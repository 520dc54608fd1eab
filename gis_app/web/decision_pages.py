"""The page of decisions: what waits for a second person, and the form that proposes a stage change."""

from typing import Any

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from gis_app.errors import GisError
from gis_app.queries import reviews, stage_changes
from gis_app.queries.statuses import fetch_statuses, fetch_today
from gis_app.web.context import actor, allow, commune, connection, people_only
from gis_app.web.i18n import localised, t
from gis_app.web.nav import Page
from gis_app.web.params import Param, reads, whole
from gis_app.web.review_forms import decide as decide_on_review
from gis_app.web.review_forms import find_review
from gis_app.web.safe_writes import seen_version
from gis_app.web.stage_change_forms import READERS, decide, find_change, propose
from layers.base import STAFF
from layers.groups import ANSWERS, CRITERIA, STAGES

blueprint = Blueprint("decision_pages", __name__)

ADDRESS = "/de-nghi"
PAGE = Page(ADDRESS, "decisions", frozenset({*stage_changes.PROPOSERS, "supervisor"}), 30, "propose")


def _page(*, chosen: int | None = None, form: Any = None, problem: GisError | None = None) -> str:
    here, conn = commune(), connection()
    faults = [] if problem is None else problem.params.get("faults", [])
    return render_template(
        "decisions/index.html",
        place=here,
        changes=stage_changes.fetch_stage_changes(conn, here.id, states=stage_changes.OPEN_STATES),
        decided=[c for c in stage_changes.fetch_stage_changes(conn, here.id, limit=30) if c.decided_at][:10],
        reviews=reviews.fetch_reviews(conn, here.id, states=["submitted"]),
        groups=fetch_statuses(conn, here.id),
        steps=stage_changes.fetch_steps(conn, here.id),
        stages={stage.code: localised((stage.vi, stage.en)) for stage in STAGES},
        criteria=[(criterion.code, localised((criterion.vi, criterion.en))) for criterion in CRITERIA],
        answers={answer.code: localised((answer.vi, answer.en)) for answer in ANSWERS},
        today=fetch_today(conn),
        chosen=chosen,
        form=form or {},
        may_decide=actor().role in stage_changes.PROPOSERS,
        problem=None if problem is None else t(f"error.{problem.code}", **problem.params),
        faults=[(t(f"stage_change.{fault['field']}"), t(f"rule.{fault['rule']}")) for fault in faults],
    )


@blueprint.get(ADDRESS)
@allow(*STAFF)
@reads(Param("group", whole(1, 2**62), "The group that a link leads to", {"type": "integer"}))
def show_page(query: dict[str, Any]) -> str:
    """What waits for a decision, newest first, and the form that proposes."""
    return _page(chosen=query["group"])


@blueprint.post(ADDRESS)
@allow(*stage_changes.PROPOSERS)
@people_only
def propose_change() -> AnyResponse | tuple[str, int]:
    """Propose by the form; a second sending finds the first proposal open."""
    raw = {name: request.form[name] for name in READERS if name in request.form}
    try:
        propose(raw)
    except GisError as error:
        return _page(form=request.form, problem=error), error.status
    return redirect(ADDRESS, 303)


def _decision(*names: str) -> dict[str, str]:
    return {name: request.form[name] for name in names if name in request.form}


@blueprint.post(f"{ADDRESS}/giai-doan/<int:change_id>")
@allow(*stage_changes.PROPOSERS)
@people_only
def decide_change(change_id: int) -> AnyResponse | tuple[str, int]:
    """Approve, return, defer or withdraw the version that the page showed."""
    try:
        decide(find_change(change_id), seen_version(), _decision("decision", "note", "until_on"))
    except GisError as error:
        return _page(problem=error), error.status
    return redirect(ADDRESS, 303)


@blueprint.post(f"{ADDRESS}/ra-soat/<int:review_id>")
@allow(*stage_changes.PROPOSERS)
@people_only
def decide_review(review_id: int) -> AnyResponse | tuple[str, int]:
    """Approve or return the version that the page showed."""
    try:
        decide_on_review(find_review(review_id), seen_version(), _decision("decision", "note"))
    except GisError as error:
        return _page(problem=error), error.status
    return redirect(ADDRESS, 303)
