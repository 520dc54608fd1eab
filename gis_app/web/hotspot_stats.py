"""Statistics of reports about places: density, clusters, hot cells, near repeats, hours, trend.

No report that a patrol found counts in any of them. Places are for the police, and coarse for planners; the committee
and supervisors read when, never where.
"""

from typing import Any

from flask import Blueprint, Response, jsonify

from gis_app.jobs.hotspot_stats import Asked, Desk
from gis_app.jobs.hotspot_times import hours_of, trend_of
from gis_app.queries.place_reports import READERS
from gis_app.queries.tasks import fetch_today
from gis_app.web.context import actor, allow, commune, connection
from gis_app.web.hotspot_forms import BANDWIDTH, FILTERS, asked_of, reading
from gis_app.web.params import Param, one_of, reads
from layers.base import STAFF

blueprint = Blueprint("hotspot_stats", __name__)

METHODS = ("dbscan", "hdbscan")


def _desk(asked: Asked) -> Desk:
    return Desk(connection(), commune(), asked)


def _collection(answer: dict[str, Any]) -> Response:
    return jsonify({"type": "FeatureCollection"} | answer)


@blueprint.get("/api/hotspot-stats/density")
@allow(*READERS)
@reads(*FILTERS, BANDWIDTH)
def show_density(query: dict[str, Any]) -> Response:
    """The smallest areas that hold a quarter, half, three quarters and nine tenths of the density of reports.

    "verdict": ok, too_few (nothing is said below "least_events") or too_many. Quartic kernel, bandwidth by Silverman's
    robust rule unless given, each event one unit within the commune.
    """
    return _collection(_desk(asked_of(query)).density(query["bandwidth_m"]))


@blueprint.get("/api/hotspot-stats/street-density")
@allow(*READERS)
@reads(*FILTERS, BANDWIDTH)
def show_street_density(query: dict[str, Any]) -> Response:
    """The same along the streets: heat kernel on the network; "left_out" reports lie too far from any street."""
    return _collection(_desk(asked_of(query)).street_density(query["bandwidth_m"]))


@blueprint.get("/api/hotspot-stats/clusters")
@allow(*READERS)
@reads(*FILTERS, Param("method", one_of(*METHODS), "How", {"enum": list(METHODS)}, default="dbscan"))
def show_clusters(query: dict[str, Any]) -> Response:
    """Clusters, largest first, with the street, the count and the commonest category of each."""
    return _collection(_desk(asked_of(query)).clusters(query["method"]))


@blueprint.get("/api/hotspot-stats/gi-star")
@allow(*READERS)
@reads(*FILTERS)
@reading
def show_gi_star(asked: Asked) -> Response:
    """Hot and cold hexagons by Getis-Ord Gi*: p over all deals of the counts, those that stand the FDR."""
    return _collection(_desk(asked).cells("gi_star"))


@blueprint.get("/api/hotspot-stats/local-moran")
@allow(*READERS)
@reads(*FILTERS)
@reading
def show_local_moran(asked: Asked) -> Response:
    """Hexagons that are like or unlike their neighbours: high_high, low_low, high_low, low_high; as Gi*."""
    return _collection(_desk(asked).cells("local_moran"))


@blueprint.get("/api/hotspot-stats/near-repeat")
@allow(*READERS)
@reads(*FILTERS)
@reading
def show_near_repeat(asked: Asked) -> Response:
    """Knox table: pairs of reports by distance and days against what chance gives; links of the nearest cell."""
    return _collection(_desk(asked).near_repeat())


@blueprint.get("/api/hotspot-stats/hours")
@allow(*STAFF)
@reads(*FILTERS)
@reading
def show_hours(asked: Asked) -> Response:
    """Reports by weekday (Monday first) and hour; for readers of no place whole months, three hours, 1 to 4 as null."""
    return jsonify(hours_of(connection(), commune(), asked, actor().role))


@blueprint.get("/api/hotspot-stats/trend")
@allow(*STAFF)
@reads(*FILTERS)
@reading
def show_trend(asked: Asked) -> Response:
    """The period against the one before: ratio of rates with its exact 95 % interval.

    "verdict": more, fewer, same, too_few (below "least_events" in both together) or not_kept (older than two years).
    """
    return jsonify(trend_of(connection(), commune(), asked, actor().role, fetch_today(connection())))
