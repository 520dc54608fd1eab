"""Blocks given to one use: schools, markets, offices, parks, ponds; and their large buildings and walls."""

import numpy as np
import shapely
from shapely import LineString, Polygon
from shapely.affinity import rotate, translate

from gis_app.analysis.town.curves import long_axis
from gis_app.analysis.town.model import Draft, Face, House, Site
from gis_app.analysis.town.plan import TownSpec

_MAIN = {"trunk", "primary", "secondary", "tertiary", "residential"}


def wanted_sites(spec: TownSpec, village_count: int) -> list[tuple[str, str]]:
    """Kinds and names, most demanding first; kinds are those of schools and facilities plus land uses."""
    place, unit = spec.name, "xã" if spec.is_rural else "phường"
    schools = 2 if spec.is_rural else 3
    many = 3 if spec.counts.buildings > 7000 else 1
    wanted = [
        ("upper_secondary", f"Trường THPT {place}"),
        ("market", f"Chợ {place}"),
        ("government", f"Trụ sở UBND {unit} {place}"),
        ("police", f"Công an {unit} {place}"),
        ("health", f"Trạm Y tế {unit} {place}"),
    ]
    for k in range(schools + many - 1):
        wanted.append(("lower_secondary", f"Trường THCS {place} {k + 1}"))
        wanted.append(("primary", f"Trường Tiểu học {place} {k + 1}"))
    wanted += [("kindergarten", f"Trường Mầm non {place} {k + 1}") for k in range(schools + 2 * many)]
    if not spec.is_rural:
        wanted += [("park", f"Công viên {place}"), ("park", "Vườn hoa trung tâm"), ("pond", "Hồ điều hòa")]
        wanted += [("park", f"Vườn hoa khu {k + 1}") for k in range(2 * many)]
        wanted += [("square", "Quảng trường trung tâm"), ("commercial", f"Trung tâm thương mại {place}")]
        wanted += [("pond", f"Hồ {name}") for name in ("Hạnh Phúc", "Sen", "Bán Nguyệt")[: many + 1]]
    wanted += [("cemetery", f"Nghĩa trang {place}")] + [("market", f"Chợ khu {k + 1}") for k in range(many)]
    return wanted + [(kind, name) for kind, name, _ in spec.extra_facilities]


_AREA_M2 = {
    "upper_secondary": 14_000,
    "lower_secondary": 10_000,
    "primary": 8_500,
    "kindergarten": 4_500,
    "market": 7_000,
    "government": 7_000,
    "police": 4_000,
    "health": 4_000,
    "park": 14_000,
    "pond": 11_000,
    "square": 8_000,
    "commercial": 10_000,
    "cemetery": 12_000,
    "methadone": 4_000,
    "military": 30_000,
    "transport": 8_000,
}
_CENTRAL = {"market", "government", "square", "commercial", "police", "upper_secondary"}


def plan_sites(draft: Draft) -> None:
    """Choose a block for each wanted site, spread out, near the centre or in the outskirts as fits."""
    rng = draft.rng("sites")
    access = _access(draft)
    for number in _entered(draft):
        access.pop(number, None)
    chosen: list[np.ndarray] = []
    faces = draft.faces
    centres = shapely.get_coordinates(shapely.centroid([face.geom for face in faces]))
    area = shapely.area([face.geom for face in faces])
    hull = np.sqrt(area / np.maximum(shapely.area(shapely.oriented_envelope([f.geom for f in faces])), 1))
    for kind, name in wanted_sites(draft.spec, 0):
        want = _AREA_M2[kind]
        uses = ("field", "suburb", "hill") if kind == "cemetery" else ("urban", "suburb", "village")
        free = np.array(
            [
                f.use in uses and not f.name and k in access and 0.5 < a / want < 2.6
                for k, (f, a) in enumerate(zip(faces, area, strict=True))
            ]
        )
        if not free.any():
            free = np.array([f.use in (*uses, "field") and not f.name and k in access for k, f in enumerate(faces)])
        density = np.array([f.density for f in faces])
        score = -np.abs(np.log(area / want)) + 1.5 * hull + rng.uniform(0, 0.5, len(faces))
        score += density * (2.2 if kind in _CENTRAL else 0.5)
        same = [c for c, site in zip(chosen, draft.sites, strict=True) if site.kind == kind]
        if same:
            nearest = np.hypot(*(centres[:, None] - np.array(same)[None]).transpose(2, 0, 1)).min(axis=1)
            score += np.minimum(nearest, 900) / 300
        best = int(np.argmax(np.where(free, score, -np.inf)))
        faces[best].name = name
        faces[best].use = kind
        draft.sites.append(Site(kind, name, best, access[best]))
        chosen.append(centres[best])


def _entered(draft: Draft) -> list[int]:
    """Faces that a dead-end street enters: no place for a walled site."""
    network = draft.network
    pieces = [piece.geom for piece in network.pieces]
    middles = shapely.line_interpolate_point(pieces, 0.5, normalized=True)
    inner = shapely.buffer([face.geom for face in draft.faces], -1.5)
    found: list[int] = np.unique(shapely.STRtree(middles).query(inner, predicate="intersects")[0]).tolist()
    return found


