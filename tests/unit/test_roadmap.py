"""The five reference units' roadmaps, and what must hold for any roadmap."""

import datetime as dt
import json
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis_app.analysis.roadmap import (
    Past,
    RoadmapError,
    Units,
    YearTargets,
    evaluate,
    find_doubts,
    refuse_tranches,
    walk,
)
from gis_app.analysis.roadmap_faults import find_faults
from gis_app.analysis.target_rules import OPERATORS, ROUNDINGS, Reading, TargetRule, whole_units
from gis_app.jobs.roadmap import name_key, rule_of
from gis_app.jobs.roadmap_fixtures import read_roadmap
from gis_app.settings import ROOT

NAMED = ("Trại Mũa", "Vân Cầu", "Kim Chuế", "Ứng Mộ", "Tiên Liệt", "Tam Tập", "Kim Húc", "Hữu Chung")


def rules_of(code: str, **changes: Any) -> list[TargetRule]:
    """The rules of a reference unit, as its file says, with other values where the test says so."""
    found, number = [], 0
    for resolution in read_roadmap(code)["resolutions"]:
        for clause in resolution["clauses"]:
            for raw in clause["rules"]:
                number += 1
                day = raw.get("due_on")
                values = raw | {"id": number, "due_on": day and dt.date.fromisoformat(day), "line": clause["line"]}
                found.append(rule_of(values | {"document": resolution["document"]} | changes))
    return found


def wholes(years: Sequence[YearTargets], kind: str = "group", subject: str = "") -> dict[int, tuple[int | None, ...]]:
    return {y.year: tuple(t.whole for t in y.targets) for y in years if (y.kind, y.subject) == (kind, subject)}


@pytest.mark.parametrize("code", ["11455", "11443", "11167", "18832", "11725"])
def test_the_five_roadmaps_have_no_fault(code: str) -> None:
    rules = rules_of(code)
    assert rules
    assert find_faults(rules) == []


@pytest.mark.parametrize(
    ("rounding", "targets", "new"),
    [
        ("ceil", (5, 12, 19, 23), (5, 7, 7, 4)),
        ("half_up", (5, 12, 18, 23), (5, 7, 6, 5)),
        ("floor", (4, 11, 18, 23), (4, 7, 7, 5)),
    ],
)
def test_do_son_by_each_rounding(rounding: str, targets: tuple[int, ...], new: tuple[int, ...]) -> None:
    years = evaluate(rules_of("11455", rounding=rounding), {"group": Units(23, 2)}, 2029)
    found = [y for y in years if (y.kind, y.subject) == ("group", "")]
    assert tuple(y.targets[0].whole for y in found) == targets
    assert tuple(y.targets[0].new for y in found) == new
    assert [y.targets[0].exact for y in found] == [Decimal(x) for x in ("4.6", "11.5", "18.4", "23")]
    assert [y.targets[0].share for y in found] == [20, 50, 80, 100]
    assert tuple(y.targets[0].gap for y in found) == tuple(target - 2 for target in targets)
    assert not any(y.targets[0].met for y in found)


def test_do_son_by_tranche_is_refused_and_says_why() -> None:
    chain = [rule for rule in rules_of("11455") if rule.chain == ("group", "")]
    with pytest.raises(RoadmapError) as caught:
        refuse_tranches(chain, 23)
    assert caught.value.code == "per_tranche_rounding"
    assert caught.value.params == {"tranches": [5, 7, 7, 5], "sum": 24, "unit_count": 23, "cumulative": 23}


def test_do_son_pilots_clan_and_ward() -> None:
    names = ("Tổ dân phố Trung Dũng", "Tổ dân phố Cầu Tre", "Tổ dân phố Ngọc Hải")
    units = {"group": Units(3, 2, names, ("TDP TRUNG DŨNG", names[2]))}
    years = evaluate(rules_of("11455"), units, 2030, name_key)
    pilots = next(y for y in years if y.subject == "Giai đoạn đầu")
    assert (pilots.year, pilots.missing, pilots.unknown) == (2026, ("Tổ dân phố Cầu Tre",), ())
    # Of the two that the document names one is achieved; a third does not count here.
    assert (pilots.total, pilots.achieved, pilots.targets[0].gap) == (2, 1, 1)
    assert wholes(years, "clan")[2026] == (1,)
    assert {year: found for year, found in wholes(years, "commune").items() if year < 2031} == {2029: (1,), 2030: (1,)}


