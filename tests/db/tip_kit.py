"""A resident at the form: opens it, reads the question as a person would, sends."""

import re
import uuid
from collections.abc import Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, stream_encode_multipart

from gis_app.words import VIETNAMESE
from tests.builders import BEN, MAU, SampleCommune

QUEUE = "/tin/tiep-nhan"
NUMBERS = {VIETNAMESE.say(f"tip.number.{number}"): number for number in range(2, 10)}


def open_tips(engine: Engine, *places: SampleCommune) -> None:
    """Let communes take tips."""
    with engine.begin() as conn:
        for place in places or (MAU, BEN):
            conn.exec_driver_sql(
                f"INSERT INTO tip_settings (commune_id, is_open) VALUES ({place.id}, true) "
                "ON CONFLICT (commune_id) DO UPDATE SET is_open = true"
            )


def wipe_tips(engine: Engine) -> None:
    """Leave no tip behind."""
    with engine.begin() as conn:
        for table in ("tips", "tip_settings", "tip_loads", "tip_marks"):
            conn.exec_driver_sql(f"DELETE FROM {table}")


def rows(engine: Engine, text: str = "SELECT * FROM tips") -> list[Any]:
    """Rows as the owner sees them."""
    with engine.begin() as conn:
        return list(conn.exec_driver_sql(text))


def box_of(engine: Engine, place: SampleCommune = MAU) -> str:
    """The code of the commune's tip box."""
    with engine.begin() as conn:
        box = conn.exec_driver_sql(f"SELECT min(id) FROM tip_boxes WHERE commune_id = {place.id}").scalar_one()
    return f"{place.id}-h{box}"


def fields_of(html: str) -> dict[str, str]:
    """What a browser without scripts would send of an untouched form, with the question answered."""
    first, second = re.search(r'<label for="answer">(\w+) cộng (\w+)', html).groups()  # type: ignore[union-attr]
    hidden = {name: re.search(rf'name="{name}" value="([^"]*)"', html)[1] for name in ("token", "to")}  # type: ignore[index]
    return hidden | {
        "subject": "dark_street",
        "precision": "group",
        "answer": str(NUMBERS[first.lower()] + NUMBERS[second]),
    }


def open_form(client: FlaskClient, code: str) -> dict[str, str]:
    """Open the form of a box."""
    answer = client.get(f"/tin/{code}")
    assert answer.status_code == 200, answer.text
    return fields_of(answer.text)


def send_form(client: FlaskClient, code: str, values: Mapping[str, Any]) -> TestResponse:
    """Send it."""
    # Encoded here: the client would keep a large photo in a file that it forgets to close.
    told = {n: FileStorage(v[0], filename=v[1]) if isinstance(v, tuple) else v for n, v in values.items()}
    stream, length, boundary = stream_encode_multipart(told, use_tempfile=False)
    kind = f'multipart/form-data; boundary="{boundary}"'
    return client.post(f"/tin/{code}", input_stream=stream, content_type=kind, content_length=length)


def receipt_in(answer: TestResponse) -> str:
    """The receipt on the page of a tip that was taken."""
    assert answer.status_code == 201, answer.text
    return re.search(r'data-testid="receipt"[^>]*>([0-9A-Z-]+)<', answer.text)[1]  # type: ignore[index]


def tell(client: FlaskClient, code: str, **values: Any) -> str:
    """Open, fill in, send; the receipt."""
    return receipt_in(send_form(client, code, open_form(client, code) | values))


def work(nonce: str, bits: int, client_id: str) -> str:
    """The work that a browser's script does."""
    for counter in range(2**26):
        digest = sha256(f"{nonce}:{client_id}:{counter}".encode()).digest()
        if int.from_bytes(digest) >> (256 - bits) == 0:
            return str(counter)
    raise AssertionError("no work found")


def worked_form(client: FlaskClient, code: str) -> dict[str, str]:
    """Open the form as a browser with scripts does: work in place of the answer."""
    html, client_id = client.get(f"/tin/{code}").text, str(uuid.uuid4())
    nonce, bits = (re.search(rf'data-{name}="(\w+)"', html)[1] for name in ("nonce", "bits"))  # type: ignore[index]
    return fields_of(html) | {"answer": "", "client_id": client_id, "proof": work(nonce, int(bits), client_id)}


def worked_again(fields: Mapping[str, str], nonce: str, bits: int) -> dict[str, str]:
    """The same form's work once more, for another sending."""
    client_id = str(uuid.uuid4())
    return dict(fields) | {"client_id": client_id, "proof": work(nonce, bits, client_id)}


def pretend_load(engine: Engine, kind: str, count: int, place: SampleCommune = MAU) -> None:
    """As if so many tips had come in this hour."""
    with engine.begin() as conn:
        conn.exec_driver_sql(
            "INSERT INTO tip_loads (scope, kind, slot, count) "
            f"VALUES ({place.id}, '{kind}', date_trunc('hour', now()), {count}) "
            "ON CONFLICT (scope, kind) DO UPDATE SET count = EXCLUDED.count, slot = EXCLUDED.slot"
        )


def fill_held(engine: Engine, count: int, photo_bytes: int = 0) -> None:
    """So many tips of a flood that wait apart."""
    fill_tips(engine, count, first=1_000_001, held=True, photo_bytes=photo_bytes)


def fill_tips(engine: Engine, count: int, **how: Any) -> None:
    """So many tips of Xã Mẫu without words, from number `first` on, `days` old, `at` so many metres east and north."""
    values = {"first": 1, "subject": "gathering", "precision": "group", "at": (500.0, 500.0), "state": "new", "days": 0,
              "held": False, "photo_bytes": 0} | how  # fmt: skip
    spot = MAU.at(*values.pop("at"))
    with engine.begin() as conn:
        conn.execute(
            sa.text(
                "INSERT INTO tips (id, commune_id, subject, precision, group_id, geom, body, photo, receipt_hash, "
                "received_at, is_held, state, verifying_on) "
                "SELECT n, :commune, :subject, :precision, g.id, "
                "ST_SetSRID(ST_MakePoint(round(:x, 4)::float8, round(:y, 4)::float8), 4326), '', "
                "CASE WHEN :photo_bytes > 0 THEN convert_to(repeat('x', :photo_bytes), 'UTF8') END, "
                "lpad(to_hex(n), 64, '0'), half_day() - make_interval(days => :days), :held, :state, "
                "CASE WHEN :state <> 'new' THEN vietnam_today() END "
                "FROM generate_series(:first, :first + :count - 1) AS n, "
                "(SELECT min(id) AS id FROM groups WHERE commune_id = :commune) AS g"
            ),
            values | {"commune": MAU.id, "count": count, "x": Decimal(repr(spot.x)), "y": Decimal(repr(spot.y))},
        )


class Desk:
    """An officer at the intake page."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.token = client.get("/api/session").json["csrf_token"]  # type: ignore[index]

    def ids(self, query: str = "") -> list[int]:
        page = self.client.get(QUEUE + query)
        assert page.status_code == 200, page.text
        return [int(found) for found in re.findall(r'data-testid="tip-(\d+)"', page.text)]

    def page(self, tip_id: int) -> str:
        return self.client.get(f"{QUEUE}/{tip_id}").text

    def post(self, path: str, **values: Any) -> TestResponse:
        return self.client.post(f"{QUEUE}/{path}", data={"csrf_token": self.token} | values)

    def act(self, tip_id: int, step: str, **values: Any) -> TestResponse:
        version = re.search(r'name="version" value="(\d+)"', self.page(tip_id))
        return self.post(f"{tip_id}/{step}", version=version[1] if version else "1", **values)
