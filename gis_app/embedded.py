"""The private PostGIS cluster under var/, used when DATABASE_URL is not set.

It listens on a unix socket only, never runs as root, and is made and started on demand. Every command
calls `ensure_running`, so a `kill -9` of everything is mended by the next command.
"""

import fcntl
import hashlib
import json
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg2

DATABASE = "gis"
SERVER_USER = "postgres"
MIN_FREE_BYTES = 300 * 1024 * 1024
# sockaddr_un holds 108 bytes; the server appends "/.s.PGSQL.5432".
MAX_SOCKET_DIR = 80
START_TIMEOUT_S = 60

# Two cores, one small machine. JIT costs more than it saves on queries of a few milliseconds.
SERVER_OPTIONS = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "log_min_messages": "warning",
    # Statements may hold what a person typed; errors are logged without them.
    "log_min_error_statement": "panic",
}


class ClusterError(RuntimeError):
    """The private cluster cannot be used; the message says what to do."""


def ensure_running(var_dir: Path) -> tuple[str, str]:
    """Make and start the cluster where needed; return the URLs of the web's and the owner's login.

    Raises
    ------
    ClusterError
        PostgreSQL is not installed, the disk is full, the data were made by another major version,
        or the server does not start; the message says which and what to do.
    """
    var_dir.mkdir(parents=True, exist_ok=True)
    with _locked(var_dir / "cluster.lock"):
        state = _read_state(var_dir) or _new_state(var_dir)
        if not _answers(state):
            _check_disk(Path(state["data_dir"]).parent)
            binaries = _binaries()
            if not _data_exists(state):
                _initdb(binaries, state)
            _check_version(binaries, state)
            _start(binaries, state)
        _ensure_database(state)
    return _url(state, "gis_app"), _url(state, SERVER_USER)


def stop(var_dir: Path) -> None:
    """Stop the cluster if it runs."""
    state = _read_state(var_dir)
    if state and _data_exists(state):
        command = [str(_binaries() / "pg_ctl"), "-D", state["data_dir"], "-m", "fast", "-w", "stop"]
        subprocess.run(_as_server_user(command), check=False, capture_output=True, cwd="/")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _read_state(var_dir: Path) -> dict[str, str] | None:
    path = var_dir / "cluster.json"
    if not path.exists():
        return None
    state: dict[str, str] = json.loads(path.read_text())
    return state


def _new_state(var_dir: Path) -> dict[str, str]:
    mark = hashlib.sha256(str(var_dir).encode()).hexdigest()[:12]
    data_dir = var_dir / "cluster"
    if os.geteuid() == 0 and not _reachable_by_server_user(var_dir):
        # A clone under a folder that only root enters (mode 700): the server cannot run there.
        data_dir = Path("/var/lib/ban-do-binh-yen") / mark / "cluster"
    socket_dir = data_dir.parent / "run"
    if len(str(socket_dir)) > MAX_SOCKET_DIR:
        socket_dir = Path(tempfile.gettempdir()) / f"binh-yen-{mark}"
    state = {
        "data_dir": str(data_dir),
        "socket_dir": str(socket_dir),
        "gis_app": secrets.token_urlsafe(24),
        SERVER_USER: secrets.token_urlsafe(24),
    }
    path = var_dir / "cluster.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(state, indent=2))
    return state


def _as_server_user(command: list[str]) -> list[str]:
    return ["runuser", "-u", SERVER_USER, "--", *command] if os.geteuid() == 0 else command


def _reachable_by_server_user(folder: Path) -> bool:
    test = _as_server_user(["test", "-x", str(folder)])
    return subprocess.run(test, check=False, capture_output=True, cwd="/").returncode == 0


def _data_exists(state: dict[str, str]) -> bool:
    return (Path(state["data_dir"]) / "PG_VERSION").exists()


def _binaries() -> Path:
    """The folder of the newest installed PostgreSQL server."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    if initdb is None:
        raise ClusterError("PostgreSQL is not installed: run `make setup`, or set DATABASE_URL to a PostGIS server.")
    return Path(initdb).resolve().parent


def find_program(name: str) -> Path | None:
    """Find a program of the newest installed PostgreSQL: pg_dump, pg_restore."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    other = shutil.which(name)
    return found[-1] if found else Path(other) if other else None


