"""The page of one agreement: joint gaps of both sides in the strip, nothing outside it, empty once it has ended."""

from collections.abc import Iterator

import pytest
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from tests.db import neighbours as nb
from tests.db.test_writes import Officer


@pytest.fixture(scope="module")
def place(owner_engine: Engine) -> Iterator[Engine]:
    nb.make_neighbourhood(owner_engine)
    yield owner_engine
    nb.drop_neighbourhood(owner_engine)


@pytest.fixture
def sides(place: Engine, client_as: nb.ClientAs) -> Iterator[nb.Sides]:
    yield nb.Sides(Officer(client_as("hoa")), Officer(client_as("mai")))
    with begin(place, Actor("system")) as conn:
        nb.clear_agreements(conn)


def page(officer: Officer, number: int, query: str = "") -> str:
    answer = officer.client.get(f"/giap-ranh/{number}{query}")
    assert answer.status_code == 200, answer.text
    return answer.text


def test_the_page_lists_what_neither_side_serves(sides: nb.Sides) -> None:
    number = sides.agree(layers=["gateways", "cameras", "lights"])
    for officer in (sides.hoa, sides.mai):
        text = page(officer, number)
        # A camera of each side stands at its gateway, a light at none.
        assert "Cửa ngõ địa bàn thiếu camera an ninh: 0" in text
        assert "Cửa ngõ địa bàn thiếu đèn chiếu sáng: 2" in text
        assert [text.count(f'<span class="cov-gap-weight">{side}</span>') for side in ("bên ta", "bên giáp ranh")] == [
            1,
            1,
        ]
        assert f"/api/agreements/{number}/gaps?places=gateways&amp;devices=lights&amp;distance_m=100&amp;f=csv" in text
    assert sides.hoa.client.get(f"/giap-ranh/{number}?m=0").status_code == 400


def test_both_sides_lie_in_the_strip(sides: nb.Sides) -> None:
    number = sides.agree(layers=["gateways", "cameras", "roads"])
    for officer, own, other in ((sides.hoa, "MAU1", "BEN2"), (sides.mai, "BEN2", "MAU1")):
        found = officer.client.get(f"/api/agreements/{number}/layers/cameras/both").json["features"]
        told = {(f["properties"]["external_id"], f["properties"]["side"]) for f in found}
        assert {(f"{own}-x-in", "own"), (f"{other}-x-in", "neighbour")} <= told
        assert not any(name.endswith("x-out") for name, _ in told)
        assert {name[:4] for name, side in told if side == "neighbour"} == {other}
    assert sides.hoa.client.get(f"/api/agreements/{number}/layers/roads/both").json["code"] == "not_points"
    assert sides.hoa.client.get(f"/api/agreements/{number}/layers/lights/both").json["code"] == "layer_not_agreed"


def test_who_may_not_read_hotspots_sees_none(sides: nb.Sides, client_as: nb.ClientAs) -> None:
    number = sides.agree(layers=["hotspots", "cameras"])
    assert "Điểm nóng thiếu" in page(sides.hoa, number)
    text = page(Officer(client_as("chi")), number)
    assert "Điểm nóng thiếu" not in text
    assert 'data-testid="no-blocks"' in text


def test_nothing_is_told_before_and_after(sides: nb.Sides, client_as: nb.ClientAs, place: Engine) -> None:
    number = sides.propose(layers=["gateways", "cameras"]).json["id"]
    for officer in (sides.hoa, sides.mai):
        assert 'data-testid="nothing-shared"' in page(officer, number)
        assert "data-gap" not in page(officer, number)
    assert f"dong-y-{number}" in page(sides.mai, number)
    assert f"dong-y-{number}" not in page(sides.hoa, number)
    # Who may approve is told, and led here.
    told = sides.mai.client.get("/api/notices").json["notices"][0]
    assert (told["title"], told["link"]) == ("Xã Mẫu đề nghị thỏa thuận giáp ranh", f"/giap-ranh/{number}")
    assert f'data-testid="neighbour-{number}"' in client_as("chi").get("/tong-quan").text
    assert nb.step(sides.mai, number, "approve", 1).status_code == 200
    assert "Cửa ngõ địa bàn thiếu camera an ninh: 0" in page(sides.mai, number)
    nb.expire(place, number)
    for officer in (sides.hoa, sides.mai):
        assert 'data-testid="nothing-shared"' in page(officer, number)
        assert "data-gap" not in page(officer, number)
        assert f'data-testid="neighbour-{number}"' not in officer.client.get("/tong-quan").text
    assert client_as("khoa").get(f"/giap-ranh/{number}").status_code == 404