def test_tan_an_names_eight_villages_and_2027_has_two_readings() -> None:
    names = [f"Thôn {name}" for name in NAMED] + [f"Thôn {k}" for k in range(8)]
    done = ["Thôn Trại Mũa", "Thôn 1"]
    rules = rules_of("11167")
    years = [y for y in evaluate(rules, {"group": Units(16, 2, names, done)}, 2030, name_key) if y.kind == "group"]
    assert wholes(years) == {2026: (8,), 2027: (8, 16), 2028: (8, 16), 2029: (8, 16), 2030: (16, 16)}
    first, second = years[0], years[1]
    assert first.missing == tuple(f"Thôn {name}" for name in NAMED[1:])
    # Seven of the named are missing, and no other village makes up for them.
    assert first.targets[0].gap == 7
    open_rule = next(rule for rule in rules if rule.is_open)
    assert [t.readings for t in second.targets] == [(((open_rule.id, "total"),),), (((open_rule.id, "added"),),)]
    assert [(t.keep, t.new) for t in second.targets] == [(8, 0), (8, 8)]
    # The document gives 08 and 50 %; with 16 villages both say the same.
    assert find_doubts(rules, years) == []
    seventeen = evaluate(rules, {"group": Units(17)}, 2030)
    assert ("share_disagrees", rules[0].id) in find_doubts(rules, seventeen)


@pytest.mark.parametrize(("chosen", "target"), [("total", 8), ("added", 16)])
def test_tan_an_after_the_choice(chosen: str, target: int) -> None:
    rules = [
        TargetRule(**{**vars(r), "chosen": chosen}) if r.readings else r for r in rules_of("11167") if r.kind == "group"
    ]
    years = evaluate(rules, {"group": Units(16, 0)}, 2030)
    assert wholes(years)[2027] == (target,)
    assert wholes(years)[2030] == (16,)


@pytest.mark.parametrize(("total", "least"), [(20, 17), (21, 17), (5, 5), (4, 4), (1, 1), (100, 81), (0, 0)])
def test_hoanh_son_is_strictly_over_eighty(total: int, least: int) -> None:
    rules = [r for r in rules_of("18832") if r.kind == "residential_area"]
    for achieved in range(total + 1):
        year = evaluate(rules, {"residential_area": Units(total, achieved)}, 2030)[0]
        target = year.targets[0]
        assert (year.year, target.whole) == (2025, least)
        assert target.met == (achieved * 100 > 80 * total or total == 0)
        assert target.gap == max(0, least - achieved)
    # Kept to 2030, still strictly over.
    assert wholes(evaluate(rules, {"residential_area": Units(total)}, 2030), "residential_area")[2030] == (least,)


def test_hoanh_son_other_units() -> None:
    rules = rules_of("18832")
    years = evaluate(rules, {"agency": Units(14, 14), "school": Units(9, 8), "business": Units(126)}, 2030)
    agency, school = (next(y for y in years if y.kind == kind and y.year == 2025) for kind in ("agency", "school"))
    assert (agency.targets[0].whole, agency.targets[0].met) == (14, True)
    assert (school.targets[0].whole, school.targets[0].met, school.targets[0].gap) == (9, False, 1)
    # Businesses sign a pledge: their number is known, how many signed is not.
    pledge = next(y for y in years if y.kind == "business")
    assert (pledge.targets[0].whole, pledge.achieved, pledge.targets[0].met) == (126, None, None)
    assert wholes(years, "residential_area")[2025] == (None,)
    assert wholes(years, "model", "Dân vận khéo") == {
        2026: (2, 3), 2027: (4, 6), 2028: (6, 9), 2029: (8, 12), 2030: (10, 15),
    }  # fmt: skip
    assert wholes(years, "commune") == {2030: (1,)}


def test_kien_an_is_due_before_15_december_and_kept_to_2030() -> None:
    years = [y for y in evaluate(rules_of("11443"), {"commune": Units(1, 1)}, 2031) if y.kind == "commune"]
    assert years[0].due_on == dt.date(2025, 12, 14)
    assert [(y.year, y.targets[0].keep, y.targets[0].new, y.targets[0].met) for y in years[:3]] == [
        (2025, 0, 1, True), (2026, 1, 0, True), (2027, 1, 0, True),
    ]  # fmt: skip
    kept = next(r for r in rules_of("11443") if r.part == "keep")
    assert (kept.year, kept.until_year) == (2026, 2030)
    models = evaluate(rules_of("11443"), {"model": Units(0, 1)}, 2025)[-1]
    assert (models.kind, models.targets[0].operator) == ("model", ">=")


