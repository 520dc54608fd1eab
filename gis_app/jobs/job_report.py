"""The job "report": gather, freeze, print. A report and its three files are there together, or not at all."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.engine import Connection

from gis_app.analysis.report import sha256_of
from gis_app.analysis.report_periods import Period
from gis_app.db import Actor, act_as
from gis_app.errors import Forbidden, NotFound
from gis_app.jobs.kinds import JobKind, Work
from gis_app.jobs.report_content import gather
from gis_app.queries.audit import record_event
from gis_app.queries.communes import fetch_commune
from gis_app.queries.reports import (
    FORMATS,
    LEAST_READER,
    READERS,
    Snapshot,
    fetch_content,
    fetch_snapshots,
    insert_file,
    insert_snapshot,
)


def print_report(snapshot: Snapshot, content: Mapping[str, Any], fmt: str) -> bytes:
    """Print a frozen report as pdf, docx or xlsx: the same bytes each time, in whatever process."""
    # Here, not above: fonts and PDF libraries are a second of start and 60 MB that the web does not need.
    from gis_app.formats import report_docx, report_pdf, report_xlsx  # noqa: PLC0415
    from gis_app.formats.report_sheet import Sheet  # noqa: PLC0415

    writers = {"pdf": report_pdf.write, "docx": report_docx.write, "xlsx": report_xlsx.write}
    sheet = Sheet(content, snapshot.number, snapshot.made_on, snapshot.conclusions, snapshot.sha256)
    return writers[fmt](sheet)


def make_report(conn: Connection, actor: Actor, parameters: Mapping[str, Any], step: Any) -> int:
    """Freeze and print one report as the connection's actor; return its id.

    Raises
    ------
    NotFound, Forbidden
        The actor is in no commune, or in a role that makes no reports.
    """
    commune = None if actor.commune_id is None else fetch_commune(conn, actor.commune_id)
    if commune is None:
        raise NotFound("no_commune")
    days = [dt.date.fromisoformat(parameters[name]) for name in ("from_on", "to_on")]
    period = Period(parameters["kind"], *days)
    known_at = dt.datetime.fromisoformat(parameters["known_at"])
    # The officer of data reads layers that the report's readers do not.
    act_as(conn, replace(actor, role=LEAST_READER))
    content = gather(conn, commune, period, known_at, now=dt.datetime.now(dt.UTC), step=step)
    act_as(conn, actor)
    frozen = {"kind": period.kind, "from_on": period.from_on, "to_on": period.to_on, "known_at": known_at}
    frozen["valid_on"] = dt.date.fromisoformat(content["head"]["valid_on"])
    text = parameters.get("conclusions", "")
    report_id = insert_snapshot(conn, frozen, conclusions=text, content=content, sha256=sha256_of(content))
    if report_id is None:
        raise Forbidden("role_not_allowed", role=actor.role)
    # Printed from what the database kept, as every later print would be.
    snapshot = fetch_snapshots(conn, commune.id, report_id)[0]
    kept = fetch_content(conn, commune.id, report_id) or {}
    for count, fmt in enumerate(FORMATS):
        step(55 + 15 * count, f"printing_{fmt}")
        printed = print_report(snapshot, kept, fmt)
        insert_file(conn, commune.id, report_id, fmt, (printed, hashlib.sha256(printed).hexdigest()))
    record_event(conn, "report", "report_snapshots", {"id": report_id, "sha256": snapshot.sha256})
    return report_id


def _run(work: Work) -> str:
    return f"/api/reports/{make_report(work.conn, work.actor, work.parameters, work.step)}"


job = JobKind(READERS, _run)
