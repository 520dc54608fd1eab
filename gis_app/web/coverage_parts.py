"""What the API and the page of coverage share: parameters, freshness, the answer with its figures. No views here."""

from decimal import Decimal
from typing import Any

from gis_app.analysis.coverage import GATE_M, LEVEL_NAMES, NEAR_M, TIMES
from gis_app.errors import Conflict
from gis_app.jobs import kinds
from gis_app.jobs.coverage import Freshness, ensure_coverage
from gis_app.jobs.coverage_figures import CLASSES, Asked, figures_of
from gis_app.queries.coverage_views import count_assumptions, fetch_not_counted
from gis_app.web.context import actor, commune, connection
from gis_app.web.i18n import words
from gis_app.web.params import Malformed, Param, one_of


def length_text(metres: float) -> str:
    """Metres below a kilometre, kilometres above."""
    if round(metres) < 1000:
        return f"{words().number(round(metres))}\u00a0m"
    return f"{words().number(Decimal(str(round(metres / 1000, 1))))}\u00a0km"


def _yes(text: str) -> bool:
    if text not in ("true", "false", "1", "0"):
        raise Malformed("choice")
    return text in ("true", "1")


def _flag(name: str, about: str) -> Param:
    return Param(name, _yes, about, {"type": "string", "enum": ["true", "false"]}, default=False)


def _choice(name: str, about: str, values: tuple[str, ...], default: str | None) -> Param:
    return Param(name, one_of(*values), about, {"type": "string", "enum": list(values)}, default=default)


TIME = _choice("time", "By day, or by night: where lit, or with infrared", TIMES, "day")
LEVEL = _choice("level", "DORI level of the views", LEVEL_NAMES, "detect")
WORKING = _flag("working_only", "Only devices whose state is working")
VERIFIED = _flag("verified_only", "Only devices looked at on site within 12 months of which nothing is assumed")
KIND = _choice("kind", "Also each place of this class", CLASSES, None)
ASKED = (TIME, LEVEL, WORKING, VERIFIED)
# What stands for a place, so that nobody has to guess.
RULES = {"school_radius_m": GATE_M, "place_reach_m": NEAR_M, "verified_months": 12}


def asked_of(query: dict[str, Any]) -> Asked:
    """The figures that a query asks for."""
    return Asked(query["time"], query["level"], query["working_only"], query["verified_only"])


def fresh_figures() -> tuple[Freshness, int | None]:
    """Make the figures those of now, or ask for a job that does: whether they are, and the job."""
    here, conn = commune(), connection()
    fresh = ensure_coverage(conn, actor(), here)
    if not fresh.is_stale:
        return fresh, None
    try:
        return fresh, kinds.ask(conn, "coverage", {})
    except Conflict:
        # Twenty jobs wait already; whoever looks later asks again, and the worker comes by itself.
        return fresh, None


def freshness_dict(fresh: Freshness, job_id: int | None) -> dict[str, Any]:
    """Of which moment the figures are."""
    return {
        "stale": fresh.is_stale,
        "job_id": job_id,
        "computed_on": None if fresh.computed_on is None else fresh.computed_on.isoformat(),
        "computed_at": None if fresh.computed_at is None else fresh.computed_at.isoformat(),
    }


def asked_dict(asked: Asked) -> dict[str, Any]:
    """What was asked for, as the answer repeats it."""
    return {
        "time": asked.time,
        "level": asked.level,
        "working_only": asked.working_only,
        "verified_only": asked.verified_only,
    }


def coverage_dict(asked: Asked, kind: str | None, fresh: Freshness, job_id: int | None) -> dict[str, Any]:
    """Figures of commune, groups, streets and classes, with what they leave out and why."""
    here, conn = commune(), connection()
    devices, device_count = fetch_not_counted(conn, here.id)
    return {
        **asked_dict(asked),
        **freshness_dict(fresh, job_id),
        "rules": RULES,
        **figures_of(conn, here.id, actor().role, asked, kind),
        "assumptions": count_assumptions(conn, here.id),
        "not_counted": [dict(device) for device in devices],
        "not_counted_count": device_count,
    }
