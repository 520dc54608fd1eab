"""Commands that write files."""

from datetime import UTC, datetime
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from gis_app.db import Actor, begin
from gis_app.jobs.standalone_map import LANGUAGES, make_standalone_map
from gis_app.queries.communes import fetch_commune
from layers.base import ROLES


@click.command("export-map")
@click.option("--commune", "commune_code", required=True, help="Official code of the commune.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="File to write.")
@click.option("--role", type=click.Choice(ROLES), default="committee", show_default=True, help="For whose eyes.")
@click.option("--lang", type=click.Choice(LANGUAGES), default="vi", show_default=True)
@with_appcontext
def export_map(commune_code: str, out: Path, role: str, lang: str) -> None:
    """Write the map of a commune as one HTML file that opens without a network."""
    if not commune_code.isascii() or not commune_code.isdigit() or len(commune_code) > 9:
        raise click.BadParameter("the official code has digits only", param_hint="--commune")
    commune_id = int(commune_code)
    # The web's own login: row-level security binds the file as it binds the page.
    with begin(current_app.extensions["engine"], Actor(role, commune_id, "export-map")) as conn:
        commune = fetch_commune(conn, commune_id)
        if commune is None:
            raise click.ClickException(f"There is no commune {commune_code}.")
        made = make_standalone_map(conn, commune, role, lang, datetime.now(UTC))
    out.write_text(made.html, encoding="utf-8")
    click.echo(f"{out}: {out.stat().st_size / 1e6:.1f} MB")


commands = [export_map]