def test_a_year_that_is_over_is_measured_on_its_due_day() -> None:
    asked = []

    def at(day: dt.date) -> dict[str, Units]:
        asked.append(day)
        return {"commune": Units(1, int(day < dt.date(2026, 1, 1)))}

    past = Past(dt.date(2027, 3, 1), at)
    years = evaluate(rules_of("11443"), {"commune": Units(1, 1)}, 2028, past=past)
    found = {y.year: (y.measured_on, y.targets[0].met) for y in years if y.kind == "commune"}
    assert found == {
        2025: (dt.date(2025, 12, 14), True),
        2026: (dt.date(2026, 12, 31), False),
        2027: (None, True),
        2028: (None, True),
    }
    assert dt.date(2025, 12, 14) in asked


def test_a_merger_afterwards_changes_no_year_that_is_over() -> None:
    past = Past(dt.date(2027, 3, 1), lambda _day: {"group": Units(23, 4)})
    years = evaluate(rules_of("11455"), {"group": Units(20, 4)}, 2029, past=past)
    plain = [y for y in years if y.kind == "group" and not y.subject]
    found = {y.year: (y.total, y.targets[0].whole, y.targets[0].met) for y in plain}
    assert found[2026] == (23, 5, False)
    # 50 % of the 20 that are there now.
    assert found[2027][:2] == (20, 10)


def test_kien_minh_2025_then_kept() -> None:
    years = evaluate(rules_of("11725"), {"commune": Units(1, 0)}, 2030)
    assert [(y.year, y.targets[0].keep, y.targets[0].new) for y in years] == [
        (2025, 0, 1), *((year, 1, 0) for year in range(2026, 2031)),
    ]  # fmt: skip
    assert [y.targets[0].gap for y in years] == [1] * 6


def test_the_fixtures_name_documents_and_lines() -> None:
    for path in (ROOT / "gis_app/data/roadmaps").glob("*.json"):
        for resolution in json.loads(path.read_text())["resolutions"]:
            assert resolution["document"].endswith(".txt")
            lines = [clause["line"] for clause in resolution["clauses"]]
            assert lines == sorted(lines)
            assert all(clause["text"] for clause in resolution["clauses"])


def rule(number: int = 1, **values: Any) -> TargetRule:
    given = {"kind": "group", "part": "new", "year": 2026, "until_year": 2026, "share": Decimal(20)} | values
    return TargetRule(id=number, **given)


@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({"kind": "person"}, "kind", "unknown_word"),
        ({"operator": "<"}, "operator", "unknown_word"),
        ({"rounding": "tranche_ceil"}, "rounding", "unknown_word"),
        ({"share": Decimal(0)}, "share", "share_range"),
        ({"share": Decimal("100.001")}, "share", "share_range"),
        ({"share": Decimal("NaN")}, "share", "share_range"),
        ({"share": None}, "share", "amount_missing"),
        ({"share": None, "count": 0}, "count", "count_range"),
        ({"share": Decimal(100), "operator": ">"}, "operator", "unreachable"),
        ({"until_year": 2025}, "until_year", "year_order"),
        ({"year": 1999}, "year", "year_range"),
        ({"due_on": dt.date(2027, 1, 1)}, "due_on", "year_order"),
        ({"part": "keep"}, "part", "keep_without_new"),
        ({"count": 2, "share": None, "named": ("A",)}, "named", "named_count"),
        ({"named": ("A", "A")}, "named", "named_twice"),
        ({"readings": (Reading("a", "", "total", Decimal(5)),)}, "readings", "readings_few"),
        ({"chosen": "a"}, "chosen", "reading_unknown"),
        ({"kind": "commune", "count": 2, "share": None}, "count", "count_range"),
    ],
)
def test_each_fault_has_a_code(values: dict[str, Any], field: str, code: str) -> None:
    assert (field, code) in {(fault.field, fault.code) for fault in find_faults([rule(**values)])}


