"""Clients that write and read without end, and never forget what was acknowledged."""

import http.client
import itertools
import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from uuid import uuid4

from benchmarks.chaos_rig import Rig, sign_in
from benchmarks.client import HOST
from tests.builders import MAU, tile_of

WRITERS = 4
# Longer than the freeze, so that an answer that comes late is an answer.
TIMEOUT_S = 25.0
RETRY_S = 0.1
READ_PATHS = (
    "/api/layers/tip_boxes/features?limit=20",
    "/tiles/groups/{}/{}/{}".format(*tile_of(MAU.at(500, 500), 14)),
    "/api/gaps?places=hotspots&devices=lights&distance_m=50",
    "/healthz",
)


@dataclass
class Tally:
    """What one phase saw."""

    acknowledged: int = 0
    replayed: int = 0
    lost_lines: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    acknowledged_at: list[float] = field(default_factory=list)

    @property
    def strange(self) -> dict[int, int]:
        """Answers other than 2xx, 4xx and 503."""
        return {s: n for s, n in sorted(self.statuses.items()) if not (200 <= s < 300 or 400 <= s < 500 or s == 503)}


class Crowd:
    """Writers and a reader in threads. `acknowledged` maps each mark to the id that the server answered."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.acknowledged: dict[str, int] = {}
        self.refusals: Counter[str] = Counter()
        self.tally = Tally()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._numbers = itertools.count()
        self._headers = sign_in(rig, "hoa")
        targets = [self._write_on] * WRITERS + [self._read_on]
        self._threads = [threading.Thread(target=target, daemon=True) for target in targets]

    def start(self) -> None:
        """Let them go."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let every writer finish its write, then stop."""
        self._stop.set()
        for thread in self._threads:
            thread.join(TIMEOUT_S * 2)

    def next_phase(self) -> Tally:
        """Start a new tally; return the one before."""
        with self._lock:
            before, self.tally = self.tally, Tally()
        return before

    def _write_on(self) -> None:
        line: http.client.HTTPConnection | None = None
        while not self._stop.is_set():
            mark = f"chaos {next(self._numbers)}"
            line = self._write(line, mark, uuid4().hex)

    def _write(self, line: http.client.HTTPConnection | None, mark: str, key: str) -> http.client.HTTPConnection | None:
        """Send one write again and again, with the same key, until it is acknowledged."""
        spot = MAU.at(200 + len(self.acknowledged) % 2600, 700)
        body = json.dumps(
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [spot.x, spot.y]},
                "properties": {"place": mark, "state": "working"},
            }
        )
        end = time.monotonic() + 3 * TIMEOUT_S
        while time.monotonic() < end:
            line, status, answer, replayed = self._ask(line, "POST", "/api/layers/tip_boxes/features", body, key)
            if status == 201:
                with self._lock:
                    self.acknowledged[mark] = int(json.loads(answer)["id"])
                    self.tally.acknowledged += 1
                    self.tally.replayed += replayed
                    self.tally.acknowledged_at.append(time.monotonic())
                return line
            if 400 <= status < 500:
                with self._lock:
                    self.refusals[f"{status} {json.loads(answer).get('code')}"] += 1
            time.sleep(RETRY_S)
        return line

    def _read_on(self) -> None:
        line: http.client.HTTPConnection | None = None
        for path in itertools.cycle(READ_PATHS):
            if self._stop.is_set():
                return
            line, _, _, _ = self._ask(line, "GET", path)
            time.sleep(0.02)

    def _ask(
        self, line: http.client.HTTPConnection | None, method: str, path: str, body: str | None = None, key: str = ""
    ) -> tuple[http.client.HTTPConnection | None, int, bytes, bool]:
        """One request; status 0 where the line broke before an answer."""
        line = line or http.client.HTTPConnection(HOST, self.rig.port, timeout=TIMEOUT_S)
        headers = self._headers | ({"Idempotency-Key": key} if key else {})
        try:
            line.request(method, path, body, headers)
            answer = line.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            line.close()
            with self._lock:
                self.tally.lost_lines += 1
            time.sleep(RETRY_S)
            return None, 0, b"", False
        with self._lock:
            self.tally.statuses[answer.status] += 1
        return line, answer.status, text, answer.getheader("Idempotent-Replayed") == "true"
