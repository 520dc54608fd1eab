"""The private cluster: starts, survives kill -9, refuses clearly, and the application outlives it."""

import os
import shutil
import signal
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from gis_app import create_app, embedded
from gis_app.jobs.migrate import migrate
from gis_app.settings import Settings


@pytest.fixture(scope="module")
def var_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cluster of its own; where the tests run as root, in a folder that the server's user cannot enter."""
    folder = tmp_path_factory.mktemp("own-cluster")
    folder.chmod(0o700)
    yield folder
    embedded.stop(folder)
    state = embedded._read_state(folder)
    if state and state["data_dir"].startswith("/var/lib/ban-do-binh-yen/"):
        shutil.rmtree(Path(state["data_dir"]).parent)


def postmaster(folder: Path) -> int:
    state = embedded._read_state(folder)
    assert state is not None
    return int((Path(state["data_dir"]) / "postmaster.pid").read_text().splitlines()[0])


def test_it_starts_and_is_found_again(var_dir: Path) -> None:
    urls = embedded.ensure_running(var_dir)
    assert embedded.ensure_running(var_dir) == urls
    assert oct((var_dir / "cluster.json").stat().st_mode)[-3:] == "600"


def test_it_never_runs_as_root_and_listens_on_no_port(var_dir: Path) -> None:
    embedded.ensure_running(var_dir)
    pid = postmaster(var_dir)
    assert Path(f"/proc/{pid}").stat().st_uid != 0
    inodes = {str(fd.readlink()) for fd in Path(f"/proc/{pid}/fd").iterdir()}
    listening = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    assert not any(f"socket:[{fields[9]}]" in inodes for fields in listening if fields[3] == "0A")


def test_it_survives_kill_9(var_dir: Path) -> None:
    url = embedded.ensure_running(var_dir)[1]
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept (n int); INSERT INTO kept VALUES (28)")
    connection.close()
    os.kill(postmaster(var_dir), signal.SIGKILL)
    assert embedded.ensure_running(var_dir)[1] == url
    connection = psycopg2.connect(url)
    with connection.cursor() as cursor:
        cursor.execute("SELECT n FROM kept")
        assert cursor.fetchall() == [(28,)]
    connection.close()


def test_the_application_answers_503_and_recovers(var_dir: Path) -> None:
    app_url, owner_url = embedded.ensure_running(var_dir)
    migrate(owner_url)
    app = create_app(Settings(app_url, owner_url, "k" * 40, var_dir))
    client = app.test_client()
    assert client.get("/readyz").status_code == 200
    embedded.stop(var_dir)
    for address in ("/readyz", "/api/session"):
        answer = (
            client.post(address, json={"username": "a", "password": "b"})
            if "session" in address
            else client.get(address)
        )
        assert answer.status_code == 503
        assert answer.json["code"] == "database_away"
        assert int(answer.headers["Retry-After"]) > 0
    assert client.get("/healthz").status_code == 200
    embedded.ensure_running(var_dir)
    assert client.get("/readyz").status_code == 200
    app.extensions["engine"].dispose()


def test_data_of_another_major_version_are_refused(var_dir: Path) -> None:
    embedded.ensure_running(var_dir)
    embedded.stop(var_dir)
    state = embedded._read_state(var_dir)
    assert state is not None
    version = Path(state["data_dir"]) / "PG_VERSION"
    real = version.read_text()
    try:
        version.write_text("9\n")
        with pytest.raises(embedded.ClusterError, match=r"made by PostgreSQL 9, but PostgreSQL \d+ is installed"):
            embedded.ensure_running(var_dir)
    finally:
        version.write_text(real)


def test_a_full_disk_is_refused_before_anything_is_touched(var_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    embedded.stop(var_dir)
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(embedded.shutil, "disk_usage", lambda _path: usage(10**9, 10**9 - 5, 5))
    with pytest.raises(embedded.ClusterError, match=r"disk .* is full: 0 MiB free"):
        embedded.ensure_running(var_dir)
