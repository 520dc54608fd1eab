"""The data officer's page: which groups are due, what came back, and the review form. Works without JavaScript."""

from typing import Any

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from gis_app.errors import GisError
from gis_app.queries.lineages import fetch_commune_lineage
from gis_app.queries.statuses import fetch_today
from gis_app.queries.tasks import fetch_groups
from gis_app.tables.statuses import COUNT_NAMES, CRITERION_CODES, LONGEST_REMARK, REMARKS, REVIEW_KINDS
from gis_app.web.as_of import DAY_SCHEMA, a_day
from gis_app.web.context import allow, commune, connection, people_only
from gis_app.web.data_work import TABS, due_reviews, other_work
from gis_app.web.i18n import localised, t
from gis_app.web.lineage_forms import PARENT_READERS, add_parent, change_groups, remove_parent
from gis_app.web.nav import Page
from gis_app.web.params import Param, one_of, read_query, reads, whole
from gis_app.web.review_forms import COUNT_READERS, VALUE_READERS, find_review, make_draft, save, submit
from gis_app.web.safe_writes import seen_version
from layers import LAYERS
from layers.base import DATA
from layers.groups import ANSWERS, CRITERIA

blueprint = Blueprint("data_pages", __name__)

ADDRESS = "/du-lieu"
PAGE = Page(ADDRESS, "data", DATA, 40, "edit")
KINDS = tuple(kind for kind in REVIEW_KINDS if kind != "campaign")


@blueprint.get(ADDRESS)
@allow(*DATA)
@reads(
    Param("kind", one_of(*KINDS), "Kind of period", {"enum": list(KINDS)}, default="month"),
    Param("day", a_day, "A day in the period (default: today)", DAY_SCHEMA),
    Param("group", whole(1, 2**62), "The group that a link leads to", {"type": "integer"}),
    Param("tt", one_of(*TABS), "Groups whose review is open, sent or approved", {"enum": list(TABS)}),
)
def show_page(query: dict[str, Any]) -> str:
    """What waits for the officer: reviews, returned ones first, tasks, comments, data to mend."""
    return render_template(
        "data/index.html",
        kinds=KINDS,
        layer_titles={layer.name: localised(layer.title) for layer in LAYERS.values()},
        **due_reviews(query["kind"], query["day"], query["group"], query["tt"]),
        **other_work(),
    )


@blueprint.post(f"{ADDRESS}/ra-soat")
@allow(*DATA)
@people_only
def start_review() -> AnyResponse:
    """Make, or find, the draft and go to its form."""
    raw = {name: request.form.get(name) for name in ("group_id", "kind", "day")}
    return redirect(f"{ADDRESS}/ra-soat/{make_draft(raw)}", 303)


def _form(review_id: int, problem: GisError | None = None) -> str:
    review = find_review(review_id)
    faults = [] if problem is None else problem.params.get("faults", [])
    shown = dict(review.values) | dict(review.counts)
    if problem is not None:
        shown |= {name: request.form.get(name) for name in (*VALUE_READERS, *COUNT_READERS) if name in request.form}
    return render_template(
        "data/review.html",
        place=commune(),
        review=review,
        shown=shown,
        criteria=[(criterion.code, localised((criterion.vi, criterion.en))) for criterion in CRITERIA],
        answers=[(answer.code, localised((answer.vi, answer.en))) for answer in ANSWERS],
        count_names=COUNT_NAMES,
        remarks=REMARKS,
        longest_remark=LONGEST_REMARK,
        is_open=review.state in ("draft", "returned"),
        problem=None if problem is None else t(f"error.{problem.code}", **problem.params),
        faults=[(t(f"review.{fault['field']}"), t(f"rule.{fault['rule']}")) for fault in faults],
    )


@blueprint.get(f"{ADDRESS}/ra-soat/<int:review_id>")
@allow(*DATA)
def show_review(review_id: int) -> str:
    """The form of a review."""
    read_query(())
    return _form(review_id)


def _units(problem: GisError | None = None) -> str:
    here, conn = commune(), connection()
    return render_template(
        "data/units.html",
        place=here,
        parents=fetch_commune_lineage(conn, here.id),
        groups=fetch_groups(conn),
        today=fetch_today(conn),
        form=request.form,
        problem=None if problem is None else t(f"error.{problem.code}", **problem.params),
    )


@blueprint.get(f"{ADDRESS}/don-vi")
@allow(*DATA)
def show_units() -> str:
    """The form that merges or renames groups."""
    read_query(())
    return _units()


@blueprint.post(f"{ADDRESS}/don-vi")
@allow(*DATA)
@people_only
def change_units() -> AnyResponse | tuple[str, int]:
    """Merge the ticked groups into one, or rename the one that is ticked."""
    parents = request.form.getlist("parents")
    raw = {
        "kind": "merge" if len(parents) > 1 else "rename",
        "changed_on": request.form.get("changed_on"),
        "parents": parents,
        "children": [{"name": request.form.get("name", "")}],
        "document": request.form.get("document"),
    }
    try:
        change_groups(raw)
    except GisError as error:
        return _units(error), error.status
    return redirect(f"{ADDRESS}?tt=all", 303)


@blueprint.post(f"{ADDRESS}/don-vi/goc")
@allow(*DATA)
@people_only
def create_parent() -> AnyResponse | tuple[str, int]:
    """Write down a commune that this one came of."""
    commune()
    try:
        add_parent({name: request.form.get(name) for name in PARENT_READERS})
    except GisError as error:
        return _units(error), error.status
    return redirect(f"{ADDRESS}/don-vi#goc", 303)


@blueprint.post(f"{ADDRESS}/don-vi/goc/<int:commune_lineage_id>/xoa")
@allow(*DATA)
@people_only
def delete_parent(commune_lineage_id: int) -> AnyResponse:
    """Take out what was written wrongly."""
    remove_parent(commune_lineage_id)
    return redirect(f"{ADDRESS}/don-vi#goc", 303)


@blueprint.post(f"{ADDRESS}/ra-soat/<int:review_id>")
@allow(*DATA)
@people_only
def save_review(review_id: int) -> AnyResponse | tuple[str, int]:
    """Keep the form, and send it where the button says so."""
    raw = {name: request.form.get(name, "") for name in (*VALUE_READERS, *COUNT_READERS) if name in request.form}
    raw |= {f"{code}_answer": request.form.get(f"{code}_answer", "not_reviewed") for code in CRITERION_CODES}
    review = find_review(review_id)
    try:
        # A savepoint: what a refused sending said stays on the page, and in the draft.
        save(review, seen_version(), raw)
        if request.form.get("send") == "1":
            with connection().begin_nested():
                submit(review, find_review(review_id).version)
    except GisError as error:
        return _form(review_id, error), 200 if error.status == 422 and request.form.get("send") == "1" else error.status
    return redirect(f"{ADDRESS}/ra-soat/{review_id}?da=luu" if request.form.get("send") != "1" else ADDRESS, 303)
