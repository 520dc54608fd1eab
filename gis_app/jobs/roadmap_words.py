"""Targets in words, for pages and for the report."""

from gis_app.analysis.roadmap import Target, YearTargets
from gis_app.jobs.roadmap import Roadmap
from gis_app.words import Words


def _why(say: Words, target: Target) -> str:
    """Where a whole number comes from: "20 % = 4,6 → làm tròn lên"."""
    if target.share is None or target.exact is None or target.whole is None:
        return ""
    share, exact = f"{say.number(target.share)} %", say.number(target.exact)
    if target.operator == ">":
        return say.say("roadmap.why_over", share=share, exact=exact, whole=say.number(target.whole))
    if target.exact == target.exact.to_integral_value():
        return share if target.operator == "=" else say.say("roadmap.why_least", share=share)
    if target.operator == ">=":
        return say.say("roadmap.why_at_least", share=share, exact=exact, whole=say.number(target.whole))
    return say.say("roadmap.why_rounded", share=share, exact=exact, rounding=say.say(f"rounding.{target.rounding}"))


def target_words(say: Words, one: YearTargets, target: Target) -> str:
    """One target: "5/23 (20 % = 4,6 → làm tròn lên)"."""
    if target.whole == 0 and one.total != 0:
        return say.say("roadmap.not_due")
    if one.kind == "commune":
        return say.say("roadmap.commune_new" if target.new else "roadmap.commune_keep")
    if target.whole is None:
        share = "" if target.share is None else f"{say.number(target.share)} %"
        strict = f"{say.say(f'roadmap.operator.{target.operator}')} " if share and target.operator != "=" else ""
        return say.say("roadmap.not_counted", share=f"{strict}{share}")
    of = f"/{say.number(one.total)}" if one.total is not None and one.kind != "model" else ""
    why = _why(say, target)
    return f"{say.number(target.whole)}{of}{f' ({why})' if why else ''}"


def year_words(say: Words, one: YearTargets) -> str:
    """The targets of a year: all readings, and that one is still to be chosen."""
    said = dict.fromkeys(target_words(say, one, target) for target in one.targets)
    found = say.say("roadmap.or").join(said)
    return f"{found} ({say.say('roadmap.not_chosen')})" if len(said) > 1 else found


def year_sentence(say: Words, one: YearTargets) -> str:
    """The same with its year: "mục tiêu 2026: 5/23"."""
    return say.say("roadmap.target_year", year=one.year, words=year_words(say, one))


def short_target(say: Words, roadmap: Roadmap, year: int) -> str:
    """This year's target of groups without its reasons: "mục tiêu 2026: 5/23"; empty where none is counted."""
    one = roadmap.of("group", year)
    counted = [] if one is None else [target.whole for target in one.targets if target.whole]
    if one is None or not counted or one.total is None:
        return ""
    total = say.number(one.total)
    found = say.say("roadmap.or").join(dict.fromkeys(f"{say.number(whole)}/{total}" for whole in counted))
    return say.say("roadmap.target_year", year=year, words=found)


def headline(say: Words, roadmap: Roadmap, commune_kind: str, year: int) -> str:
    """The committee's sentence: what is achieved, and what this year's target is."""
    groups = roadmap.units["group"]
    done, total = groups.achieved or 0, groups.total or 0
    unit = say.say("roadmap.unit.village" if commune_kind == "commune" else "roadmap.unit.residential_group")
    share = say.per_cent(done, total)
    achieved = say.say("roadmap.achieved", done=say.number(done), total=say.number(total), unit=unit)
    said = f"{achieved}{f' ({share})' if share else ''}"
    one = roadmap.of("group", year) or roadmap.of("commune", year)
    return f"{said} · {say.say('roadmap.no_target', year=year) if one is None else year_sentence(say, one)}"


def reading_labels(roadmap: Roadmap, target: Target) -> list[str]:
    """The readings under which a target holds, in words."""
    texts = [roadmap.reading_text(rule_id, code) for choices in target.readings for rule_id, code in choices]
    return list(dict.fromkeys(texts))
