"""Nothing that a person types stands in a log line; metrics count by endpoint only, over all workers."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from gis_app.web.logs import JsonLines

MARKER = "MARK7f3Nguyen"
ADDRESS = "203.0.113.77"
ClientAs = Callable[[str | None], FlaskClient]


class Lines(logging.Handler):
    """Every record of every logger, as the log writes it."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonLines())
        self.written: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.written.append(self.format(record))


@pytest.fixture
def lines(app: Flask) -> Iterator[Lines]:
    """What is logged meanwhile; below `gis_app` that is what goes to standard error."""
    assert app
    found = Lines()
    logging.getLogger().addHandler(found)
    yield found
    logging.getLogger().removeHandler(found)


def requests_of(lines: Lines) -> list[dict[str, object]]:
    return [line for line in map(json.loads, lines.written) if "endpoint" in line]


def test_a_line_says_what_was_asked_and_by_which_role(lines: Lines, client_as: ClientAs) -> None:
    answer = client_as("an").get("/api/layers/lights/features?limit=1")
    line = requests_of(lines)[-1]
    assert line.pop("at")
    assert 0 < float(str(line.pop("duration_ms"))) < 20_000
    assert line == {
        "level": "info",
        "request": answer.headers["X-Request-ID"],
        "method": "GET",
        "endpoint": "layers.list_features",
        "status": 200,
        "role": "patrol",
        "commune": 90001,
    }


def test_what_people_type_is_in_no_line(
    lines: Lines, client_as: ClientAs, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_as("hoa")
    token = client.get("/api/session").json["csrf_token"]
    headers = {
        "User-Agent": MARKER, "Referer": f"http://x/{MARKER}", "X-Forwarded-For": ADDRESS, "X-CSRFToken": token,
        "Idempotency-Key": f"{MARKER}-1",
    }  # fmt: skip
    monkeypatch.setitem(client.environ_base, "REMOTE_ADDR", ADDRESS)
    feature = {"type": "Feature", "geometry": {"type": MARKER}, "properties": {MARKER: MARKER}}
    calls = [
        ("GET", f"/api/search?q={MARKER}", None),
        ("GET", f"/api/layers/lights/features?name={MARKER}&within={MARKER}", None),
        ("GET", f"/api/layers/{MARKER}/features", None),
        ("GET", f"/{MARKER}/{MARKER}?{MARKER}={MARKER}", None),
        ("GET", f"/tiles/{MARKER}/1/2/3", None),
        (MARKER, "/api/layers", None),
        ("POST", "/api/layers/lights/features", feature),
        ("POST", f"/api/layers/{MARKER}/features", feature),
        ("POST", "/api/session", {"username": MARKER, "password": MARKER}),
        ("POST", "/dang-nhap", None),
    ]
    for method, address, body in calls:
        client.open(address, method=method, json=body, headers=headers)
    assert len(requests_of(lines)) >= len(calls)
    text = "\n".join(lines.written) + "".join(capfd.readouterr())
    assert MARKER not in text
    assert ADDRESS not in text
    assert "hoa" not in text


def broken(kind: str) -> Exception:
    if kind == "database":
        error = Exception(MARKER)
        error.pgcode = "42601"  # type: ignore[attr-defined]
        return sa.exc.ProgrammingError(f"SELECT '{MARKER}'", {"name": MARKER}, error)
    return RuntimeError(MARKER)


@pytest.mark.parametrize("kind", ["database", "own"])
@pytest.mark.parametrize("where", ["view", "commit"])
def test_a_failure_is_named_without_its_text(
    lines: Lines, client_as: ClientAs, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    kind: str, where: str,
) -> None:  # fmt: skip
    client = client_as("hoa")

    def fail(*_arguments: object, **_named: object) -> None:
        raise broken(kind)

    if where == "view":
        monkeypatch.setattr("gis_app.web.search.search", fail)
    else:
        monkeypatch.setattr(sa.Connection, "commit", fail)
    answer = client.get(f"/api/search?q={MARKER}")
    monkeypatch.undo()
    assert answer.status_code == 500
    assert answer.json["code"] == "unexpected"
    text = "\n".join(lines.written) + "".join(capfd.readouterr())
    assert MARKER not in text
    assert ("ProgrammingError" if kind == "database" else "RuntimeError") in text
    assert answer.json["request_id"] in text


def test_a_commit_that_the_database_does_not_answer_is_503(
    client_as: ClientAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_as("hoa")

    def fail(_conn: object) -> None:
        raise sa.exc.OperationalError("COMMIT", {}, Exception("gone"), connection_invalidated=True)

    monkeypatch.setattr(sa.Connection, "commit", fail)
    answer = client.get("/api/search?q=pho")
    assert (answer.status_code, answer.json["code"]) == (503, "database_away")
    assert answer.headers["Retry-After"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def count_of(text: str, name: str) -> float:
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name))


def test_metrics_count_by_endpoint_and_nothing_else(client_as: ClientAs) -> None:
    client = client_as("an")
    name = 'gis_requests_total{endpoint="layers.list_features",status="2xx"}'
    before = count_of(client.get("/metrics").text, name)
    client.get(f"/api/layers/lights/features?limit=1&after=0&{MARKER}")
    client.get("/api/layers/lights/features?limit=1")
    client.get(f"/{MARKER}")
    client.get("/tiles/groups/14/13043/7220")
    answer = client_as(None).get("/metrics")
    assert answer.status_code == 200
    assert count_of(answer.text, name) >= before + 1
    assert count_of(answer.text, 'gis_requests_total{endpoint="none",status="4xx"}') >= 1
    assert count_of(answer.text, "gis_tiles_total") >= 1
    assert "gis_request_seconds_bucket" in answer.text
    assert "gis_pool_used" in answer.text
    # Names and labels only: the digits of a sum of seconds may be any number.
    told = "\n".join(line.rsplit(" ", 1)[0] for line in answer.text.splitlines())
    for private in (MARKER, "90001", "hoa", "/api/", 'role="'):
        assert private not in told, private


def test_workers_add_up(app: Flask, client_as: ClientAs) -> None:
    """Another process counts into the same folder."""
    assert app
    name = 'gis_tiles_total{found="other"}'
    before = count_of(client_as(None).get("/metrics").text, name)
    program = "from gis_app.web.measures import count_tile; count_tile('other')"
    subprocess.run([sys.executable, "-c", program], check=True, env=os.environ)
    assert count_of(client_as(None).get("/metrics").text, name) == before + 1