@pytest.mark.parametrize(
    ("others", "code"),
    [
        ([rule(2, year=2027, until_year=2027, share=Decimal(81))], "over_hundred"),
        ([rule(2, year=2027, until_year=2027, share=Decimal(10), basis="total")], "falling_target"),
        ([rule(2, part="keep", year=2026, until_year=2026)], "keep_without_new"),
        ([rule(2, part="keep", year=2027, until_year=2027, share=Decimal(21))], "keep_without_new"),
        ([rule(2, year=2027, until_year=2031, basis="yearly", share=Decimal(20))], "over_hundred"),
        (
            [rule(n, readings=[Reading(c, "", "total", Decimal(20)) for c in "ab"]) for n in range(2, 7)],
            "readings_many",
        ),
    ],
)
def test_rules_that_do_not_add_up(others: list[TargetRule], code: str) -> None:
    assert code in {fault.code for fault in find_faults([rule(1), *others])}


def test_a_whole_number_never_comes_from_a_float() -> None:
    assert [whole_units(Decimal("12.5"), "=", name) for name in ROUNDINGS] == [13, 13, 12]
    assert [whole_units(Decimal("11.5"), "=", name) for name in ROUNDINGS] == [12, 12, 11]
    assert [whole_units(Decimal(16), operator, "floor") for operator in OPERATORS] == [16, 16, 17]
    # 0.1 + 0.2 is 0.3 here: three tenths of 10 are 3, not 3.0000000000000004.
    chain = [rule(k, year=2025 + k, until_year=2025 + k, share=Decimal(10)) for k in (1, 2, 3)]
    assert wholes(evaluate(chain, {"group": Units(10)}, 2028))[2028] == (3,)


SHARES = st.lists(st.decimals("0.1", "40", places=3), min_size=1, max_size=5).filter(lambda found: sum(found) <= 100)


@st.composite
def chains(draw: st.DrawFn, operators: Sequence[str] = OPERATORS) -> list[TargetRule]:
    rounding, operator = draw(st.sampled_from(sorted(ROUNDINGS))), draw(st.sampled_from(operators))
    found = []
    for step, share in enumerate(draw(SHARES)):
        year = 2026 + step * draw(st.integers(1, 2))
        year = max(year, found[-1].year + 1) if found else year
        found.append(rule(step + 1, year=year, until_year=year, share=share, rounding=rounding, operator=operator))
    return found


@given(chains(["="]), st.integers(1, 500), st.integers(0, 500))
def test_rounding_stays_within_one_and_parts_add_up(chain: list[TargetRule], total: int, achieved: int) -> None:
    years = evaluate(chain, {"group": Units(total, achieved)}, chain[-1].year + 1)
    before = 0
    for year in years:
        target = year.targets[0]
        assert target.exact is not None
        assert target.whole is not None
        assert abs(target.whole - target.exact) < 1
        assert target.whole >= before
        assert target.keep == before
        assert target.keep + (target.new or 0) == target.whole
        assert target.gap == max(0, target.whole - achieved) >= 0
        assert target.met == (target.gap == 0)
        before = target.whole
    assert before <= total


@given(chains(), st.integers(1, 200))
def test_operators_mean_what_they_say(chain: list[TargetRule], total: int) -> None:
    """Against a brute-force count: the least number of units of which the sentence is true."""
    if chain[0].operator == ">" and sum(r.share or 0 for r in chain) == 100:
        return
    share = Fraction(0)
    found = walk(chain, {r.id: r.alternatives[0] for r in chain}, total, chain[-1].year)
    for step in chain:
        share += Fraction(step.share or 0)
        exact = share * total / 100
        true_of = {
            ">": lambda units, exact=exact: units > exact,
            ">=": lambda units, exact=exact: units >= exact,
            "=": {
                "ceil": lambda units, exact=exact: units >= exact,
                "half_up": lambda units, exact=exact: units + Fraction(1, 2) > exact,
                "floor": lambda units, exact=exact: units + 1 > exact,
            }[step.rounding],
        }[step.operator]
        assert found[step.year].whole == next(units for units in range(total + 2) if true_of(units))


@given(st.integers(1, 60), st.data())
def test_a_named_unit_is_not_made_up_for(total: int, data: st.DataObject) -> None:
    names = [f"Tổ {k}" for k in range(total)]
    named = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=8, unique=True))
    done = data.draw(st.lists(st.sampled_from(names), unique=True))
    chain = [rule(share=None, count=len(named), named=tuple(named))]
    year = evaluate(chain, {"group": Units(total, len(done), names, done)}, 2026)[0]
    assert year.targets[0].met == (set(named) <= set(done))
    assert set(year.missing) == set(named) - set(done)
