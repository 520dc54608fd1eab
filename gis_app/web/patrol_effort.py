"""Effort of patrols as data: sums of a period, a table as CSV, a map of streets and groups."""

import json
from typing import Any

from flask import Blueprint, Response, jsonify

from gis_app.jobs.patrol_effort import FIGURES, Effort, effort_of, map_of
from gis_app.queries import patrol_effort as q
from gis_app.queries.audit import record_event
from gis_app.web.answers import csv_file
from gis_app.web.context import actor, allow, commune, connection
from gis_app.web.effort_query import FROM, LIMIT, TO, period_of
from gis_app.web.i18n import t
from gis_app.web.params import Param, one_of, reads
from layers.base import POLICE

blueprint = Blueprint("patrol_effort", __name__)

FORMATS = ("json", "csv")
FORMAT = Param("f", one_of(*FORMATS), "Answer as JSON or CSV", {"enum": list(FORMATS)}, default=FORMATS[0])


def effort_dict(found: Effort, period: q.Period) -> dict[str, Any]:
    """The effort as JSON."""
    return {
        "from": period.first.isoformat(),
        "to": period.last.isoformat(),
        "limit_days": period.limit_days,
        "total": dict(found.total),
        "groups": [{"id": one.id, "name": one.name, "resident_count": one.residents, **one.sums,
                    "minutes_per_1000": one.per_thousand} for one in found.groups],
        "kinds": [{"kind": kind, **sums} for kind, sums in found.kinds.items()],
        "time": [{"from": one.first.isoformat(), "to": one.last.isoformat(), "planned": one.planned, "done": one.done,
                  "minutes": one.minutes} for one in found.columns],
        "reasons": dict(found.reasons),
        "walks": dict(found.walks),
        "gaps": dict(found.gaps),
        "streets": {"total_m": round(found.streets.total_m), "issued_m": round(found.streets.issued_m),
                    "walked_m": round(found.streets.walked_m)},
    }  # fmt: skip


@blueprint.get("/api/patrol-effort")
@allow(*q.READERS)
@reads(FROM, TO, LIMIT, FORMAT)
def show_effort(query: dict[str, Any]) -> Response:
    """Effort of the own commune's patrols over a period, of all teams together: sums, no place, no route, no track.

    `total`, `groups`, `kinds` have `shifts`, `planned`, `done`, `missed`, `extra` (visited though on no route),
    `visits`, `minutes` on place, `untimed` (visits without minutes), `outside` (the radius); groups also
    `resident_count` and `minutes_per_1000` (null: residents not known or fewer than 50). `time`: by day, by week where
    the period is longer than 31. `gaps`: days between visits of a place (median, longest, places `over` the limit).
    `streets`: metres in all, on issued routes, and on walked ones: those whose team was at half of its stops or more.
    """
    period = period_of(query)
    found = effort_of(connection(), commune(), period)
    if query["f"] == "csv":
        record_event(connection(), "export", "patrol_effort", {"from": period.first.isoformat(),
                                                               "to": period.last.isoformat()})  # fmt: skip
        return _csv(found, period)
    return jsonify(effort_dict(found, period))


def _csv(found: Effort, period: q.Period) -> Response:
    names = [t(f"effort.column.{name}") for name in ("part", "name", *FIGURES, "residents", "per_thousand")]

    def row(part: str, name: str, sums: Any, *more: Any) -> list[Any]:
        return [t(f"effort.part.{part}"), name, *(sums[figure] for figure in FIGURES), *(more or ("", ""))]

    rows = [row("total", "", found.total)]
    for one in found.groups:
        known = ["" if value is None else value for value in (one.residents, one.per_thousand)]
        rows.append(row("group", one.name or t("effort.no_group"), one.sums, *known))
    rows += [row("kind", t(f"patrol.kind.{kind}"), sums) for kind, sums in found.kinds.items()]
    days = f"{period.first:%Y%m%d}-{period.last:%Y%m%d}"
    return csv_file(names, rows, f"no-luc-tuan-tra-{commune().code}-{days}")


@blueprint.get("/api/patrol-effort/map")
@allow(*q.READERS)
@reads(FROM, TO, LIMIT)
def show_map(query: dict[str, Any]) -> Response:
    """Groups with minutes per 1,000 residents and, for the police, streets with the walked routes along them.

    `groups`, `streets`: GeoJSON collections; streets (null for others than the police) have `metres` and `times`, whose
    sum with `off_m` (on no street of today) is the length of all walked routes. Per commune; no team, no person.
    """
    found = map_of(connection(), commune(), period_of(query), with_streets=actor().role in POLICE)
    groups = [
        _feature(shape, {"id": one.id, "name": one.name, "minutes": one.sums["minutes"], "rate": one.per_thousand})
        for one, shape in found.groups
    ]
    streets = None if found.streets is None else _collection([
        _feature(shape, {"id": number, "name": name, "metres": metres, "times": times})
        for number, name, shape, metres, times in found.streets
    ])  # fmt: skip
    return jsonify({"groups": _collection(groups), "streets": streets, "off_m": found.off_m})


def _feature(shape: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": json.loads(shape), "properties": properties}


def _collection(features: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": features}
