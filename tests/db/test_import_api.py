"""Imports by a program with a token: send, look, check, apply, take back; every refusal is problem+json."""

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import Connection, Engine
from werkzeug.test import TestResponse

from tests import difficulties as hard
from tests.builders import MAU
from tests.db.import_kit import forget_imports, run_jobs_now
from tests.db.test_tokens import make
from tests.difficulties import DATA
from tests.photo_kit import photo_at

__all__ = ["make"]
LINES = b"ma,lon,lat,chieu cao\n" + b"".join(
    f"P{n},{MAU.at(700 + 40 * n, 900).x:.7f},{MAU.at(700 + 40 * n, 900).y:.7f},{height}\n".encode()
    for n, height in enumerate((8, 9, 10))
)


class Program:
    """A program with a token, which knows no cookie and no page."""

    def __init__(self, app: Flask, engine: Engine, token: str) -> None:
        self.client, self.engine, self.token = app.test_client(use_cookies=False), engine, token

    def ask(self, method: str, path: str, key: str | None = None, **more: Any) -> TestResponse:
        """Send a request, unless told otherwise under a key of its own."""
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        if method == "POST":
            headers["Idempotency-Key"] = key or uuid4().hex
        return self.client.open("/api/imports" + path, method=method, headers=headers, **more)

    def send(self, name: str, content: bytes, layer: str, key: str | None = None) -> TestResponse:
        """Send a file."""
        query = {"name": name, "layer": layer} if layer else {"name": name}
        return self.ask("POST", "", key, data=content, query_string=query, content_type="application/octet-stream")

    def step(self, found: dict[str, Any], part: str, body: Any = None) -> TestResponse:
        """Ask for a part of the import as it was found."""
        tag = {"If-Match": f'"{found["version"]}"'}
        return self.ask("POST", f"/{found['id']}/{part}", json=body or {}, headers=tag)

    def now(self, import_id: int) -> dict[str, Any]:
        """The import after the worker's turn."""
        run_jobs_now(self.engine)
        found: dict[str, Any] = self.ask("GET", f"/{import_id}").json
        return found


@pytest.fixture
def program(app: Flask, engine: Engine, make: Callable[..., str]) -> Callable[..., Program]:
    """`program("hoa", "write")`."""
    return lambda who="hoa", scope="write": Program(app, engine, make(who, scope))


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    yield
    forget_imports(owner_engine)
    with owner_engine.begin() as conn:
        conn.exec_driver_sql("DELETE FROM idempotency_keys")


def heights(conn: Connection) -> list[float]:
    found = conn.execute(sa.text("SELECT height_m FROM lights WHERE external_id LIKE 'P_' ORDER BY external_id"))
    return [float(row[0]) for row in found]


def test_from_file_to_rows_and_back(program: Callable[..., Program], conn_as: Callable[[str], Connection]) -> None:
    tool = program()
    sent = tool.send("den.csv", LINES, "lights")
    assert sent.status_code == 202
    assert sent.headers["Location"] == f"/api/imports/{sent.json['id']}"
    assert (sent.json["job"]["kind"], sent.json["job"]["state"]) == ("import", "queued")
    found = tool.now(sent.json["id"])
    assert (found["state"], found["options"]["srid"]) == ("read", 4326)
    assert [column["name"] for column in found["found"]["columns"]] == ["ma", "chieu cao"]
    assert tool.step(found, "apply").status_code == 409
    columns = {"fields": {"height_m": "chieu cao"}, "id_column": "ma", "units": {"height_m": "m"}, "values": {}}
    assert tool.step(found, "check", {"columns": columns}).status_code == 202
    found = tool.now(found["id"])
    assert (found["state"], found["report"]["inserted"], found["report"]["is_good"]) == ("checked", 3, True)
    assert tool.step(found, "apply").status_code == 202
    done = tool.now(found["id"])
    assert (done["state"], heights(conn_as("hoa"))) == ("applied", [8.0, 9.0, 10.0])
    assert tool.step(done, "undo").status_code == 202
    assert tool.now(found["id"])["state"] == "undone"
    assert heights(conn_as("hoa")) == []
    gone = tool.ask("DELETE", f"/{found['id']}", headers={"If-Match": f'"{done["version"] + 1}"'})
    assert gone.status_code in (409, 412)


def test_a_repeated_sending_is_one_import(program: Callable[..., Program]) -> None:
    tool = program()
    first, second = (tool.send("den.csv", LINES, "lights", "one-and-the-same") for _ in range(2))
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json["id"] == second.json["id"]
    assert second.headers["Idempotent-Replayed"] == "true"
    assert len(tool.ask("GET", "").json["imports"]) == 1
    assert tool.send("den.csv", LINES + b"x", "lights", "one-and-the-same").status_code == 409
    without = tool.client.post("/api/imports", headers={"Authorization": f"Bearer {tool.token}"}, data=LINES)
    assert without.json["code"] == "idempotency_key_missing"


def test_faults_are_named(program: Callable[..., Program]) -> None:
    """Row, column, value and rule, in a problem that a program reads and a sentence that a person does."""
    tool = program()
    found = tool.now(tool.send("x.geojson", (DATA / "bad_values.geojson").read_bytes(), "lights").json["id"])
    assert tool.step(found, "check").status_code == 202
    answer = tool.step(tool.now(found["id"]), "apply")
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    params = answer.json["params"]
    assert (answer.json["code"], params["count"]) == ("import_has_faults", 4)
    fault = next(one for one in params["faults"] if one["rule"] == "not_a_choice")
    assert (fault["row"] > 0, fault["column"], fault["value"]) == (True, "Tình trạng", "hỏng nặng")
    assert fault["text"].startswith("Không phải giá trị cho phép")


