"""The evaluated roadmap: per year and kind of unit the target, keep and new part, what is achieved, the gap."""

from typing import Any

from flask import Blueprint, Response, jsonify

from gis_app.analysis.target_rules import ROUNDINGS
from gis_app.errors import Forbidden
from gis_app.jobs.city import city_targets
from gis_app.jobs.roadmap import HORIZON, roadmap_of
from gis_app.queries.agreements import fetch_today
from gis_app.web.context import actor, allow, commune, connection
from gis_app.web.params import Param, one_of, reads, whole
from gis_app.web.roadmap_bodies import TRANCHE, refuse_per_tranche
from gis_app.web.roadmap_words import headline, year_dict
from layers.base import CITY, STAFF

blueprint = Blueprint("roadmap", __name__)

UNTIL = Param("until", whole(2020, 2100), "Last year to tell of", {"type": "integer"}, default=HORIZON)
ROUNDING = Param(
    "rounding",
    one_of(*ROUNDINGS, TRANCHE),
    "As if every rule were rounded so; `tranche` is refused with the figures that say why",
    {"type": "string", "enum": [*ROUNDINGS, TRANCHE]},
)
YEAR = Param("year", whole(2020, 2100), "Year of the targets; this year if not named", {"type": "integer"})


@blueprint.get("/api/roadmap")
@allow(*STAFF)
@reads(UNTIL, ROUNDING)
def show_roadmap(query: dict[str, Any]) -> Response:
    """The roadmap of the commune as evaluated now, with every reading that is still open."""
    here, conn = commune(), connection()
    if query["rounding"] == TRANCHE:
        refuse_per_tranche()
    found = roadmap_of(conn, here.id, query["until"], query["rounding"])
    groups = found.units["group"]
    done, total, today = groups.achieved or 0, groups.total or 0, fetch_today(conn)
    return jsonify(
        {
            "commune_id": here.id,
            "today": today.isoformat(),
            "headline": headline(found, here.kind, today.year),
            "group_count": total,
            "achieved_count": done,
            "years": [year_dict(found, one) for one in found.years],
            "open_rules": [
                {
                    "rule_id": rule.id,
                    "year": rule.year,
                    "readings": [{"code": reading.code, "text": reading.text} for reading in rule.readings],
                }
                for rule in found.rules
                if rule.is_open
            ],
            "doubts": [{"code": code, "about": about} for code, about in found.doubts],
        }
    )


@blueprint.get("/api/city/roadmap")
@allow(CITY, "admin")
@reads(YEAR)
def show_city_roadmap(query: dict[str, Any]) -> Response:
    """Groups achieved against a year's target in each commune granted to a city account (an administrator: in all)."""
    if actor().role != CITY and not actor().is_national:
        raise Forbidden("commune_is_fixed")
    year = query["year"] or fetch_today(connection()).year
    found = city_targets(connection(), year)
    communes = [
        {
            "id": one.commune.id,
            "code": one.commune.code,
            "full_name": one.commune.full_name,
            "group_count": one.commune.group_count,
            "achieved_count": one.commune.achieved_count,
            "target": one.lowest,
            "target_highest": one.highest,
            "gap": one.gap,
            "verdict": one.verdict,
        }
        for one in found
    ]
    totals = {
        "group_count": sum(one.commune.group_count for one in found),
        "achieved_count": sum(one.commune.achieved_count for one in found),
        "target": sum(one.lowest or 0 for one in found),
        "target_highest": sum(one.highest or 0 for one in found),
        "gap": sum(one.gap or 0 for one in found),
        "without_target_count": sum(one.lowest is None for one in found),
    }
    return jsonify({"year": year, "communes": communes, "totals": totals})
