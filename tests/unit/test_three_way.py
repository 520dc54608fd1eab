"""Merge of one row: what the client changed and nobody else did; whatever cannot be decided is named."""

import itertools

import pytest

from gis_app.analysis.three_way import Merge, merge

DONE, KEEP, REFUSE = "written", "kept", "refused"


@pytest.mark.parametrize(
    ("read", "now", "wanted", "verdict"),
    [
        (["a"], "a", "a", KEEP),
        (["a"], "a", "b", DONE),
        (["a"], "b", "a", KEEP),
        (["a"], "b", "b", KEEP),
        (["a"], "b", "c", REFUSE),
        (["a", "b"], "b", "c", DONE),
        # Set back, or never known of: nobody may guess.
        (["a", "b"], "b", "a", REFUSE),
        (["a", "b"], "c", "b", KEEP),
        (["a", "b"], "c", "d", REFUSE),
        ([None], "", "", KEEP),
        ([""], None, "x", DONE),
        ([15], 15.0, 20, DONE),
    ],
)
def test_each_case(read: list[object], now: object, wanted: object, verdict: str) -> None:
    found = merge([{"n": value} for value in read], {"n": now}, {"n": wanted})
    assert found == {
        DONE: Merge({"n": wanted}, ()), KEEP: Merge({}, ()), REFUSE: Merge({}, ("n",)),
    }[verdict]  # fmt: skip


def test_nothing_that_another_wrote_is_ever_lost() -> None:
    """Every history of three values: a write only ever replaces a state that the client knew."""
    for was, own, now, wanted in itertools.product("abc", repeat=4):
        found = merge([{"n": was}, {"n": own}], {"n": now}, {"n": wanted})
        if found.changes:
            assert now == own
            assert wanted not in (was, own)
        elif not found.conflicts:
            assert wanted in (own, now)
