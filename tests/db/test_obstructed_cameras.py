"""A camera behind a tree covers nothing, is counted as such, and counts again when its view is free."""

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gis_app.queries.quality import fetch_checks
from gis_app.queries.siting_sources import fetch_devices
from tests.builders import MAU, METRIC
from tests.db.coverage_kit import ClientAs, asked, change, keep_sample

BLOCK = "UPDATE cameras SET obstructed_on = {} WHERE external_id = 'MAU1-c0'"


@pytest.fixture(autouse=True)
def _as_they_were(owner_engine: Engine) -> Iterator[None]:
    with keep_sample(owner_engine):
        yield


def test_it_is_taken_out_of_coverage_and_told(client_as: ClientAs, owner_engine: Engine) -> None:
    binh = client_as("binh")
    before = asked(binh)["commune"]["area"]["assumed_share"]
    assert before > 0
    assert "obstructed" not in binh.get("/do-phu").text
    change(owner_engine, BLOCK.format("vietnam_today()"))
    found = asked(binh)
    assert found["commune"]["area"]["assumed_share"] < before
    reasons = {one["external_id"]: one["reason"] for one in found["not_counted"] if one["layer"] == "cameras"}
    assert reasons["MAU1-c0"] == "obstructed"
    assert "1 camera bị che khuất" in binh.get("/do-phu").text
    change(owner_engine, BLOCK.format("NULL"))
    assert asked(binh)["commune"]["area"]["assumed_share"] == before


def test_a_siting_plan_does_not_count_on_it(owner_engine: Engine, conn_as: Callable[[str], Connection]) -> None:
    known = len(fetch_devices(conn_as("binh"), MAU.id, "cameras", METRIC, ("working", "broken"))[1])
    change(owner_engine, BLOCK.format("vietnam_today()"))
    assert len(fetch_devices(conn_as("binh"), MAU.id, "cameras", METRIC, ("working", "broken"))[1]) == known - 1


def test_neighbours_and_files_of_others_do_not_learn_it(conn_as: Callable[[str], Connection]) -> None:
    text = "SELECT column_name FROM information_schema.columns WHERE table_name = 'shared_cameras'"
    names = set(conn_as("hoa").execute(sa.text(text)).scalars())
    assert "state" in names
    assert "obstructed_on" not in names


def test_a_standing_camera_without_a_sign_is_a_fault(
    conn_as: Callable[[str], Connection], owner_engine: Engine
) -> None:
    def faults() -> tuple[int, int]:
        (found,) = [one for one in fetch_checks(conn_as("hoa"), MAU.id, "data", METRIC) if one.code == "no_sign"]
        return found.checked_count, found.fault_count

    change(owner_engine, "UPDATE cameras SET has_notice_sign = true")
    # Of four, one is only proposed.
    assert faults() == (3, 0)
    change(owner_engine, "UPDATE cameras SET has_notice_sign = false WHERE external_id IN ('MAU1-c0', 'MAU1-c3')")
    assert faults() == (3, 1)
