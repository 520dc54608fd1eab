"""The page of neighbour agreements: list, proposal, approval, end; works without JavaScript."""

from typing import Any

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from gis_app.errors import GisError
from gis_app.queries import agreements
from gis_app.web.agreement_forms import check_outcome, find_agreement, last_possible_day, read_proposal
from gis_app.web.context import actor, allow, commune, connection, people_only
from gis_app.web.i18n import localised, t
from gis_app.web.nav import Page
from gis_app.web.params import read_query
from gis_app.web.safe_writes import seen_version
from layers.base import POLICE, STAFF

blueprint = Blueprint("agreement_pages", __name__)

ADDRESS = "/giap-ranh"
PAGE = Page(ADDRESS, "agreements", STAFF, 65, "gateway")


def _page(form: Any = None, problem: GisError | None = None) -> str:
    here, conn, role = commune(), connection(), actor().role
    today = agreements.fetch_today(conn)
    faults = [] if problem is None else problem.params.get("faults", [])
    return render_template(
        "agreements/index.html",
        place=here,
        agreements=agreements.fetch_agreements(conn, here.id),
        neighbours=agreements.fetch_touching(conn),
        layers={layer.name: localised(layer.title) for layer in agreements.shareable_layers()},
        may_propose=role in agreements.PROPOSERS,
        may_approve=role in agreements.APPROVERS,
        may_see_presence=role in POLICE,
        today=today,
        last_day=last_possible_day(today),
        widths=(agreements.MIN_WIDTH_M, agreements.MAX_WIDTH_M),
        form=form or {},
        chosen=form.getlist("layers") if form else [],
        problem=None if problem is None else t(f"error.{problem.code}", **problem.params),
        faults=[(t(f"agreement.{fault['field']}"), t(f"rule.{fault['rule']}")) for fault in faults],
    )


@blueprint.get(ADDRESS)
@allow(*STAFF)
def show_page() -> str:
    """Agreements of the commune and, for those who may, the form that proposes one."""
    read_query(())
    return _page()


@blueprint.post(ADDRESS)
@allow(*agreements.PROPOSERS)
@people_only
def propose() -> AnyResponse | tuple[str, int]:
    """Propose by the form; a second sending of the same form finds the first proposal open."""
    commune()
    form = request.form
    raw = {name: form.get(name) for name in ("commune_id", "width_m", "ends_on")} | {"layers": form.getlist("layers")}
    try:
        outcome, _ = agreements.insert_agreement(connection(), read_proposal(raw))
        check_outcome(outcome, "proposed")
    except GisError as error:
        return _page(form, error), error.status
    return redirect(ADDRESS, 303)


@blueprint.post(f"{ADDRESS}/<int:agreement_id>/dong-y")
@allow(*agreements.APPROVERS)
@people_only
def approve(agreement_id: int) -> AnyResponse:
    """Approve the version that the page showed."""
    found = find_agreement(agreement_id)
    check_outcome(agreements.update_approved(connection(), found.id, seen_version()), "approved", found.version)
    return redirect(ADDRESS, 303)


@blueprint.post(f"{ADDRESS}/<int:agreement_id>/ket-thuc")
@allow(*agreements.PROPOSERS)
@people_only
def end(agreement_id: int) -> AnyResponse:
    """End, withdraw or decline the version that the page showed."""
    found = find_agreement(agreement_id)
    check_outcome(agreements.update_ended(connection(), found.id, seen_version()), "ended", found.version)
    return redirect(ADDRESS, 303)
