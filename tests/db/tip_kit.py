"""A resident at the form: opens it, reads the question as a person would, sends."""

import re
import uuid
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.engine import Engine
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, stream_encode_multipart

from gis_app.words import VIETNAMESE
from tests.builders import BEN, MAU, SampleCommune

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


def fill_held(engine: Engine, count: int, photo_bytes: int = 0, place: SampleCommune = MAU) -> None:
    """So many tips of a flood that wait apart."""
    with engine.begin() as conn:
        conn.exec_driver_sql(
            "INSERT INTO tips "
            "(id, commune_id, subject, precision, geom, body, photo, receipt_hash, received_at, is_held) "
            f"SELECT 1000000 + n, {place.id}, 'other', 'group', ST_SetSRID(ST_MakePoint(106.7, 20.8), 4326), '', "
            f"CASE WHEN {photo_bytes} > 0 THEN convert_to(repeat('x', {photo_bytes}), 'UTF8') END, "
            f"lpad(to_hex(n), 64, '0'), half_day(), true FROM generate_series(1, {count}) AS n"
        )
