"""The real server on a port of its own, and sign-in."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.client import HOST
from benchmarks.harness import BenchDatabase, var_dir
from gis_app.settings import ROOT

WORKERS = 2
START_TIMEOUT_S = 60.0


@dataclass(frozen=True)
class Application:
    """The running application: its port, and the process whose children are the workers."""

    port: int
    pid: int


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str], environment: dict[str, str], port: int, log_name: str) -> Iterator[int]:
    """Run a server until the block ends; wait until its port answers; gives its process id."""
    log = var_dir() / f"{log_name}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=os.environ | environment, cwd=ROOT, stdout=out, stderr=out)
    try:
        _wait(process, port, log)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    end = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended: {log.read_text(errors='replace')[-600:]}")
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"no answer on port {port} after {START_TIMEOUT_S:.0f} s; see {log}")


@contextmanager
def application(database: BenchDatabase) -> Iterator[Application]:
    """Bản đồ Bình Yên as `flask serve` starts it."""
    port = free_port()
    command = [
        str(Path(sys.executable).parent / "granian"),
        "--interface",
        "wsgi",
        "--factory",
        "wsgi:create_app",
        "--host",
        HOST,
        "--port",
        str(port),
        "--workers",
        str(WORKERS),
        "--blocking-threads",
        "4",
        "--backpressure",
        "64",
        "--respawn-failed-workers",
        "--log-level",
        "warning",
    ]
    environment = {
        "DATABASE_URL": database.app_url,
        "DATABASE_OWNER_URL": database.owner_url,
        "SECRET_KEY": os.urandom(16).hex(),
        "SECURE_COOKIES": "0",
    }
    with running(command, environment, port, "bench-server") as pid:
        yield Application(port, pid)


def get_json(port: int, path: str, headers: dict[str, str]) -> dict[str, object]:
    """One GET that must answer 200 with JSON."""
    connection = http.client.HTTPConnection(HOST, port, timeout=30)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"{path} answered {answer.status}: {body[:200]!r}")
    found: dict[str, object] = json.loads(body)
    return found


def sign_in(port: int, username: str, password: str) -> dict[str, str]:
    """Sign in and return the headers of later requests."""
    connection = http.client.HTTPConnection(HOST, port, timeout=30)
    body = json.dumps({"username": username, "password": password})
    connection.request("POST", "/api/session", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    cookies = [value.split(";", 1)[0] for name, value in answer.getheaders() if name.lower() == "set-cookie"]
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"sign-in of {username} answered {answer.status}")
    return {"Cookie": "; ".join(cookies)}


def cpu_seconds(pids: Iterable[int]) -> float:
    """Processor time that these processes have used so far."""
    ticks = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """A process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]
