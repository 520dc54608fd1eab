"""Commands that write files."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from gis_app.crs import STORED
from gis_app.db import Actor, begin
from gis_app.errors import GisError
from gis_app.jobs.export_asked import MAX_ROWS, ExportAsked
from gis_app.jobs.export_layer import FORMATS, export_layer
from gis_app.jobs.standalone_map import LANGUAGES, make_standalone_map
from gis_app.queries.communes import fetch_commune
from gis_app.queries.ogc_items import ItemQuery
from gis_app.queries.place_classes import with_classes
from gis_app.words import VIETNAMESE
from layers import LAYERS
from layers.base import ROLES


@click.command("export-map")
@click.option("--commune", "commune_code", required=True, help="Official code of the commune.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="File to write.")
@click.option("--role", type=click.Choice(ROLES), default="committee", show_default=True, help="For whose eyes.")
@click.option("--lang", type=click.Choice(LANGUAGES), default="vi", show_default=True)
@with_appcontext
def export_map(commune_code: str, out: Path, role: str, lang: str) -> None:
    """Write the map of a commune as one HTML file that opens without a network."""
    commune_id = _commune_id(commune_code)
    # The web's own login: row-level security binds the file as it binds the page.
    with begin(current_app.extensions["engine"], Actor(role, commune_id, "export-map")) as conn:
        commune = fetch_commune(conn, commune_id)
        if commune is None:
            raise click.ClickException(f"There is no commune {commune_code}.")
        made = make_standalone_map(conn, commune, role, lang, datetime.now(UTC))
    out.write_text(made.html, encoding="utf-8")
    click.echo(f"{out}: {out.stat().st_size / 1e6:.1f} MB")


@click.command("export-layer")
@click.option("--commune", "commune_code", required=True, help="Official code of the commune.")
@click.option("--layer", "layer_name", type=click.Choice(list(LAYERS)), required=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="File to write.")
@click.option("--format", "file_format", type=click.Choice(list(FORMATS)), default="gpkg", show_default=True)
@click.option("--vn2000", is_flag=True, help="Coordinates of the commune's VN-2000 zone.")
@click.option("--filter", "condition", default="", help="CQL2 expression.")
@click.option("--role", type=click.Choice(ROLES), default="data", show_default=True, help="For whose eyes.")
@with_appcontext
def write_layer(**given: Any) -> None:
    """Write a layer of a commune as a file."""
    layer = LAYERS[given["layer_name"]]
    if given["role"] not in layer.readers:
        raise click.ClickException(f"The role {given['role']} does not read {layer.name}.")
    commune_id = _commune_id(given["commune_code"])
    with begin(current_app.extensions["engine"], Actor(given["role"], commune_id, "export-layer")) as conn:
        commune = fetch_commune(conn, commune_id)
        if commune is None:
            raise click.ClickException(f"There is no commune {given['commune_code']}.")
        srid = commune.metric_srid if given["vn2000"] else STORED
        wanted = ItemQuery(filter=given["condition"], limit=MAX_ROWS)
        asked = ExportAsked(given["file_format"], srid, wanted)
        try:
            made = export_layer(conn, with_classes(conn, commune_id, layer), given["role"], asked, VIETNAMESE)
        except GisError as error:
            raise click.ClickException(f"{error.code} {error.params}") from error
    given["out"].write_bytes(made.content)
    click.echo(f"{given['out']}: {len(made.content) / 1e6:.1f} MB")


def _commune_id(code: str) -> int:
    if not code.isascii() or not code.isdigit() or len(code) > 9:
        raise click.BadParameter("the official code has digits only", param_hint="--commune")
    return int(code)


commands = [export_map, write_layer]
