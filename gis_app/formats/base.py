"""What every format shares: errors, limits, and how a frame is put together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from gis_app.errors import Unprocessable

MEBIBYTE = 1024 * 1024


class FormatError(Unprocessable):
    """A file as a whole cannot be read; the code is a message key under `import.`."""


@dataclass(frozen=True)
class Limits:
    """What one file may cost (SECURITY_DESIGN.md section 2); every number may be set."""

    max_file_bytes: int = 100 * MEBIBYTE
    max_entries: int = 200
    max_unpacked_bytes: int = 60 * MEBIBYTE
    max_ratio: int = 200
    max_depth: int = 40
    max_rows: int = 500_000
    max_columns: int = 300
    max_result_bytes: int = 512 * MEBIBYTE
    memory_bytes: int = 1536 * MEBIBYTE
    cpu_s: int = 60
    wall_s: int = 120


DEFAULT_LIMITS = Limits()
# An extract of a province: pyosmium keeps node places in memory.
OSM_LIMITS = Limits(max_file_bytes=500 * MEBIBYTE, memory_bytes=4096 * MEBIBYTE, cpu_s=600, wall_s=900)


@dataclass(frozen=True)
class Options:
    """What the person said of the file: `crs` an EPSG code that overrides the file's, `layer` a preferred name.

    `geometry` is the PostGIS type of the layer that is filled, for files that hold several kinds.
    `encoding` is one of `encodings.ENCODINGS`; empty: guess. `lenient`: a person looks at what was read next, so the
    best guess is taken where the file says too little, and what each encoding would give comes along.
    """

    crs: int | None = None
    layer: str = ""
    encoding: str = ""
    geometry: str = ""
    lenient: bool = False


DEFAULT_OPTIONS = Options()


@dataclass(frozen=True)
class Problem:
    """A row that the format itself cannot read."""

    number: int
    column: str
    value: str
    rule: str


def frame(
    columns: Mapping[str, Sequence[Any]],
    geometry: Sequence[Any],
    crs: int | None,
    *,
    numbers: Sequence[int] | None = None,
    problems: Sequence[Problem] = (),
) -> gpd.GeoDataFrame:
    """Put a frame together; its index is the number of the row that a person would count (from 1).

    `attrs["problems"]` holds the rows that could not be read; they stay in the frame without a geometry.
    """
    index = pd.Index(range(1, len(geometry) + 1) if numbers is None else list(numbers), name="number", dtype="int64")
    data = {name: pd.Series(list(values), dtype=object, index=index) for name, values in columns.items()}
    result = gpd.GeoDataFrame(data, geometry=gpd.GeoSeries(list(geometry), index=index, crs=crs), crs=crs)
    result.attrs["problems"] = list(problems)
    return result


def check_size(rows: int, columns: int, limits: Limits) -> None:
    """Refuse tables beyond the limits."""
    if rows > limits.max_rows:
        raise FormatError("too_many_rows", count=rows, limit=limits.max_rows)
    if columns > limits.max_columns:
        raise FormatError("too_many_columns", count=columns, limit=limits.max_columns)


def plain(value: Any) -> Any:
    """Return a value that JSON holds: missing as None, dates as ISO text, NumPy numbers as Python's."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return None if value != value else value  # noqa: PLR0124 - NaN is missing
    if hasattr(value, "isoformat"):
        return None if pd.isna(value) else value.isoformat()
    if hasattr(value, "item"):
        return plain(value.item())
    return str(value)


def number_or_none(text: Any) -> float | None:
    """Read a coordinate written with a decimal point or comma; None where it is no number."""
    try:
        return float(str(text).strip().replace("\u00a0", "").replace(" ", "").replace(",", "."))
    except ValueError:
        return None
