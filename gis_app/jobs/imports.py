"""Importing a file into a layer: read apart, check every row, store all or nothing.

A row is known by its commune and external id, so importing a file twice changes nothing the second time.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.analysis.shapes import Checked
from gis_app.crs import ACCEPTED_SRIDS
from gis_app.formats import DEFAULT_LIMITS, FormatError, Limits, Options, read_file
from gis_app.jobs.import_columns import ColumnMap, chosen_columns, map_columns, missing_columns
from gis_app.jobs.import_guess import best_reading
from gis_app.jobs.import_places import Assigned, Frame, assign, place
from gis_app.jobs.import_report import ImportReport, RowError, row_error
from gis_app.jobs.import_rows import (
    Rows,
    add_nodes,
    derive_tenant,
    find_duplicates,
    ids_by_name,
    read_ids,
    read_values,
    split_views,
)
from gis_app.queries import imports as queries
from gis_app.queries.hotspot_register import find_jumps
from gis_app.queries.import_diff import fetch_keys
from layers.base import Layer

__all__ = ["ImportReport", "ImportRequest", "RowError", "Watch", "import_file", "import_table"]


@dataclass(frozen=True)
class ImportRequest:
    """What the person asks for. Without `commune_id` every row goes to the commune in which it lies."""

    commune_id: int | None = None
    srid: int | None = None
    swap_axes: bool = False
    is_dry_run: bool = False
    source: str = "import"
    # For extracts: what lies outside, and rows that break a rule, are left out and counted, not refused.
    is_filter: bool = False
    encoding: str = ""
    # What a person chose for columns (import_columns.chosen_columns); None: they are matched by their names.
    columns: Mapping[str, Any] | None = None
    # Areas that cross themselves are made valid, and said.
    repair: bool = False

    @property
    def by_name(self) -> bool:
        """Whether rows without a code of their own are known by their name."""
        return bool(self.columns and self.columns.get("by_name"))

    def options(self, layer: Layer) -> Options:
        """What the reader is told."""
        return Options(self.srid, layer.name, self.encoding, layer.geometry)


class Watch:
    """Looks on while rows go in; says how far it is, and may stop the work by raising."""

    def step(self, percent: int, message: str) -> None:
        """So many per cent are done; what is done next."""

    def rows(self, conn: Connection, layer: Layer, rows: Rows) -> None:
        """Every row that could be stored, before the first is."""

    def portion(self, conn: Connection, layer: Layer, buffer: sa.Table, only_new: Collection[str]) -> None:
        """Some rows stand in the buffer and are about to be merged."""

    def merged(self, conn: Connection, layer: Layer) -> None:
        """All rows are merged; a database error here takes them back, too."""


NOBODY = Watch()


def import_file(
    conn: Connection, layer: Layer, path: Path, request: ImportRequest, limits: Limits = DEFAULT_LIMITS
) -> ImportReport:
    """Import a file; the report says what was stored or every reason why nothing was."""
    report = ImportReport(layer.name)
    if request.srid is not None and request.srid not in ACCEPTED_SRIDS:
        report.errors.append(row_error(0, "", request.srid, "crs_unsupported"))
        return report
    try:
        table = read_file(path, request.options(layer), limits)
    except FormatError as error:
        report.errors.append(row_error(0, "", path.name, error.code, **error.params))
        return report
    return import_table(conn, layer, table, request)


def import_table(
    conn: Connection, layer: Layer, table: gpd.GeoDataFrame, request: ImportRequest, watch: Watch = NOBODY
) -> ImportReport:
    """Import a frame as `formats` reads it."""
    report = ImportReport(layer.name, row_count=len(table))
    queries.allow_long_statements(conn)
    if not len(table):
        report.errors.append(row_error(0, "", "", "file_empty"))
        return report
    names = [name for name in table.columns if name != table.geometry.name]
    mapped = map_columns(layer, names) if request.columns is None else chosen_columns(layer, names, request.columns)
    report.ignored_columns = mapped.ignored
    report.errors += [row_error(0, f.title[0], f.name, "column_missing") for f in missing_columns(layer, mapped)]
    report.errors += [row_error(p.number, p.column, p.value, p.rule) for p in table.attrs["problems"]]
    checked = place(table, layer, report, swap_axes=request.swap_axes, repair=request.repair)
    if table.attrs.get("encoding") in ("cp1258", "tcvn3", "vni"):
        report.note(f"read_as_{table.attrs['encoding']}")
    if checked is None:
        _guess_zone(conn, table, request, report)
        return report
    watch.step(30, "values")
    rows = _prepare(conn, layer, table, mapped, checked, request, report)
    report.errors.sort(key=lambda error: error.number)
    if rows is None or (report.errors and not request.is_filter):
        return report
    watch.step(45, "comparing")
    watch.rows(conn, layer, rows)
    _store(conn, layer, rows, request, report, watch)
    return report


def _prepare(
    conn: Connection,
    layer: Layer,
    table: gpd.GeoDataFrame,
    mapped: ColumnMap,
    checked: Checked,
    request: ImportRequest,
    report: ImportReport,
) -> Rows | None:
    """Check every row in every way, so that one run names all faults; None where nothing can be stored."""
    numbers = [int(number) for number in table.index]
    report.errors += [row_error(numbers[at], "geometry", value, rule) for at, value, rule in checked.faults]
    values, faults = read_values(table, layer, mapped, numbers)
    report.errors += faults
    if any(error.rule == "column_missing" for error in report.errors):
        return None
    ids, faults, made_count = read_ids(table, mapped, checked.shapes, numbers)
    report.errors += faults
    if request.by_name and layer.label in values and request.commune_id is not None:
        ids, found_count = ids_by_name(ids, values[layer.label], fetch_keys(conn, layer, request.commune_id))
        report.note("known_by_name", count=found_count)
        made_count -= found_count
    if made_count and not layer.tenant:
        report.note("ids_made", count=made_count)
    assigned = _assign(conn, layer, checked, numbers, request)
    if assigned is None:
        report.errors.append(row_error(0, "", request.commune_id, "commune_unknown"))
        return None
    report.errors += assigned.errors
    report.outside_count = assigned.outside_count
    if assigned.errors:
        _guess_zone(conn, table, request, report)
    rows = Rows(numbers, [0] * len(numbers), ids, checked.shapes, values).take(assigned.rows.tolist())
    rows.commune_ids = assigned.commune_ids.tolist()
    report.errors += _finish(rows, layer, mapped)
    if layer.name == "hotspots":
        report.errors += _jumps(conn, layer, table, mapped, rows)
    return _split(rows, layer, mapped, report)


def _jumps(conn: Connection, layer: Layer, table: gpd.GeoDataFrame, mapped: ColumnMap, rows: Rows) -> list[RowError]:
    """The rows whose hotspot is there and would skip a step of its life, which the database refuses."""
    column, states = mapped.fields.get("state"), rows.values.get("state")
    if column is None or states is None:
        return []
    names = {one.code: one.vi for f in layer.fields if f.name == "state" for one in f.choices}
    found = find_jumps(conn, list(zip(rows.commune_ids, rows.external_ids, strict=True)), states)
    return [
        row_error(rows.numbers[at], column, table.at[rows.numbers[at], column], "state_order", now=names[now])
        for at, now in found.items()
    ]


def _finish(rows: Rows, layer: Layer, mapped: ColumnMap) -> list[RowError]:
    if layer.tenant:
        return derive_tenant(rows, mapped.fields["code"])
    add_nodes(rows, layer)
    return []


def _split(rows: Rows, layer: Layer, mapped: ColumnMap, report: ImportReport) -> Rows:
    """Split views, look for double ids, and leave out rows with a fault."""
    direction = mapped.fields.get("azimuth_deg")
    if direction is not None and layer.style.kind == "sector":
        before = len(rows.numbers)
        rows, faults = split_views(rows, direction)
        report.errors += faults
        if len(rows.numbers) > before:
            report.note("views_split", count=len(rows.numbers) - before)
    report.errors += find_duplicates(rows, mapped.id_column or "")
    bad = {error.number for error in report.errors}
    return rows.take([at for at, number in enumerate(rows.numbers) if number not in bad]) if bad else rows


def _assign(
    conn: Connection, layer: Layer, checked: Checked, numbers: Sequence[int], request: ImportRequest
) -> Assigned | None:
    """Give rows their commune; None where the commune that was asked for is not there."""
    if layer.tenant:
        present = np.flatnonzero(~shapely.is_missing(checked.shapes))
        return Assigned(present, np.zeros(len(present), dtype=np.int64), [])
    frames = {outline.id: Frame(outline) for outline in _outlines(conn, checked, request)}
    if request.commune_id is not None and not frames:
        return None
    return assign(checked.shapes, numbers, frames, layer, is_filter=request.is_filter)


def _outlines(conn: Connection, checked: Checked, request: ImportRequest) -> Iterable[queries.Outline]:
    if request.commune_id is not None:
        return queries.fetch_outlines(conn, commune_id=request.commune_id)
    west, south, east, north = (float(value) for value in shapely.total_bounds(checked.shapes))
    return [] if np.isnan(west) else queries.fetch_outlines(conn, bbox=(west, south, east, north))


def _guess_zone(conn: Connection, table: gpd.GeoDataFrame, request: ImportRequest, report: ImportReport) -> None:
    """Where the file's coordinates fit the commune in another reading, say which."""
    if request.commune_id is None:
        return
    outlines = queries.fetch_outlines(conn, commune_id=request.commune_id)
    if not outlines:
        return
    frame = Frame(outlines[0])
    best = best_reading(table, frame)
    if best is not None and (best["srid"], best["swapped"]) != (report.srid, request.swap_axes):
        rule = "crs_maybe_swapped" if best["swapped"] else "crs_maybe"
        report.note(rule, srid=best["srid"], commune=frame.outline.full_name)


