"""What a resident tells, as it is kept: place, words, photo, a light's number. T-T2 to T-T4."""

import io
import re
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy.engine import Connection, Engine

from gis_app.jobs import tip_box
from tests.builders import BEN, MAU
from tests.db.tip_kit import fields_of, open_form, receipt_in, rows, send_form, tell

ClientAs = Callable[[str | None], FlaskClient]
PLACE = "ST_X(geom) AS x, ST_Y(geom) AS y"
TEXT = "Đoạn ngõ sau chợ tối om, tối nào cũng có nhóm tụ tập"


pytestmark = pytest.mark.usefixtures("tips_open")


def test_what_is_kept_of_a_tip(resident: FlaskClient, code: str, owner_engine: Engine) -> None:
    logged = "SELECT count(*) FROM audit_entries WHERE table_name LIKE 'tip%%'"
    before = rows(owner_engine, logged)
    receipt = tell(resident, code, text=TEXT)
    assert len(receipt.replace("-", "")) * 5 >= 80
    (row,) = rows(owner_engine)
    assert (row.commune_id, row.subject, row.precision, row.state, row.is_held) == (
        MAU.id, "dark_street", "group", "new", False)  # fmt: skip
    told = row.received_at.astimezone(ZoneInfo("Asia/Ho_Chi_Minh"))
    assert (told.hour in (0, 12), told.minute, told.second, told.microsecond) == (True, 0, 0, 0)
    with owner_engine.begin() as conn:
        dump = str(conn.exec_driver_sql("SELECT jsonb_agg(t) FROM tips AS t").scalar_one())
    assert rows(owner_engine, logged) == before, "the log has exact times"
    for secret in (receipt, receipt.replace("-", ""), "ngõ", TEXT.encode().hex()):
        assert secret not in dump
    assert len(row.body) > 1024


@pytest.mark.parametrize(("precision", "kept"), [("street", "road_id"), ("point", "spot"), ("point", "landmark")])
def test_the_place_is_as_coarse_as_chosen(
    resident: FlaskClient, code: str, owner_engine: Engine, precision: str, kept: str
) -> None:
    page = resident.get(f"/tin/{code}").text
    road = re.search(r'<option value="(\d+)">Phố', page)[1]  # type: ignore[index]
    tap = MAU.at(512.3456, 498.7654)
    # A landmark that was chosen beats a fix from before.
    places = {"spot": "106.1,20.1", kept: f"{tap.x!r},{tap.y!r}", "road_id": road}
    tell(resident, code, precision=precision, **places)
    (row,) = rows(owner_engine, "SELECT *, ST_X(geom) AS x, ST_Y(geom) AS y FROM tips")
    assert row.x == round(row.x, 4)
    if kept == "road_id":
        assert row.road_id == int(road)
        middle = rows(
            owner_engine,
            f"SELECT ST_X(p) AS x, ST_Y(p) AS y FROM (SELECT ST_LineInterpolatePoint(geom, .5) AS p FROM roads "
            f"WHERE id = {road}) AS m",
        )[0]
        assert (row.x, row.y) == (round(middle.x, 4), round(middle.y, 4))
    else:
        assert (row.x, row.y) == (round(tap.x, 4), round(tap.y, 4))
        assert tap.x not in (row.x, row.y)


@pytest.mark.parametrize(("cell_m", "step"), [(250, 0.0025), (500, 0.005)])
def test_an_area_is_kept_as_its_middle(
    resident: FlaskClient,
    code: str,
    owner_engine: Engine,
    conn_as: Callable[[str], Connection],
    cell_m: int,
    step: float,
) -> None:
    with owner_engine.begin() as conn:
        conn.exec_driver_sql(f"UPDATE tip_settings SET cell_m = {cell_m} WHERE commune_id = {MAU.id}")
    page = resident.get(f"/tin/{code}").text
    assert f"khoảng {cell_m} m" in page
    assert float(re.search(r'data-cell="([\d.]+)"', page)[1]) == step  # type: ignore[index]
    taps = [MAU.at(512.3, 498.7), MAU.at(512.3 + 20, 498.7 + 20)]
    for tap in taps:
        tell(resident, code, precision="cell", spot=f"{tap.x!r},{tap.y!r}")
    kept = {(row.x, row.y, row.road_id) for row in rows(owner_engine, f"SELECT *, {PLACE} FROM tips")}
    assert len(kept) == 1, "two taps in one area are one place"
    ((x, y, road_id),) = kept
    assert road_id is None
    for value, tap in ((x, taps[0].x), (y, taps[0].y)):
        assert abs(value / step - round(value / step)) < 1e-6
        assert abs(value - tap) <= step / 2
    (row, _) = conn_as("binh").exec_driver_sql(f"SELECT precision, {PLACE} FROM tips_coarse").all()
    assert tuple(row) == ("cell", x, y)


