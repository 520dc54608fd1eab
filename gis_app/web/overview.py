"""The committee's page `/tong-quan`: sentence, stage map, targets, progress, groups; works without JavaScript."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template

from gis_app.analysis.status import NOT_REVIEWED, Answer, answer_at
from gis_app.formats.html_map_symbols import pattern_defs
from gis_app.jobs.overview import Overview, overview_of
from gis_app.queries.agreements import fetch_agreements
from gis_app.queries.lineages import fetch_commune_lineage
from gis_app.queries.scorecards import READERS as SCORE_READERS
from gis_app.web import assets
from gis_app.web.context import actor, allow, commune, connection
from gis_app.web.i18n import language, localised
from gis_app.web.nav import Page
from gis_app.web.numbers import per_cent, plain_day, plain_number
from gis_app.web.overview_blocks import overview_blocks
from gis_app.web.overview_chart import make_chart, share_of
from gis_app.web.params import Param, reads, whole
from gis_app.web.roadmap_words import headline, reading_labels, year_sentence, year_words
from gis_app.web.script_messages import script_messages
from gis_app.web.task_forms import holder_text
from gis_app.web.who import session_dict
from layers import LAYERS
from layers.base import STAFF

blueprint = Blueprint("overview", __name__)

ADDRESS = "/tong-quan"
PAGE = Page(ADDRESS, "overview", STAFF, 10, "overview")

YEAR = Param("nam", whole(2020, 2100), "Year of the targets that are shown", {"type": "integer"})
# What stands for a stage where symbols are not drawn (static/js/core/stages.js draws them).
MARKS: Mapping[str, tuple[str, str]] = {
    "maintained": ("star", "★"), "recognised": ("check", "✓"), "building": ("dots", "…"), "proposed": ("up", "↑"),
    "cleaning": ("sparkle", "✦"), "lapsed": ("bang", "!"), "not_selected": ("question", "?"),
}  # fmt: skip


def _titles(field_name: str) -> dict[str, str]:
    field = LAYERS["groups"].field(field_name)
    return {choice.code: localised((choice.vi, choice.en)) for choice in field.choices} if field else {}


def _criteria() -> dict[str, str]:
    fields = [f for f in LAYERS["groups"].fields if f.name.endswith("_answer")]
    return {f.name.removesuffix("_answer"): localised(f.title) for f in fields}


def _counted(found: Overview) -> dict[int, dict[str, str]]:
    """Answers of each group as they count today: one of an earlier evaluation period is "not reviewed"."""
    return {
        group.group_id: {
            code: answer_at(Answer(answer, on, document), found.today)
            for code, (answer, on, document) in group.answers.items()
        }
        for group in found.groups
    }


@blueprint.get(ADDRESS)
@allow(*STAFF)
@reads(YEAR)
def show_page(query: dict[str, Any]) -> str:
    """Progress of the commune for its committee."""
    here = commune()
    found = overview_of(connection(), here.id)
    session = session_dict()
    boot = {
        "session": session,
        "messages": script_messages(language()),
        "lang": language(),
        "today": found.today.isoformat(),
        "asset_version": assets.version(),
    }
    counted = _counted(found)
    years = [one.year for one in found.progress]
    year = query["nam"] if query["nam"] in years else found.today.year
    total = len(found.groups)
    return render_template(
        "overview/index.html",
        boot=boot,
        place=here,
        session=session,
        may_score=actor().role in SCORE_READERS,
        overview=found,
        total=total,
        year=year,
        years=years,
        headline=headline(found.roadmap, here.kind, found.today.year),
        chart=make_chart(found.progress, total),
        pattern_defs=pattern_defs(LAYERS["groups"].style),
        stage_titles=_titles("stage"),
        answer_titles=_titles("users_answer"),
        criteria=_criteria(),
        holder=holder_text,
        layer_titles={layer.name: localised(layer.title) for layer in LAYERS.values()},
        counted=counted,
        gap_count=sum(NOT_REVIEWED in answers.values() for answers in counted.values()),
        marks=MARKS,
        blocks=overview_blocks(found),
        parents=fetch_commune_lineage(connection(), here.id),
        neighbours=[one for one in fetch_agreements(connection(), here.id) if one.state != "ended"],
        say={
            "words": year_words, "year": year_sentence, "labels": reading_labels, "number": plain_number,
            "day": plain_day, "share": share_of, "per_cent": per_cent,
        },
    )  # fmt: skip
