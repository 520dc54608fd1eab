"""Importing an OpenStreetMap extract: every layer that it fills, all or nothing.

An extract is cut for its own box, so what lies outside the communes, and what breaks a rule of ours, is left
out and counted. Streets, buildings, water and land go to every commune that they meet.
"""

from dataclasses import replace
from pathlib import Path

from sqlalchemy.engine import Connection

from gis_app.formats import FormatError, Limits, read_layers
from gis_app.formats.base import OSM_LIMITS
from gis_app.jobs.import_report import ImportReport, row_error
from gis_app.jobs.imports import ImportRequest, import_table
from layers import LAYERS

_FATAL = frozenset({"database_refused", "column_missing", "commune_unknown"})


def import_osm(conn: Connection, path: Path, request: ImportRequest, limits: Limits = OSM_LIMITS) -> list[ImportReport]:
    """Import an extract; one report per layer, or one with the reason why the file was refused."""
    try:
        tables = read_layers(path, limits)
    except FormatError as error:
        return [ImportReport("", errors=[row_error(0, "", path.name, error.code, **error.params)])]
    wanted = replace(request, is_filter=True)
    savepoint = conn.begin_nested()
    reports = [import_table(conn, LAYERS[name], tables[name], wanted) for name in sorted(tables) if name in LAYERS]
    if any(error.rule in _FATAL for report in reports for error in report.errors):
        savepoint.rollback()
        for report in reports:
            report.is_stored = False
    else:
        savepoint.commit()
    return reports
