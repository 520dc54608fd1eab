"""Where the teams of a shift start and end, by the plain form."""

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from gis_app.queries.loading import insert_rows
from layers import LAYERS
from tests.builders import MAU
from tests.db import patrol as p
from tests.db.officers import Officer


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    with p.clean(owner_engine):
        yield


@pytest.fixture
def an(officer_as: Callable[[str], Officer]) -> Officer:
    return officer_as("an")


def test_starts_and_ends_come_from_the_plain_form(an: Officer, owner_engine: Engine) -> None:
    """A team from the police station, another from a culture house to a point; a place that is none is named."""
    rows = [("PT-culture", MAU.at(700, 700), {"name": "Nhà văn hoá MAU1", "kind": "culture", "visibility": "staff"})]
    with begin(owner_engine, Actor("system")) as conn:
        insert_rows(conn, LAYERS["facilities"], MAU.id, rows, "patrol test")
    try:
        page = an.get("/tuan-tra/ca").text
        assert "Nhà văn hoá: Nhà văn hoá MAU1" in page
        house = [round(value, 6) for value in p.spot(700, 700)]
        values = {
            "csrf_token": an.token, "shift_on": "2026-11-22", "start": "20:00", "end": "22:00",
            "team_0_name": "Một", "team_0_mode": "walk", "team_0_force": "mixed",
            "team_1_name": "Hai", "team_1_mode": "walk", "team_1_force": "mixed",
            "team_1_start": f"{house[0]:.6f},{house[1]:.6f}", "team_1_end": "106.650000,20.830000",
            "team_2_name": "Ba", "team_2_mode": "walk", "team_2_force": "mixed", "team_2_start": "", "team_2_end": "",
        }  # fmt: skip
        made = an.client.post("/tuan-tra", data=values)
        assert made.status_code == 303, made.text
        plan = an.get(f"/api/patrol-plans/{made.location.rsplit('/', 1)[1]}").json
        one, two, three = plan["settings"]["teams"]
        usual = an.get("/api/patrol-plans/defaults").json["teams"][0]["start"]
        assert one["start"] == one["end"] == usual
        assert (two["start"], two["end"]) == (house, [106.65, 20.83])
        assert three["start"] == three["end"]
        assert "Điểm trên bản đồ 106.650000,20.830000" in an.get(made.location).text
        for wrong in ("0,0", "x", "106.65", "106.65,20.83,1", "nan,20"):
            answer = an.client.post("/tuan-tra", data=values | {"team_1_start": wrong})
            assert answer.status_code == 422
            assert "Nơi xuất phát 2" in answer.text
    finally:
        with begin(owner_engine, Actor("system")) as conn:
            conn.execute(sa.text("DELETE FROM facilities WHERE source = 'patrol test'"))