def test_an_area_at_the_border_keeps_the_village_of_the_form(
    resident: FlaskClient, code: str, owner_engine: Engine
) -> None:
    fields = open_form(resident, code)
    edge = MAU.at(5.0, 5.0)
    receipt_in(send_form(resident, code, fields | {"precision": "cell", "spot": f"{edge.x},{edge.y}"}))
    assert [row.group_id for row in rows(owner_engine)] == [int(fields["to"])]
    far = MAU.at(-2000.0, 5.0)
    refused = send_form(resident, code, open_form(resident, code) | {"precision": "cell", "spot": f"{far.x},{far.y}"})
    assert refused.status_code == 422


@pytest.mark.parametrize("precision", ["group", "cell", "street", "point", "landmark"])
def test_a_refused_form_keeps_the_place(resident: FlaskClient, code: str, owner_engine: Engine, precision: str) -> None:
    """Also a point and a segment of the map, which no list of the form has."""
    page = resident.get(f"/tin/{code}").text
    (unlisted,) = rows(owner_engine, f"SELECT max(id) AS id FROM roads WHERE commune_id = {MAU.id}")
    assert f'<option value="{unlisted.id}"' not in page
    landmark = re.search(r'<option value="(1\d\d\.[\d.,]+)">', page)[1]  # type: ignore[index]
    tap = MAU.at(512.3, 498.7)
    place = {
        "group": {}, "cell": {"spot": f"{tap.x:.4f},{tap.y:.4f}"}, "street": {"road_id": str(unlisted.id)},
        "point": {"spot": f"{tap.x:.4f},{tap.y:.4f}"}, "landmark": {"landmark": landmark},
    }[precision]  # fmt: skip
    chosen = place | {"precision": "point" if precision == "landmark" else precision}
    answer = send_form(resident, code, fields_of(page) | chosen | {"answer": "99"})
    assert answer.status_code == 422
    again = filled_in(answer.text)
    assert {name: again[name] for name in chosen} == chosen
    receipt_in(send_form(resident, code, again))
    (row,) = rows(owner_engine)
    assert row.precision == chosen["precision"]
    assert row.road_id == unlisted.id or precision != "street"


def filled_in(html: str) -> dict[str, str]:
    """What a browser would send of the form as it came back, with the new question answered."""
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', html))
    checked = dict(re.findall(r'type="radio" name="(\w+)" value="(\w+)"[^>]* checked', html))
    selects = re.findall(r'<select id="\w+" name="(\w+)".*?</select>', html, re.DOTALL)
    picked = {
        name: re.search(rf'name="{name}".*?<option value="([^"]*)" selected', html, re.DOTALL) for name in selects
    }
    return fields_of(html) | hidden | checked | {name: found[1] for name, found in picked.items() if found}


