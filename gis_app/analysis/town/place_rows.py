"""Rows of places: schools, facilities, venues, industrial zones, workers' housing."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import shapely
from shapely import Point

from gis_app.analysis.town.base_rows import multi
from gis_app.analysis.town.model import Coords, Draft, House, Row

_TODAY = date(2026, 11, 22)
LEVELS = ("kindergarten", "primary", "lower_secondary", "upper_secondary", "college")
_FACILITY = {
    "market": ("market", "public"),
    "government": ("government", "public"),
    "police": ("police", "public"),
    "health": ("health", "public"),
    "methadone": ("methadone", "police"),
    "transport": ("transport", "public"),
}
_PREFIX = {
    "karaoke": "Karaoke",
    "hotel": "Khách sạn",
    "guesthouse": "Nhà nghỉ",
    "boarding_house": "Nhà trọ",
    "bar": "Bar",
    "internet_cafe": "Internet",
    "massage": "Massage",
    "other": "Quán",
}
_WORDS = (
    "Ánh Sao",
    "Hoa Sen",
    "Bình Minh",
    "Hoàng Hôn",
    "Sao Biển",
    "Hương Lúa",
    "Phượng Đỏ",
    "Thiên Thanh",
    "Ngọc Lan",
    "Mai Vàng",
    "Trúc Xanh",
    "Hải Âu",
    "Cát Vàng",
    "Sóng Xanh",
    "Gió Mới",
    "Mây Trắng",
    "Thu Vàng",
    "Hạ Trắng",
    "Tre Việt",
    "Làng Xưa",
    "Phố Cổ",
    "Sông Quê",
    "Đồng Quê",
    "Bến Xuân",
    "Cầu Vồng",
    "Ban Mai",
    "Thủy Tiên",
    "Hướng Dương",
    "Bằng Lăng",
    "Hoa Sữa",
    "Dạ Lan",
    "Hồng Hạc",
    "Thiên Nga",
    "Bồ Câu",
    "Sơn Ca",
    "Họa Mi",
    "Đại Dương",
    "Trường Sa",
    "Thăng Long",
    "Tràng An",
    "Kim Cương",
    "Pha Lê",
    "Hổ Phách",
    "San Hô",
    "Ngôi Sao",
    "Sao Mai",
    "Sao Băng",
)


def days_before(days: int) -> date:
    """A date `days` before the day of the demonstration."""
    return _TODAY - timedelta(days=days)


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
        best.kind, best.name, best.level_count = "culture", f"Nhà văn hóa {name}", 1
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
                "last_briefed_on": days_before(int(rng.integers(10, 90))),
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
    found += [(f"Nhà văn hóa {name}", "culture", "public", point) for name, point in culture]
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
    inland = [0.22, 0.05, 0.23, 0.22, 0.03, 0.12, 0.07, 0.06]
    shares = [0.16, 0.24, 0.28, 0.1, 0.04, 0.06, 0.06, 0.06] if seaside else inland
    words = [_WORDS[k % len(_WORDS)] for k in rng.permutation(len(chosen) + len(_WORDS))]
    used: set[str] = set()
    rows = []
    for k, index in enumerate(sorted(chosen.tolist())):
        kind = str(rng.choice(kinds, p=shares))
        name = _unused(f"{_PREFIX[kind]} {words[k]}", used)
        last = days_before(int(rng.integers(5, 260)))
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
            {
                "name": f"Khu nhà trọ công nhân số {k + 1}",
                "room_count": int(rng.integers(10, 90)),
                "has_pledge": bool(rng.random() < 0.75),
            },
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
            {
                "name": zone.name,
                "worker_count": int(zone.geom.area / 1e4 * rng.integers(35, 70)),
                "last_briefed_on": days_before(int(rng.integers(20, 120))),
            },
            f"{draft.spec.short}-KCN{k + 1}",
        )
        for k, zone in enumerate(zones)
    ]
