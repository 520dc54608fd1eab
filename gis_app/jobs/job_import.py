"""The job "import": reads an upload and says what it found, checks every row, stores all or nothing.

Each part starts from the kept file, so a job that was interrupted is simply run again. Whatever the file holds, the
answer stands in the import's record; only faults of our own fail the job.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from gis_app.errors import Conflict, NotFound
from gis_app.jobs.kinds import JobKind, Work
from gis_app.queries import import_records as records
from gis_app.queries.import_records import ImportRecord
from gis_app.queries.place_classes import with_classes
from gis_app.scratch import scratch
from gis_app.tables.imports import OSM
from layers import LAYERS
from layers.base import DATA

ADDRESS = "/du-lieu/nhap"
# Which states a part may start from.
STARTS = {
    "read": ("new", "refused", "read", "placed", "checked"),
    "check": ("read", "placed", "checked"),
    "apply": ("checked",),
    "undo": ("applied",),
}


def _run(work: Work) -> str:
    # Here, not above: geopandas is half of the server's start.
    from gis_app.jobs import import_steps as steps  # noqa: PLC0415

    import_id, part = int(work.parameters["import_id"]), str(work.parameters["part"])
    work.step(1, "opening")
    records.lock_import(work.conn, import_id)
    found = records.fetch_imports(work.conn, work.actor.commune_id or 0, import_id=import_id)
    if not found:
        raise NotFound("import_not_found")
    record = found[0]
    if record.version != work.parameters["version"] or record.state not in STARTS[part]:
        raise Conflict("import_changed")
    with scratch("upload") as folder:
        # The suffix alone of the person's name: it says the format.
        path = folder / f"upload{steps.suffix_of(record.file_name)}"
        if part != "undo" and not records.write_file(work.conn, import_id, path):
            raise NotFound("import_file_gone")
        values = _PARTS[part](work, record, path)
    if not records.update_import(work.conn, import_id, record.version, values):
        raise Conflict("import_changed")
    return f"{ADDRESS}/{import_id}"


def _read(work: Work, record: ImportRecord, path: Path) -> Mapping[str, Any]:
    from gis_app.jobs import import_steps as steps  # noqa: PLC0415

    if record.layer == OSM:
        return _check(work, record, path)
    layer = with_classes(work.conn, work.actor.commune_id, LAYERS[record.layer])
    return steps.read_upload(work, record, path, layer)


def _check(work: Work, record: ImportRecord, path: Path) -> Mapping[str, Any]:
    from gis_app.jobs import import_steps as steps  # noqa: PLC0415

    report = steps.run_import(work, record, path, is_dry_run=True)
    return {"state": "checked", "report": report}


def _apply(work: Work, record: ImportRecord, path: Path) -> Mapping[str, Any]:
    from gis_app.jobs import import_steps as steps  # noqa: PLC0415

    report = steps.run_import(work, record, path, is_dry_run=False)
    if not report["is_stored"]:
        # The table has changed since the check: the person sees what is in the way now.
        return {"state": "checked", "report": report}
    # Name, hash and mapping are kept; what else the file held is not.
    records.delete_parts(work.conn, record.id)
    kept = dict(report) | {"near": None, "changes": []}
    now = {"applied_at": sa.func.now(), "applied_by": work.actor.username}
    return {"state": "applied", "report": kept, "found": None} | now


def _undo(work: Work, record: ImportRecord, _path: Path) -> Mapping[str, Any]:
    from gis_app.jobs import import_steps as steps  # noqa: PLC0415

    steps.undo_import(work, record)
    return {"state": "undone", "undone_at": sa.func.now()}


_PARTS = {"read": _read, "check": _check, "apply": _apply, "undo": _undo}


def parameters(record: ImportRecord, part: str) -> dict[str, Any]:
    """What the job is asked with; it does nothing where the import has moved on meanwhile."""
    return {"import_id": record.id, "part": part, "version": record.version}


job = JobKind(DATA, _run)
