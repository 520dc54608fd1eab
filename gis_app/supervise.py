"""`flask serve`'s last step: the web server and the worker side by side, from one terminal. Standard library only.

Whatever ends this process ends both. A worker that dies is started again; when the web server ends, so does the rest.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

AGAIN_AFTER_S = 2.0
LOOK_EVERY_S = 0.2
END_WITHIN_S = 20.0
_PR_SET_PDEATHSIG = 1


def _end_with_parent() -> None:
    """On Linux a child gets SIGTERM when this process is killed; elsewhere it must be ended by hand."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _worker_starts() -> None:
    _end_with_parent()
    # People who look at pages go first.
    os.nice(5)


def supervise(server: Sequence[str], worker: Sequence[str]) -> int:
    """Run both until the server ends or a signal comes; the server's exit code."""
    wanted = [0]

    def on_signal(number: int, _frame: FrameType | None) -> None:
        wanted[0] = number

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    web = subprocess.Popen(server, preexec_fn=_end_with_parent)  # noqa: PLW1509 - no thread runs here yet
    background = subprocess.Popen(worker, preexec_fn=_worker_starts)  # noqa: PLW1509
    died_at = 0.0
    while web.poll() is None and not wanted[0]:
        time.sleep(LOOK_EVERY_S)
        if background.poll() is None:
            continue
        died_at = died_at or time.monotonic()
        if time.monotonic() - died_at > AGAIN_AFTER_S:
            died_at = 0.0
            background = subprocess.Popen(worker, preexec_fn=_worker_starts)  # noqa: PLW1509
    for child in (background, web):
        if child.poll() is None:
            child.terminate()
    for child in (background, web):
        try:
            child.wait(END_WITHIN_S)
        except subprocess.TimeoutExpired:
            child.kill()
    return 0 if wanted[0] else web.wait()


if __name__ == "__main__":
    flask = str(Path(sys.executable).parent / "flask")
    sys.exit(supervise(sys.argv[1:], [flask, "worker"]))
