"""The reading process: ties its own hands, then reads one file with one format module."""

import importlib
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from gis_app.crs import STORED
from gis_app.formats.base import FormatError, Limits, Options
from gis_app.formats.encodings import OLD, best_reading, recoded, text_readings
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
    return {"": read_one(module, path, options, limits)}


def read_one(module: Any, path: Path, options: Options, limits: Limits) -> Any:
    """Read one layer; where a person looks on, a projection that nobody knows is theirs to name."""
    try:
        table = module.read(path, options, limits)
    except FormatError as error:
        if error.code != "crs_unknown" or not options.lenient:
            raise
        declared = (str(error.params["name"]), int(error.params["guess"]))
        table = module.read(path, replace(options, crs=STORED), limits).set_crs(None, allow_override=True)
        table.attrs["declared"] = declared
    return table if getattr(module, "READS_BYTES", False) else recode(table, options)


def recode(table: Any, options: Options) -> Any:
    """Text that was typed in an old font and came as Unicode ("Tr¹i Mòa") becomes what it was meant to be."""
    names = [name for name in table.columns if name != table.geometry.name]
    if options.lenient:
        cells = [*map(str, names), *(cell for name in names for cell in table[name] if isinstance(cell, str))]
        table.attrs["readings"] = text_readings(cells)
        table.attrs["encoding"] = best_reading(table.attrs["readings"])
    encoding = options.encoding or table.attrs.get("encoding", "")
    if encoding not in OLD:
        return table
    table.attrs["encoding"] = encoding
    for name in names:
        values = [recoded(cell, encoding) if isinstance(cell, str) else cell for cell in table[name]]
        table[name] = pd.Series(values, dtype=object, index=table.index)
    return table.rename(columns={name: recoded(str(name), encoding) for name in names})
