"""Jobs: asked in the request's transaction, run as who asked, cancelled or killed without leaving anything behind."""

import os
import signal
import subprocess
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Connection, Engine

from gis_app.db import Actor, act_as, begin
from gis_app.errors import Conflict, NotFound
from gis_app.jobs import kinds
from gis_app.jobs.kinds import JobKind, Work
from gis_app.jobs.runner import run_jobs, run_one
from gis_app.queries import jobs
from gis_app.queries.audit import record_event
from gis_app.settings import ROOT
from layers.base import STAFF
from tests.db.conftest import actor_of
from tests.db.test_writes import Officer

ClientAs = Callable[[str | None], FlaskClient]


@pytest.fixture(autouse=True)
def _no_jobs_left(owner_engine: Engine) -> Iterator[None]:
    yield
    with begin(owner_engine, Actor("system")) as conn:
        conn.execute(sa.text("DELETE FROM jobs"))
        conn.execute(sa.text("DELETE FROM audit_entries WHERE action = 'nap'"))


@pytest.fixture
def nap(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Work], str | None]], None]:
    """`nap(function)`: what a job of the kind "nap" does from now on; all but patrol leaders may see it."""

    def install(run: Callable[[Work], str | None]) -> None:
        module = types.ModuleType("gis_app.jobs.job_nap")
        module.job = JobKind(STAFF - {"patrol"}, run)  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "gis_app.jobs.job_nap", module)

    install(lambda _work: None)
    return install


Nap = Callable[[Callable[[Work], str | None]], None]


def ask(engine: Engine, who: str = "hoa", **parameters: Any) -> int:
    with begin(engine, actor_of(who)) as conn:
        return kinds.ask(conn, "nap", parameters)


def run_all(engine: Engine) -> list[str]:
    said: list[str] = []
    with engine.connect() as keeper:
        while run_one(engine, keeper, threading.Event(), said.append):
            pass
    return said


def state_of(engine: Engine, job_id: int) -> tuple[str, str | None]:
    with engine.connect() as conn:
        return tuple(conn.execute(sa.text("SELECT state, error FROM jobs WHERE id = :id"), {"id": job_id}).one())


def naps_in_the_log(engine: Engine) -> list[str]:
    with engine.connect() as conn:
        return list(conn.execute(sa.text("SELECT username FROM audit_entries WHERE action = 'nap'")).scalars())


def test_it_runs_as_who_asked_and_says_how_it_went(
    engine: Engine, owner_engine: Engine, nap: Nap, client_as: ClientAs
) -> None:
    seen = {}

    def run(work: Work) -> str:
        role = "SELECT current_user, current_setting('app.commune_id'), current_setting('app.role')"
        seen["as"] = tuple(work.conn.execute(sa.text(role)).one())
        work.step(40, "gathering")
        seen["then"] = client_as("hoa").get(f"/api/jobs/{job_id}").json
        record_event(work.conn, "nap", "bed")
        return "/api/naps/1"

    nap(run)
    job_id = ask(engine, minutes=5)
    assert client_as("hoa").get(f"/api/jobs/{job_id}").json["state"] == "queued"
    run_all(engine)
    assert seen["as"] == ("gis_app", "90001", "data")
    assert (seen["then"]["state"], seen["then"]["progress"]) == ("running", 40)
    found = client_as("hoa").get(f"/api/jobs/{job_id}").json
    assert (found["state"], found["progress"], found["result"]) == ("done", 100, "/api/naps/1")
    assert naps_in_the_log(owner_engine) == ["hoa"]
    assert "hoa" not in client_as("chi").get("/api/jobs").text


def test_who_sees_it(engine: Engine, nap: Nap, client_as: ClientAs) -> None:
    job_id = ask(engine)
    for username, status in {"chi": 200, "lan": 200, "an": 404, "giang": 404, "dung": 404, None: 401}.items():
        assert client_as(username).get(f"/api/jobs/{job_id}").status_code == status, username
    assert client_as("giang").get("/api/jobs").json == {"jobs": []}
    assert client_as("hoa").get(f"/api/jobs/{2**63}").status_code == 404
    assert client_as("quantri").get("/api/jobs").status_code == 403


