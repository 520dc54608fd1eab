"""Retention: what is past its time goes, from database, uploads and temporary folder; once a day, one audit entry."""

import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy.engine import Engine

from gis_app.analysis.tip_clock import VERIFY_DAYS
from gis_app.db import Actor, begin
from gis_app.queries.agreements import update_expired
from gis_app.queries.audit import record_event
from gis_app.queries.export_files import delete_old_exports
from gis_app.queries.import_records import delete_old_imports
from gis_app.queries.jobs import delete_old_jobs
from gis_app.queries.notices import delete_old as delete_old_notices
from gis_app.queries.patrol import delete_old
from gis_app.queries.patrol_notes import delete_expired_photos
from gis_app.queries.place_reports import delete_expired
from gis_app.queries.retention import claim_run, delete_stale, update_heartbeat
from gis_app.queries.survey_photos import delete_expired_survey_photos
from gis_app.queries.tips import sweep as sweep_tips
from gis_app.scratch import sweep_scratch
from gis_app.tables.tips import KEPT_DAYS, OPEN_DAYS

UPLOAD_AGE_S = 24 * 3600
EVERY = timedelta(hours=24)
SYSTEM = Actor("system", username="retention")


def run_retention(engine: Engine, var_dir: Path, *, only_if_due: bool = False) -> dict[str, int] | None:
    """Delete and return the counts; None where `only_if_due` and it ran less than a day ago."""
    with begin(engine, SYSTEM) as conn:
        if not claim_run(conn, "retention", EVERY):
            if only_if_due:
                return None
            update_heartbeat(conn, "retention")
        counts = delete_stale(conn) | {"uploads": sweep(var_dir / "uploads", UPLOAD_AGE_S)}
        counts["scratch_folders"] = sweep_scratch()
        counts["jobs"] = delete_old_jobs(conn)
        counts["imports"] = delete_old_imports(conn)
        counts["exports"] = delete_old_exports(conn)
        counts["notices"] = delete_old_notices(conn)
        counts["patrol_plans"] = delete_old(conn)
        counts |= delete_expired(conn)
        counts["patrol_note_photos"] = delete_expired_photos(conn)
        counts["survey_photos"] = delete_expired_survey_photos(conn)
        counts |= sweep_tips(conn, KEPT_DAYS, OPEN_DAYS, VERIFY_DAYS)
        counts["agreements_ended"] = update_expired(conn)
        record_event(conn, "retention", "database", counts)
    return counts


def sweep(folder: Path, age_s: float) -> int:
    """Delete files of a folder that are older than `age_s`, and folders that this empties; links are not followed."""
    count, limit = 0, time.time() - age_s
    paths = sorted(folder.rglob("*"), key=lambda path: len(path.parts), reverse=True) if folder.is_dir() else []
    for path in paths:
        try:
            if path.is_dir() and not path.is_symlink():
                if path.lstat().st_mtime < limit:
                    path.rmdir()
            elif path.lstat().st_mtime < limit:
                path.unlink()
                count += 1
        except OSError:
            # Somebody else's at this moment, or a folder that still holds something young.
            continue
    return count
