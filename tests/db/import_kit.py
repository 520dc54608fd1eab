"""An import by its pages, step by step, with the worker's turn in between."""

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.engine import Connection, Engine
from werkzeug.test import TestResponse

from gis_app.jobs.runner import run_one
from layers import LAYERS

ADDRESS = "/du-lieu/nhap"
HTML = {"Accept": "text/html"}


def run_jobs_now(engine: Engine) -> None:
    """The worker's turn: everything that waits."""
    with engine.connect() as keeper:
        while run_one(engine, keeper, threading.Event(), lambda _text: None):
            pass


@dataclass
class Wizard:
    """A data officer at the wizard."""

    client: FlaskClient
    engine: Engine
    import_id: int = 0

    @property
    def address(self) -> str:
        """The page of the import."""
        return f"{ADDRESS}/{self.import_id}"

    def post(self, path: str, **form: Any) -> TestResponse:
        """Send a form with the token and, unless given, the version of the import now."""
        token = self.client.get("/api/session").json["csrf_token"]
        if self.import_id and "version" not in form:
            form["version"] = self.state()["version"]
        return self.client.post(path, data={"csrf_token": token, **form}, headers=HTML)

    def state(self) -> dict[str, Any]:
        """The import as the API tells it."""
        answer = self.client.get(f"/api/imports/{self.import_id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json
        return found

    def page(self, query: str = "") -> str:
        """The import's page."""
        answer = self.client.get(self.address + query, headers=HTML)
        assert answer.status_code == 200, answer.text
        return answer.text

    def send(self, name: str, content: bytes, layer: str, *more: tuple[str, bytes]) -> TestResponse:
        """Upload a file, or several; remember the import."""
        answer = self._send_files([(name, content), *more], layer)
        if answer.status_code == 303:
            self.import_id = int(re.search(r"/(\d+)$", answer.headers["Location"])[1])  # type: ignore[index]
        return answer

    def _send_files(self, files: Sequence[tuple[str, bytes]], layer: str) -> TestResponse:
        # By hand: the test client keeps large forms in files that it does not close.
        token = self.client.get("/api/session").json["csrf_token"]
        body = "".join(
            f'--cut\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
            for field, value in (("csrf_token", token), ("layer", layer))
        ).encode()
        for name, content in files:
            head = f'--cut\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
            body += head.encode() + content + b"\r\n"
        kind = "multipart/form-data; boundary=cut"
        return self.client.post(ADDRESS, data=body + b"--cut--\r\n", content_type=kind, headers=HTML)

    def upload(self, path: Path, layer: str, name: str = "") -> dict[str, Any]:
        """Upload and let the worker read; the import then."""
        self.import_id = 0
        answer = self.send(name or path.name, path.read_bytes(), layer)
        assert answer.status_code == 303, answer.text
        run_jobs_now(self.engine)
        return self.state()

    def choose(self, reading: str, encoding: str = "", act: str = "next", **more: str) -> TestResponse:
        """Choose coordinates and letters as the page offers them."""
        encoding = encoding or self.state()["options"]["encoding"].removesuffix("-sig")
        return self.post(f"{self.address}/toa-do", reading=reading, encoding=encoding, act=act, **more)

    def guessed(self) -> str:
        """The reading that is proposed."""
        chosen = self.state()["options"]
        return f"{chosen['srid']}{'x' if chosen['swap_axes'] else ''}"

    def columns(self) -> dict[str, str]:
        """The form of the columns as the page shows it."""
        page = self.page("?buoc=cot")
        found = {}
        for name, body in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
            chosen = re.search(r'<option(?: value="([^"]*)")? selected>([^<]*)</option>', body)
            found[name] = "" if chosen is None else (chosen[1] if chosen[1] is not None else chosen[2])
        return found

    def check(self, **changed: str) -> dict[str, Any]:
        """Have every row checked with the columns as the page shows them, or others; the import then."""
        answer = self.post(f"{self.address}/cot", **(self.columns() | changed), act="check")
        assert answer.status_code == 303, answer.text
        run_jobs_now(self.engine)
        return self.state()

    def through(self, path: Path, layer: str) -> dict[str, Any]:
        """From the file to the checked import, with every guess taken."""
        self.upload(path, layer)
        assert self.choose(self.guessed()).status_code == 303
        return self.check()

    def apply(self, **form: Any) -> dict[str, Any]:
        """Store; the import then."""
        assert self.post(f"{self.address}/ap-dung", **form).status_code == 303
        run_jobs_now(self.engine)
        return self.state()

    def undo(self) -> dict[str, Any]:
        """Take back; the import then."""
        assert self.post(f"{self.address}/hoan-tac").status_code == 303
        run_jobs_now(self.engine)
        return self.state()


MakeWizard = Callable[[str], Wizard]
Count = Callable[[Connection, str], int]


def forget_imports(owner_engine: Engine) -> None:
    """Take away every import, what it stored, and its jobs."""
    with owner_engine.begin() as conn:
        conn.exec_driver_sql("SET LOCAL app.role = 'system'")
        conn.exec_driver_sql("DELETE FROM imports WHERE commune_id IN (90001, 90002)")
        conn.exec_driver_sql("DELETE FROM osm_rows WHERE commune_id IN (90001, 90002)")
        conn.exec_driver_sql("DELETE FROM jobs WHERE kind = 'import'")
        for layer in LAYERS.values():
            conn.exec_driver_sql(f"DELETE FROM {layer.name} WHERE source LIKE 'import: %%'")