@pytest.mark.parametrize(
    "values",
    [
        {"subject": "person"}, {"subject": ""}, {"precision": "house"}, {"precision": "street"},
        {"precision": "point", "spot": "106.1,20.1"}, {"precision": "point", "spot": "nan,1"}, {"text": "x" * 501},
        {"precision": "street", "road_id": "999999999999"}, {"to": "99999999999"}, {"text": "a\x07b"},
        {"subject": "light_out", "device_number": "0912345678"},
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_is_kept(
    resident: FlaskClient, code: str, owner_engine: Engine, values: dict[str, str]
) -> None:
    answer = send_form(resident, code, open_form(resident, code) | values)
    assert answer.status_code == 422, answer.text
    assert rows(owner_engine) == []


def test_places_of_another_commune_are_none(resident: FlaskClient, code: str, owner_engine: Engine) -> None:
    (road,) = rows(owner_engine, f"SELECT min(id) AS id FROM roads WHERE commune_id = {BEN.id}")
    (group,) = rows(owner_engine, f"SELECT min(id) AS id FROM groups WHERE commune_id = {BEN.id}")
    for values in ({"precision": "street", "road_id": str(road.id)}, {"to": str(group.id)}):
        assert send_form(resident, code, open_form(resident, code) | values).status_code == 422
    assert resident.get(f"/tin/{code}/ban-do?to={group.id}").status_code == 404
    assert BEN.marker not in resident.get(f"/tin/{code}?to={group.id}").text
    assert rows(owner_engine) == []


def test_a_light_is_found_by_its_number(resident: FlaskClient, code: str, owner_engine: Engine) -> None:
    tell(resident, code, subject="light_out", device_number="mau1-L5")
    (row,) = rows(owner_engine)
    (light,) = rows(owner_engine, "SELECT id FROM lights WHERE external_id = 'MAU1-l5'")
    assert (row.device_layer, row.device_id) == ("lights", light.id)


@pytest.mark.parametrize(
    ("text", "hard"),
    [
        ("gọi 0912345678 sẽ rõ", True), ("số căn cước 031203004567", True), ("xe 15B1-234.56 hay đậu", True),
        ("anh Hùng hay đứng ở đây", False),
    ],
)  # fmt: skip
def test_a_person_is_refused_or_covered(
    resident: FlaskClient, code: str, owner_engine: Engine, app: Flask, text: str, hard: bool
) -> None:
    fields = open_form(resident, code) | {"text": text}
    answer = send_form(resident, code, fields)
    assert answer.status_code == 422
    assert 'data-testid="persons"' in answer.text
    assert ('data-testid="keep"' in answer.text) is not hard
    if hard:
        assert send_form(resident, code, fields | {"keep": "1"}).status_code == 422
    assert rows(owner_engine) == []
    receipt_in(send_form(resident, code, fields | {"mask": "1"}))
    (row,) = rows(owner_engine)
    words = tip_box.unseal_words(app.config["SECRET_KEY"], row.id, "body", row.body)
    assert words is not None
    assert "[đã che]" in words["text"]
    assert not set(re.findall(r"\d{6,}|Hùng", words["text"]))


def test_streets_that_are_named_after_people_pass(resident: FlaskClient, code: str) -> None:
    tell(resident, code, text="Đường Trần Nhân Tông và phố Bùi Viện tối, đèn tắt")


def picture() -> bytes:
    exif = Image.Exif()
    exif[0x0110] = "MAY ANH CUA TOI"
    exif[0x8825] = {1: "N", 2: (20.0, 40.0, 30.0), 3: "E", 4: (106.0, 40.0, 30.0)}
    out = io.BytesIO()
    Image.effect_noise((1200, 900), 90).convert("RGB").save(out, "JPEG", exif=exif, quality=95)
    return out.getvalue()


def test_a_photo_is_made_anew_and_never_touches_the_disk(
    resident: FlaskClient, code: str, owner_engine: Engine, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_named: object) -> None:
        raise AssertionError("a file on the disk")

    monkeypatch.setattr("werkzeug.formparser.SpooledTemporaryFile", refuse)
    monkeypatch.setattr("werkzeug.formparser.default_stream_factory", refuse)
    data = picture()
    assert len(data) > 600_000, "as large as what Werkzeug would put on the disk"
    receipt_in(send_form(resident, code, open_form(resident, code) | {"photo": (io.BytesIO(data), "con-trai-toi.jpg")}))
    (row,) = rows(owner_engine)
    kept = tip_box.unseal(app.config["SECRET_KEY"], row.id, "photo", row.photo)
    assert kept is not None
    assert not Image.open(io.BytesIO(kept)).getexif()
    assert b"MAY ANH" not in kept
    assert b"con-trai" not in bytes(row.photo)


@pytest.mark.parametrize("data", [b"GIF89a", b"\xff\xd8\xff" + b"x" * 2000, b"<svg onload=alert(1)>", b"PK\x03\x04zzz"])
def test_a_file_that_is_no_photo_is_refused(
    resident: FlaskClient, code: str, owner_engine: Engine, data: bytes
) -> None:
    answer = send_form(resident, code, open_form(resident, code) | {"text": TEXT, "photo": (io.BytesIO(data), "a.jpg")})
    assert answer.status_code == 422
    assert TEXT in answer.text
    assert rows(owner_engine) == []
