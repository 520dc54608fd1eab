"""The page `/lo-trinh`: clauses as documents say, targets by year, choice of a reading; works without JavaScript."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from gis_app.analysis.commune_type import period_of
from gis_app.analysis.target_rules import BASES, KINDS, OPERATORS, ROUNDINGS
from gis_app.db import act_as
from gis_app.errors import GisError
from gis_app.jobs.roadmap import roadmap_of
from gis_app.queries import roadmap as queries
from gis_app.queries.agreements import fetch_today
from gis_app.queries.commune_types import fetch_figures, fetch_types
from gis_app.web import roadmap_bodies as bodies
from gis_app.web import roadmap_forms as forms
from gis_app.web.context import actor, allow, commune, connection, people_only
from gis_app.web.figure_bodies import COUNTS, figures_dict
from gis_app.web.i18n import t
from gis_app.web.nav import Page
from gis_app.web.numbers import plain_day, plain_number
from gis_app.web.params import read_query
from gis_app.web.roadmap_words import headline, reading_labels, target_words, year_sentence
from layers.base import DATA, POLICE, STAFF

blueprint = Blueprint("roadmap_pages", __name__)

ADDRESS = "/lo-trinh"
PAGE = Page(ADDRESS, "roadmap", STAFF, 20, "calendar")
CHANGERS = tuple(sorted({*DATA, *bodies.CHOOSERS, *POLICE}))


def _documents(here: int) -> list[dict[str, Any]]:
    """Resolutions with their clauses, each with its rules."""
    conn = connection()
    rules: dict[int, list[Any]] = {}
    for rule in queries.fetch_rules(conn, here):
        rules.setdefault(rule["clause_id"], []).append(rule)
    own: dict[int, list[Any]] = {}
    for clause in queries.fetch_clauses(conn, here):
        own.setdefault(clause.resolution_id, []).append({"row": clause, "rules": rules.get(clause.id, [])})
    return [{"row": row, "clauses": own.get(row.id, [])} for row in queries.fetch_resolutions(conn, here)]


def _figures(here: int) -> list[dict[str, Any]]:
    if actor().role not in POLICE:
        return []
    return [figures_dict(row) for row in reversed(fetch_figures(connection(), here))]


def _page(problem: GisError | None = None) -> str:
    here, conn, role = commune(), connection(), actor().role
    today, found = fetch_today(conn), roadmap_of(connection(), commune().id)
    chains: dict[tuple[str, str], list[Any]] = {}
    for one in found.years:
        chains.setdefault((one.kind, one.subject), []).append(one)
    documents = _documents(here.id)
    rules = [rule for document in documents for clause in document["clauses"] for rule in clause["rules"]]
    return render_template(
        "roadmap/index.html",
        place=here,
        today=today,
        headline=headline(found, here.kind, today.year),
        roadmap=found,
        chains=chains,
        documents=documents,
        versions={rule["id"]: rule["version"] for rule in rules},
        roundings={rule["resolution_id"]: rule["rounding"] for rule in rules},
        types=fetch_types(conn),
        figures=_figures(here.id),
        counts=queries.fetch_newest_counts(conn, here.id),
        may_edit=role in DATA,
        may_choose=role in bodies.CHOOSERS,
        is_police=role in POLICE,
        words={"kinds": KINDS, "operators": OPERATORS, "bases": BASES, "roundings": tuple(ROUNDINGS)},
        figure_names=COUNTS,
        say={"target": target_words, "year": year_sentence, "labels": reading_labels, "number": plain_number,
             "day": plain_day, "period": period_of},
        form=request.form,
        problem=None if problem is None else t(f"error.{problem.code}", **problem.params),
        faults=forms.fault_lines(problem),
    )  # fmt: skip


@blueprint.get(ADDRESS)
@allow(*STAFF)
def show_page() -> str:
    """The roadmap of the commune."""
    read_query(())
    return _page()


def _do(change: Callable[[], None], anchor: str = "") -> AnyResponse | tuple[str, int]:
    """Run what a form asks for; on an error show the page again with what was typed."""
    commune()
    try:
        change()
    except GisError as error:
        # What the form had begun is taken back before the page is made.
        connection().rollback()
        return _again(error)
    return redirect(f"{ADDRESS}{anchor}", 303)


def _again(error: GisError) -> tuple[str, int]:
    act_as(connection(), actor())
    return _page(error), error.status


@blueprint.post(f"{ADDRESS}/van-ban")
@allow(*bodies.EDITORS)
@people_only
def add() -> AnyResponse | tuple[str, int]:
    """Enter a resolution, a clause and a rule by the form."""
    return _do(lambda: forms.add(request.form), "#van-ban")


@blueprint.post(f"{ADDRESS}/van-ban/<int:resolution_id>/lam-tron")
@allow(*bodies.EDITORS)
@people_only
def state_rounding(resolution_id: int) -> AnyResponse | tuple[str, int]:
    """State the rounding rule of a resolution."""
    version, rounding = forms.version_of(request.form), request.form.get("rounding", "")
    return _do(lambda: forms.state_rounding(resolution_id, version, rounding), "#muc-tieu")


@blueprint.post(f"{ADDRESS}/van-ban/<int:resolution_id>/xoa")
@allow(*bodies.EDITORS)
@people_only
def delete_resolution(resolution_id: int) -> AnyResponse | tuple[str, int]:
    """Delete a resolution with its clauses and rules."""
    version = forms.version_of(request.form)
    return _do(lambda: bodies.delete_resolution(resolution_id, version), "#van-ban")


@blueprint.post(f"{ADDRESS}/dieu-khoan/<int:clause_id>/muc-tieu")
@allow(*bodies.EDITORS)
@people_only
def add_rule(clause_id: int) -> AnyResponse | tuple[str, int]:
    """Enter another rule of a clause."""
    return _do(lambda: forms.add_rule(request.form, clause_id), "#van-ban")


@blueprint.post(f"{ADDRESS}/dieu-khoan/<int:clause_id>/xoa")
@allow(*bodies.EDITORS)
@people_only
def delete_clause(clause_id: int) -> AnyResponse | tuple[str, int]:
    """Delete a clause with its rules."""
    version = forms.version_of(request.form)
    return _do(lambda: bodies.delete_clause(clause_id, version), "#van-ban")


@blueprint.post(f"{ADDRESS}/muc-tieu/<int:rule_id>/cach-hieu")
@allow(*bodies.CHOOSERS)
@people_only
def choose_reading(rule_id: int) -> AnyResponse | tuple[str, int]:
    """Choose how a clause is to be understood; an empty choice opens it again."""
    version, code = forms.version_of(request.form), request.form.get("code", "")[:40] or None
    return _do(lambda: bodies.choose(rule_id, code, version), "#muc-tieu")


@blueprint.post(f"{ADDRESS}/so-luong")
@allow(*bodies.EDITORS)
@people_only
def count_units() -> AnyResponse | tuple[str, int]:
    """Enter how many units of a kind there are and how many are achieved."""
    return _do(lambda: forms.count_units(request.form), "#so-luong")


@blueprint.post(f"{ADDRESS}/chi-so")
@allow(*sorted(POLICE))
@people_only
def set_figures() -> AnyResponse | tuple[str, int]:
    """Enter or correct the figures of a period."""
    return _do(lambda: forms.set_figures(request.form), "#phan-loai")
