"""What the stand-alone map says of the criteria: only what was reviewed within the period counts."""

import datetime as dt
from typing import Any

from gis_app.jobs.map_status import add_verdict, period_text, verdict_field

MESSAGES = {"map.period": "{first} – {last}", "compare.verdict": "Ba tiêu chí"} | {
    f"map.verdict_{code}": code for code in ("met", "not_met", "not_reviewed")
}


def group(on: str, *answers: str) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for code, answer in zip(("users", "offenders", "places"), answers, strict=True):
        properties |= {f"{code}_answer": answer, f"{code}_on": on, f"{code}_document": "1/BB"}
    return {"type": "Feature", "properties": properties}


def test_an_answer_of_another_period_is_none() -> None:
    groups = [group("2025-12-15", "met", "met", "met"), group("2025-12-14", "met", "met", "met")]
    assert add_verdict(groups, dt.date(2026, 12, 14)) == 1
    inside, outside = (one["properties"] for one in groups)
    assert (inside["drug_free"], inside["users_on"]) == ("met", "2025-12-15")
    assert "gap" not in inside
    assert (outside["drug_free"], outside["users_answer"], outside["gap"]) == ("not_reviewed", "not_reviewed", True)
    assert "users_on" not in outside
    assert "users_document" not in outside


def test_one_fault_is_told_and_a_gap_beside_it_too() -> None:
    one = group("2026-03-01", "not_met", "met", "not_reviewed")
    assert add_verdict([one], dt.date(2026, 11, 22)) == 1
    assert one["properties"]["drug_free"] == "not_met"
    assert add_verdict([{"properties": {}}], dt.date(2026, 11, 22)) == 1


def test_words() -> None:
    assert period_text(MESSAGES, dt.date(2026, 12, 15)) == "15/12/2026 – 14/12/2027"
    assert verdict_field(MESSAGES).choices["met"] == "met"
