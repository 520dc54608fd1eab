"""Rows of what stands at culture houses and gates: tip boxes, notice boards, loudspeakers."""

from datetime import date, timedelta

import numpy as np
from shapely import Point

from gis_app.analysis.town.model import Draft, Row
from gis_app.analysis.town.place_rows import days_before


def tip_box_rows(draft: Draft, culture: list[tuple[str, Point]]) -> list[Row]:
    """Layer `tip_boxes`: one in each group, less those that still wait for one."""
    rng = draft.rng("boxes")
    without = set(rng.choice(len(culture), draft.spec.counts.boxless, replace=False).tolist())
    rows = []
    for k, (name, point) in enumerate(culture):
        if k in without:
            continue
        drawn = rng.random()
        properties = {
            "place": f"Cổng nhà văn hóa {name}",
            # Where the document says how many there are, these are all in use.
            "state": "working" if drawn < 0.95 or draft.spec.counts.boxless else "broken",
            "installed_on": date(2025, 8, 1) + timedelta(days=int(rng.integers(0, 300))),
            "checked_on": days_before(int(rng.integers(1, 40))),
        }
        rows.append(Row(_beside(point, 3.0, rng), properties, f"{draft.spec.short}-HT{k + 1:02d}"))
    return rows


def board_rows(draft: Draft, culture: list[tuple[str, Point]]) -> list[Row]:
    """Layer `notice_boards`: at culture houses, markets, schools; most carry all three numbers."""
    rng = draft.rng("boards")
    places = [(f"Nhà văn hóa {name}", point) for name, point in culture]
    places += [
        (site.name, Point(site.gate))
        for site in draft.sites
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
            "checked_on": days_before(int(rng.integers(5, 150))),
        }
        rows.append(Row(_beside(point, 4.5, rng), properties, f"{draft.spec.short}-BN{k + 1:02d}"))
    return rows


def _beside(point: Point, by_m: float, rng: np.random.Generator) -> Point:
    turn = rng.uniform(0, 2 * np.pi)
    return Point(round(point.x + by_m * np.cos(turn), 2), round(point.y + by_m * np.sin(turn), 2))


def loudspeaker_rows(draft: Draft, culture: list[tuple[str, Point]]) -> list[Row]:
    """Layer `loudspeakers`: one on each culture house."""
    rng = draft.rng("speakers")
    rows: list[Row] = []
    for _, point in culture:
        properties = {
            "range_m": float(rng.integers(15, 31) * 10),
            "state": "working" if rng.random() < 0.93 else "broken",
            "schedule": "05:30–06:00, 17:00–17:30",
        }
        place = Point(round(point.x + 1.5, 2), round(point.y - 1.0, 2))
        rows.append(Row(place, properties, f"{draft.spec.short}-LT{len(rows) + 1:02d}"))
    return rows
