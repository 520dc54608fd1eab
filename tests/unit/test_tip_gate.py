"""The gate before the residents' pages: so many a second pass, officers always, and nothing is kept."""

from collections.abc import Iterable
from typing import Any

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from gis_app.web import tip_gate
from gis_app.web.tip_gate import BURST, RATE_PER_S, Gate


def passed(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [])
    return [environ["PATH_INFO"].encode()]


class Clock:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def status(gate: Gate, path: str, method: str = "GET") -> int:
    environ = EnvironBuilder(path, method=method).get_environ()
    _, text, _ = run_wsgi_app(gate, environ)
    return int(text.split()[0])


def test_a_burst_passes_then_so_many_a_second() -> None:
    clock = Clock()
    gate = Gate(passed, clock)
    assert [status(gate, "/tin/90001", "POST") for _ in range(int(BURST) + 5)] == [200] * int(BURST) + [503] * 5
    clock.at = 1.0
    found = [status(gate, "/tin") for _ in range(int(RATE_PER_S) + 3)]
    assert found == [200] * int(RATE_PER_S) + [503] * 3


@pytest.mark.parametrize("path", ["/", "/tin/tiep-nhan", "/tin/tiep-nhan/5", "/tin/ap-phich", "/tinh", "/api/tips"])
def test_officers_always_pass(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tip_gate, "BURST", 0.0)
    gate = Gate(passed, Clock())
    assert status(gate, "/tin/90001") == 503
    assert status(gate, path) == 200


def test_who_is_sent_away_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tip_gate, "BURST", 0.0)
    body, _, headers = run_wsgi_app(Gate(passed, Clock()), EnvironBuilder("/tin/90001").get_environ())
    text = b"".join(body).decode()
    assert "113" in text
    assert headers["Retry-After"] == "5"
    assert headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in headers
