"""The gap list of coverage: the heaviest units by their figures, then where the dark parts of those lie."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import shapely
from sqlalchemy.engine import Connection

from gis_app.analysis.coverage import CELL_M, CUT_KINDS, GATE_M, NEAR_M, ORIGIN, CellCover, Devices, index_of, lit_index
from gis_app.analysis.coverage_gaps import Darkness, Gap, count_near, gap_of, largest_bounds, merge_gaps, rank_gaps
from gis_app.analysis.device_views import lit_polygons
from gis_app.db import Actor
from gis_app.jobs.coverage_figures import CLASSES, Asked, audience_of, may_read_hotspots
from gis_app.queries.communes import Commune
from gis_app.queries.coverage_days import fetch_cells, fetch_sums
from gis_app.queries.coverage_inputs import Area, fetch_outline, fetch_shapes
from gis_app.queries.coverage_store import fetch_left_out, fetch_measured
from gis_app.queries.coverage_views import fetch_names, fetch_unit_shapes, fetch_whereabouts, to_stored
from gis_app.queries.speakers import fetch_houses

# What the list shows unless one kind is asked for: a group's gap is that of its streets.
LISTED = ("street", "unnamed", *CLASSES)
GAP_KINDS = (*LISTED, "group")
WHAT = ("seen", "lit")
# A box to look at around a place.
AROUND_M = 60.0
# Who lives so near to a dark part goes past it.
HOUSES_WITHIN_M = 30.0


def required_kinds(conn: Connection, commune_id: int) -> list[str]:
    """What the list shows: streets, and the classes of places that the commune must cover."""
    left_out = fetch_left_out(conn, commune_id)
    return [kind for kind in LISTED if kind not in left_out]


def find_gaps(
    conn: Connection, actor: Actor, commune: Commune, asked: Asked, *, what: str, kinds: Sequence[str], limit: int
) -> list[dict[str, Any]]:
    """Gaps by unmet weight, most first, then by houses near by, with geometry, box and centre in EPSG:4326.

    Each names the street near it and its group: those of the place as the role reads it, so of a hotspot's street where
    it reads no more.
    """
    column = lit_index(asked.shown_rank) if what == "lit" else index_of(asked.time, asked.level, asked.shown_rank)
    wanted = [kind for kind in kinds if kind != "hotspot" or may_read_hotspots(actor.role)]
    gaps = _ranked(conn, commune.id, actor.role, column, wanted)
    shapes = _shapes(conn, commune, actor.role, gaps[: limit * 2])
    gaps = merge_gaps(gaps[: limit * 2], shapes)[:limit]
    if not gaps:
        return []
    chosen = [shapes[(gap.kind, gap.unit)] for gap in gaps]
    dark = _dark_parts(conn, commune, asked, what, chosen)
    around = shapely.union_all([shapely.box(*part.bounds).buffer(HOUSES_WITHIN_M) for part in dark])
    houses = count_near(dark, fetch_houses(conn, commune.id, Area(around, commune.metric_srid)), HOUSES_WITHIN_M)
    # Of what weighs the same, more people come first.
    order = sorted(range(len(gaps)), key=lambda n: (-gaps[n].unmet_weight, -houses[n], n))
    found = _written(conn, commune, actor.role, [gaps[n] for n in order], [dark[n] for n in order])
    return [{**gap, "house_count": houses[n]} for gap, n in zip(found, order, strict=True)]


def _ranked(conn: Connection, commune_id: int, role: str, column: int, kinds: Sequence[str]) -> list[Gap]:
    stored = ["group_street" if kind == "group" else kind for kind in kinds if kind != "unnamed"]
    found = []
    for one in fetch_sums(conn, commune_id, [column], stored, audience_of(role)):
        if one.kind == "street" and not one.unit:
            continue
        kind = "group" if one.kind == "group_street" else one.kind
        found.append(gap_of(kind, one.unit, one.total, one.covered[0]))
    if "unnamed" in kinds:
        found += [
            gap_of("unnamed", one.unit, one.total, one.covered[0])
            for one in fetch_cells(conn, commune_id, column, "street", "")
        ]
    return rank_gaps(found)


def _shapes(conn: Connection, commune: Commune, role: str, gaps: Sequence[Gap]) -> dict[tuple[str, str], Any]:
    """Shapes in metres of what the gaps are of, as the role reads them; what it does not read is not there."""
    srid, found = commune.metric_srid, {}
    by_kind: dict[str, list[str]] = {}
    for gap in gaps:
        by_kind.setdefault(gap.kind, []).append(gap.unit)
    for kind, units in by_kind.items():
        if kind == "unnamed":
            found.update(_unnamed(conn, commune, units))
            continue
        for unit, shape in fetch_unit_shapes(conn, commune.id, kind, units, role, srid).items():
            found[(kind, unit)] = shape.buffer(GATE_M, quad_segs=32) if kind == "school" else shape
    if set(CUT_KINDS) & set(by_kind):
        outline = fetch_outline(conn, commune.id, srid)
        for key, shape in found.items():
            if key[0] in CUT_KINDS:
                found[key] = shape.intersection(outline)
    return {key: shape for key, shape in found.items() if not shape.is_empty}


def _unnamed(conn: Connection, commune: Commune, cells: Sequence[str]) -> dict[tuple[str, str], Any]:
    boxes = {}
    for cell in cells:
        x, y = (int(part) for part in cell.split(":"))
        west, south = x * CELL_M + ORIGIN[0], y * CELL_M + ORIGIN[1]
        boxes[cell] = shapely.box(west, south, west + CELL_M, south + CELL_M)
    area = Area(shapely.union_all(list(boxes.values())), commune.metric_srid)
    lines = shapely.union_all(fetch_shapes(conn, commune.id, "roads", area, nameless=True))
    return {("unnamed", cell): shapely.intersection(lines, box) for cell, box in boxes.items()}


def _dark_parts(conn: Connection, commune: Commune, asked: Asked, what: str, shapes: Sequence[Any]) -> list[Any]:
    """What of each shape is dark; points stay whole (the figures say that they are)."""
    boxes = shapely.union_all([shapely.box(*shape.bounds).buffer(NEAR_M) for shape in shapes])
    found = fetch_measured(conn, commune.id, Area(boxes, commune.metric_srid), lit_polygons)
    rank = asked.shown_rank

    def seen(cover: CellCover) -> Any:
        return cover.lit(rank) if what == "lit" else cover.seen(asked.time, asked.level, rank)

    column: Callable[[CellCover], Any] = seen
    darkness = Darkness(Devices(**vars(found)), column)
    dark = [shape if shapely.get_dimensions(shape) == 0 else darkness.part(shape) for shape in shapes]
    # A gap of slivers alone is looked at whole.
    return [shape if part.is_empty else part for shape, part in zip(shapes, dark, strict=True)]


def _written(
    conn: Connection, commune: Commune, role: str, gaps: Sequence[Gap], dark: Sequence[Any]
) -> list[dict[str, Any]]:
    srid = commune.metric_srid
    boxes = []
    for part in dark:
        west, south, east, north = largest_bounds(part)
        spare = AROUND_M if west == east and south == north else NEAR_M
        boxes.append(shapely.box(west - spare, south - spare, east + spare, north + spare))
    geometries, frames = to_stored(conn, dark, srid), to_stored(conn, boxes, srid)
    names: dict[str, Mapping[str, str]] = {
        kind: fetch_names(conn, kind, role) for kind in {gap.kind for gap in gaps} - {"street", "unnamed"}
    }
    bounds = [shapely.from_geojson(frame).bounds for frame in frames]
    centers = [((west + east) / 2, (south + north) / 2) for west, south, east, north in bounds]
    places = fetch_whereabouts(conn, centers, srid)
    found = []
    for gap, geometry, box, center, place in zip(gaps, geometries, bounds, centers, places, strict=True):
        named = {"street": gap.unit, "unnamed": ""}.get(gap.kind)
        found.append(
            {
                "kind": gap.kind,
                "unit": gap.unit,
                "name": named if named is not None else names[gap.kind].get(gap.unit, ""),
                "total": round(gap.total, 1),
                "unmet": round(gap.unmet, 1),
                "unmet_weight": round(gap.unmet_weight, 3),
                "count": gap.count,
                "group_id": place.group_id,
                "group": place.group,
                "near": place.street,
                "bbox": list(box),
                "center": list(center),
                "geometry": json.loads(geometry),
            }
        )
    return found
