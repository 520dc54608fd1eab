"""The page `/diem-nong`: where and when reports come, with what each method says and does not. No JavaScript needed.

The map asks /api/hotspot-stats for the one layer that is chosen; all that words and tables can say is in the page.
"""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask import Blueprint, render_template

from gis_app.analysis.hotspot_stats import cells, clusters, density, local, near_repeat
from gis_app.analysis.hotspot_stats import network_density as streets
from gis_app.analysis.hotspot_stats.events import LEAST_ON_MAP, SMALLEST_TOLD, Wanted
from gis_app.jobs.hotspot_stats import Asked, Desk
from gis_app.jobs.hotspot_times import hours_of, trend_of
from gis_app.queries.place_reports import READERS, TELLERS
from gis_app.queries.tasks import fetch_today
from gis_app.tables.place_reports import CATEGORIES
from gis_app.web.context import actor, allow, commune, connection
from gis_app.web.i18n import language, t, words
from gis_app.web.nav import Page
from gis_app.web.params import Param, one_of, reads
from gis_app.web.script_messages import script_messages
from gis_app.web.who import session_dict
from layers.base import STAFF

blueprint = Blueprint("hotspot_pages", __name__)

ADDRESS = "/diem-nong"
PAGE = Page(ADDRESS, "hotspots", STAFF, 22, "hotspot")
PERIODS = {"90": 90, "180": 180, "365": 365}
BANDS: Mapping[str, tuple[int, int]] = {"all": (0, 24), "day": (6, 18), "evening": (18, 22), "night": (22, 6)}
LAYERS = ("density", "street-density", "clusters", "gi-star", "local-moran", "near-repeat")
SHADES = 5
ASKED = (
    Param("ky", one_of(*PERIODS), "Days back from today", {"enum": list(PERIODS)}, default="365"),
    Param("gio", one_of(*BANDS), "Hours of the day", {"enum": list(BANDS)}, default="all"),
    Param("loai", one_of("all", *CATEGORIES), "Category", {"enum": ["all", *CATEGORIES]}, default="all"),
)
METHOD = {
    "least": LEAST_ON_MAP, "smallest": SMALLEST_TOLD, "low": round(density.BANDWIDTH_M[0]),
    "high": round(density.BANDWIDTH_M[1]), "away": round(streets.FARTHEST_M), "eps": round(clusters.EPS_M),
    "samples": clusters.MIN_SAMPLES, "size": clusters.MIN_SIZE, "width": round(cells.WIDTH_M),
    "fdr": round(local.FDR_LEVEL * 100), "permutations": near_repeat.PERMUTATIONS,
}  # fmt: skip


def _asked(query: Mapping[str, Any], today: dt.date) -> Asked:
    low, high = BANDS[query["gio"]]
    chosen = () if query["loai"] == "all" else (query["loai"],)
    since = today - dt.timedelta(days=PERIODS[query["ky"]] - 1)
    return Asked(since, today, Wanted(low, high, chosen), coarse=actor().role == "planner")


def _day(text: str) -> str:
    return dt.date.fromisoformat(text).strftime("%d/%m/%Y")


def decimal_text(value: float | None, places: int = 1) -> str:
    """A number as it is read; a dash where there is none."""
    return "–" if value is None else words().number(Decimal(str(round(value, places))))


def _shade(count: int | None, most: int) -> int:
    """0 for none, 1 to 5 by the share of the largest."""
    return 0 if not count or not most else -(-SHADES * count // most)


def _hours(found: Mapping[str, Any]) -> dict[str, Any]:
    """Rows of the table: an hour with its seven days."""
    most = max((cell or 0 for row in found["rows"] for cell in row), default=0)
    hidden = t("hotstat.hidden", smallest=SMALLEST_TOLD)
    rows = [
        {
            "title": str(hour) if found["step_h"] == 1 else f"{hour}–{hour + found['step_h']}",
            "cells": [
                {"shade": _shade(cell, most), "text": hidden if cell is None else words().number(cell)}
                for cell in (row[hour // found["step_h"]] for row in found["rows"])
            ],
        }
        for hour in range(0, 24, found["step_h"])
    ]
    return {"rows": rows, "total": found["total"], "from_on": _day(found["from_on"]), "to_on": _day(found["to_on"])}


def _change(row: Mapping[str, Any]) -> str:
    if row["verdict"] not in ("more", "fewer", "same"):
        return t(f"hotstat.trend_{row['verdict']}")
    said = {"ratio": row["ratio"], "low": row["low"], "high": row["high"]}
    texts = {name: t("hotstat.no_bound") if value is None else decimal_text(value, 2) for name, value in said.items()}
    return t(f"hotstat.trend_{row['verdict']}", **texts)


def _trend(found: Mapping[str, Any]) -> dict[str, Any]:
    rows = [
        {
            "title": t("hotstat.category_all" if row["category"] is None else f"hotstat.category_{row['category']}"),
            "before": row["before"],
            "now": row["now"],
            "change": _change(row),
            "verdict": row["verdict"],
        }
        for row in found["rows"]
    ]
    days = {name: _day(found[name]) for name in ("from_on", "to_on", "before_from_on", "before_to_on")}
    return {"rows": rows, "least": found["least_events"], **days}


def _places(asked: Asked) -> dict[str, Any]:
    """What words can say of places: clusters and the table of near repeats."""
    desk = Desk(connection(), commune(), asked)
    found = desk.clusters()
    return {"clusters": found, "repeat": desk.near_repeat(), "verdict": found["verdict"]}


@blueprint.get(ADDRESS)
@allow(*STAFF)
@reads(*ASKED)
def show_page(query: dict[str, Any]) -> str:
    """Where and when reports come."""
    here, role, today = commune(), actor().role, fetch_today(connection())
    asked = _asked(query, today)
    times = hours_of(connection(), here, asked, role)
    sees_places = role in READERS
    where = {
        "from_on": asked.from_on.isoformat(), "to_on": asked.to_on.isoformat(),
        "hour_from": asked.wanted.hour_from, "hour_to": asked.wanted.hour_to,
        "categories": ",".join(asked.wanted.categories),
    }  # fmt: skip
    boot = {
        "session": session_dict(), "messages": script_messages(language(), "hotspots"), "lang": language(),
        "today": today.isoformat(), "query": where,
    }  # fmt: skip
    return render_template(
        "hotspots/index.html",
        place=here,
        may_tell=role in TELLERS,
        boot=boot,
        asked=query,
        periods=PERIODS,
        bands=BANDS,
        categories=CATEGORIES,
        layers=LAYERS,
        method=METHOD,
        is_coarse=asked.coarse,
        is_exact=times["is_exact"],
        hours=_hours(times),
        trend=_trend(trend_of(connection(), here, asked, role, today)),
        found=_places(asked) if sees_places else None,
        number=words().number,
        decimal=decimal_text,
    )
