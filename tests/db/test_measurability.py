"""The measurability page and its API: figures, zones out of reach, nothing of another commune."""

from collections.abc import Callable

import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Connection

from tests.builders import BEN, MAU

ClientAs = Callable[[str | None], FlaskClient]
ADDRESS = "/api/measurability"


def test_before_money_is_spent(client_as: ClientAs) -> None:
    found = client_as("binh").get(f"{ADDRESS}?events=100").json
    assert found["needed"][0] == {"fall": 50, "events": 77, "enough": True, "months": 12}
    # 100 events a year: 20 % asks for more than 500.
    assert (found["needed"][3]["enough"], found["needed"][3]["months"]) == (False, 63)
    assert 0.43 < found["smallest_fall"] < 0.45
    assert client_as("binh").get(f"{ADDRESS}?events=10").json["smallest_fall"] is None
    pooled = client_as("binh").get(f"{ADDRESS}?events=10&sites=10").json
    assert (pooled["events"], pooled["smallest_fall"]) == (100, found["smallest_fall"])
    for bad in ("events=-1", "events=x", "control=0", "months=0", "events=nan"):
        assert client_as("binh").get(f"{ADDRESS}?{bad}").status_code == 400


def test_zones_are_next_door_or_out_of_reach(client_as: ClientAs, conn_as: Callable[[str], Connection]) -> None:
    ids = list(conn_as("binh").scalars(sa.text("SELECT id FROM groups ORDER BY id")))
    found = client_as("binh").get(f"{ADDRESS}/zones?group_id={ids[0]}").json
    assert found["treated"]["group_id"] == ids[0]
    # Four squares side by side: all touch, none is out of reach.
    assert {zone["group_id"] for zone in found["displacement"]} == set(ids[1:])
    assert found["control"] == []
    assert client_as("dung").get(f"{ADDRESS}/zones?group_id={ids[0]}").status_code == 404
    assert client_as("binh").get(f"{ADDRESS}/zones?group_id=999999").status_code == 404
    page = client_as("dung").get("/do-phu/do-duoc-khong").text
    assert BEN.marker in page
    assert MAU.marker not in page


def test_afterwards(client_as: ClientAs) -> None:
    asked = "treated_before=100&treated_after=40&control_before=100&control_after=98"
    found = client_as("chi").get(f"{ADDRESS}/difference?{asked}").json
    assert (found["wdd"], found["verdict"]) == (-58, "fewer")
    few = "treated_before=4&treated_after=1&control_before=5&control_after=5"
    found = client_as("chi").get(f"{ADDRESS}/difference?{few}").json
    assert (found["wdd"], found["verdict"]) == (None, "too_few")
    assert client_as("chi").get(f"{ADDRESS}/difference?treated_before=4").status_code == 400


def test_the_page_says_what_counting_shows_and_promises_nothing(client_as: ClientAs) -> None:
    """T-S8."""
    plain = client_as("binh").get("/do-phu/do-duoc-khong").text
    assert "77" in plain
    assert "226" in plain
    assert "Không hứa" in plain
    few = client_as("binh").get("/do-phu/do-duoc-khong?events=9").text
    assert "Chưa đủ dữ liệu" in few
    asked = "treated_before=100&treated_after=40&control_before=100&control_after=98"
    assert "-58 vụ" in client_as("binh").get(f"/do-phu/do-duoc-khong?{asked}").text
