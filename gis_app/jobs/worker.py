"""The worker: rounds of background work until it is told to stop. A database that is away is waited for."""

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from gis_app.jobs.coverage_rounds import refresh_stale
from gis_app.jobs.due_notices import tell_of_dues
from gis_app.jobs.fill_tiles import fill_changed
from gis_app.jobs.retention import run_retention
from gis_app.jobs.tip_notices import tell_of_tips
from gis_app.queries.retention import claim_run, update_heartbeat
from gis_app.queries.visits import close_overdue
from gis_app.scratch import sweep_scratch

# Not at once: the moment of a notice must not tell the moment of a tip.
TIP_NOTICES_EVERY = timedelta(hours=1)


def work(engine: Engine, stop: threading.Event, every_s: float, say: Callable[[str], None], alive_file: Path) -> None:
    """Every `every_s` s end shifts, tell of tips and days, compute coverage, fill tiles, retain; touch `alive_file`.

    `alive_file` (in VAR_DIR) is what a health check looks at: its age says whether the loop still turns.
    """
    done: dict[int, int] = {}
    # What an import that was killed with its process left behind.
    if swept := sweep_scratch():
        say(f"{swept} folders of processes that were killed are gone")
    while not stop.is_set():
        alive_file.touch()
        try:
            with begin(engine, Actor("system")) as conn:
                update_heartbeat(conn, "worker")
                close_overdue(conn)
                if claim_run(conn, "tip_notices", TIP_NOTICES_EVERY):
                    tell_of_tips(conn)
                    tell_of_dues(conn)
            counts = run_retention(engine, alive_file.parent, only_if_due=True)
            covered = refresh_stale(engine, stop, say)
            report = fill_changed(engine, done, stop)
        except (sa.exc.DBAPIError, sa.exc.TimeoutError) as error:
            # The type alone: a driver's text may hold what a person typed.
            say(f"database: {type(error).__name__}, next try in {every_s:g} s")
        else:
            if counts is not None:
                say("retention: " + ", ".join(f"{name} {count}" for name, count in counts.items()))
            if covered:
                say(f"coverage of {len(covered)} communes")
            for code, filled in report.items():
                say(f"tiles of {code}: {filled.tile_count} tiles, {filled.byte_count / 1e6:.2f} MB ready")
        stop.wait(every_s)
