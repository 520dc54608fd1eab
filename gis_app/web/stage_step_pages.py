"""The page "Các bước của chương trình": the usual order explained, and the commune's own rules. No JavaScript."""

from typing import Any

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from gis_app.errors import GisError
from gis_app.queries import stage_changes as q
from gis_app.web import stage_change_forms as forms
from gis_app.web.context import actor, allow, commune, connection, people_only
from gis_app.web.i18n import localised, t
from gis_app.web.params import Param, one_of, reads
from gis_app.web.safe_writes import seen_version
from gis_app.web.task_texts import named_faults
from layers.base import STAFF
from layers.groups import STAGES

blueprint = Blueprint("stage_step_pages", __name__)
ADDRESS = "/de-nghi/cac-buoc"
FLAGS = ("is_allowed", "needs_document", "needs_body", "needs_reason")


def _page(done: str | None = None, problem: GisError | None = None, refused: str = "") -> str:
    here, conn = commune(), connection()
    return render_template(
        "decisions/steps.html",
        place=here,
        steps=q.fetch_steps(conn, here.id, closed=True),
        usual={(step.from_stage, step.to_stage): step for step in q.fetch_usual_steps(conn)},
        stages={stage.code: localised((stage.vi, stage.en)) for stage in STAGES},
        flags=FLAGS,
        approvers=q.PROPOSERS,
        may_edit=actor().role == "admin",
        done=done,
        refused=refused,
        problem=None if problem is None else t(f"error.{problem.code}", **problem.params),
        faults=named_faults(problem, "stage_step"),
    )


@blueprint.get(ADDRESS)
@allow(*STAFF)
@reads(Param("xong", one_of("saved", "usual"), "What was just done"))
def show_page(query: dict[str, Any]) -> str:
    """The steps of the programme in the commune; for its administrator the forms."""
    return _page(query["xong"])


@blueprint.post(f"{ADDRESS}/<from_stage>/<to_stage>")
@allow("admin")
@people_only
def change(from_stage: str, to_stage: str) -> AnyResponse | tuple[str, int]:
    """Keep the commune's own rule of a step, or take the usual one again; of the version that the page showed."""
    commune()
    raw: dict[str, Any] = {name: bool(request.form.get(name)) for name in FLAGS}
    raw |= {
        "approvers": request.form.getlist("approvers"),
        "recognising_body": request.form.get("recognising_body"),
    }
    word = "usual" if request.form.get("usual") else "saved"
    try:
        if word == "usual":
            raw = forms.usual_rule(from_stage, to_stage)
        forms.save_step(from_stage, to_stage, seen_version(), raw)
    except GisError as error:
        return _page(problem=error, refused=f"{from_stage}/{to_stage}"), error.status
    return redirect(f"{ADDRESS}?xong={word}", 303)
