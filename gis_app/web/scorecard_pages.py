"""The page `/tong-quan/thi-dua`: scores of a year, remarks, points, closing; works without JavaScript."""

import re
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from gis_app.analysis.scorecard import CRITERIA, VERDICTS, read_rules
from gis_app.analysis.status import period_year
from gis_app.errors import BadRequest, Conflict, GisError, NotFound, PreconditionFailed, Unprocessable
from gis_app.jobs.scorecard import Scorecard, current_rules, may_close, totals_of, years_of
from gis_app.jobs.scorecard_print import tenths_text
from gis_app.queries import scorecards as q
from gis_app.queries.statuses import fetch_today
from gis_app.tables.scorecards import LONGEST_REMARK
from gis_app.text import has_controls, tidy
from gis_app.web.context import actor, allow, commune, connection, people_only
from gis_app.web.guarded_words import refuse_persons
from gis_app.web.i18n import t, words
from gis_app.web.params import Param, one_of, read_query, reads, whole
from gis_app.web.scorecard_parts import MIME_TYPES, find_card

blueprint = Blueprint("scorecard_pages", __name__)

ADDRESS = "/tong-quan/thi-dua"
LIVE = Param("nay", one_of("1"), "1: as it stands, though it was closed", {"enum": ["1"]})
YEAR = Param("nam", whole(2020, 2100), "Year of the programme, 15 December to 14 December", {"type": "integer"})


def _basis_text(name: str, basis: list[int] | None) -> str:
    if basis is None:
        return t("score.basis_few") if name == "tips" else t("score.basis_none")
    done, of = basis
    if of == 0:
        return t("score.basis_none")
    if name in ("stage", "coverage", "pledges", "tips"):
        share = words().per_cent(done, of)
        return t("score.basis_tips", share=share) if name == "tips" else share
    return t(f"score.basis_{name}", done=words().number(done), of=words().number(of))


def _summary(card: Scorecard) -> dict[str, int]:
    found = {verdict: sum(row["verdict"] == verdict for row in card.rows) for verdict in VERDICTS}
    return {**found, "unknown": sum(row["tenths"] is None for row in card.rows)}


def _page(card: Scorecard, problem: GisError | None = None, form: Mapping[str, Any] | None = None) -> str:
    here, conn, role = commune(), connection(), actor().role
    today = fetch_today(conn)
    version, rules = current_rules(conn, here.id)
    faults = [] if problem is None else problem.params.get("faults", [])
    editions = [one for one in q.fetch_editions(conn, here.id) if one.year == card.year]
    return render_template(
        "scorecard/index.html",
        place=here,
        back=ADDRESS,
        card=card,
        rows=sorted(card.rows, key=lambda row: -1 if row["tenths"] is None else row["tenths"], reverse=True),
        before=totals_of(conn, here.id, card.year - 1),
        years=years_of(conn, here.id, today),
        editions=editions,
        summary=_summary(card),
        criteria=CRITERIA,
        verdicts=VERDICTS,
        rules=rules,
        rules_version=version,
        form=form or {},
        longest=LONGEST_REMARK,
        formats=MIME_TYPES,
        may_edit=role in q.EDITORS and card.edition is None,
        may_lead=role in q.LEADERS,
        may_close=may_close(card.year, today),
        is_over=card.counted_to == card.days[1],
        tenths=tenths_text,
        basis=_basis_text,
        number=words().number,
        problem=None if problem is None else t(f"error.{problem.code}", **problem.params),
        faults=[(_field(fault["field"]), t(f"rule.{fault['rule']}")) for fault in faults],
    )


def _field(path: str) -> str:
    part, _, name = path.partition(".")
    return f"{t(f'score.criterion.{name}')} ({t(f'score.{part}')})" if name else t(f"score.{part}")


@blueprint.get(ADDRESS)
@allow(*q.READERS)
@reads(YEAR, LIVE)
def show_page(query: dict[str, Any]) -> str:
    """Scores of the groups in a year of the programme, by the points that stand below them."""
    commune()
    year = query["nam"] or period_year(fetch_today(connection()))
    return _page(find_card(year, live=query["nay"] is not None))