def _check_disk(folder: Path) -> None:
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    if free < MIN_FREE_BYTES:
        raise ClusterError(
            f"The disk of {existing} is full: {free // 2**20} MiB free, {MIN_FREE_BYTES // 2**20} MiB needed. "
            "Free some space, or set VAR_DIR to another disk; no data were touched."
        )


def _check_version(binaries: Path, state: dict[str, str]) -> None:
    data = (Path(state["data_dir"]) / "PG_VERSION").read_text().strip()
    out = subprocess.run([binaries / "postgres", "--version"], check=True, capture_output=True, text=True).stdout
    server = out.split()[2].split(".")[0]
    if data != server:
        raise ClusterError(
            f"{state['data_dir']} was made by PostgreSQL {data}, but PostgreSQL {server} is installed. "
            f"Install postgresql-{data} again, or move the folder away to start anew (pg_dump first)."
        )


def _make_folder(path: Path) -> None:
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    if os.geteuid() == 0:
        # 711 on the way: the server's user may pass, nobody may list.
        path.parent.chmod(path.parent.stat().st_mode | 0o011)
        shutil.chown(path, SERVER_USER)
    path.chmod(0o700)
    owner = pwd.getpwuid(path.stat().st_uid).pw_name
    wanted = SERVER_USER if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    if owner != wanted:
        raise ClusterError(f"{path} belongs to {owner}, not to {wanted}: remove it.")


def _initdb(binaries: Path, state: dict[str, str]) -> None:
    data_dir = Path(state["data_dir"])
    _make_folder(data_dir)
    # A name made at random, mode 600; var/ itself may be closed to the server's user.
    with tempfile.NamedTemporaryFile("w", dir="/tmp") as password_file:  # nosec B108
        password_file.write(state[SERVER_USER])
        password_file.flush()
        if os.geteuid() == 0:
            shutil.chown(password_file.name, SERVER_USER)
        _run(
            [
                str(binaries / "initdb"),
                "-D",
                str(data_dir),
                "-U",
                SERVER_USER,
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "--auth=scram-sha-256",
                f"--pwfile={password_file.name}",
                "--data-checksums",
            ],
            "The database cluster could not be made",
        )


def _start(binaries: Path, state: dict[str, str]) -> None:
    _make_folder(Path(state["socket_dir"]))
    options = " ".join(f"-c {name}={value}" for name, value in SERVER_OPTIONS.items())
    log = Path(state["data_dir"]) / "server.log"
    command = [
        str(binaries / "pg_ctl"),
        "-D",
        state["data_dir"],
        "-l",
        str(log),
        "-w",
        "-t",
        str(START_TIMEOUT_S),
        "-o",
        f"-k {state['socket_dir']} {options}",
        "start",
    ]
    # After a kill -9 the old backends need a moment to notice and to let go of the shared memory.
    for attempt in range(5):
        done = subprocess.run(_as_server_user(command), check=False, capture_output=True, cwd="/")
        if done.returncode == 0:
            return
        time.sleep(attempt + 1)
    tail = log.read_text(errors="replace")[-600:] if log.exists() else done.stderr.decode(errors="replace")
    hint = "The disk is full. " if "No space left" in tail else ""
    raise ClusterError(f"{hint}The database server does not start; the end of its log {log}:\n{tail}")


def _run(command: list[str], what: str) -> None:
    done = subprocess.run(_as_server_user(command), check=False, capture_output=True, text=True, cwd="/")
    if done.returncode != 0:
        raise ClusterError(f"{what}: {done.stderr.strip()[-600:]}")


def _connect(state: dict[str, str], database: str) -> "psycopg2.extensions.connection":
    return psycopg2.connect(
        host=state["socket_dir"], user=SERVER_USER, password=state[SERVER_USER], dbname=database, connect_timeout=3
    )


def _answers(state: dict[str, str]) -> bool:
    try:
        _connect(state, "postgres").close()
    except psycopg2.OperationalError:
        return False
    return True


def _ensure_database(state: dict[str, str]) -> None:
    connection = _connect(state, "postgres")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = 'gis_app'")
        if cursor.fetchone() is None:
            cursor.execute("CREATE ROLE gis_app LOGIN NOINHERIT PASSWORD %s", (state["gis_app"],))
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,))
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE DATABASE {DATABASE} TEMPLATE template0 ENCODING 'UTF8'")
    connection.close()


def _url(state: dict[str, str], user: str, database: str = DATABASE) -> str:
    return f"postgresql://{user}:{quote(state[user])}@/{database}?host={quote(state['socket_dir'], safe='')}"
