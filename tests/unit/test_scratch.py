"""Folders of work: theirs while they live, swept when they were killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gis_app.scratch import scratch, sweep_scratch

# A worker in the middle of an import: its child reads a large file; then somebody kills the worker.
WORKER = """
import sys, pathlib
from gis_app.formats import read_file
read_file(pathlib.Path(sys.argv[1]))
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The temporary folder of this test alone."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_a_folder_lives_as_long_as_its_owner(folder: Path) -> None:
    with scratch("upload") as mine:
        (mine / "file").write_text("x")
        assert sweep_scratch() == 0
        assert (mine / "file").exists()
    assert list(folder.iterdir()) == []


def test_what_is_not_ours_stays(folder: Path) -> None:
    (folder / "other").mkdir()
    (folder / "binh-yen-link").symlink_to(folder / "other")
    (folder / "binh-yen-file").write_text("x")
    (folder / "binh-yen-young").mkdir()
    assert sweep_scratch() == 0
    os.utime(folder / "binh-yen-young", (time.time() - 7200,) * 2)
    assert sweep_scratch() == 1
    assert sorted(path.name for path in folder.iterdir()) == ["binh-yen-file", "binh-yen-link", "other"]


def test_after_kill_9_nothing_is_left(folder: Path) -> None:
    """The folder of a killed worker goes at the next sweep, and the child that read for it is gone, too."""
    path = folder / "a.geojson"
    feature = '{"type":"Feature","properties":{"a":1},"geometry":{"type":"Point","coordinates":[106.5,20.8]}}'
    path.write_text('{"type":"FeatureCollection","features":[' + ",".join([feature] * 200_000) + "]}")
    command = [sys.executable, "-c", WORKER, str(path)]
    with subprocess.Popen(command, env=os.environ | {"TMPDIR": str(folder)}, stderr=subprocess.DEVNULL) as worker:
        child = _wait_for_child(worker.pid)
        assert sweep_scratch() == 0
        assert len(list(folder.glob("binh-yen-read-*"))) == 1
        worker.send_signal(signal.SIGKILL)
    assert sweep_scratch() == 1
    assert list(folder.iterdir()) == [path]
    deadline = time.monotonic() + 10
    while _is_running(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _is_running(child)


def _wait_for_child(pid: int) -> int:
    """The child, once its hands are tied: it has no network and no new privileges."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            if "NoNewPrivs:\t1" in Path(f"/proc/{text}/status").read_text():
                return int(text)
        time.sleep(0.02)
    pytest.fail("the worker started no reader")


def _is_running(pid: int) -> bool:
    """Whether a process computes yet; a dead one whom nobody has asked for does not."""
    status = Path(f"/proc/{pid}/status")
    return status.exists() and "State:\tZ" not in status.read_text()
