"""Targets in words and as JSON. No views here."""

from decimal import Decimal
from typing import Any

from gis_app.analysis.roadmap import Target, YearTargets
from gis_app.jobs.roadmap import Roadmap
from gis_app.web.i18n import t
from gis_app.web.numbers import per_cent, plain_number


def _why(target: Target) -> str:
    """Where a whole number comes from: "20 % = 4,6 → làm tròn lên"."""
    if target.share is None or target.exact is None or target.whole is None:
        return ""
    share, exact = f"{plain_number(target.share)} %", plain_number(target.exact)
    if target.operator == ">":
        return t("roadmap.why_over", share=share, exact=exact, whole=plain_number(target.whole))
    if target.exact == target.exact.to_integral_value():
        return share if target.operator == "=" else t("roadmap.why_least", share=share)
    if target.operator == ">=":
        return t("roadmap.why_at_least", share=share, exact=exact, whole=plain_number(target.whole))
    return t("roadmap.why_rounded", share=share, exact=exact, rounding=t(f"rounding.{target.rounding}"))


def target_words(one: YearTargets, target: Target) -> str:
    """One target: "5/23 (20 % = 4,6 → làm tròn lên)"."""
    if target.whole == 0 and one.total != 0:
        return t("roadmap.not_due")
    if one.kind == "commune":
        return t("roadmap.commune_new" if target.new else "roadmap.commune_keep")
    if target.whole is None:
        return t("roadmap.not_counted", share="" if target.share is None else f"{plain_number(target.share)} %")
    of = f"/{plain_number(one.total)}" if one.total is not None and one.kind != "model" else ""
    why = _why(target)
    return f"{plain_number(target.whole)}{of}{f' ({why})' if why else ''}"


def year_words(one: YearTargets) -> str:
    """The targets of a year: all readings, and that one is still to be chosen."""
    said = dict.fromkeys(target_words(one, target) for target in one.targets)
    found = t("roadmap.or").join(said)
    return f"{found} ({t('roadmap.not_chosen')})" if len(said) > 1 else found


def year_sentence(one: YearTargets) -> str:
    """The same with its year: "mục tiêu 2026: 5/23"."""
    return t("roadmap.target_year", year=one.year, words=year_words(one))


def headline(roadmap: Roadmap, commune_kind: str, year: int) -> str:
    """The committee's sentence: what is achieved, and what this year's target is."""
    groups = roadmap.units["group"]
    done, total = groups.achieved or 0, groups.total or 0
    unit = t("roadmap.unit.village" if commune_kind == "commune" else "roadmap.unit.residential_group")
    share = per_cent(done, total)
    values = {"done": plain_number(done), "total": plain_number(total), "unit": unit}
    said = f"{t('roadmap.achieved', **values)}{f' ({share})' if share else ''}"
    one = roadmap.of("group", year) or roadmap.of("commune", year)
    return f"{said} · {t('roadmap.no_target', year=year) if one is None else year_sentence(one)}"


def reading_labels(roadmap: Roadmap, target: Target) -> list[str]:
    """The readings under which a target holds, in words."""
    texts = [roadmap.reading_text(rule_id, code) for choices in target.readings for rule_id, code in choices]
    return list(dict.fromkeys(texts))


def _decimal_text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value.normalize():f}"


def target_dict(roadmap: Roadmap, one: YearTargets, target: Target) -> dict[str, Any]:
    """A target as JSON; exact numbers are text."""
    names = ("whole", "keep", "new", "operator", "rounding", "gap", "met")
    readings = [[{"rule_id": rule_id, "code": code} for rule_id, code in choices] for choices in target.readings]
    return {name: getattr(target, name) for name in names} | {
        "exact": _decimal_text(target.exact),
        "share": _decimal_text(target.share),
        "readings": readings,
        "reading_texts": reading_labels(roadmap, target),
        "words": target_words(one, target),
    }


def year_dict(roadmap: Roadmap, one: YearTargets) -> dict[str, Any]:
    """The targets of one kind in one year as JSON."""
    names = ("kind", "subject", "year", "total", "achieved")
    return {name: getattr(one, name) for name in names} | {
        "missing": list(one.missing),
        "unknown": list(one.unknown),
        "rule_ids": list(one.rule_ids),
        "due_on": None if one.due_on is None else one.due_on.isoformat(),
        "measured_on": None if one.measured_on is None else one.measured_on.isoformat(),
        "sentence": year_sentence(one),
        "targets": [target_dict(roadmap, one, target) for target in one.targets],
    }