def test_asking_is_part_of_the_request(engine: Engine, owner_engine: Engine, nap: Nap) -> None:
    with engine.connect() as conn:
        act_as(conn, actor_of("hoa"))
        job_id = kinds.ask(conn, "nap", {})
        conn.rollback()
    with owner_engine.connect() as conn:
        assert conn.execute(sa.text("SELECT count(*) FROM jobs WHERE id = :id"), {"id": job_id}).scalar_one() == 0
    assert ask(engine, minutes=1) == ask(engine, minutes=1)
    for minutes in range(2, 21):
        ask(engine, minutes=minutes)
    with pytest.raises(Conflict):
        ask(engine, minutes=21)
    with pytest.raises(NotFound), begin(engine, actor_of("hoa")) as conn:
        kinds.ask(conn, "os.system", {})


def test_the_web_changes_no_row_itself(conn_as: Callable[[str], Connection], engine: Engine, nap: Nap) -> None:
    job_id = ask(engine)
    for text in (
        "UPDATE jobs SET state = 'done'",
        "DELETE FROM jobs",
        "INSERT INTO jobs (commune_id, kind, readers, asked_by, asked_role) VALUES (90001, 'x', '{data}', 'x', '')",
        "SELECT run_key FROM jobs",
        "SELECT asked_by FROM jobs",
    ):
        conn = conn_as("hoa")
        with pytest.raises(sa.exc.ProgrammingError):
            conn.execute(sa.text(text))
    conn = conn_as("hoa")
    assert jobs.claim_job(conn) is None
    forged = jobs.Claim(job_id, "nap", {}, actor_of("hoa"), "00000000-0000-0000-0000-000000000000")  # type: ignore[arg-type]
    assert not jobs.update_finished(conn, forged, "x")


def test_a_cancelled_job_leaves_nothing(engine: Engine, owner_engine: Engine, nap: Nap, client_as: ClientAs) -> None:
    chi, hoa = Officer(client_as("chi")), Officer(client_as("hoa"))

    def run(work: Work) -> None:
        record_event(work.conn, "nap", "bed")
        assert hoa.send("DELETE", f"/api/jobs/{job_id}").json["state"] == "cancelled"
        if work.parameters["looks"]:
            work.step(50, "gathering")
            raise AssertionError("a cancelled job goes on")

    nap(run)
    for looks in (True, False):
        job_id = ask(engine, looks=looks)
        # Not hers.
        assert chi.send("DELETE", f"/api/jobs/{job_id}").status_code == 403
        assert run_all(engine) == [f"job {job_id} nap: stopped"]
        assert state_of(owner_engine, job_id) == ("cancelled", None)
        assert naps_in_the_log(owner_engine) == []
    assert hoa.send("DELETE", f"/api/jobs/{job_id}").status_code == 409
    job_id = ask(engine, looks=None)
    answer = hoa.client.post(f"/cong-viec/{job_id}/huy", data={"csrf_token": hoa.token, "back": "//evil.example"})
    assert (answer.status_code, answer.location) == (303, "/")
    assert run_all(engine) == []


def test_what_fails_says_why_and_leaves_nothing(engine: Engine, owner_engine: Engine, nap: Nap) -> None:
    def break_rule(work: Work) -> None:
        record_event(work.conn, "nap", "bed")
        raise Conflict("too_many_jobs")

    def divide(work: Work) -> None:
        record_event(work.conn, "nap", "bed")
        raise ZeroDivisionError("Nguyễn Văn A")

    for number, (run, code) in enumerate(((break_rule, "too_many_jobs"), (divide, "unexpected"))):
        nap(run)
        job_id = ask(engine, number=number)
        said = run_all(engine)
        assert state_of(owner_engine, job_id) == ("failed", code)
        assert "Nguyễn" not in "".join(said)
    assert naps_in_the_log(owner_engine) == []


