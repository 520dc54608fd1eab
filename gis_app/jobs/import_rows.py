"""From placed rows to rows ready to store: values, camera views, ids, nodes."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gis_app.analysis.coerce import BadValue, is_blank, to_text
from gis_app.analysis.directions import View, is_vietnamese, parse_views
from gis_app.analysis.noding import node_ids
from gis_app.crs import metric_srid_for
from gis_app.jobs.import_columns import ColumnMap, coerce_column
from gis_app.jobs.import_report import RowError, row_error
from gis_app.tables.imports import MADE_KEY
from gis_app.text import fold
from layers.base import STORED_SRID, Layer

_MAX_ID = 100
_PORTION_ROWS = 5_000
_PORTION_VERTICES = 100_000
_DIRECTION, _WIDTH, _POLE = "azimuth_deg", "fov_deg", "pole_code"


@dataclass
class Rows:
    """Rows to store, all lists of one length; `numbers` are the rows of the file."""

    numbers: list[int]
    commune_ids: list[int]
    external_ids: list[str]
    shapes: NDArray[np.object_]
    values: dict[str, list[Any]]
    # Columns that the import made up: a better value that is there already stays.
    only_new: set[str] = field(default_factory=set)

    def _parts(self) -> Iterator[slice]:
        vertices = shapely.get_num_coordinates(self.shapes).cumsum()
        start, total = 0, len(self.shapes)
        while start < total:
            done = vertices[start - 1] if start else 0
            fitting = int(np.searchsorted(vertices, done + _PORTION_VERTICES, side="right"))
            end = min(max(fitting, start + 1), start + _PORTION_ROWS, total)
            yield slice(start, end)
            start = end

    def take(self, positions: Sequence[int]) -> "Rows":
        """Return the rows at positions, in their order, repeated where a position is."""
        return Rows(
            [self.numbers[p] for p in positions],
            [self.commune_ids[p] for p in positions],
            [self.external_ids[p] for p in positions],
            self.shapes[list(positions)],
            {name: [column[p] for p in positions] for name, column in self.values.items()},
            set(self.only_new),
        )

    def portions(self, source: str) -> Iterator[list[tuple[Any, ...]]]:
        """Yield rows for COPY: key, external id, source, the values, geometry as hexadecimal EWKB.

        A portion ends at so many rows or vertices, whichever comes first: that bounds the memory.
        """
        keys = self.commune_ids
        for part in self._parts():
            stamped = shapely.set_srid(self.shapes[part], STORED_SRID)
            wkb = shapely.to_wkb(stamped, hex=True, include_srid=True)
            ids = self.external_ids[part]
            columns = [column[part] for column in self.values.values()]
            yield list(zip(keys[part], ids, [source] * len(ids), *columns, wkb, strict=True))


def read_values(
    table: gpd.GeoDataFrame, layer: Layer, mapped: ColumnMap, numbers: Sequence[int]
) -> tuple[dict[str, list[Any]], list[RowError]]:
    """Return the values of every mapped field; directions stay as they are for `split_views`."""
    values: dict[str, list[Any]] = {}
    errors: list[RowError] = []
    for f in layer.fields:
        column = mapped.fields.get(f.name)
        if column is None:
            continue
        cells = table[column].tolist()
        if layer.style.kind == "sector" and f.name == _DIRECTION:
            values[f.name] = cells
            continue
        values[f.name], faults = coerce_column(f, mapped, cells, numbers)
        errors += faults
    return values, errors


def read_ids(
    table: gpd.GeoDataFrame, mapped: ColumnMap, shapes: NDArray[np.object_], numbers: Sequence[int]
) -> tuple[list[str], list[RowError], int]:
    """Return external ids, faults, and how many had to be made from place and properties.

    The same row of the same file always gets the same made id, so a second import updates; equal rows are
    told apart by their order.
    """
    column = mapped.id_column
    cells = [None] * len(table) if column is None else table[column].tolist()
    ids: list[str] = []
    errors: list[RowError] = []
    for number, cell in zip(numbers, cells, strict=True):
        try:
            ids.append("" if is_blank(cell) else to_text(cell, _MAX_ID))
        except BadValue as bad:
            errors.append(row_error(number, column or "", cell, bad.rule, **bad.params))
            ids.append("")
    if all(ids):
        return ids, errors, 0
    made = _made_ids(table, shapes)
    return [own or made_id for own, made_id in zip(ids, made, strict=True)], errors, ids.count("")


def ids_by_name(
    ids: Sequence[str], names: Sequence[Any], known: Mapping[str, tuple[int, str]]
) -> tuple[list[str], int]:
    """The ids of rows that are there under the same name, else the own ones; how many were found.

    A name that stands twice, in the file or in the table, says nothing. `known`: id and name by key.
    """
    here = Counter(fold(str(name or "")) for name in names)
    there = Counter(fold(name) for _, name in known.values())
    key_of = {fold(name): key for key, (_, name) in known.items()}
    found = list(ids)
    count = 0
    for at, name in enumerate(names):
        folded = fold(str(name or ""))
        if folded and here[folded] == 1 and there[folded] == 1:
            found[at] = key_of[folded]
            count += 1
    return found, count


def _made_ids(table: gpd.GeoDataFrame, shapes: NDArray[np.object_]) -> Iterator[str]:
    names = [name for name in table.columns if name != table.geometry.name]
    cells = zip(*(table[name].tolist() for name in names), strict=True) if names else iter([()] * len(table))
    seen: Counter[str] = Counter()
    for shape, row in zip(shapes, cells, strict=True):
        places = np.round(shapely.get_coordinates(shape), 7) + 0.0
        digest = hashlib.blake2b(places.tobytes(), digest_size=10)
        digest.update(json.dumps(row, default=str, ensure_ascii=False).encode("utf-8", "replace"))
        made = f"{MADE_KEY}{digest.hexdigest()}"
        seen[made] += 1
        yield made if seen[made] == 1 else f"{made}-{seen[made]}"


def split_views(rows: Rows, column: str) -> tuple[Rows, list[RowError]]:
    """Make one row per view of a direction cell; further views get the suffix /2, /3 and share the pole."""
    cells = rows.values[_DIRECTION]
    vietnamese = is_vietnamese(cells)
    positions: list[int] = []
    views: list[View] = []
    suffixes: list[str] = []
    errors: list[RowError] = []
    known: dict[Any, tuple[View, ...]] = {}
    for position, cell in enumerate(cells):
        try:
            found = known[cell] if cell in known else parse_views(cell, vietnamese=vietnamese)
        except ValueError:
            errors.append(row_error(rows.numbers[position], column, cell, "not_a_direction"))
            found = (View(None),)
        known[cell] = found
        for order, view in enumerate(found, start=1):
            positions.append(position)
            views.append(view)
            suffixes.append("" if order == 1 else f"/{order}")
    return _with_views(rows, positions, views, suffixes), errors


def _with_views(rows: Rows, positions: Sequence[int], views: Sequence[View], suffixes: Sequence[str]) -> Rows:
    shared = {position for position, suffix in zip(positions, suffixes, strict=True) if suffix}
    split = rows.take(positions)
    split.values[_DIRECTION] = [view.azimuth_deg for view in views]
    widths = [view.fov_deg for view in views]
    given = split.values.get(_WIDTH)
    if given is not None:
        # A width of its own column is more exact than the ends of a range.
        split.values[_WIDTH] = [width if own is None else own for own, width in zip(given, widths, strict=True)]
    elif any(width is not None for width in widths):
        split.values[_WIDTH] = widths
    if shared:
        poles = split.values.get(_POLE, [None] * len(positions))
        split.values[_POLE] = [
            pole or (external_id[:60] if position in shared else None)
            for pole, external_id, position in zip(poles, split.external_ids, positions, strict=True)
        ]
    split.external_ids = [own + suffix for own, suffix in zip(split.external_ids, suffixes, strict=True)]
    return split


def find_duplicates(rows: Rows, column: str) -> list[RowError]:
    """Return the rows whose id another row of the same commune has already."""
    seen: dict[tuple[int, str], int] = {}
    errors = []
    for number, commune_id, external_id in zip(rows.numbers, rows.commune_ids, rows.external_ids, strict=True):
        earlier = seen.setdefault((commune_id, external_id), number)
        if earlier != number:
            errors.append(row_error(number, column, external_id, "duplicate_id", first=earlier))
    return errors


def add_nodes(rows: Rows, layer: Layer) -> None:
    """Number the ends of lines where the layer wants nodes and the file has none."""
    for name, end in (("source_node", 0), ("target_node", -1)):
        if layer.field(name) is None or layer.geometry != "LINESTRING" or not len(rows.shapes):
            continue
        ends = shapely.get_coordinates(shapely.get_point(rows.shapes, end))
        given = rows.values.get(name, [None] * len(rows.numbers))
        rows.values[name] = [own if own is not None else made for own, made in zip(given, node_ids(ends), strict=True)]


def derive_tenant(rows: Rows, column: str) -> list[RowError]:
    """Fill what a list of communes leaves out: the number from the code, the kind from the name, the zone."""
    errors = []
    for position, code in enumerate(rows.values["code"]):
        if code and code.isdecimal() and int(code) > 0:
            rows.commune_ids[position] = int(code)
        else:
            errors.append(row_error(rows.numbers[position], column, code, "not_a_commune_code"))
    rows.external_ids = [str(code or "") for code in rows.values["code"]]
    if "kind" not in rows.values:
        rows.values["kind"] = [_kind_of(name) for name in rows.values["full_name"]]
        for number, name, kind in zip(rows.numbers, rows.values["full_name"], rows.values["kind"], strict=True):
            if kind is None:
                errors.append(row_error(number, "full_name", name, "kind_unknown"))
    lons = [shapely.point_on_surface(shape).x if shape is not None else 105.75 for shape in rows.shapes]
    if "metric_srid" not in rows.values:
        provinces = rows.values.get("province_code") or [None] * len(lons)
        rows.values["metric_srid"] = [
            metric_srid_for(lon, province) for lon, province in zip(lons, provinces, strict=True)
        ]
        rows.only_new.add("metric_srid")
    return errors


_KINDS: Mapping[str, str] = {"phuong": "ward", "xa": "commune", "thi_tran": "commune", "dac_khu": "special_zone"}


def _kind_of(full_name: str | None) -> str | None:
    key = fold(full_name or "") + "_"
    return next((kind for start, kind in _KINDS.items() if key.startswith(f"{start}_")), None)
