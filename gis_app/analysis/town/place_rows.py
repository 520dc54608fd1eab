"""Rows of places: schools, facilities, venues, workers' housing, gateways, key routes, boards and boxes."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import shapely
from shapely import LineString, Point

from gis_app.analysis.town.base_rows import multi
from gis_app.analysis.town.model import Coords, Draft, House, Row

_TODAY = date(2026, 11, 22)
LEVELS = ("kindergarten", "primary", "lower_secondary", "upper_secondary", "college")
_FACILITY = {
    "market": ("market", "public"), "government": ("government", "public"), "police": ("police", "public"),
    "health": ("health", "public"), "methadone": ("methadone", "police"), "transport": ("transport", "public"),
}
_PREFIX = {
    "karaoke": "Karaoke", "hotel": "Khách sạn", "guesthouse": "Nhà nghỉ", "boarding_house": "Nhà trọ", "bar": "Bar",
    "internet_cafe": "Internet", "massage": "Massage", "other": "Quán",
}
_WORDS = (
    "Ánh Sao", "Hoa Sen", "Bình Minh", "Hoàng Hôn", "Sao Biển", "Hương Lúa", "Phượng Đỏ", "Thiên Thanh", "Ngọc Lan",
    "Mai Vàng", "Trúc Xanh", "Hải Âu", "Cát Vàng", "Sóng Xanh", "Gió Mới", "Mây Trắng", "Thu Vàng", "Hạ Trắng",
    "Tre Việt", "Làng Xưa", "Phố Cổ", "Sông Quê", "Đồng Quê", "Bến Xuân", "Cầu Vồng", "Ban Mai", "Thuỷ Tiên",
    "Hướng Dương", "Bằng Lăng", "Hoa Sữa", "Dạ Lan", "Hồng Hạc", "Thiên Nga", "Bồ Câu", "Sơn Ca", "Hoạ Mi", "Đại Dương",
    "Trường Sa", "Thăng Long", "Tràng An", "Kim Cương", "Pha Lê", "Hổ Phách", "San Hô", "Ngôi Sao", "Sao Mai", "Sao Băng",
)


def days_before(days: float) -> date:
    """A date `days` before the day of the demonstration."""
    return _TODAY - timedelta(days=int(days))


def in_sentence(name: str) -> str:
    """A street's or river's name inside a longer name: Đường tỉnh 355 becomes đường tỉnh 355."""
    common = ("Đường ", "Quốc lộ ", "Cao tốc ", "Sông ")
    return name[0].lower() + name[1:] if name.startswith(common) else name


def name_culture_houses(draft: Draft) -> list[tuple[str, Point]]:
    """One dwelling near the middle of each group becomes its culture house: (group name, place)."""
    homes = [house for house in draft.houses if house.kind == "dwelling"]
    points = shapely.centroid([house.geom for house in homes])
    tree = shapely.STRtree(points)
    found = []
    for polygon, name in zip(draft.groups, draft.group_names, strict=True):
        inside = np.sort(tree.query(polygon, predicate="contains"))
        if not len(inside):
            found.append((name, polygon.representative_point()))
            continue
        coords = shapely.get_coordinates(points[inside])
        best = homes[int(inside[np.argmin(np.hypot(*(coords - np.median(coords, axis=0)).T))])]
        best.kind, best.name, best.level_count = "culture", f"Nhà văn hoá {name}", 1
        found.append((name, best.geom.centroid))
    return found


def school_rows(draft: Draft) -> list[Row]:
    """Layer `schools`."""
    rng = draft.rng("schools")
    schools = [site for site in draft.sites if site.kind in LEVELS]
    return [
        Row(
            inside_site(draft, site.face),
            {
                "name": site.name,
                "level": site.kind,
                "has_pledge": bool(rng.random() < 0.9),
                "last_briefed_on": days_before(rng.integers(10, 90)),
            },
            f"{draft.spec.short}-TH{k + 1:02d}",
        )
        for k, site in enumerate(schools)
    ]


def inside_site(draft: Draft, face: int) -> Point:
    """A point on the ground of a site."""
    point = draft.faces[face].geom.centroid
    return point if draft.faces[face].geom.contains(point) else draft.faces[face].geom.representative_point()


def facility_rows(draft: Draft, culture: list[tuple[str, Point]]) -> list[Row]:
    """Layer `facilities`; the methadone clinic and military places are for the police only."""
    found = [
        (site.name, *_FACILITY[site.kind], inside_site(draft, site.face))
        for site in draft.sites
        if site.kind in _FACILITY
    ]
    found += [
        (zone.name, "military", "police", zone.geom.representative_point())
        for zone in draft.terrain.zones
        if zone.use == "military"
    ]
    found += [(f"Nhà văn hoá {name}", "culture", "public", point) for name, point in culture]
    return [
        Row(point, {"name": name, "kind": kind, "visibility": visibility}, f"{draft.spec.short}-CS{k + 1:03d}")
        for k, (name, kind, visibility, point) in enumerate(found)
    ]


def venue_rows(draft: Draft) -> list[Row]:
    """Layer `venues`: houses on the main streets, the more central the more likely."""
    rng, spec = draft.rng("venues"), draft.spec
    homes = [house for house in draft.houses if house.kind == "dwelling"]
    worth = _commerce(draft, homes) * np.array([draft.faces[house.face].density for house in homes]) ** 1.5
    chosen = rng.choice(len(homes), min(spec.counts.venues, len(homes)), replace=False, p=worth / worth.sum())
    kinds = ["karaoke", "hotel", "guesthouse", "boarding_house", "bar", "internet_cafe", "massage", "other"]
    seaside = not draft.terrain.sea.is_empty
    shares = [0.16, 0.24, 0.28, 0.1, 0.04, 0.06, 0.06, 0.06] if seaside else [0.22, 0.05, 0.23, 0.22, 0.03, 0.12, 0.07, 0.06]
    words = [_WORDS[k % len(_WORDS)] for k in rng.permutation(len(chosen) + len(_WORDS))]
    used: set[str] = set()
    rows = []
    for k, index in enumerate(sorted(chosen.tolist())):
        kind = str(rng.choice(kinds, p=shares))
        name = _unused(f"{_PREFIX[kind]} {words[k]}", used)
        last = days_before(rng.integers(5, 260))
        properties: dict[str, Any] = {
            "name": name,
            "kind": kind,
            "last_checked_on": last,
            "next_due_on": last + timedelta(days=180 if kind in ("karaoke", "bar", "massage") else 270),
            "has_pledge": bool(rng.random() < 0.82),
        }
        rows.append(Row(homes[index].geom.centroid, properties, f"{spec.short}-KD{k + 1:03d}"))
    return rows


def _unused(name: str, used: set[str]) -> str:
    number, found = 2, name
    while found in used:
        found, number = f"{name} {number}", number + 1
    used.add(found)
    return found


def _commerce(draft: Draft, homes: list[House]) -> Coords:
    network = draft.network
    worth_of = {"trunk": 5.0, "primary": 6.0, "secondary": 4.0, "tertiary": 1.5, "residential": 0.4}
    lines = [piece.geom for piece in network.pieces]
    worth = np.array([worth_of.get(network.streets[piece.street].klass, 0.02) for piece in network.pieces])
    points = shapely.centroid([house.geom for house in homes])
    home, piece = shapely.STRtree(lines).query_nearest(points, all_matches=False)
    found = np.full(len(homes), 0.02)
    found[home] = worth[piece]
    return found


def worker_rows(draft: Draft) -> list[Row]:
    """Layer `worker_housing`: boarding rows near the works."""
    rng = draft.rng("workers")
    zones = [zone for zone in draft.terrain.zones if zone.use == "industrial"]
    homes = [house for house in draft.houses if house.kind == "dwelling"]
    if not zones:
        return []
    works = shapely.union_all([zone.geom for zone in zones])
    points = shapely.centroid([house.geom for house in homes])
    near = np.argsort(shapely.distance(points, works), kind="stable")[:260]
    picked = sorted(rng.choice(near, min(4 + 3 * len(zones), len(near)), replace=False).tolist())
    return [
        Row(
            points[index],
            {"name": f"Khu nhà trọ công nhân số {k + 1}", "room_count": int(rng.integers(10, 90)),
             "has_pledge": bool(rng.random() < 0.75)},
            f"{draft.spec.short}-CN{k + 1:02d}",
        )
        for k, index in enumerate(picked)
    ]


def industrial_rows(draft: Draft) -> list[Row]:
    """Layer `industrial_zones`."""
    rng = draft.rng("industry")
    zones = [zone for zone in draft.terrain.zones if zone.use == "industrial"]
    return [
        Row(
            multi(zone.geom),
            {"name": zone.name, "worker_count": int(zone.geom.area / 1e4 * rng.integers(35, 70)),
             "last_briefed_on": days_before(rng.integers(20, 120))},
            f"{draft.spec.short}-KCN{k + 1}",
        )
        for k, zone in enumerate(zones)
    ]


_WINDS = ("Bắc", "Đông Bắc", "Đông", "Đông Nam", "Nam", "Tây Nam", "Tây", "Tây Bắc")


def gateway_rows(draft: Draft) -> list[Row]:
    """Layer `gateways`: where roads reach the boundary, and landings on the river."""
    network, outline = draft.network, draft.terrain.outline
    middle = shapely.get_coordinates(outline.centroid)[0]
    edge = LineString(outline.exterior)
    found: dict[int, tuple[str, str]] = {}
    for piece in network.pieces:
        street = network.streets[piece.street]
        if street.klass not in ("motorway", "trunk", "primary", "secondary", "tertiary"):
            continue
        for node in (piece.source, piece.target):
            if edge.distance(shapely.points(network.nodes[node])) < 1.0:
                found[node] = (f"Cửa ngõ {in_sentence(street.name)}", "road")
    rows = []
    for k, (node, (name, kind)) in enumerate(sorted(found.items())):
        wind = _WINDS[round(float(np.degrees(np.arctan2(*(network.nodes[node] - middle)))) / 45) % 8]
        point = shapely.points(network.nodes[node] + (middle - network.nodes[node]) * 0.0005)
        rows.append(Row(point, {"name": f"{name} (phía {wind})", "kind": kind}, f"{draft.spec.short}-CN{k + 1:02d}"))
    rivers = [water for water in draft.terrain.waters if water.klass == "river"]
    for water in rivers[:1]:
        bank = shapely.boundary(draft.terrain.land).intersection(shapely.buffer(water.geom, 1.0))
        bank = max(shapely.get_parts(shapely.line_merge(bank)), key=lambda part: part.length)
        for share, label in ((0.3, "Bến đò"), (0.72, "Bến tàu")):
            point = bank.interpolate(share, normalized=True)
            name = f"{label} {water.name.removeprefix('Sông ')}"
            rows.append(Row(point, {"name": name, "kind": "landing"}, f"{draft.spec.short}-CN{len(rows) + 1:02d}"))
    return rows


def key_route_rows(draft: Draft) -> list[Row]:
    """Layer `key_routes`: main roads carried on beyond the boundary, and the river."""
    network, spec = draft.network, draft.spec
    rows = []
    for name in spec.key_routes:
        pieces = [piece.geom for piece in network.pieces if network.streets[piece.street].name == name]
        merged = shapely.line_merge(shapely.multilinestrings(pieces))
        lines = [_carried_out(line, draft) for line in shapely.get_parts(merged)]
        properties = {"name": f"Tuyến {in_sentence(name)}", "kind": "road", "document": "Quyết định 28/2025/QĐ-TTg, Điều 3"}
        rows.append(Row(shapely.multilinestrings(lines), properties, f"{spec.short}-TT{len(rows) + 1}"))
    rivers = [line for klass, _, width, line in draft.terrain.streams if klass == "river" and width > 80]
    if rivers:
        name = next(n for klass, n, width, _ in draft.terrain.streams if klass == "river" and width > 80)
        properties = {"name": f"Tuyến đường thuỷ {in_sentence(name)}", "kind": "water", "document": None}
        rows.append(Row(shapely.multilinestrings(rivers[:1]), properties, f"{spec.short}-TT{len(rows) + 1}"))
    return rows


def _carried_out(line: LineString, draft: Draft, by_m: float = 900.0) -> LineString:
    edge = LineString(draft.terrain.outline.exterior)
    coords = shapely.get_coordinates(line)
    for end, before in ((0, 1), (-1, -2)):
        if edge.distance(shapely.points(coords[end])) < 1.0:
            heading = coords[end] - coords[before]
            further = coords[end] + heading / np.hypot(*heading) * by_m
            coords = np.vstack([further, coords]) if end == 0 else np.vstack([coords, further])
    return LineString(coords)


def tip_box_rows(draft: Draft, culture: list[tuple[str, Point]]) -> list[Row]:
    """Layer `tip_boxes`: one in each group, less those that still wait for one."""
    rng = draft.rng("boxes")
    without = set(rng.choice(len(culture), draft.spec.counts.boxless, replace=False).tolist())
    rows = []
    for k, (name, point) in enumerate(culture):
        if k in without:
            continue
        properties = {
            "place": f"Cổng nhà văn hoá {name}",
            "state": "working" if rng.random() < 0.95 else "broken",
            "installed_on": date(2025, 8, 1) + timedelta(days=int(rng.integers(0, 300))),
            "checked_on": days_before(rng.integers(1, 40)),
        }
        rows.append(Row(_beside(point, 3.0, rng), properties, f"{draft.spec.short}-HT{k + 1:02d}"))
    return rows


def board_rows(draft: Draft, culture: list[tuple[str, Point]]) -> list[Row]:
    """Layer `notice_boards`: at culture houses, markets, schools; most carry all three numbers."""
    rng = draft.rng("boards")
    places = [(f"Nhà văn hoá {name}", point) for name, point in culture]
    places += [
        (site.name, Point(site.gate)) for site in draft.sites
        if site.kind in ("market", "upper_secondary", "lower_secondary", "government", "transport")
    ]
    rows = []
    for k, (place, point) in enumerate(places):
        full = rng.random() < 0.84
        properties = {
            "place": place,
            "state": "working" if rng.random() < 0.95 else "broken",
            "has_commune_police": True,
            "has_pc04": bool(full or rng.random() < 0.5),
            "has_c04": bool(full),
            "checked_on": days_before(rng.integers(5, 150)),
        }
        rows.append(Row(_beside(point, 4.5, rng), properties, f"{draft.spec.short}-BN{k + 1:02d}"))
    return rows


def _beside(point: Point, by_m: float, rng: np.random.Generator) -> Point:
    turn = rng.uniform(0, 2 * np.pi)
    return Point(round(point.x + by_m * np.cos(turn), 2), round(point.y + by_m * np.sin(turn), 2))
