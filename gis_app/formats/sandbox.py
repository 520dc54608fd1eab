"""Reading a file that nobody vouches for: in a process of its own that can do nothing else.

The process gets an empty environment, limits on memory, time and file size, no network where the kernel
allows it, two GDAL drivers, and a package `gis_app` without the application in it (SECURITY_DESIGN.md section 2).
"""

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import geopandas as gpd
import pyogrio

from gis_app.formats.base import FormatError, Limits, Options
from gis_app.formats.tied import boot
from gis_app.formats.wire import read_frames
from gis_app.scratch import scratch

_LOOK_EVERY_S = 0.5
_ROOT = Path(__file__).resolve().parents[2]
_KEPT_DRIVERS = frozenset({"GPKG", "ESRI Shapefile", "MEM", "Memory"})


def read_apart(
    module: str,
    suffix: str,
    path: Path,
    options: Options,
    limits: Limits,
    on_wait: Callable[[], None] | None = None,
) -> dict[str, gpd.GeoDataFrame]:
    """Read a file with a format module in a child process and return its frames by name.

    `on_wait` is called now and then; where it raises, the child is stopped.

    Raises
    ------
    FormatError
        The format's own, or `too_large`, `too_slow`, `too_much_memory`, `reader_failed`.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise FormatError("file_missing", name=path.name) from error
    if not path.is_file():
        raise FormatError("file_missing", name=path.name)
    if size == 0:
        raise FormatError("file_empty")
    if size > limits.max_file_bytes:
        raise FormatError("too_large", limit_mb=limits.max_file_bytes // 2**20)
    with scratch("read") as work:
        # Under a name of our own: GDAL reads meaning into names.
        own = work / f"input{suffix}"
        shutil.copyfile(path, own)
        task = {"module": module, "path": str(own), "options": asdict(options), "limits": asdict(limits)}
        (work / "task.json").write_text(json.dumps(task), encoding="utf-8")
        (work / "out").mkdir()
        _run(work, limits, on_wait)
        return read_frames(work / "out")


def _run(work: Path, limits: Limits, on_wait: Callable[[], None] | None) -> None:
    command = [sys.executable, "-I", "-c", boot("child", "gis_app"), str(_ROOT), str(work)]
    with subprocess.Popen(  # noqa: S603 - our own interpreter, fixed arguments
        command,
        cwd=work,
        env=_environment(work),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as child:
        try:
            code = _wait(child, limits.wall_s, on_wait)
        finally:
            if child.poll() is None:
                child.kill()
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        raise FormatError("too_slow", limit_s=limits.cpu_s)
    if code != 0:
        raise FormatError("reader_failed")


def _wait(child: "subprocess.Popen[bytes]", wall_s: float, on_wait: Callable[[], None] | None) -> int:
    ends_at = time.monotonic() + wall_s
    while True:
        left = ends_at - time.monotonic()
        if left <= 0:
            raise FormatError("too_slow", limit_s=wall_s)
        try:
            return child.wait(min(left, _LOOK_EVERY_S if on_wait else left))
        except subprocess.TimeoutExpired:
            if on_wait is not None:
                on_wait()


def _environment(work: Path) -> dict[str, str]:
    skipped = [name for name in pyogrio.list_drivers() if name not in _KEPT_DRIVERS]
    return {
        "LC_ALL": "C.UTF-8",
        "TMPDIR": str(work),
        # One thread each: a thread pool's stacks would count against the memory limit.
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "GDAL_SKIP": ",".join(skipped),
        "GDAL_HTTP_PROXY": "127.0.0.1:9",
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "{noext}",
        "PROJ_NETWORK": "OFF",
        # The .shx can be made again from the .shp.
        "SHAPE_RESTORE_SHX": "YES",
    }