def _store(
    conn: Connection, layer: Layer, rows: Rows, request: ImportRequest, report: ImportReport, watch: Watch
) -> None:
    """Store in a savepoint; a dry run goes the whole way, checks of the database too, and turns back."""
    savepoint = conn.begin_nested()
    try:
        buffer = queries.make_buffer(conn, layer, list(rows.values))
        done = 0
        for portion in rows.portions(request.source[:200]):
            watch.step(50 + 45 * done // max(1, len(rows.numbers)), "storing")
            done += len(portion)
            queries.copy_rows(conn, buffer, portion)
            watch.portion(conn, layer, buffer, rows.only_new)
            stored = queries.merge_rows(conn, layer, buffer, rows.only_new)
            queries.clear_buffer(conn, buffer)
            report.inserted_count += stored.inserted_count
            report.updated_count += stored.updated_count
        queries.drop_buffer(conn, buffer)
        watch.merged(conn, layer)
    except sa.exc.DBAPIError as error:
        savepoint.rollback()
        code = getattr(error.orig, "pgcode", None)
        if error.connection_invalidated or code is None:
            raise
        report.inserted_count = report.updated_count = 0
        constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None) or ""
        report.errors.append(row_error(0, "", constraint, "database_refused", code=code))
        return
    report.unchanged_count = len(rows.numbers) - report.inserted_count - report.updated_count
    if request.is_dry_run:
        savepoint.rollback()
        return
    savepoint.commit()
    report.is_stored = True
