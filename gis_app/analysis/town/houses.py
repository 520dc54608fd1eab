"""Houses along streets and alleys: rows of narrow tube houses in town, houses with gardens in villages."""

import numpy as np
import shapely
from shapely import Polygon

from gis_app.analysis.town.frontage import Slots, house_slots
from gis_app.analysis.town.model import Array, Coords, Draft, House
from gis_app.analysis.town.network import road_surface
from gis_app.analysis.town.sites import large_buildings

# How fully a kind of quarter is built up, as a weight when the houses are shared out.
_FILL = {"urban": 1.0, "suburb": 0.62, "village": 1.0, "field": 0.22}
_LEVELS = {"field": (1, 3), "urban": (2, 6), "suburb": (1, 4), "village": (1, 3)}


def plan_houses(draft: Draft) -> None:
    """Fill the draft's houses: large buildings first, then rows along every frontage, up to the town's count."""
    rng = draft.rng("houses")
    surface = road_surface(draft.network, 0.8)
    inner = _grounds(draft, surface)
    biggest = {face: max(parts, key=lambda part: part.area) for face, parts in inner.items()}
    draft.houses = large_buildings(draft, biggest)
    grounds = [(face, part) for face, parts in sorted(inner.items()) for part in parts]
    slots = house_slots(draft, grounds, surface, rng)
    polygons, kept = _without_clash(slots, [part for _, part in grounds])
    limit = draft.spec.counts.buildings - len(draft.houses)
    for k in _best_by_quarter(draft, slots, kept, limit):
        face = int(slots.face[kept[k]])
        use, dense = draft.faces[face].use, draft.faces[face].density
        low, high = _LEVELS[use]
        levels = int(np.clip(round(low + (high - low) * dense * rng.uniform(0.2, 1.1)), low, high))
        draft.houses.append(House(polygons[k], face, "dwelling", levels))


def _best_by_quarter(draft: Draft, slots: Slots, kept: Array, limit: int) -> list[int]:
    """The best slots, up to `limit`, with a fair share for each quarter and village: indexes into `kept`."""
    faces = [draft.faces[k] for k in slots.face[kept]]
    quarters: dict[str, list[int]] = {}
    for k, face in enumerate(faces):
        quarters.setdefault(face.use if face.use == "field" else f"{face.use} {face.zone}", []).append(k)
    names = sorted(quarters)
    demand = np.array([sum(faces[k].density * _FILL[faces[k].use] for k in quarters[name]) for name in names])
    room = np.array([len(quarters[name]) for name in names])
    share = np.minimum(np.floor(limit * demand / demand.sum()), room * 0.92).astype(int)
    for _ in range(4):
        spare = limit - share.sum()
        open_room = demand * (share < room * 0.92)
        if spare <= 0 or not open_room.any():
            break
        share = np.minimum(share + np.floor(spare * open_room / open_room.sum()), room * 0.92).astype(int)
    chosen: list[int] = []
    for name, count in zip(names, share.tolist(), strict=True):
        index = np.array(quarters[name])
        chosen += index[np.argsort(-slots.score[kept[index]], kind="stable")[:count]].tolist()
    return sorted(chosen)


def _grounds(draft: Draft, surface: shapely.STRtree) -> dict[int, list[Polygon]]:
    """Each built-up face without its roads, canals and water, in parts, metres."""
    canals = [shapely.buffer(line, width / 2 + 1.5) for _, _, width, line in draft.canals]
    canals += [shapely.buffer(line, width / 2 + 3) for _, _, width, line in draft.terrain.streams]
    canal_tree = shapely.STRtree(canals) if canals else None
    grounds = {}
    for number, face in enumerate(draft.faces):
        if face.use in ("hill", "sea", "river", "lake", "pond", "park", "beach"):
            continue
        near = surface.geometries[np.sort(surface.query(face.geom))].tolist()
        if canal_tree is not None:
            near += canal_tree.geometries[np.sort(canal_tree.query(face.geom))].tolist()
        ground = face.geom.difference(shapely.union_all(near)) if near else face.geom
        ground = ground.intersection(shapely.buffer(draft.terrain.land, -3.0)) if _wet(draft, face.geom) else ground
        parts = [part for part in shapely.get_parts(shapely.buffer(ground, 0)) if part.area > 90]
        if parts:
            grounds[number] = parts
    return grounds


def _wet(draft: Draft, geom: Polygon) -> bool:
    return any(water.geom.distance(geom) < 3.0 for water in draft.terrain.waters)


def _without_clash(slots: Slots, grounds: list[Polygon]) -> tuple[Array, Array]:
    """Footprints inside their ground that touch no other, tried at full, then at smaller depth."""
    parts = np.array(grounds, dtype=object)
    shapely.prepare(parts)
    chosen: Array = np.zeros(0, dtype=object)
    kept = np.zeros(0, dtype=int)
    waiting = np.arange(len(slots.width))
    for share in (1.0, 0.72, 0.5):
        polygons = slots.footprints(share)[waiting]
        inside = shapely.contains(parts[slots.ground[waiting]], polygons)
        waiting_in, polygons = waiting[inside], polygons[inside]
        if len(chosen):
            hit = np.unique(shapely.STRtree(chosen).query(polygons, predicate="intersects")[0])
            free = np.setdiff1d(np.arange(len(polygons)), hit)
            waiting_in, polygons = waiting_in[free], polygons[free]
        own = _greedy(polygons, slots.score[waiting_in])
        chosen = np.concatenate([chosen, polygons[own]])
        kept = np.concatenate([kept, waiting_in[own]])
        waiting = np.setdiff1d(waiting, kept)
    return chosen, kept


def _greedy(polygons: Array, score: Coords) -> Array:
    """Indexes of a set of polygons without intersections, best score first."""
    left, right = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    conflicts: dict[int, list[int]] = {}
    for a, b in zip(left.tolist(), right.tolist(), strict=True):
        if a != b:
            conflicts.setdefault(a, []).append(b)
    alive = np.ones(len(polygons), dtype=bool)
    for k in np.argsort(-score, kind="stable").tolist():
        if alive[k]:
            alive[conflicts.get(k, [])] = False
    return np.flatnonzero(alive)
