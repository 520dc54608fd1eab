"""Commands that bring files in: `flask import` and `flask import-osm`."""

import getpass
import json
import sys
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.engine import Engine

from gis_app.db import OWNER_ROLE, Actor, make_engine
from gis_app.db import begin as begin_transaction
from gis_app.jobs.import_osm import import_osm
from gis_app.jobs.import_report import ImportReport, RowError
from gis_app.jobs.imports import ImportRequest, import_file
from gis_app.queries.place_classes import with_classes
from layers import LAYERS

_MESSAGES = Path(__file__).resolve().parent / "messages"
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_WIDTHS = (8, 18, 34)

_commune = click.option(
    "--commune", "commune_id", type=click.IntRange(1), metavar="CODE",
    help="Official code; without it every row goes to the commune in which it lies.",
)  # fmt: skip
_dry_run = click.option("--dry-run", is_flag=True, help="Check everything, store nothing.")
_lang = click.option("--lang", type=click.Choice(["vi", "en"]), default="vi", help="Language of the messages.")


@click.command("import")
@click.argument("layer_name", metavar="LAYER", type=click.Choice(sorted(LAYERS)))
@click.argument("path", metavar="FILE", type=_FILE)
@_commune
@click.option("--crs", "srid", type=int, metavar="EPSG", help="Overrides what the file says, e.g. 9210.")
@click.option("--swap-axes", is_flag=True, help="X is the northing (or the latitude) in this file.")
@_dry_run
@_lang
@with_appcontext
def import_command(
    layer_name: str, path: Path, commune_id: int | None, srid: int | None, *, swap_axes: bool, dry_run: bool, lang: str
) -> None:
    """Import FILE (GeoJSON, GeoPackage, zipped Shapefile, KML, KMZ, CSV) into LAYER: all rows or none."""
    layer = LAYERS[layer_name]
    request = ImportRequest(commune_id, srid, swap_axes, dry_run, source=f"import: {path.name}"[:200])
    engine, actor = _who(None if layer.tenant else commune_id)
    with begin_transaction(engine, actor) as conn:
        report = import_file(conn, with_classes(conn, commune_id, layer), path, request)
    sys.exit(_print(report, lang, dry_run=dry_run))


@click.command("import-osm")
@click.argument("path", metavar="FILE.osm.pbf", type=_FILE)
@_commune
@_dry_run
@_lang
@with_appcontext
def import_osm_command(path: Path, commune_id: int | None, *, dry_run: bool, lang: str) -> None:
    """Import streets, buildings, water, land, places, lamps and cameras of an OpenStreetMap extract."""
    request = ImportRequest(commune_id, is_dry_run=dry_run, source=f"OpenStreetMap (ODbL): {path.name}"[:200])
    engine, actor = _who(commune_id)
    with begin_transaction(engine, actor) as conn:
        reports = import_osm(conn, path, request)
    codes = [_print(report, lang, dry_run=dry_run, is_filter=bool(report.layer)) for report in reports]
    sys.exit(max(codes, default=0))


commands = [import_command, import_osm_command]


def _who(commune_id: int | None) -> tuple[Engine, Actor]:
    """The web's restricted login inside one commune; the owner where rows of several are written."""
    if commune_id is not None:
        return current_app.extensions["engine"], Actor("data", commune_id, f"cli:{getpass.getuser()}")
    url = current_app.config["SETTINGS"].owner_database_url
    return make_engine(url, role=OWNER_ROLE, pool_size=1), Actor("system")


@lru_cache
def _catalogue(lang: str) -> Mapping[str, str]:
    messages: dict[str, str] = json.loads((_MESSAGES / f"{lang}.json").read_text(encoding="utf-8"))
    return messages


def _say(lang: str, key: str, **params: Any) -> str:
    return (
        _catalogue(lang).get(f"import.{key}", key).format_map({name: _shown(value) for name, value in params.items()})
    )


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _print(report: ImportReport, lang: str, *, dry_run: bool, is_filter: bool = False) -> int:
    """Print what happened; return the exit code."""
    for key, params in report.notes:
        click.echo("• " + _say(lang, key, **params))
    if report.ignored_columns:
        click.echo("• " + _say(lang, "ignored_columns", columns=", ".join(report.ignored_columns)))
    if report.errors:
        _print_errors(report.errors, lang)
    if report.errors and not is_filter:
        click.echo(_say(lang, "nothing_stored", errors=len(report.errors), rows=report.row_count))
        return 1
    if is_filter and not report.is_stored and not dry_run:
        click.echo(f"{report.layer}: " + _say(lang, "nothing_stored", errors=len(report.errors), rows=report.row_count))
        return 1
    key = "would_store" if dry_run else "stored"
    counts = {
        "inserted": report.inserted_count,
        "updated": report.updated_count,
        "unchanged": report.unchanged_count,
        "outside": report.outside_count,
    }
    click.echo(f"{report.layer}: " + _say(lang, key, **counts))
    if is_filter and (report.outside_count or report.errors):
        click.echo("  " + _say(lang, "left_out", outside=report.outside_count, errors=len(report.errors)))
    if report.removed_count or report.kept_count:
        click.echo("  " + _say(lang, "removed_kept", removed=report.removed_count, kept=report.kept_count))
    return 0


def _print_errors(errors: list[RowError], lang: str) -> None:
    heads = [_say(lang, f"table_{name}") for name in ("row", "column", "value", "reason")]
    click.echo(_line(heads))
    for error in errors:
        number = str(error.number) if error.number else _say(lang, "table_file")
        click.echo(_line([number, error.column, error.value, _say(lang, error.rule, **error.params)]))


def _line(cells: list[str]) -> str:
    padded = [cell[:width].ljust(width) for cell, width in zip(cells, _WIDTHS, strict=False)]
    return "  ".join([*padded, cells[-1]]).rstrip()
