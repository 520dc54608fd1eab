"""The corpus of tests/bad_files.py through the real upload door: each gets its answer, and leaves nothing.

Every file goes through the page's form, the kept pieces and the worker's job. Those marked `apart`, and all extracts,
are read by the real child process; the others by the same code in this process, which saves a start of a second each.
"""

import html
import http.server
import json
import resource
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.engine import Engine

from gis_app.formats import Limits, Options, formats, sandbox
from gis_app.formats.child import read_one
from gis_app.formats.sandbox import read_apart
from tests.bad_files import BAD, URL
from tests.builders import PASSWORD
from tests.db.import_kit import Wizard, run_jobs_now

MOST_S = 10
MESSAGES = json.loads(Path("gis_app/messages/vi.json").read_text("utf-8"))
LAYERS = ("lights", "groups", "venues", "cameras", "roads", "buildings")


@pytest.fixture(scope="module")
def hoa(app: Flask, engine: Engine, owner_engine: Engine) -> Iterator[Wizard]:
    """One data officer for all files; her imports go at the end."""
    client = app.test_client()
    assert client.post("/api/session", json={"username": "hoa", "password": PASSWORD}).status_code == 200
    yield Wizard(client, engine)
    with owner_engine.begin() as conn:
        conn.exec_driver_sql("DELETE FROM imports WHERE commune_id = 90001")
        conn.exec_driver_sql("DELETE FROM jobs WHERE kind = 'import'")


@pytest.fixture(scope="module")
def listener() -> Iterator[tuple[str, list[str]]]:
    """A server on this machine that notes every call."""
    calls: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            calls.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", calls
    server.shutdown()
    server.server_close()


def read_here(module: str, _suffix: str, path: Path, options: Options, limits: Limits, *_wait: Any) -> dict[str, Any]:
    """What the child does, without the child."""
    found = next(one for one in formats().values() if one.__name__.endswith(f".{module}"))
    return {"": read_one(found, path, options, limits)}


def test_there_are_enough() -> None:
    assert len(BAD) >= 120


def cpu_s() -> float:
    """Seconds that this process and its children have computed: a busy machine does not count."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file(
    name: str,
    hoa: Wizard,
    owner_engine: Engine,
    listener: tuple[str, list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bad, (url, calls) = BAD[name], listener
    monkeypatch.setattr(sandbox, "read_apart", read_apart if bad.apart or name.startswith("osm-") else read_here)
    started = cpu_s()
    hoa.import_id = 0
    content = bad.make().replace(URL.encode(), url.encode()) if b"PK\x03\x04" not in bad.make()[:4] else bad.make()
    answer = hoa.send(bad.name, content, bad.layer)
    said = _door(answer) if answer.status_code != 303 else _walk(hoa)
    assert _fits(said, bad.answer), (said, bad.answer)
    assert cpu_s() - started < MOST_S
    assert calls == []
    with owner_engine.connect() as conn:
        conn.exec_driver_sql("SET app.role = 'system'")
        for layer in LAYERS:
            count = f"SELECT count(*) FROM {layer} WHERE source LIKE 'import: %%'"
            assert conn.exec_driver_sql(count).scalar_one() == 0


def _door(answer: Any) -> str:
    assert answer.status_code == 422, answer.text
    text = html.unescape(answer.text)
    starts = {
        key.removeprefix("import."): value.split("{")[0] for key, value in MESSAGES.items() if key.startswith("import.")
    }
    alert = text.split('data-testid="error"')[1].split("</div>")[0]
    return next((f"door:{code}" for code, start in starts.items() if len(start) > 12 and start in alert), alert)


def _walk(hoa: Wizard) -> str:
    """From the upload as far as the file gets; every page on the way is one that a person can read."""
    run_jobs_now(hoa.engine)
    found = hoa.state()
    page = html.unescape(hoa.page())
    assert "import." not in page.split("<main")[1].split("</main")[0]
    if found["state"] == "refused":
        code = found["report"]["refusal"]
        assert f"import.{code}" in MESSAGES
        return f"file:{code}"
    if found["layer"] == "osm":
        assert not found["report"]["is_good"] or not found["report"]["row_count"]
        return "osm:" + next(iter(found["report"]["rules"]), "nothing")
    assert found["state"] == "read", found
    chosen, warned = found["options"], "".join(f"{one['code']}:" for one in found["found"]["warnings"])
    if warned:
        # A guess alone does not go on; a person must choose.
        assert hoa.choose(hoa.guessed()).status_code == 422
    if chosen["srid"] is None or hoa.choose(hoa.guessed(), crs_chosen="1").status_code == 422:
        return f"{warned}away"
    report = hoa.check()["report"]
    assert report is not None, "the job failed"
    for fault in report["faults"]:
        assert MESSAGES[f"import.{fault['rule']}"].format(**fault["params"])
    assert "import." not in html.unescape(hoa.page()).split("<main")[1].split("</main")[0]
    assert ("crs_chosen" in [rule for rule, _ in report["notes"]]) == bool(warned)
    return warned + ("good" if report["is_good"] else "row:" + ",".join(sorted(report["rules"])))


def _fits(said: str, wanted: str) -> bool:
    if wanted.endswith("*"):
        return said.startswith(wanted[:-1])
    return said == wanted or (wanted.startswith("row:") and wanted[4:] in said.removeprefix("row:").split(","))
