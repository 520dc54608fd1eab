"""Data of benchmarks/programme.py: one commune with a long history through the real functions; a national set.

Everything is invented. History: reviews of every month, sent by one account and approved by another, and stage changes
proposed and approved likewise. National set: square communes and groups, a roadmap in each, one city account.
"""

import datetime as dt
import io
import time
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

import psycopg2
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gis_app.analysis.periods import period_of
from gis_app.analysis.status import period_year
from gis_app.analysis.town.specs import KIEN_AN
from gis_app.db import OWNER_ROLE, Actor, act_as, begin, make_engine
from gis_app.jobs.accounts import set_account
from gis_app.jobs.demo import load_demo
from gis_app.queries import reviews, stage_changes, tasks

PASSWORD = "chi-de-do-chuong-trinh"  # noqa: S105 - an account of a database that only the benchmark uses
COMMUNE_ID = int(KIEN_AN.code)
SENDER, APPROVER = Actor("data", COMMUNE_ID, "bench"), Actor("committee", COMMUNE_ID, "bench2")
CITY = "bench-city"
CRITERIA = ("users", "offenders", "places")
# Month of the history -> the stage that a group is moved to, for those that come so far.
STEPS = ((2, "cleaning"), (5, "building"), (13, "proposed"), (15, "recognised"), (27, "maintained"))
BODY = "Uỷ ban nhân dân phường"
# Decision 28/2025 names groups of households; shares as most resolutions say them.
SHARES = ((2026, 20), (2027, 30), (2028, 30), (2029, 20))


@dataclass(frozen=True)
class Size:
    """How much is written."""

    months: int = 36
    tasks: int = 200
    communes: int = 3321
    groups: int = 90_000


def fill_commune(owner_url: str, app_url: str, size: Size) -> Counter[str]:
    """Load the town of 43 groups, and its history month by month; return how many outcomes of each kind."""
    owner, web = make_engine(owner_url, role=OWNER_ROLE), make_engine(app_url)
    today = dt.datetime.now(dt.UTC).date()
    months = [_month_before(today, back) for back in range(size.months, 0, -1)]
    with begin(owner, Actor("system")) as conn:
        load_demo(conn, (KIEN_AN,))
        for actor in (SENDER, APPROVER):
            set_account(conn, actor.username, PASSWORD, actor.role, COMMUNE_ID)
        _begin_earlier(conn, months[0] - dt.timedelta(days=31))
    outcomes: Counter[str] = Counter()
    with begin(web, SENDER) as conn:
        groups = [group_id for group_id, _ in tasks.fetch_groups(conn)]
    for number, day in enumerate(months):
        with begin(web, SENDER) as conn:
            for place, group_id in enumerate(groups):
                outcomes[_review(conn, group_id, day, clean=number > 8 or (place + number) % 3 > 0)] += 1
        with begin(web, SENDER) as conn:
            for place, group_id in enumerate(groups):
                stage = dict(STEPS).get(number)
                if stage and place % 7 < 7 - [s for _, s in STEPS].index(stage):
                    outcomes[_move(conn, group_id, day + dt.timedelta(days=3), stage)] += 1
    with begin(web, SENDER) as conn:
        _make_tasks(conn, groups, size.tasks, today)
    _analyse(owner)
    web.dispose()
    return outcomes


