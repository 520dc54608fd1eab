"""What every format shares: options, problems, and how a frame is put together; errors and limits come along."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from gis_app.formats.limits import DEFAULT_LIMITS, MEBIBYTE, OSM_LIMITS, FormatError, Limits

__all__ = [
    "DEFAULT_LIMITS", "DEFAULT_OPTIONS", "MEBIBYTE", "OSM_LIMITS", "FormatError", "Limits", "Options", "Problem",
    "check_size", "frame", "number_or_none", "plain",
]  # fmt: skip


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
