"""Photos of what is looked at on site: made anew, once for each number, police only, gone after a year."""

import base64
import io
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from PIL import Image
from sqlalchemy.engine import Connection, Engine

from gis_app.db import Actor, begin
from gis_app.queries.survey_photos import delete_expired_survey_photos
from tests.db.officers import Officer
from tests.db.test_patrol_notes import SECRET, photo

OfficerAs = Callable[[str], Officer]


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    yield
    with begin(owner_engine, Actor("system")) as conn:
        conn.exec_driver_sql("DELETE FROM survey_photos")


@pytest.fixture
def lamp(owner_engine: Engine) -> str:
    """The address of the photos of a lamp of Xã Mẫu."""
    with begin(owner_engine, Actor("system")) as conn:
        found = conn.exec_driver_sql("SELECT min(id) FROM lights WHERE commune_id = 90001").scalar_one()
    return f"/api/layers/lights/features/{found}/photos"


def test_a_photo_is_kept_once_and_without_what_stood_beside_it(officer_as: OfficerAs, lamp: str) -> None:
    hoa, body = officer_as("hoa"), {"client_id": str(uuid4()), "photo": photo()}
    assert [hoa.post(lamp, body).status_code for _ in range(2)] == [201, 200]
    (one,) = hoa.get(lamp).json["photos"]
    answer = hoa.get(one["url"])
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("image/jpeg", "private, no-store")
    assert SECRET.encode() not in answer.data
    with Image.open(io.BytesIO(answer.data)) as image:
        assert (image.size, dict(image.getexif())) == ((1600, 1200), {})


def test_the_newest_three_stay(officer_as: OfficerAs, lamp: str) -> None:
    hoa = officer_as("hoa")
    for _ in range(5):
        answer = hoa.post(lamp, {"client_id": str(uuid4()), "photo": photo()})
    ids = [one["id"] for one in answer.json["photos"]]
    assert (len(ids), ids) == (3, sorted(ids, reverse=True))


@pytest.mark.parametrize(("username", "reads", "adds"), [
    ("hoa", 200, 201), ("an", 200, 403), ("binh", 403, 403), ("chi", 403, 403), ("giang", 404, 404),
])  # fmt: skip
def test_the_police_sees_data_officers_add(
    officer_as: OfficerAs, lamp: str, username: str, reads: int, adds: int
) -> None:
    kept = officer_as("hoa").post(lamp, {"client_id": str(uuid4()), "photo": photo()}).json["photos"][0]["url"]
    one = officer_as(username)
    assert one.get(lamp).status_code == reads
    assert one.get(kept).status_code == reads
    assert one.post(lamp, {"client_id": str(uuid4()), "photo": photo()}).status_code == adds


@pytest.mark.parametrize(("change", "status"), [
    ({"photo": ""}, 422), ({"photo": "%"}, 422), ({"photo": base64.b64encode(b"GIF89a" * 50).decode()}, 422),
    ({"client_id": "x"}, 422), ({"more": 1}, 400),
])  # fmt: skip
def test_what_is_no_photo_is_refused(officer_as: OfficerAs, lamp: str, change: dict[str, object], status: int) -> None:
    body = {"client_id": str(uuid4()), "photo": photo()} | change
    assert officer_as("hoa").post(lamp, body).status_code == status


def test_only_rows_that_are_there_and_looked_at(officer_as: OfficerAs, lamp: str) -> None:
    hoa, body = officer_as("hoa"), {"client_id": str(uuid4()), "photo": photo()}
    assert hoa.post("/api/layers/lights/features/99999999/photos", body).status_code == 404
    assert hoa.post(lamp.replace("lights", "roads"), body).status_code == 404
    assert hoa.get("/api/survey-photos/99999999").status_code == 404


def test_after_a_year_it_is_gone(
    officer_as: OfficerAs, lamp: str, owner_engine: Engine, conn_as: Callable[[str], Connection]
) -> None:
    hoa = officer_as("hoa")
    url = hoa.post(lamp, {"client_id": str(uuid4()), "photo": photo()}).json["photos"][0]["url"]
    with begin(owner_engine, Actor("system")) as conn:
        conn.exec_driver_sql("UPDATE survey_photos SET expires_on = vietnam_today() - 1")
    assert hoa.get(url).status_code == 404
    with begin(owner_engine, Actor("system")) as conn:
        assert delete_expired_survey_photos(conn) == 1
    assert conn_as("hoa").exec_driver_sql("SELECT count(*) FROM survey_photos").scalar_one() == 0
