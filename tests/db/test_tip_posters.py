"""Posters with a QR code for every box and board; which villages have none."""

from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from tests.builders import MAU

ClientAs = Callable[[str | None], FlaskClient]


@pytest.fixture
def _box_in_one_village(owner_engine: Engine) -> Iterator[None]:
    """The sample's box stands where four villages meet."""
    move = "UPDATE tip_boxes SET geom = ST_Translate(geom, {0}, {0}) WHERE commune_id = 90001"
    for step in (0.003, -0.003):
        with begin(owner_engine, Actor("system")) as conn:
            conn.exec_driver_sql(move.format(step))
        if step > 0:
            yield


@pytest.mark.usefixtures("_box_in_one_village")
def test_villages_without_a_box_are_named(client_as: ClientAs, owner_engine: Engine) -> None:
    page = client_as("chi").get("/tin/ap-phich").text
    assert "1/4 thôn, tổ dân phố có hòm thư" in page
    missing = page.split('data-testid="missing"')[1].split("</ul>")[0]
    assert missing.count("<li>") == 3
    assert "BEN2" not in page
    with owner_engine.begin() as conn:
        box = conn.exec_driver_sql(f"SELECT min(id) FROM tip_boxes WHERE commune_id = {MAU.id}").scalar_one()
    assert f"/tin/{MAU.id}-h{box}" in page


@pytest.mark.parametrize("size", ["A4", "A5"])
def test_posters_are_one_page_for_each_box_and_board(client_as: ClientAs, size: str) -> None:
    client = client_as("hoa")
    codes = client.get("/tin/ap-phich").text.count("<tr><td><a")
    first, second = (client.get(f"/tin/ap-phich/in?kho={size}") for _ in range(2))
    assert first.data == second.data
    assert first.mimetype == "application/pdf"
    assert first.data.count(b"/Type /Page\n") == codes > 1
    assert client.get("/tin/ap-phich/in?kho=A3").status_code == 400
