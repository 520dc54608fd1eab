"""File formats: every module here with `SUFFIXES` is one, found by its file; no list is kept.

A format has `read(path, options, limits)` and, where simple, `write(gdf, stream)`, which makes a file of the
first suffix. `read` runs in this process and is for files of our own; what a person brings goes through
`read_file`, which reads in a child process.
"""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from gis_app.formats.base import DEFAULT_LIMITS, DEFAULT_OPTIONS, FormatError, Limits, Options, Problem

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["DEFAULT_LIMITS", "FormatError", "Limits", "Options", "Problem", "formats", "read_file", "read_layers"]


@lru_cache
def formats() -> Mapping[str, ModuleType]:
    """Return the format modules by the suffixes that they read or write."""
    found: dict[str, ModuleType] = {}
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        for suffix in getattr(module, "SUFFIXES", ()):
            found[suffix] = module
    return found


def format_of(path: Path, reader: str) -> tuple[str, ModuleType]:
    """Return suffix and module of a file name; `reader` is `read` or `read_layers`."""
    readers = {suffix: module for suffix, module in formats().items() if hasattr(module, reader)}
    # ".osm.pbf" before ".pbf".
    for suffix in sorted(readers, key=len, reverse=True):
        if path.name.lower().endswith(suffix):
            return suffix, readers[suffix]
    raise FormatError("unknown_format", name=path.name[-60:], known=", ".join(sorted(readers)))


def read_file(
    path: Path,
    options: Options = DEFAULT_OPTIONS,
    limits: Limits = DEFAULT_LIMITS,
    on_wait: Callable[[], None] | None = None,
) -> "gpd.GeoDataFrame":
    """Read a file of one layer in a child process.

    Returns
    -------
    GeoDataFrame
        Attributes as they stand (text, numbers, booleans, ISO dates, None); the index counts rows as a person
        would; the CRS is the file's, or the one in `options`, or unset; `attrs["problems"]` lists unreadable rows.
        `on_wait` is called while the child reads, and may stop it by raising.

    Raises
    ------
    FormatError
        Its code is a message key under `import.`.
    """
    from gis_app.formats.sandbox import read_apart  # noqa: PLC0415 - the child process must not load it

    suffix, module = format_of(path, "read")
    return read_apart(module.__name__.rpartition(".")[2], suffix, path, options, limits, on_wait)[""]


def read_layers(path: Path, limits: Limits, on_wait: Callable[[], None] | None = None) -> "dict[str, gpd.GeoDataFrame]":
    """Read a file of several layers (OpenStreetMap) in a child process; frames by layer name, EPSG:4326."""
    from gis_app.formats.sandbox import read_apart  # noqa: PLC0415 - the child process must not load it

    suffix, module = format_of(path, "read_layers")
    return read_apart(module.__name__.rpartition(".")[2], suffix, path, Options(), limits, on_wait)
