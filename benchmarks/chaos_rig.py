"""What the chaos run breaks: a private cluster of its own, the real server on a port of its own; 127.0.0.1 only."""

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2

from benchmarks.client import HOST
from benchmarks.server import family, free_port
from gis_app import embedded
from gis_app.db import OWNER_ROLE, Actor, begin, make_engine
from gis_app.jobs.migrate import migrate
from gis_app.settings import ROOT
from tests.builders import BEN, MAU, PASSWORD, make_cast, make_commune

WORKERS = 2
PATIENCE_S = 30.0
TMPFS_SIZE = "700m"


@dataclass
class Rig:
    """A cluster under `var_dir` and the server's process."""

    var_dir: Path
    port: int
    app_url: str = ""
    owner_url: str = ""
    process: "subprocess.Popen[bytes] | None" = None
    secret: str = field(default_factory=lambda: os.urandom(24).hex())

    def set_up(self) -> None:
        """Cluster, schema, two communes, the cast, the server."""
        self.app_url, self.owner_url = embedded.ensure_running(self.var_dir)
        migrate(self.owner_url)
        engine = make_engine(self.owner_url, role=OWNER_ROLE)
        with begin(engine, Actor("system")) as conn:
            for place in (MAU, BEN):
                make_commune(conn, place)
            make_cast(conn)
        engine.dispose()
        self.start_server()
        wait_until(self.is_ready)

    def environment(self) -> dict[str, str]:
        """As `flask serve` hands it to the web server."""
        return {
            **os.environ,
            "VAR_DIR": str(self.var_dir),
            "DATABASE_URL": self.app_url,
            "DATABASE_OWNER_URL": self.owner_url,
            "SECRET_KEY": self.secret,
            "SECURE_COOKIES": "0",
        }

    def start_server(self) -> None:
        """The real server, with the options of `flask serve`."""
        command = [
            str(Path(sys.executable).parent / "granian"),
            "--interface",
            "wsgi",
            "--factory",
            "wsgi:create_app",
            "--host",
            HOST,
            "--port",
            str(self.port),
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
        with (self.var_dir / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, env=self.environment(), cwd=ROOT, stdout=log, stderr=log, start_new_session=True
            )

    def server_pids(self) -> list[int]:
        """The server's process and its workers."""
        assert self.process is not None
        return family(self.process.pid)

    def kill_server(self) -> None:
        """Kill -9 of the server and all workers."""
        for pid in self.server_pids():
            os.kill(pid, signal.SIGKILL)
        if self.process is not None:
            self.process.wait(10)

    def postmaster(self) -> int:
        """The process id of PostgreSQL's first process."""
        state = json.loads((self.var_dir / "cluster.json").read_text())
        return int((Path(state["data_dir"]) / "postmaster.pid").read_text().split()[0])

    def data_dir(self) -> Path:
        """Where the cluster keeps its files."""
        return Path(json.loads((self.var_dir / "cluster.json").read_text())["data_dir"])

    def is_ready(self) -> bool:
        """Whether /readyz says 200."""
        try:
            return get(self.port, "/readyz") == 200
        except (OSError, http.client.HTTPException):
            return False

    def rows(self, text: str) -> list[tuple[object, ...]]:
        """What the database says, asked as its superuser."""
        connection = psycopg2.connect(self.owner_url, connect_timeout=3)
        try:
            with connection.cursor() as cursor:
                cursor.execute(text)
                return list(cursor.fetchall())
        finally:
            connection.close()

    def unexpected(self) -> Counter[str]:
        """What the server's log calls unexpected, by kind and place."""
        lines = (self.var_dir / "server.log").read_text(errors="replace").splitlines()
        return Counter(
            re.sub(r"^.*unexpected", "unexpected", line).split(" request ")[0] for line in lines if "unexpected" in line
        )

    def tear_down(self) -> None:
        """Stop everything and remove the files."""
        if self.process is not None and self.process.poll() is None:
            self.kill_server()
        state = embedded._read_state(self.var_dir)
        if state is None:
            return
        embedded.stop(self.var_dir)
        data_dir = Path(state["data_dir"])
        if self.var_dir not in data_dir.parents:
            shutil.rmtree(data_dir.parent)


def get(port: int, path: str, timeout_s: float = 20.0) -> int:
    """The status of one GET."""
    connection = http.client.HTTPConnection(HOST, port, timeout=timeout_s)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def wait_until(is_so: Callable[[], bool], patience_s: float = PATIENCE_S) -> float:
    """Seconds until it is so; `inf` when patience ends first."""
    begun = time.monotonic()
    while time.monotonic() - begun < patience_s:
        if is_so():
            return time.monotonic() - begun
        time.sleep(0.05)
    return float("inf")


def sign_in(rig: Rig, username: str) -> dict[str, str]:
    """Headers of a signed-in client that may write."""
    connection = http.client.HTTPConnection(HOST, rig.port, timeout=20)
    body = json.dumps({"username": username, "password": PASSWORD})
    connection.request("POST", "/api/session", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    cookies = {v.split("=", 1)[0]: v.split(";", 1)[0] for k, v in answer.getheaders() if k.lower() == "set-cookie"}
    connection.request("GET", "/api/session", headers={"Cookie": "; ".join(cookies.values())})
    answer = connection.getresponse()
    token = json.loads(answer.read())["csrf_token"]
    cookies |= {v.split("=", 1)[0]: v.split(";", 1)[0] for k, v in answer.getheaders() if k.lower() == "set-cookie"}
    connection.close()
    return {"Cookie": "; ".join(cookies.values()), "X-CSRFToken": token, "Content-Type": "application/json"}


@contextmanager
def folder(*, small: bool) -> Iterator[Path | None]:
    """A folder for a rig: on the disk, or alone on a small tmpfs; None where mounting is not permitted."""
    path = Path(tempfile.mkdtemp(prefix="chaos-"))
    path.chmod(0o711)
    mounted = False
    if small:
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={TMPFS_SIZE},mode=0711", "tmpfs", str(path)],
            check=False,
            capture_output=True,
        )
        mounted = done.returncode == 0
    try:
        yield path if mounted or not small else None
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(path)], check=False, capture_output=True)
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def rig_in(path: Path) -> Iterator[Rig]:
    """A rig that is taken down whatever happens."""
    if urlsplit(f"http://{HOST}").hostname != "127.0.0.1":
        raise RuntimeError("this breaks things, so it stays on this machine")
    rig = Rig(path, free_port())
    try:
        rig.set_up()
        yield rig
    finally:
        rig.tear_down()


def marks_in(rig: Rig) -> dict[str, list[int]]:
    """All rows that the writers left: mark -> ids."""
    found: dict[str, list[int]] = {}
    for mark, row_id in rig.rows("SELECT place, id FROM tip_boxes WHERE place LIKE 'chaos %'"):
        found.setdefault(str(mark), []).append(int(str(row_id)))
    return found
