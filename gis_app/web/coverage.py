"""Coverage: figures by day and night, gaps by weight, views and lit areas for the map, two days side by side."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, jsonify

from gis_app.analysis.coverage_gaps import WEIGHTS
from gis_app.errors import Unprocessable
from gis_app.jobs import kinds
from gis_app.jobs.coverage_figures import compare_days, figures_of
from gis_app.jobs.coverage_gaps import GAP_KINDS, WHAT, find_gaps, required_kinds
from gis_app.jobs.speaker_reach import speaker_reach
from gis_app.queries.coverage_views import MOST_SHAPES, fetch_lit, fetch_views
from gis_app.queries.statuses import fetch_today
from gis_app.web.answers import feature_collection
from gis_app.web.as_of import DAY_SCHEMA, a_day
from gis_app.web.context import actor, allow, commune, connection
from gis_app.web.coverage_parts import (
    ASKED,
    KIND,
    LEVEL,
    asked_dict,
    asked_of,
    coverage_dict,
    fresh_figures,
    freshness_dict,
)
from gis_app.web.job_forms import job_answer
from gis_app.web.params import Param, bbox, one_of, read_query, reads, whole
from gis_app.web.safe_writes import once
from layers.base import STAFF

blueprint = Blueprint("coverage", __name__)

MOST_GAPS = 100
BBOX = Param("bbox", bbox, "west,south,east,north in degrees")


@blueprint.get("/api/coverage")
@allow(*STAFF)
@reads(*ASKED, KIND)
def show_coverage(query: dict[str, Any]) -> Response:
    """Shares of area, street length and places that cameras see and lamps light, assumed and verified."""
    fresh, job_id = fresh_figures()
    return jsonify(coverage_dict(asked_of(query), query["kind"], fresh, job_id))


@blueprint.get("/api/coverage/groups")
@allow(*STAFF)
@reads(*ASKED)
def list_groups(query: dict[str, Any]) -> Response:
    """The commune and its groups alone: what a map's card shows, without 2,000 streets on a bad network."""
    fresh, job_id = fresh_figures()
    asked = asked_of(query)
    found = figures_of(connection(), commune().id, actor().role, asked)
    told = {name: found[name] for name in ("commune", "groups")}
    return jsonify(asked_dict(asked) | freshness_dict(fresh, job_id) | told)


@blueprint.get("/api/coverage/gaps")
@allow(*STAFF)
@reads(
    *ASKED,
    Param("what", one_of(*WHAT), "Not seen by cameras, or not lit", {"enum": list(WHAT)}, default=WHAT[0]),
    Param("kind", one_of(*GAP_KINDS), "Only gaps of this kind", {"type": "string", "enum": list(GAP_KINDS)}),
    Param("limit", whole(1, MOST_GAPS), "Most gaps in the answer", {"type": "integer"}, default=30),
)
def list_gaps(query: dict[str, Any]) -> Response:
    """Gaps by unmet weight, heaviest first, with the box, the centre and the shape of their dark parts."""
    fresh, job_id = fresh_figures()
    here, asked = commune(), asked_of(query)
    wanted = (query["kind"],) if query["kind"] else required_kinds(connection(), here.id)
    gaps = find_gaps(connection(), actor(), here, asked, what=query["what"], kinds=wanted, limit=query["limit"])
    head = {**asked_dict(asked), "what": query["what"], **freshness_dict(fresh, job_id), "weights": dict(WEIGHTS)}
    return jsonify({**head, "gaps": gaps})


def _feature(kind: str, row: Any) -> str:
    shape = row["geometry"] or json.dumps({"type": "Point", "coordinates": [row["lon"], row["lat"]]})
    known = {name: row[name] for name in row if name not in ("geometry",)}
    return f'{{"type":"Feature","geometry":{shape},"properties":{json.dumps({"kind": kind, **known})}}}'


def _shapes(kind: str, rows: Sequence[Mapping[str, Any]]) -> Response:
    """All of them or none: a map that silently misses devices would lie."""
    if len(rows) > MOST_SHAPES:
        raise Unprocessable("too_many_shapes", most=MOST_SHAPES)
    return feature_collection(",".join(_feature(kind, row) for row in rows), len(rows))


@blueprint.get("/api/coverage/views")
@allow(*STAFF)
@reads(BBOX, LEVEL)
def list_views(query: dict[str, Any]) -> Response:
    """Views of the cameras that count, at a level; `rank` 1: stands, 2: works, 3: is verified."""
    fresh_figures()
    rows = fetch_views(connection(), commune().id, query["level"], query["bbox"])
    return _shapes("view", rows)


@blueprint.get("/api/coverage/lights")
@allow(*STAFF)
@reads(BBOX)
def list_lights(query: dict[str, Any]) -> Response:
    """Lamps that count with their radius in metres; a shape instead of the point where buildings cut the circle."""
    fresh_figures()
    rows = fetch_lit(connection(), commune().id, query["bbox"])
    return _shapes("light", rows)


@blueprint.get("/api/coverage/loudspeakers")
@allow(*STAFF)
@reads()
def list_loudspeakers(query: dict[str, Any]) -> Response:
    """Shares of households that working loudspeakers reach, by group; circles are `range_m` around each."""
    found = speaker_reach(connection(), commune())
    return jsonify(found or {"share": None, "groups": [], "speakers": []})


@blueprint.get("/api/coverage/compare")
@allow(*STAFF)
@reads(
    *ASKED,
    Param("from", a_day, "The earlier day", DAY_SCHEMA, required=True),
    Param("to", a_day, "The later day; today if not named", DAY_SCHEMA),
)
def compare(query: dict[str, Any]) -> Response:
    """Figures of two days side by side; places by class, hotspots not at all."""
    fresh, job_id = fresh_figures()
    today = fetch_today(connection())
    days, asked = (query["from"], query["to"] or today), asked_of(query)
    found = compare_days(connection(), commune().id, actor().role, asked, days, today)
    head = {"from": min(days).isoformat(), "to": max(days).isoformat()}
    return jsonify({**asked_dict(asked), **freshness_dict(fresh, job_id), **head, **found})


@blueprint.post("/api/coverage/refresh")
@allow(*STAFF)
@once
def refresh_coverage() -> tuple[Response, int]:
    """Ask for a job that computes whatever is out of date."""
    read_query(())
    commune()
    return job_answer(kinds.ask(connection(), "coverage", {}))