def _access(draft: Draft) -> dict[int, tuple[float, float]]:
    """For each face beside a street, the middle of its frontage on the most important one."""
    network = draft.network
    good = [p for p in network.pieces if network.streets[p.street].klass in _MAIN and p.geom.length > 25]
    middles = shapely.line_interpolate_point([piece.geom for piece in good], 0.5, normalized=True)
    tree = shapely.STRtree(middles)
    rings = shapely.boundary([face.geom for face in draft.faces])
    face_index, point_index = tree.query(rings, predicate="dwithin", distance=0.2)
    order = ["trunk", "primary", "secondary", "tertiary", "residential"]
    rank = [order.index(network.streets[piece.street].klass) for piece in good]
    best: dict[int, tuple[int, int]] = {}
    for face, point in zip(face_index.tolist(), point_index.tolist(), strict=True):
        best[face] = min(best.get(face, (9, 0)), (rank[point], point))
    return {face: tuple(shapely.get_coordinates(middles[point])[0].tolist()) for face, (_, point) in best.items()}


def campus(face: Face, kind: str, inner: Polygon, rng: np.random.Generator) -> list[Polygon]:
    """Large footprints of a site inside `inner` (the block without roads), metres."""
    axis, length, width = long_axis(inner)
    angle = float(np.degrees(np.arctan2(axis[1], axis[0])))
    centre = shapely.get_coordinates(shapely.centroid(inner))[0]
    shapes = _shapes(kind, length, width, rng)
    placed = [translate(rotate(shape, angle, origin=(0, 0)), *centre) for shape in shapes]
    room = shapely.buffer(inner, -2.5)
    return [shape for shape in placed if room.covers(shape)]


def _shapes(kind: str, length: float, width: float, rng: np.random.Generator) -> list[Polygon]:
    a, b = length * 0.5 - 6, width * 0.5 - 6
    if kind in ("upper_secondary", "lower_secondary", "primary", "kindergarten", "health", "police", "methadone"):
        return [
            _box(-a * 0.72, b * 0.35, a * 0.72, b * 0.35 + 10),
            _box(-a * 0.72, -b * 0.6, -a * 0.72 + 9, b * 0.22),
            _box(a * 0.72 - 9, -b * 0.6, a * 0.72, b * 0.1),
        ]
    if kind in ("market", "commercial", "transport"):
        if kind != "market":
            return [_box(-a * 0.55, -b * 0.5, a * 0.55, b * 0.5)]
        rows = np.linspace(-b * 0.62, b * 0.62, 4)
        return [_box(-a * 0.6, y - b * 0.13, a * 0.6, y + b * 0.13) for y in rows]
    if kind == "government":
        return [
            _box(-a * 0.5, b * 0.1, a * 0.5, b * 0.1 + 14),
            _box(-a * 0.6, -b * 0.6, -a * 0.6 + 9, b * 0.0),
            _box(a * 0.6 - 9, -b * 0.6, a * 0.6, 0),
        ]
    if kind == "military":
        return [_box(x * a, y * b, x * a + 34, y * b + 11) for x in (-0.7, -0.15, 0.4) for y in (-0.65, -0.1, 0.45)]
    return []


def _box(x0: float, y0: float, x1: float, y1: float) -> Polygon:
    return Polygon([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])


def site_walls(draft: Draft) -> list[tuple[LineString, float]]:
    """Walls with a gap at the gate, for schools, offices and works: (line, height in metres)."""
    walls = []
    for site in draft.sites:
        if site.kind in ("park", "pond", "square", "commercial", "market", "cemetery"):
            continue
        inner = shapely.buffer(draft.faces[site.face].geom, -9.5, join_style="mitre")
        for part in shapely.get_parts(inner):
            if part.area > 600:
                ring = shapely.simplify(LineString(part.exterior), 1.0)
                gate = shapely.buffer(shapely.points(site.gate), 15.0)
                walls += [(line, 2.5) for line in shapely.get_parts(shapely.line_merge(ring.difference(gate)))]
    return [(line, height) for line, height in walls if line.length > 8]


def large_buildings(draft: Draft, inner: dict[int, Polygon]) -> list[House]:
    """Buildings of all sites and of industrial blocks; `inner` maps a face to its ground without roads."""
    rng = draft.rng("campus")
    made = []
    for site in draft.sites:
        if site.face in inner:
            face = draft.faces[site.face]
            levels = {"market": 1, "commercial": 5, "kindergarten": 2}.get(site.kind, 3)
            for k, shape in enumerate(campus(face, site.kind, inner[site.face], rng)):
                made.append(House(shape, site.face, site.kind, levels, site.name if k == 0 else ""))
    for number, face in enumerate(draft.faces):
        if face.use in ("industrial", "military") and number in inner:
            made += _halls(number, face, inner[number], rng)
    return made


def _halls(number: int, face: Face, ground: Polygon, rng: np.random.Generator) -> list[House]:
    axis, length, width = long_axis(ground)
    angle = float(np.degrees(np.arctan2(axis[1], axis[0])))
    centre = shapely.get_coordinates(shapely.centroid(ground))[0]
    size, gap = ((95.0, 42.0), 24.0) if face.use == "industrial" else ((38.0, 11.0), 26.0)
    room = shapely.buffer(ground, -8.0)
    halls = []
    for x in np.arange(-length / 2 + 14, length / 2 - 20, size[0] + gap):
        for y in np.arange(-width / 2 + 12, width / 2 - 12, size[1] + gap):
            a, b = size[0] * rng.uniform(0.55, 1.0), size[1] * rng.uniform(0.7, 1.0)
            hall = translate(rotate(_box(x, y, x + a, y + b), angle, origin=(0, 0)), *centre)
            if rng.random() < 0.8 and room.covers(hall):
                halls.append(House(hall, number, face.use, 1 if face.use == "industrial" else 2))
    return halls
