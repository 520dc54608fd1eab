"""Numba's compiler with a cache that is right: in a folder that may be written, and never older than the program.

Numba looks whether the file of a function changed, not those that the function calls, so the folder's name holds a
hash of them all. Where nothing may be written, functions are compiled anew in every process (about 10 s).
"""

import hashlib
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])
_HERE = Path(__file__).resolve().parent


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path | None:
    """Where machine code is kept: NUMBA_CACHE_DIR, else `numba` under VAR_DIR, else under var/; None: nowhere."""
    base = environ.get("NUMBA_CACHE_DIR")
    if not base:
        var_dir = environ.get("VAR_DIR")
        base = str((Path(var_dir) if var_dir else _HERE.parents[2] / "var") / "numba")
    source = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(_HERE.glob("*.py"))))
    folder = Path(base).resolve() / f"patrol-{source.hexdigest()[:12]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return None


_FOLDER = cache_folder()


def jit(function: F) -> F:
    """Compile at the first call; argument types must be the same at every call."""
    config: Any = numba.core.config
    before = config.CACHE_DIR
    try:
        # Read when the function is decorated; put back for other users of Numba.
        config.CACHE_DIR = str(_FOLDER or "")
        made = numba.njit(nogil=True, error_model="numpy", cache=_FOLDER is not None)(function)
    finally:
        config.CACHE_DIR = before
    return cast("F", made)