def _month_before(day: dt.date, back: int) -> dt.date:
    months = day.year * 12 + day.month - 1 - back
    return dt.date(months // 12, months % 12 + 1, 10)


def _begin_earlier(conn: Connection, since: dt.date) -> None:
    """The town's groups are as old as the history that is to come, and start with nothing."""
    act_as(conn, Actor("system", COMMUNE_ID))
    conn.execute(
        sa.text(
            "UPDATE group_statuses AS s SET valid = daterange(least(:since, lower(s.valid)), upper(s.valid)) "
            "WHERE s.commune_id = :c AND upper_inf(s.known) AND lower(s.valid) = ("
            "SELECT min(lower(o.valid)) FROM group_statuses AS o WHERE o.group_id = s.group_id AND upper_inf(o.known))"
        ),
        {"since": since, "c": COMMUNE_ID},
    )
    # The demonstration's own.
    conn.execute(sa.text("DELETE FROM group_reviews WHERE commune_id = :c"), {"c": COMMUNE_ID})
    nothing = ", ".join(f"'{c}_answer', 'not_reviewed', '{c}_on', NULL, '{c}_document', NULL" for c in CRITERIA)
    for function in (
        "record_status(g.id, '(,)'::daterange, jsonb_build_object('stage', 'not_selected', 'stage_on', NULL, "
        f"'stage_document', NULL, 'stage_body', NULL, 'last_reviewed_on', NULL, {nothing}))",
        "sync_group(g.id)",
    ):
        statement = f"SELECT {function} FROM groups AS g WHERE g.commune_id = :c"
        conn.execute(sa.text(statement), {"c": COMMUNE_ID})


def _review(conn: Connection, group_id: int, day: dt.date, *, clean: bool) -> str:
    act_as(conn, SENDER)
    review_id = reviews.insert_review(conn, COMMUNE_ID, group_id, "month", *period_of("month", day))
    (review,) = reviews.fetch_reviews(conn, COMMUNE_ID, review_id=review_id)
    values = {"reviewed_on": day, "communication_count": 2, "pledge_household_count": 90}
    for code in CRITERIA:
        values |= {f"{code}_answer": "met" if clean or code != "places" else "not_met",
                   f"{code}_document": f"{day.month}/BB-RS"}  # fmt: skip
    version = reviews.update_review(conn, review, review.version, values, {"substitution_count": 1})
    assert review_id is not None
    assert version is not None
    said = reviews.update_submitted(conn, review_id, version)
    if said != "submitted":
        return f"review: {said}"
    act_as(conn, APPROVER)
    return f"review: {reviews.update_decided(conn, review_id, version + 1, 'approved', None)}"


def _move(conn: Connection, group_id: int, day: dt.date, stage: str) -> str:
    act_as(conn, SENDER)
    wanted = {"group_id": group_id, "kind": "move", "to_stage": stage, "effective_on": day,
              "period_year": period_year(day), "document": f"{day.month}/TTr-CA",
              "recognising_body": BODY}  # fmt: skip
    outcome, change_id = stage_changes.insert_stage_change(conn, wanted)
    if change_id is None:
        return f"stage: {outcome}"
    act_as(conn, APPROVER)
    return f"stage: {stage_changes.update_decided(conn, change_id, 1, 'approved', None, None)}"


def _make_tasks(conn: Connection, groups: list[int], count: int, today: dt.date) -> None:
    measures = (("tip_box_working", 1), ("board_complete", 1), ("lights_working", 95))
    for number in range(count):
        measure, wanted = measures[number % len(measures)]
        task = tasks.NewTask(
            title=f"Việc số {number + 1}", holder_role=("data", "patrol", "planner")[number % 3], holder_unit_id=None,
            responsibility="Chủ trì, báo cáo kết quả", due_on=today + dt.timedelta(days=number % 60 - 30),
            measure=measure, options={}, wanted=Decimal(wanted), group_id=groups[number % len(groups)],
        )  # fmt: skip
        tasks.insert_task(conn, COMMUNE_ID, task)


def _analyse(engine: Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.exec_driver_sql("VACUUM ANALYZE")
    engine.dispose()


def fill_nation(owner_url: str, size: Size) -> float:
    """Write communes, groups, roadmaps and grants; return the seconds that the groups took with their trigger."""
    connection = psycopg2.connect(owner_url)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.role', 'system', true)")
        cursor.execute(_COMMUNES, {"count": size.communes})
        begun = time.perf_counter()
        _copy_groups(cursor, size)
        spent = time.perf_counter() - begun
        for statement in (_RESOLUTIONS, _CLAUSES):
            cursor.execute(statement)
        for year, share in SHARES:
            cursor.execute(_RULES, {"year": year, "share": share})
    connection.close()
    engine = make_engine(owner_url, role=OWNER_ROLE)
    with begin(engine, Actor("system")) as conn:
        set_account(conn, CITY, PASSWORD, "city", None)
        conn.execute(sa.text(_GRANTS), {"username": CITY})
    _analyse(engine)
    return spent


_COMMUNES = """
  INSERT INTO communes (id, code, external_id, name, full_name, kind, metric_srid, province_code, province_name, geom,
                        source)
  SELECT n, lpad(n::text, 5, '0'), lpad(n::text, 5, '0'), 'Ô ' || n, 'Xã Ô ' || n || ', Tỉnh ' || n %% 34, 'commune',
         9210, lpad((n %% 34)::text, 2, '0'), 'Tỉnh ' || n %% 34,
         ST_Multi(ST_MakeEnvelope(104 + n %% 60 * 0.08, 9 + n / 60 * 0.08,
                                  104.08 + n %% 60 * 0.08, 9.08 + n / 60 * 0.08, 4326)), 'bench'
  FROM generate_series(1, %(count)s) AS n
"""
_RESOLUTIONS = "INSERT INTO resolutions (commune_id, title) SELECT id, 'Nghị quyết thử' FROM communes"
_CLAUSES = (
    "INSERT INTO clauses (commune_id, resolution_id, line, text) "
    "SELECT commune_id, id, 1, 'Chỉ tiêu thử' FROM resolutions"
)
# One in twenty communes has a clause that can be read in two ways.
_RULES = """
  INSERT INTO target_rules (commune_id, clause_id, kind, part, year, until_year, share, readings)
  SELECT commune_id, id, 'group', 'new', %(year)s, %(year)s, CASE WHEN NOT doubt THEN %(share)s END,
         CASE WHEN doubt THEN '[{"code": "added", "text": "Thêm", "basis": "added", "share": "40"},
                                {"code": "total", "text": "Cộng dồn", "basis": "total", "share": "40"}]'::jsonb
              ELSE '[]' END
  FROM (SELECT commune_id, id, commune_id %% 20 = 0 AND %(year)s = 2027 AS doubt FROM clauses) AS c
"""
_GRANTS = """
  INSERT INTO commune_grants (account_id, commune_id, detail, until_on)
  SELECT a.id, c.id, c.id % 10 = 0, DATE '2999-01-01' FROM accounts AS a, communes AS c WHERE a.username = :username
"""
STAGES = ("not_selected", "not_selected", "cleaning", "building", "proposed", "recognised", "maintained", "lapsed")


def _copy_groups(cursor: "psycopg2.extensions.cursor", size: Size) -> None:
    """Square groups in a row in each commune; the statement's row trigger writes their history."""
    lines = io.StringIO()
    for number in range(size.groups):
        commune, place = number % size.communes + 1, number // size.communes
        west, south = 104 + commune % 60 * 0.08 + place * 0.002, 9 + commune // 60 * 0.08
        east, north = west + 0.002, south + 0.08
        ring = f"{west} {south},{east} {south},{east} {north},{west} {north},{west} {south}"
        shape = f"SRID=4326;MULTIPOLYGON((({ring})))"
        stage = STAGES[(commune * 31 + place * (commune % 5 + 1)) % 97 % len(STAGES)]
        lines.write(f"{commune}\tg{place}\t{shape}\tbench\tTổ dân phố số {place + 1}\t{stage}\n")
    lines.seek(0)
    cursor.copy_expert("COPY groups (commune_id, external_id, geom, source, name, stage) FROM STDIN", lines)
