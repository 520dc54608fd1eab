"""What a city account reads: totals of the communes granted to it, as JSON and as a page."""

from flask import Blueprint, Response, jsonify, render_template

from gis_app.queries.city import CommuneTotals, fetch_totals, stages
from gis_app.web.context import allow, connection
from gis_app.web.i18n import localised
from gis_app.web.params import read_query
from layers import LAYERS
from layers.base import CITY

blueprint = Blueprint("city", __name__)


def _sums(totals: list[CommuneTotals]) -> dict[str, int]:
    return {stage: sum(one.groups[stage] for one in totals) for stage in stages()}


@blueprint.get("/api/city/communes")
@allow(CITY)
def list_communes() -> Response:
    """Number of groups by stage in each commune granted to the account, and over all of them."""
    read_query(())
    found = fetch_totals(connection())
    communes = [
        {
            "id": one.id,
            "code": one.code,
            "full_name": one.full_name,
            "groups": dict(one.groups),
            "group_count": sum(one.groups.values()),
            "detail": one.detail,
            "until_on": one.until_on.isoformat(),
        }
        for one in found
    ]
    sums = _sums(found)
    return jsonify({"communes": communes, "groups": sums, "group_count": sum(sums.values())})


@blueprint.get("/thanh-pho")
@allow(CITY)
def show_page() -> str:
    """The totals as a page, from which a commune granted in detail is entered."""
    read_query(())
    found = fetch_totals(connection())
    field = LAYERS["groups"].field("stage")
    titles = {choice.code: localised((choice.vi, choice.en)) for choice in field.choices} if field else {}
    return render_template("city/index.html", communes=found, stages=titles, total=sum(_sums(found).values()))
