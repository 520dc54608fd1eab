"""A file whose word on its coordinates cannot be read, or is not true: it is told, and a person or program chooses."""

import html
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.engine import Connection, Engine

from tests.builders import MAU
from tests.db.import_kit import Wizard, forget_imports, run_jobs_now
from tests.db.test_import_api import Program, program
from tests.db.test_tokens import make

__all__ = ["make", "program"]
UNREADABLE, FALSE = "urn:ogc:def:crs:EPSG::999999", "EPSG:9209"


@pytest.fixture
def hoa(client_as: Callable[[str | None], FlaskClient], engine: Engine) -> Wizard:
    """The data officer of Xã Mẫu."""
    return Wizard(client_as("hoa"), engine)


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    yield
    forget_imports(owner_engine)
    with owner_engine.begin() as conn:
        conn.exec_driver_sql("DELETE FROM idempotency_keys")


def lamps(declared: str) -> bytes:
    """Three lamps in degrees of GPS whose file says something else."""
    features = [
        {"type": "Feature", "properties": {"ma": f"D{n}"}, "geometry": {"type": "Point", "coordinates": list(spot)}}
        for n, spot in enumerate(MAU.at(400 + 50 * n, 700).coords[0] for n in range(3))
    ]
    crs = {"type": "name", "properties": {"name": declared}}
    return json.dumps({"type": "FeatureCollection", "crs": crs, "features": features}).encode()


@pytest.mark.parametrize(
    ("declared", "words"),
    [(UNREADABLE, "Hệ tọa độ khai báo trong tệp không đọc được: “urn"), (FALSE, "Tệp khai “EPSG:9209”, nhưng")],
)
def test_a_person_reads_it_and_chooses(
    hoa: Wizard, conn_as: Callable[[str], Connection], declared: str, words: str
) -> None:
    assert hoa.send("den.geojson", lamps(declared), "lights").status_code == 303
    run_jobs_now(hoa.engine)
    page = html.unescape(hoa.page())
    assert words in page
    assert 'role="alert" data-testid="doubt"' in page
    refused = hoa.choose(hoa.guessed())
    assert refused.status_code == 422
    assert "Hãy chọn hệ tọa độ." in html.unescape(refused.text)
    assert hoa.state()["state"] == "read"
    assert hoa.choose(hoa.guessed(), crs_chosen="1").status_code == 303
    assert hoa.check()["report"]["notes"][-1] == ["crs_chosen", {"name": declared, "srid": 4326}]
    assert "do người nhập chọn" in html.unescape(hoa.page())
    assert hoa.apply()["state"] == "applied"
    assert f"“{declared}”" in html.unescape(hoa.page())
    count = conn_as("hoa").exec_driver_sql("SELECT count(*) FROM lights WHERE external_id LIKE 'D_'").scalar_one()
    assert count == 3


@pytest.mark.parametrize(("declared", "code"), [(UNREADABLE, "crs_unreadable"), (FALSE, "crs_misdeclared")])
def test_a_program_is_told_by_a_code_and_must_choose(program: Callable[..., Program], declared: str, code: str) -> None:
    tool = program()
    found = tool.now(tool.send("den.geojson", lamps(declared), "lights").json["id"])
    warning: dict[str, Any] = found["found"]["warnings"][0]
    assert (warning["code"], warning["name"], warning["near"]) == (code, declared, None)
    assert declared in warning["text"]
    refused = tool.step(found, "check")
    assert (refused.status_code, refused.json["code"]) == (422, f"import_{code}")
    assert refused.json["params"]["name"] == declared
    assert tool.step(tool.now(found["id"]), "check", {"srid": 4326}).status_code == 202
    assert tool.now(found["id"])["report"]["is_good"]


def test_what_a_file_says_truly_is_no_doubt(program: Callable[..., Program]) -> None:
    tool = program()
    found = tool.now(tool.send("den.geojson", lamps("urn:ogc:def:crs:OGC:1.3:CRS84"), "lights").json["id"])
    assert found["found"]["warnings"] == []
    assert (found["found"]["declared"], tool.step(found, "check").status_code) == (4326, 202)
    # Another reading than the file's is a choice of who asks for it, and is noted.
    other = tool.now(found["id"])
    assert tool.step(other, "check", {"srid": 4756}).status_code == 202
    noted = tool.now(found["id"])["report"]["notes"]
    assert ["crs_chosen", {"name": "EPSG:4326", "srid": 4756}] in noted
