"""What a city account reads: totals of the communes granted to it, as JSON and as a page. No JavaScript."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, render_template

from gis_app.formats.html_map_symbols import pattern_defs
from gis_app.jobs.city import CityLine, city_lines, sum_up
from gis_app.queries.city import fetch_totals, stages
from gis_app.queries.statuses import fetch_today
from gis_app.web.context import allow, connection
from gis_app.web.i18n import localised, t
from gis_app.web.numbers import per_cent, plain_day, plain_number
from gis_app.web.params import Param, one_of, read_query, reads, whole
from layers import LAYERS
from layers.base import CITY

blueprint = Blueprint("city", __name__)

ADDRESS = "/thanh-pho"
PAGE_ROWS = 100
UP, DOWN = "tang", "giam"
NOT_MET = "chua-dat"
_LAST = Fraction(-1)
# What the table sorts by; communes without a target come last when the largest come first.
SORTS: dict[str, Callable[[CityLine], Any]] = {
    "tong": lambda line: line.group_count,
    "dat": lambda line: line.achieved_count,
    "ty-le": lambda line: Fraction(line.achieved_count, line.group_count) if line.group_count else _LAST,
    "muc-tieu": lambda line: _LAST if line.target.lowest is None else line.target.lowest,
    "thieu": lambda line: _LAST if line.target.gap is None else line.target.gap,
}
NAME = "ten"


@blueprint.get("/api/city/communes")
@allow(CITY)
def list_communes() -> Response:
    """Number of groups by stage in each commune granted to the account, and over all of them."""
    read_query(())
    found = fetch_totals(connection())
    communes = [
        {
            "id": one.id,
            "code": one.code,
            "full_name": one.full_name,
            "groups": dict(one.groups),
            "group_count": sum(one.groups.values()),
            "detail": one.detail,
            "until_on": one.until_on.isoformat(),
        }
        for one in found
    ]
    sums = {stage: sum(one.groups[stage] for one in found) for stage in stages()}
    return jsonify({"communes": communes, "groups": sums, "group_count": sum(sums.values())})


def _chosen(lines: Sequence[CityLine], query: dict[str, Any]) -> list[CityLine]:
    """Communes in the order asked for; by name they come from the database in Vietnamese order."""
    found = [line for line in lines if query["loc"] is None or line.target.verdict in ("not_met", "open")]
    if query["xep"] in SORTS:
        # A stable sort, so that equal ones stay by name either way.
        return sorted(found, key=SORTS[query["xep"]], reverse=query["chieu"] == DOWN)
    return found[::-1] if query["chieu"] == DOWN else found


def _address(query: dict[str, Any], **changed: Any) -> str:
    """The page with other choices; what stands as it is by itself is not named."""
    usual = {"xep": NAME, "chieu": UP, "trang": 1}
    wanted = {name: value for name, value in (query | changed).items() if value not in (None, usual.get(name))}
    return f"{ADDRESS}?{urlencode(wanted)}" if wanted else ADDRESS


def _turned(query: dict[str, Any], column: str) -> str:
    """Where the head of a column leads: numbers begin with the largest, a second click turns the order."""
    first, second = (UP, DOWN) if column == NAME else (DOWN, UP)
    again = query["xep"] == column and query["chieu"] == first
    return _address(query, xep=column, chieu=second if again else first, trang=1)


def target_words(line: CityLine) -> str:
    """A commune's target: "5/23", "4–5/23" while a reading is open, a dash without one."""
    low, high = line.target.lowest, line.target.highest
    if low is None or high is None:
        return "–"
    return f"{plain_number(low)}{'' if low == high else f'–{plain_number(high)}'}/{plain_number(line.group_count)}"


def _headline(lines: Sequence[CityLine], year: int) -> str:
    """All of it in one sentence."""
    sums = sum_up(lines)
    verdicts = {verdict: plain_number(count) for verdict, count in sums.verdicts.items()}
    done, total = plain_number(sums.achieved_count), plain_number(sums.group_count)
    share = per_cent(sums.achieved_count, sums.group_count) or "–"
    said = t("city.headline", done=done, total=total, share=share, communes=plain_number(len(lines)))
    if sums.verdicts["no_target"] == len(lines):
        return f"{said} · {t('roadmap.no_target', year=year)}"
    low, high = plain_number(sums.lowest), plain_number(sums.highest)
    wanted = low if low == high else f"{low}–{high}"
    said += f" · {t('city.headline_target', year=year, wanted=wanted, gap=plain_number(sums.gap))}"
    parts = [t(f"city.count_{code}", n=n) for code, n in verdicts.items() if sums.verdicts[code]]
    return f"{said} · {', '.join(parts)}"


@blueprint.get(ADDRESS)
@allow(CITY)
@reads(
    Param("xep", one_of(NAME, *SORTS), "Sorted by", {"type": "string", "enum": [NAME, *SORTS]}, default=NAME),
    Param("chieu", one_of(UP, DOWN), "Up or down", {"type": "string", "enum": [UP, DOWN]}, default=UP),
    Param("loc", one_of(NOT_MET), "Only communes whose target is not met", {"type": "string", "enum": [NOT_MET]}),
    Param("trang", whole(1, 10_000), "Page of the table", {"type": "integer"}, default=1),
)
def show_page(query: dict[str, Any]) -> str:
    """Communes and their groups, this year's target and gap; one granted in detail is entered from here."""
    year = fetch_today(connection()).year
    lines = city_lines(connection(), year)
    chosen = _chosen(lines, query)
    last = max(1, -(-len(chosen) // PAGE_ROWS))
    page = min(query["trang"], last)
    field = LAYERS["groups"].field("stage")
    return render_template(
        "city/index.html",
        year=year,
        headline=_headline(lines, year),
        lines=chosen[(page - 1) * PAGE_ROWS : page * PAGE_ROWS],
        found=len(chosen),
        sums=sum_up(chosen),
        page=page,
        last=last,
        query=query,
        sorts=(NAME, *SORTS),
        stages={choice.code: localised((choice.vi, choice.en)) for choice in field.choices} if field else {},
        pattern_defs=pattern_defs(LAYERS["groups"].style),
        address=lambda **changed: _address(query, **changed),
        turned=lambda column: _turned(query, column),
        say={"number": plain_number, "day": plain_day, "per_cent": per_cent, "target": target_words},
    )
