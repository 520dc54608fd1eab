"""`flask serve` keeps a worker beside the server: started again when it dies, ended with it, whatever ends it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gis_app.settings import ROOT

RUN = """
import sys
from gis_app import supervise
supervise.AGAIN_AFTER_S = 0.2
child = "import os, sys, time; open(sys.argv[1], 'a').write(str(os.getpid()) + ' '); time.sleep(60)"
sys.exit(supervise.supervise(*([sys.executable, "-c", child, sys.argv[1] + "/" + name] for name in ("web", "worker"))))
"""


@pytest.fixture
def both(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    process = subprocess.Popen([sys.executable, "-c", RUN, str(tmp_path)], cwd=ROOT)
    try:
        wait_for(lambda: bool(pids(tmp_path, "web") and pids(tmp_path, "worker")))
        yield process, tmp_path
    finally:
        process.kill()
        process.wait()


def pids(folder: Path, name: str) -> list[int]:
    path = folder / name
    return [int(text) for text in path.read_text().split()] if path.exists() else []


def lives(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


def wait_for(check: Callable[[], bool]) -> None:
    end = time.monotonic() + 15
    while not check():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_worker_that_dies_is_started_again(both: tuple[subprocess.Popen[bytes], Path]) -> None:
    _, folder = both
    os.kill(pids(folder, "worker")[0], signal.SIGKILL)
    wait_for(lambda: len(pids(folder, "worker")) == 2)
    assert len(pids(folder, "web")) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_behind(number: signal.Signals, both: tuple[subprocess.Popen[bytes], Path]) -> None:
    process, folder = both
    process.send_signal(number)
    process.wait(15)
    assert process.returncode == (-9 if number == signal.SIGKILL else 0)
    wait_for(lambda: not any(lives(pid) for name in ("web", "worker") for pid in pids(folder, name)))


def test_the_end_of_the_server_is_the_end(both: tuple[subprocess.Popen[bytes], Path]) -> None:
    process, folder = both
    os.kill(pids(folder, "web")[0], signal.SIGTERM)
    assert process.wait(15) == -15 % 256 or process.returncode == -15
    wait_for(lambda: not lives(pids(folder, "worker")[0]))
