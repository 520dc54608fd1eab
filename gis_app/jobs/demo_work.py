"""Work under way in one demonstration commune: a proposal that waits, an import, a plan and a report.

All by the product's own steps, with the web's rights and the demonstration accounts. The plan is solved and the report
printed by the worker, so the first start waits for neither.
"""

import hashlib
from collections.abc import Callable
from typing import Any

from sqlalchemy.engine import Connection, Engine

from gis_app.analysis.report_periods import last_full
from gis_app.analysis.siting_settings import default_settings
from gis_app.analysis.status import period_year
from gis_app.db import Actor, begin
from gis_app.jobs import job_import
from gis_app.jobs.kinds import Work, ask
from gis_app.queries import import_records, siting
from gis_app.queries.communes import fetch_commune
from gis_app.queries.demo_work import fetch_group_places
from gis_app.queries.siting_sources import fetch_street_length_m
from gis_app.queries.stage_changes import insert_stage_change
from gis_app.queries.statuses import fetch_known_moment
from gis_app.queries.tasks import fetch_today

FLOODS = 6
TIME_LIMIT_S = 20


def load_work(engine: Engine, commune_id: int, short: str) -> None:
    """Leave all of it behind in a commune whose accounts are `<role>.<short>`."""

    def act(role: str, what: Callable[[Connection, Actor], Any]) -> None:
        actor = Actor(role, commune_id, f"{role}.{short}")
        with begin(engine, actor) as conn:
            what(conn, actor)

    act("data", _propose)
    act("data", _import)
    act("planner", _plan)
    act("committee", _report)


def _propose(conn: Connection, actor: Actor) -> None:
    """A change of stage waits for the committee: to recognise, or where no criterion is of this period, to begin."""
    today = fetch_today(conn)
    told = {"kind": "move", "effective_on": today, "period_year": period_year(today),
            "document": "07/TTr-MINHHOA", "recognising_body": "Ủy ban nhân dân phường (minh họa)"}  # fmt: skip
    for stage, to_stage in (("proposed", "recognised"), ("lapsed", "building")):
        for group_id, _, _, _ in fetch_group_places(conn, actor.commune_id or 0, stage, 1):
            if insert_stage_change(conn, {**told, "group_id": group_id, "to_stage": to_stage})[0] == "proposed":
                return


def _import(conn: Connection, actor: Actor) -> None:
    """Places that flood, from a file: read, checked and stored as the import page does."""
    commune_id = actor.commune_id or 0
    places = fetch_group_places(conn, commune_id, "maintained", FLOODS)
    lines = ["ma;loai;ten;kinh_do;vi_do"]
    for n, (_, _, lon, lat) in enumerate(places, 1):
        lines.append(f"NGAP-{n};Nơi dễ ngập;Điểm ngập minh họa {n};{lon:.6f};{lat:.6f}")
    content = "\n".join(lines).encode()
    import_id = import_records.insert_import(conn, commune_id, "other_places", "diem-ngap-minh-hoa.csv", len(content),
                                             hashlib.sha256(content).hexdigest())  # fmt: skip
    import_records.insert_file(conn, commune_id, import_id, [content])
    for part in ("read", "check", "apply"):
        (record,) = import_records.fetch_imports(conn, commune_id, import_id=import_id)
        job_import.job.run(Work(conn, actor, job_import.parameters(record, part), lambda *_: False))


def _plan(conn: Connection, actor: Actor) -> None:
    commune, today = fetch_commune(conn, actor.commune_id or 0), fetch_today(conn)
    if commune is None:
        raise LookupError(actor.commune_id)
    street_m, _ = fetch_street_length_m(conn, commune.id, commune.metric_srid)
    settings = default_settings(today.year, street_m, light_poles=True, camera_poles=True)
    settings |= {"time_limit_s": TIME_LIMIT_S}
    ask(conn, "siting", {"plan_id": siting.insert_plan(conn, commune.id, "Kịch bản minh họa", settings)})


def _report(conn: Connection, actor: Actor) -> None:
    period = last_full("month", fetch_today(conn))
    ask(conn, "report", {
        "kind": period.kind, "from_on": period.from_on.isoformat(), "to_on": period.to_on.isoformat(),
        "conclusions": "Báo cáo minh họa.", "known_at": fetch_known_moment(conn, actor.commune_id or 0).isoformat(),
    })  # fmt: skip