def test_rights_that_are_gone_are_not_used(engine: Engine, owner_engine: Engine, nap: Nap) -> None:
    job_id = ask(engine)
    with begin(owner_engine, Actor("system")) as conn:
        conn.execute(sa.text("UPDATE accounts SET role = 'planner' WHERE username = 'hoa'"))
    try:
        assert run_all(engine) == []
        assert state_of(owner_engine, job_id) == ("failed", "asker_gone")
    finally:
        with begin(owner_engine, Actor("system")) as conn:
            conn.execute(sa.text("UPDATE accounts SET role = 'data' WHERE username = 'hoa'"))


WORKER = """
import sys, threading, time, types
from gis_app.db import make_engine
from gis_app.jobs.kinds import JobKind
from gis_app.jobs.runner import run_jobs
from gis_app.queries.audit import record_event
def run(work):
    record_event(work.conn, "nap", "bed")
    work.step(30, "gathering")
    time.sleep(600)
module = types.ModuleType("gis_app.jobs.job_nap")
module.job = JobKind(frozenset({"data"}), run)
sys.modules["gis_app.jobs.job_nap"] = module
run_jobs(make_engine(sys.argv[1]), threading.Event(), print)
"""


def wait_for(check: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not check():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_killed_workers_job_runs_again(engine: Engine, owner_engine: Engine, urls: tuple[str, str], nap: Nap) -> None:
    """By kill -9 in the middle: nothing of the first run is there, and another worker runs it at once, once."""
    job_id = ask(engine)
    worker = subprocess.Popen([sys.executable, "-c", WORKER, urls[0]], cwd=ROOT)
    try:
        progress = sa.text("SELECT progress FROM jobs WHERE id = :id")

        def is_under_way() -> bool:
            with owner_engine.connect() as conn:
                return conn.execute(progress, {"id": job_id}).scalar_one() == 30

        wait_for(is_under_way)
        # While it lives, nobody else takes it.
        assert run_all(engine) == []
        os.kill(worker.pid, signal.SIGKILL)
    finally:
        worker.kill()
        worker.wait()
    nap(lambda work: record_event(work.conn, "nap", "bed"))
    began = time.monotonic()
    wait_for(lambda: bool(run_all(engine)))
    assert time.monotonic() - began < 5
    assert state_of(owner_engine, job_id) == ("done", None)
    assert naps_in_the_log(owner_engine) == ["hoa"]


def test_a_job_that_kills_workers_is_given_up(engine: Engine, owner_engine: Engine, nap: Nap) -> None:
    job_id = ask(engine)
    for _ in range(5):
        with engine.connect() as keeper:
            act_as(keeper, Actor("system"))
            assert jobs.claim_job(keeper) is not None
            keeper.commit()
            keeper.invalidate()
        time.sleep(0.2)
    assert run_all(engine) == []
    assert state_of(owner_engine, job_id) == ("failed", "worker_died")


def test_two_workers_never_run_one_job_twice(engine: Engine, owner_engine: Engine, nap: Nap) -> None:
    nap(lambda work: record_event(work.conn, "nap", "bed"))
    for number in range(12):
        ask(engine, number=number)
    stop, said = threading.Event(), []
    workers = [threading.Thread(target=run_jobs, args=(engine, stop, said.append)) for _ in range(3)]
    for worker in workers:
        worker.start()
    wait_for(lambda: len(said) >= 12)
    stop.set()
    for worker in workers:
        worker.join()
    assert len(naps_in_the_log(owner_engine)) == 12


def test_old_jobs_go_and_readiness_tells_of_stuck_ones(
    engine: Engine, owner_engine: Engine, nap: Nap, client_as: ClientAs
) -> None:
    job_id = ask(engine)
    run_all(engine)
    waiting = ask(engine, number=2)
    assert client_as(None).get("/readyz").json["jobs"] == "flowing"
    with begin(owner_engine, Actor("system")) as conn:
        conn.execute(sa.text("UPDATE jobs SET ended_at = now() - interval '31 days' WHERE id = :id"), {"id": job_id})
        conn.execute(sa.text("UPDATE jobs SET asked_at = now() - interval '1 day' WHERE id = :id"), {"id": waiting})
    with begin(engine, Actor("system")) as conn:
        assert jobs.delete_old_jobs(conn) == 1
    assert client_as(None).get("/readyz").json["jobs"] == "stuck"
