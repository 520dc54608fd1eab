"""Commands for ready-made tiles, and the worker that keeps them and runs jobs."""

import signal
import threading
from types import FrameType

import click
from flask import current_app
from flask.cli import with_appcontext

from gis_app.jobs.fill_tiles import fetch_all_communes, fill_commune
from gis_app.jobs.runner import run_jobs
from gis_app.jobs.worker import work


@click.command("fill-tiles")
@click.option("--commune", "commune_code", help="Official code; without it, every commune.")
@with_appcontext
def fill_tiles(commune_code: str | None) -> None:
    """Make the tiles of base map and groups, zooms 10 to 15, before anybody asks for them."""
    engine = current_app.extensions["engine"]
    communes = [c for c in fetch_all_communes(engine) if commune_code in (None, c.code)]
    if not communes:
        raise click.ClickException(f"There is no commune {commune_code or 'in the database'}.")
    for commune in communes:
        filled = fill_commune(engine, commune)
        click.echo(f"{commune.code} {commune.full_name}: {filled.tile_count} tiles, {filled.byte_count / 1e6:.2f} MB")


@click.command("worker")
@click.option("--every", "every_s", type=click.FloatRange(0.1, 3600), default=20.0, show_default=True, help="Seconds.")
@with_appcontext
def worker(every_s: float) -> None:
    """Run jobs, keep the tiles of every commune fresh, retain daily, until SIGTERM or SIGINT."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    var_dir = current_app.config["SETTINGS"].var_dir
    var_dir.mkdir(parents=True, exist_ok=True)
    click.echo(f"worker: every {every_s:g} s")
    engine = current_app.extensions["engine"]
    # A job must not wait for the tiles of a whole province.
    runner = threading.Thread(target=run_jobs, args=(engine, stop, click.echo), name="jobs")
    runner.start()
    work(engine, stop, every_s, click.echo, var_dir / "worker-alive")
    runner.join()
    click.echo("worker: stopped")


commands = [fill_tiles, worker]
