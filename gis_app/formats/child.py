"""The reading process: ties its own hands, then reads one file with one format module."""

import importlib
import json
import os
from pathlib import Path
from typing import Any

from gis_app.formats.base import FormatError, Limits, Options
from gis_app.formats.tied import tie_hands
from gis_app.formats.wire import write_error, write_frames


def main(folder: str) -> None:
    """Read what task.json of the folder asks for and write frames or an error into out/."""
    work = Path(folder)
    task = json.loads((work / "task.json").read_text("utf-8"))
    limits = Limits(**task["limits"])
    tie_hands(memory_bytes=limits.memory_bytes, cpu_s=limits.cpu_s, file_bytes=limits.max_result_bytes)
    out = work / "out"
    try:
        write_frames(_read(task, limits), out)
    except FormatError as error:
        write_error(error, out)
    except MemoryError:
        write_error(FormatError("too_much_memory", limit_mb=limits.memory_bytes // 2**20), out)
    # No clean-up of a process that has met hostile input.
    os._exit(0)


def _read(task: dict[str, Any], limits: Limits) -> dict[str, Any]:
    module = importlib.import_module(f"gis_app.formats.{task['module']}")
    path, options = Path(task["path"]), Options(**task["options"])
    if hasattr(module, "read_layers"):
        layers: dict[str, Any] = module.read_layers(path, limits)
        return layers
    return {"": module.read(path, options, limits)}
