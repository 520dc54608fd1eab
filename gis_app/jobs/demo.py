"""Demonstration data: five invented towns at the places of the reference communes."""

import datetime as dt
from collections.abc import Sequence

import shapely
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gis_app.analysis.town import build_town
from gis_app.analysis.town.history import past_of
from gis_app.analysis.town.model import Town
from gis_app.analysis.town.own_rows import OWN_CLASSES
from gis_app.analysis.town.place_events import place_events
from gis_app.analysis.town.plan import TownSpec
from gis_app.analysis.town.specs import SPECS
from gis_app.crs import STORED
from gis_app.jobs.demo_campaigns import load_campaigns
from gis_app.jobs.demo_reviews import load_reviews
from gis_app.jobs.report_sources import VIETNAM
from gis_app.jobs.roadmap_fixtures import load_roadmap
from gis_app.queries.demo_registers import load_checks, load_devices, load_steps
from gis_app.queries.demo_tasks import load_tasks
from gis_app.queries.lineages import insert_parent
from gis_app.queries.loading import insert_rows, refresh_statistics
from gis_app.queries.place_classes import insert_class
from gis_app.queries.place_reports import insert_reports
from gis_app.queries.statuses import record_past
from gis_app.queries.tasks import fetch_today
from gis_app.queries.tips import upsert_settings
from layers import LAYERS

SEED = 28_2025
SOURCE = "demo"
# The day on which communes were put together in the whole country.
MERGED_ON = dt.date(2025, 7, 1)


def load_demo(conn: Connection, specs: Sequence[TownSpec] = SPECS) -> dict[str, int]:
    """Insert the towns (owner rights), all five if not told otherwise; return rows per layer. Same seed, same towns."""
    counts = dict.fromkeys([*LAYERS, "place_reports"], 0)
    for spec in specs:
        town = build_town(spec, SEED)
        (commune,) = town.layers["communes"]
        commune_id, srid = int(commune.properties["code"]), int(commune.properties["metric_srid"])
        to_stored = Transformer.from_crs(srid, STORED, always_xy=True)
        # The tenant first: every other row refers to it.
        for name in ("communes", *(name for name in town.layers if name != "communes")):
            rows = [(row.external_id, stored(row.geom, to_stored), row.properties) for row in town.layers[name]]
            counts[name] += insert_rows(conn, LAYERS[name], commune_id, rows, SOURCE)
            if name == "communes":
                for one in OWN_CLASSES:
                    look = zip(("name", "letters", "color", "shape", "visibility"), one, strict=True)
                    insert_class(conn, commune_id, dict(look))
        for parent in filter(None, spec.merged_from.split(", ")):
            insert_parent(conn, commune_id, {"kind": "merge", "changed_on": MERGED_ON, "parent_name": parent})
        load_roadmap(conn, commune_id, spec.code)
        for row in town.layers["groups"]:
            for since, until, held in past_of(row.properties):
                record_past(conn, commune_id, row.external_id, since, until, held)
        load_reviews(conn, commune_id)
        load_tasks(conn, commune_id)
        load_steps(conn, commune_id)
        load_checks(conn, commune_id)
        load_devices(conn, commune_id)
        load_campaigns(conn, commune_id)
        upsert_settings(conn, commune_id, is_open=True)
        counts["place_reports"] += _load_reports(conn, commune_id, town, to_stored)
    # What follows at once (publishing, the first pages) would be planned as if the tables were empty.
    refresh_statistics(conn)
    return counts


def _load_reports(conn: Connection, commune_id: int, town: Town, to_stored: Transformer) -> int:
    """Invented reports about places of the two years before today."""
    rows = []
    for event in place_events(town, SEED, fetch_today(conn)):
        lon, lat = to_stored.transform(event["x"], event["y"])
        seen_at = dt.datetime.combine(event["day"], dt.time(event["hour"]), tzinfo=VIETNAM)
        rows.append({"lon": lon, "lat": lat, "seen_at": seen_at} | {n: event[n] for n in ("category", "source")})
    return insert_reports(conn, commune_id, rows)


def stored(geom: BaseGeometry, to_stored: Transformer) -> BaseGeometry:
    """A shape of a metric zone as it is stored."""

    def project(coordinates):  # type: ignore[no-untyped-def]
        x, y = to_stored.transform(coordinates[:, 0], coordinates[:, 1])
        return shapely.get_coordinates(shapely.points(x, y))

    return shapely.transform(geom, project)
