"""The page "Đối sánh": the software's total beside the field's, and the reason where they differ. No JavaScript."""

from typing import Any

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from gis_app.errors import GisError
from gis_app.queries import reconciliations as q
from gis_app.web import reconciliation_forms as forms
from gis_app.web.context import actor, allow, commune, connection, people_only
from gis_app.web.i18n import localised, t
from gis_app.web.numbers import plain_number
from gis_app.web.params import Param, one_of, reads
from layers import LAYERS
from layers.base import DATA, STAFF

blueprint = Blueprint("reconciliation_pages", __name__)
ADDRESS = "/du-lieu/doi-sanh"


def _page(done: str | None = None, problem: GisError | None = None) -> str:
    here, conn, role = commune(), connection(), actor().role
    titles = {name: localised(LAYERS[name].title) for name in q.SUBJECTS}
    faults = [] if problem is None else problem.params.get("faults", [])
    return render_template(
        "data/reconciliations.html",
        place=here,
        titles=titles,
        own={name: q.count_own(conn, here.id, name) for name in q.SUBJECTS} if role in DATA else {},
        rows=q.fetch_reconciliations(conn, here.id),
        may_add=role in DATA,
        number=plain_number,
        longest=forms.LONGEST_REASON,
        most=forms.MOST,
        done=done,
        form=request.form,
        problem=None if problem is None else t(f"error.{problem.code}", **problem.params),
        faults=[(t(f"reconciliation.{fault['field']}"), t(f"rule.{fault['rule']}")) for fault in faults],
    )


@blueprint.get(ADDRESS)
@allow(*STAFF)
@reads(Param("xong", one_of("same", "differs"), "What was just written down"))
def show_page(query: dict[str, Any]) -> str:
    """The comparisons of the commune, newest first, and for data officers the form."""
    return _page(query["xong"])


@blueprint.post(ADDRESS)
@allow(*DATA)
@people_only
def create() -> AnyResponse | tuple[str, int]:
    """Write down what was counted in the field."""
    raw = {name: request.form.get(name) for name in forms.READERS}
    try:
        made = forms.add_reconciliation(raw)
    except GisError as error:
        return _page(problem=error), error.status
    same = made["own_count"] == made["field_count"]
    return redirect(f"{ADDRESS}?xong={'same' if same else 'differs'}", 303)
