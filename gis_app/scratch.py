"""Folders for the files of one piece of work, and the sweeping of those whose process was killed.

A folder's owner holds a lock on a file in it; the lock goes with the process, however it ends, and so does the right
to the folder. Nothing is asked about process numbers, which containers do not share.
"""

import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

_PREFIX = "binh-yen-"
_LOCK = ".owner"
# Between making a folder and locking it; in an hour every owner has done that.
_UNLOCKED_AGE_S = 3600


@contextlib.contextmanager
def scratch(what: str) -> Iterator[Path]:
    """A folder of one's own, gone at the end."""
    with tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{what}-") as text:
        folder = Path(text)
        # Python opens files so that child processes do not inherit them: the lock is this process's alone.
        with (folder / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder


def sweep_scratch() -> int:
    """Delete the folders of this user whose owner is gone; how many."""
    return sum(_sweep(path) for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"))


def _sweep(folder: Path) -> bool:
    try:
        about = folder.lstat()
        if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.getuid():
            return False
        if not (folder / _LOCK).is_file() or (folder / _LOCK).is_symlink():
            if about.st_mtime > time.time() - _UNLOCKED_AGE_S:
                return False
            shutil.rmtree(folder)
            return True
        with (folder / _LOCK).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder)
    except OSError:
        # Somebody's at this moment, or gone meanwhile.
        return False
    return True
