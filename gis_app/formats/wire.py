"""How the reading process hands frames over: JSON and WKB in a folder. Nothing is ever unpickled."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gis_app.formats.base import FormatError, Problem, frame
from gis_app.formats.encodings import Reading

_INDEX = "frames.json"
_ERROR = "error.json"
_SIZES = "<i4"
_MISSING = -1


def write_frames(frames: Mapping[str, gpd.GeoDataFrame], folder: Path) -> None:
    """Write frames by name: attributes as JSON, geometries as WKB with their sizes."""
    index = []
    for position, (name, table) in enumerate(frames.items()):
        wkb = [None if shape is None else bytes(shape) for shape in shapely.to_wkb(table.geometry.to_numpy())]
        sizes = np.array([_MISSING if item is None else len(item) for item in wkb], dtype=_SIZES)
        (folder / f"{position}.sizes").write_bytes(sizes.tobytes())
        with (folder / f"{position}.wkb").open("wb") as stream:
            stream.writelines(item for item in wkb if item)
        columns = {str(c): table[c].tolist() for c in table.columns if c != table.geometry.name}
        problems = [[p.number, p.column, p.value, p.rule] for p in table.attrs.get("problems", ())]
        index.append(
            {
                "name": name,
                "crs": None if table.crs is None else table.crs.to_epsg(),
                "columns": columns,
                "numbers": [int(number) for number in table.index],
                "problems": problems,
                "encoding": str(table.attrs.get("encoding", "")),
                "skipped": table.attrs.get("skipped", {}),
                "declared": table.attrs.get("declared"),
                "box": table.attrs.get("box"),
                "readings": [[r.encoding, r.share, r.samples] for r in table.attrs.get("readings", ())],
            }
        )
    with (folder / _INDEX).open("w", encoding="utf-8", errors="replace") as stream:
        json.dump(index, stream, ensure_ascii=False)


def write_error(error: FormatError, folder: Path) -> None:
    """Write why the file was refused."""
    content = {"code": error.code, "params": error.params}
    (folder / _ERROR).write_text(json.dumps(content, default=str), encoding="utf-8", errors="replace")


def read_frames(folder: Path) -> dict[str, gpd.GeoDataFrame]:
    """Read what `write_frames` wrote; the content is checked, for it came from the process that met the file.

    Raises
    ------
    FormatError
        The reader's own, or `reader_failed` where the answer makes no sense.
    """
    try:
        if (folder / _ERROR).exists():
            error = json.loads((folder / _ERROR).read_text("utf-8"))
            raise FormatError(str(error["code"]), **{str(k): _short(v) for k, v in error["params"].items()})
        index = json.loads((folder / _INDEX).read_text("utf-8"))
        return {str(entry["name"]): _frame(entry, folder, position) for position, entry in enumerate(index)}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FormatError("reader_failed") from error


def _short(value: Any) -> Any:
    return value if isinstance(value, int | float) else str(value)[:200]


def _frame(entry: Mapping[str, Any], folder: Path, position: int) -> gpd.GeoDataFrame:
    sizes = np.frombuffer((folder / f"{position}.sizes").read_bytes(), dtype=_SIZES)
    data = memoryview((folder / f"{position}.wkb").read_bytes())
    lengths = np.maximum(sizes, 0)
    ends = np.cumsum(lengths, dtype=np.int64)
    if len(ends) and int(ends[-1]) != len(data):
        raise ValueError("sizes and data differ")
    starts = ends - lengths
    wkb = [
        bytes(data[start:end]) if size > 0 else None
        for size, start, end in zip(sizes.tolist(), starts.tolist(), ends.tolist(), strict=True)
    ]
    shapes = shapely.from_wkb(np.array(wkb, dtype=object), on_invalid="ignore")
    problems = [Problem(int(n), str(c), str(v), str(r)) for n, c, v, r in entry["problems"]]
    columns = {str(name): list(values) for name, values in entry["columns"].items()}
    crs = None if entry["crs"] is None else int(entry["crs"])
    result = frame(columns, list(shapes), crs, numbers=entry["numbers"], problems=problems)
    result.attrs["encoding"] = str(entry["encoding"])
    result.attrs["skipped"] = {str(name): int(count) for name, count in entry["skipped"].items()}
    if entry["declared"] is not None:
        name, guess = entry["declared"]
        result.attrs["declared"] = (str(name)[:200], int(guess))
    if entry["box"] is not None:
        west, south, east, north = (float(value) for value in entry["box"])
        result.attrs["box"] = (west, south, east, north)
    result.attrs["readings"] = [
        Reading(str(name), None if share is None else float(share), tuple(map(str, samples)))
        for name, share, samples in entry["readings"]
    ]
    return result
