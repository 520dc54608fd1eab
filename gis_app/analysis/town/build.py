"""From a specification to a finished town."""

import numpy as np
import shapely
from shapely import Polygon

from gis_app.analysis.town import base_rows as base
from gis_app.analysis.town import board_rows as boards
from gis_app.analysis.town import place_rows as places
from gis_app.analysis.town.alleys import number_lanes, plan_alleys
from gis_app.analysis.town.camera_rows import camera_rows
from gis_app.analysis.town.groups import plan_groups
from gis_app.analysis.town.hotspot_rows import hotspot_rows
from gis_app.analysis.town.houses import plan_houses
from gis_app.analysis.town.light_rows import light_rows
from gis_app.analysis.town.model import Draft, Row, Town
from gis_app.analysis.town.own_rows import other_area_rows, other_place_rows
from gis_app.analysis.town.plan import TownSpec
from gis_app.analysis.town.programme import group_rows
from gis_app.analysis.town.sites import plan_sites
from gis_app.analysis.town.streets import plan_streets, with_alleys, without_empty_alleys
from gis_app.analysis.town.terrain import build_terrain
from gis_app.analysis.town.way_rows import gateway_rows, key_route_rows


def build_town(spec: TownSpec, seed: int) -> Town:
    """A complete invented town; the same specification and seed give the same town.

    Parameters
    ----------
    spec
        One of `specs.SPECS` or another specification.
    seed
        Seed of all random streams.

    Returns
    -------
    Rows by layer name, geometry in metres of the commune's VN-2000 zone (`spec.metric_srid`).
    """
    terrain = build_terrain(spec, np.random.default_rng([seed, int(spec.code), 1]))
    draft = plan_streets(spec, seed, terrain)
    plan_sites(draft)
    draft.network = with_alleys(draft.network, plan_alleys(draft))
    plan_houses(draft)
    draft.network = without_empty_alleys(draft)
    number_lanes(draft)
    plan_groups(draft)
    draft.bridges = _bridges(draft)
    (outline,) = shapely.get_parts(shapely.coverage_union_all(draft.groups)).tolist()
    return Town(spec, outline, _layers(draft, outline))


def _layers(draft: Draft, outline: Polygon) -> dict[str, list[Row]]:
    groups = group_rows(draft)
    culture = places.name_culture_houses(draft)
    lights, lit = light_rows(draft)
    venues, workers, gateways = places.venue_rows(draft), places.worker_rows(draft), gateway_rows(draft)
    return {
        "communes": [base.commune_row(draft, outline)],
        "groups": groups,
        "roads": base.road_rows(draft, lit),
        "buildings": base.building_rows(draft),
        "landuse": base.landuse_rows(draft),
        "water_areas": base.water_rows(draft),
        "waterways": base.waterway_rows(draft),
        "walls": base.wall_rows(draft),
        "neighbours": base.neighbour_rows(draft, outline),
        "cameras": camera_rows(draft),
        "lights": lights,
        "loudspeakers": boards.loudspeaker_rows(draft, culture),
        "tip_boxes": boards.tip_box_rows(draft, culture),
        "notice_boards": boards.board_rows(draft, culture),
        "schools": places.school_rows(draft),
        "facilities": places.facility_rows(draft, culture),
        "venues": venues,
        "worker_housing": workers,
        "industrial_zones": places.industrial_rows(draft),
        "gateways": gateways,
        "key_routes": key_route_rows(draft),
        "hotspots": hotspot_rows(draft, venues, workers),
        "other_places": other_place_rows(draft, gateways, culture),
        "other_areas": other_area_rows(draft),
    }


def _bridges(draft: Draft) -> list[tuple[float, float]]:
    """Where main roads cross rivers and canals, metres."""
    main = ("motorway", "trunk", "primary", "secondary", "tertiary")
    network = draft.network
    roads = shapely.union_all([p.geom for p in network.pieces if network.streets[p.street].klass in main])
    found: list[tuple[float, float]] = []
    for _, _, width, line in draft.terrain.streams:
        if width >= 9:
            points = shapely.get_coordinates(shapely.intersection(line, roads))
            found += [(float(x), float(y)) for x, y in points]
    return found
