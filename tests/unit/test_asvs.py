"""ASVS.md: every requirement of levels 1 and 2 once, and every test that it names is there."""

import re
from collections import Counter

import pytest

from gis_app.settings import ROOT

ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "ASVS.md").read_text().splitlines()
    if re.match(r"\| \d", line)
]
# Requirements of levels 1 and 2 by chapter (5.0.0); V9, V10 and V17 are not about anything here.
PER_CHAPTER = {1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 33, 7: 18, 8: 7, 11: 14, 12: 9, 13: 13, 14: 9, 15: 13, 16: 16}
STATES = ("held", "partly", "not held", "n/a")


def test_every_requirement_is_answered_once() -> None:
    numbers = [number for row in ROWS for number in re.findall(r"\d+\.\d+\.\d+", row[0])]
    assert [n for n, count in Counter(numbers).items() if count > 1] == []
    assert Counter(int(number.split(".")[0]) for number in numbers) == PER_CHAPTER


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_each_answer_is_shown_or_says_why_not(row: list[str]) -> None:
    assert len(row) == 5
    state, where, tests = row[2:]
    assert state in STATES
    assert where
    assert state != "held" or tests or re.search("none|README|SECURITY", where), "held, but shown by nothing"
    for name in filter(None, tests.split(", ")):
        path, _, function = name.partition("::")
        assert re.search(rf"^def {function}\(", (ROOT / path).read_text(), re.MULTILINE), name


def test_other_tests_in_the_text_are_there() -> None:
    for path, function in re.findall(r"(tests/[\w/]+\.py)::(\w+)", (ROOT / "ASVS.md").read_text()):
        assert f"def {function}(" in (ROOT / path).read_text(), function
