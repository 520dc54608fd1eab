"""The reference units' own figures on their invented towns: Đồ Sơn 2/23, Tân An's 14 of 16 tip boxes."""

from collections.abc import Iterator

import pytest
from sqlalchemy.engine import Connection, Engine

from gis_app.analysis.town.specs import SPECS
from gis_app.db import Actor, act_as
from gis_app.jobs.demo import load_demo
from gis_app.jobs.overview import overview_of
from gis_app.jobs.programme import compute_indicators

DO_SON, TAN_AN = 11455, 11167


@pytest.fixture(scope="module")
def loaded(owner_engine: Engine) -> Iterator[Connection]:
    """Đồ Sơn and Tân An in a transaction of the owner that rolls back."""
    conn = owner_engine.connect()
    act_as(conn, Actor("system"))
    load_demo(conn, [spec for spec in SPECS if int(spec.code) in (DO_SON, TAN_AN)])
    yield conn
    conn.rollback()
    conn.close()


def test_tan_an_has_14_of_16_boxes_and_the_two_others_are_named(loaded: Connection) -> None:
    act_as(loaded, Actor("committee", TAN_AN, "ban-chi-dao"))
    boxes = next(one for one in compute_indicators(loaded, TAN_AN) if one.code == "tip_boxes")
    assert (boxes.done, boxes.total) == (14, 16)
    assert len(boxes.missing) == 2
    assert all(missing.name.startswith("Thôn ") for missing in boxes.missing)


def test_do_son_has_reached_2_of_23_and_5_are_asked_in_2026(loaded: Connection) -> None:
    act_as(loaded, Actor("committee", DO_SON, "ban-chi-dao"))
    overview = overview_of(loaded, DO_SON)
    assert len(overview.groups) == 23
    assert overview.stages["recognised"] + overview.stages["maintained"] == 2
    wanted = [
        one.targets[0].whole
        for year in (2026, 2027, 2028, 2029)
        for one in overview.of_year(year)
        if one.kind == "group" and not one.subject
    ]
    assert wanted == [5, 12, 19, 23]
