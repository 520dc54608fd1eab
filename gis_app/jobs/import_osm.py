"""Importing an OpenStreetMap extract: every layer that it fills, all or nothing.

An extract is cut for its own box, so what lies outside the communes, and what breaks a rule of ours, is left
out and counted. Streets, buildings, water and land go to every commune that they meet.

A newer extract brings its news alone: what somebody changed here stays, what somebody deleted here stays away, and
what OpenStreetMap has no more goes, unless it was edited (`queries.osm_rows`).
"""

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.formats import FormatError, Limits, read_layers
from gis_app.formats.base import OSM_LIMITS
from gis_app.formats.osm import LAYERS_FILLED
from gis_app.jobs.import_report import ImportReport, row_error
from gis_app.jobs.import_rows import Rows
from gis_app.jobs.imports import ImportRequest, Watch, import_table
from gis_app.queries import osm_rows
from layers import LAYERS
from layers.base import Layer

_FATAL = frozenset({"database_refused", "column_missing", "commune_unknown"})
Say = Callable[[int, str], None]


def _silent(_percent: int, _message: str) -> None:
    """Nobody asks how far it is."""


class _Newer(Watch):
    """Sees that a newer extract leaves local edits alone."""

    def __init__(self, say: Say, layer_count: int, at: dt.datetime) -> None:
        self.say, self.layer_count, self.at = say, layer_count, at
        self.old_keys: set[str] = set()
        self.done_count = self.kept_count = 0

    def step(self, percent: int, message: str) -> None:
        """Tell it on: every layer is a part of the whole."""
        self.say(10 + round((self.done_count + percent / 100) * 85 / self.layer_count), message)

    def rows(self, conn: Connection, layer: Layer, rows: Rows) -> None:
        """Which keys the table has of OpenStreetMap that the extract has not."""
        self.old_keys, self.kept_count = set(), 0
        if layer.geometry == "LINESTRING":
            self.old_keys = osm_rows.fetch_keys(conn, layer, set(rows.commune_ids)) - set(rows.external_ids)

    def portion(self, conn: Connection, layer: Layer, buffer: sa.Table, only_new: Collection[str]) -> None:
        """Put local edits in the place of what the extract says."""
        self.kept_count += osm_rows.keep_local_edits(conn, layer, buffer, self.at)
        if self.old_keys:
            self.kept_count += osm_rows.inherit_from_cut(conn, layer, buffer, self.old_keys)


def import_osm(
    conn: Connection, path: Path, request: ImportRequest, limits: Limits = OSM_LIMITS, say: Say = _silent
) -> list[ImportReport]:
    """Import an extract; one report per layer, or one with the reason why the file was refused.

    `say(percent, step)` is called now and then, while the file is read, too, and may stop the work by raising.
    """
    try:
        tables = read_layers(path, limits, lambda: say(5, "reading"))
    except FormatError as error:
        return [ImportReport("", errors=[row_error(0, "", path.name, error.code, **error.params)])]
    # In this savepoint, so that a dry run sees what is gone, too.
    wanted = replace(request, is_filter=True, is_dry_run=False)
    savepoint = conn.begin_nested()
    reports, watch = [], _Newer(say, len(LAYERS_FILLED), osm_rows.fetch_moment(conn))
    box = next((tuple(table.attrs["box"]) for table in tables.values() if table.attrs.get("box")), None)
    for name in LAYERS_FILLED:
        layer, report = LAYERS[name], ImportReport(name, is_stored=True)
        if name in tables:
            report = import_table(conn, layer, tables[name], wanted, watch)
            report.kept_count = watch.kept_count
            report.unchanged_count -= watch.kept_count
        if report.is_stored:
            gone = osm_rows.remove_gone(conn, layer, watch.at, request.commune_id, box)
            report.removed_count = gone.removed_count
            report.kept_count += gone.kept_count
        if name in tables or report.removed_count or report.kept_count:
            reports.append(report)
        watch.done_count, watch.kept_count = watch.done_count + 1, 0
    if request.is_dry_run or any(error.rule in _FATAL for report in reports for error in report.errors):
        savepoint.rollback()
        for report in reports:
            report.is_stored = False
    else:
        savepoint.commit()
    return reports