@pytest.mark.parametrize(
    ("name", "content", "layer", "status", "reason"),
    [
        ("a.exe", b"MZ", "lights", 422, "unknown_format"),
        ("a.xlsm", b"PK", "lights", 422, "xlsx_macro"),
        ("a.csv", b"", "lights", 422, "file_empty"),
        ("a.jpg", b"x", "roads", 422, "photos_points"),
        ("a.csv", b"x", "", 422, None),
        ("a.csv", b"x" * (50 * 2**20 + 1), "lights", 422, "too_large"),
        ("a.csv", b"x" * (51 * 2**20), "lights", 413, None),
        ("a.csv", b"x", "nothing", 400, None),
        ("a\n.csv", b"x", "lights", 400, None),
    ],
)  # fmt: skip
def test_what_the_door_refuses(
    name: str, content: bytes, layer: str, status: int, reason: str | None, program: Callable[..., Program]
) -> None:
    answer = program().send(name, content, layer)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.json["params"].get("reason") == reason
    if reason:
        assert answer.json["params"]["text"]


def test_a_survey_in_tcvn3_and_vn2000(program: Callable[..., Program], tmp_path: Path) -> None:
    tool = program()
    path = hard.survey_shapefile(tmp_path / "a.zip")
    found = tool.now(tool.send(path.name, path.read_bytes(), "groups").json["id"])
    assert (found["options"]["encoding"], found["options"]["srid"]) == ("tcvn3", 9210)
    away = tool.step(found, "check", {"srid": 9208})
    assert (away.status_code, away.json["code"]) == (422, "import_not_here")
    assert float(away.json["params"]["km"].replace(",", ".")) == pytest.approx(104.0, abs=3.0)
    reread = tool.step(found, "check", {"encoding": "vni"})
    assert reread.json["job"]["parameters"]["part"] == "read"
    found = tool.now(found["id"])
    assert (found["state"], found["options"]["encoding"]) == ("read", "vni")


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"srid": "4326"}, "srid"),
        ({"srid": True}, "srid"),
        ({"srid": 5897}, "reading"),
        ({"encoding": "koi8-r"}, "encoding"),
        ({"colums": {}}, "colums"),
        ({"columns": {"fields": {"height_m": "nothing"}}}, "columns.fields.height_m"),
        ({"columns": {"fields": {"stage": "ma"}}}, "columns.fields"),
        ({"columns": {"id_column": 7}}, "columns.id_column"),
        ({"columns": {"units": {"height_m": "mile"}}}, "columns.units.height_m"),
        ({"columns": {"values": {"state": {"x": "gone"}}}}, "columns.values.state"),
        ({"columns": {"other": {}}}, "columns"),
    ],
)
def test_choices_are_checked(body: dict[str, Any], name: str, program: Callable[..., Program]) -> None:
    tool = program()
    found = tool.now(tool.send("den.csv", LINES, "lights").json["id"])
    answer = tool.step(found, "check", body)
    assert (answer.status_code, answer.json["params"]["name"]) == (400, name)
    assert tool.now(found["id"])["version"] == found["version"]


def test_versions_and_cancelling(program: Callable[..., Program], conn_as: Callable[[str], Connection]) -> None:
    tool = program()
    found = tool.now(tool.send("den.csv", LINES, "lights").json["id"])
    assert tool.ask("POST", f"/{found['id']}/check", json={}).status_code == 428
    assert tool.step(found | {"version": 1}, "check").status_code == 412
    tool.step(found, "check")
    checked = tool.now(found["id"])
    asked = tool.step(checked, "apply").json
    again = tool.step(asked, "apply")
    assert again.status_code == 409
    stopped = tool.client.delete(f"/api/jobs/{asked['job']['id']}", headers={"Authorization": f"Bearer {tool.token}"})
    assert stopped.json["state"] == "cancelled"
    after = tool.now(found["id"])
    assert (after["state"], heights(conn_as("hoa"))) == ("checked", [])
    away = tool.ask("DELETE", f"/{found['id']}", headers={"If-Match": f'"{after["version"]}"'})
    assert away.status_code == 204
    assert tool.ask("GET", f"/{found['id']}").status_code == 404


def test_photos_in_a_zip(program: Callable[..., Program]) -> None:
    out, spot = io.BytesIO(), MAU.at(1100, 700)
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.jpg", photo_at(spot.x, spot.y, 90.0))
    tool = program()
    found = tool.now(tool.send("anh.zip", out.getvalue(), "cameras").json["id"])
    tool.step(found, "check")
    assert tool.now(found["id"])["report"]["inserted"] == 1


def test_who_may(program: Callable[..., Program]) -> None:
    """A reading token, another role, another commune."""
    hoa = program()
    found = hoa.now(hoa.send("den.csv", LINES, "lights").json["id"])
    reader = program("hoa", "read")
    assert reader.ask("GET", f"/{found['id']}").status_code == 200
    assert reader.send("den.csv", LINES, "lights").status_code == 403
    assert reader.step(found, "check").status_code == 403
    for other, status in ((program("binh"), 403), (program("giang"), 404)):
        assert other.ask("GET", f"/{found['id']}").status_code == status
        for part in ("check", "apply", "undo"):
            assert other.step(found, part).status_code == status
        assert other.ask("DELETE", f"/{found['id']}", headers={"If-Match": '"2"'}).status_code == status