def _posted(name: str, low: int, high: int) -> int:
    text = request.form.get(name, "")
    if not re.fullmatch(r"[0-9]{1,18}", text) or not low <= int(text) <= high:
        raise BadRequest("bad_parameter", name=name, rule="whole")
    return int(text)


def _posted_card() -> Scorecard:
    """The card that a form is about, as it stands: what was closed does not change."""
    read_query(())
    commune()
    return find_card(_posted("nam", 2020, 2100), live=True)


def _back(card: Scorecard, group_id: int | None = None) -> AnyResponse:
    live = "&nay=1" if "nay" in request.form else ""
    return redirect(f"{ADDRESS}?nam={card.year}{live}{'' if group_id is None else f'#g{group_id}'}", 303)


def _save_note(card: Scorecard) -> int:
    group_id = _posted("group_id", 0, 2**62)
    if group_id not in {row["group_id"] for row in card.rows}:
        raise NotFound("group_not_found")
    verdict = request.form.get("verdict", "")
    if verdict not in ("", *VERDICTS):
        raise BadRequest("bad_parameter", name="verdict", rule="choice")
    remark = tidy(request.form.get("remark", "")) or None
    if remark and (len(remark) > LONGEST_REMARK or has_controls(remark)):
        raise Unprocessable("bad_remark", most=LONGEST_REMARK)
    refuse_persons(remark)
    note = q.Note(verdict or None, remark, _posted("version", 0, 2**31))
    if not q.save_note(connection(), commune().id, card.year, group_id, note):
        raise PreconditionFailed("stale_version")
    return group_id


@blueprint.post(f"{ADDRESS}/nhan-xet")
@allow(*q.EDITORS)
@people_only
def save_note() -> AnyResponse | tuple[str, int]:
    """Write a remark on a group, or decide otherwise than its score proposes; about the work, never about a person."""
    card = _posted_card()
    try:
        group_id = _save_note(card)
    except (Unprocessable, PreconditionFailed) as error:
        return _page(card, error, request.form), error.status
    return _back(card, group_id)


@blueprint.post(f"{ADDRESS}/bang-diem")
@allow(*q.LEADERS)
@people_only
def save_rules() -> AnyResponse | tuple[str, int]:
    """Add a version of the points after the one that the page showed; closed years keep theirs."""
    card = _posted_card()

    def value(name: str) -> Any:
        text = request.form.get(name, "").strip()
        return int(text) if re.fullmatch(r"[0-9]{1,6}", text) else text

    raw = {part: {name: value(f"{part}_{name}") for name in CRITERIA} for part in ("points", "full")}
    borders = {name: value(name) for name in ("commend_from", "support_below")}
    rules, faults = read_rules({**raw, **borders})
    try:
        if rules is None:
            raise Unprocessable("bad_score_rules", faults=faults)
        version = _posted("version", 0, 2**30)
        if version != current_rules(connection(), commune().id)[0] or not q.insert_rules(
            connection(), commune().id, version + 1, rules.as_json()
        ):
            raise PreconditionFailed("stale_version")
    except GisError as error:
        return _page(card, error, request.form), error.status
    return _back(card)


@blueprint.post(f"{ADDRESS}/chot")
@allow(*q.LEADERS)
@people_only
def close() -> AnyResponse:
    """Close a year as it stands; a closed one is closed once more as another edition."""
    card, conn, here = _posted_card(), connection(), commune()
    if not may_close(card.year, fetch_today(conn)):
        raise Conflict("scorecard_too_early", year=card.year)
    if not card.rows:
        raise Conflict("scorecard_empty", year=card.year)
    now = max((one.edition for one in q.fetch_editions(conn, here.id) if one.year == card.year), default=0)
    if _posted("edition", 0, 2**30) != now or not q.insert_edition(conn, here.id, card.year, now + 1, card.as_json()):
        raise PreconditionFailed("stale_version")
    return redirect(f"{ADDRESS}?nam={card.year}", 303)
