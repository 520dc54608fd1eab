"""How fast the programme's pages answer: `.venv/bin/python -m benchmarks.programme [--quick] [--write]`.

(a) a commune of 43 groups with three years of history, goal 1 s for each page of it; (b) 3,321 communes with 90,000
groups read by one city account, goal 2 s. Times are the application's own: request in, answer out, no network.
The last line is the verdict.
"""

import argparse
import datetime as dt
import logging
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from benchmarks import programme_data as data
from benchmarks.client import quantile_ms
from benchmarks.harness import (
    BenchDatabase,
    database_of,
    drop_database,
    machine_noise,
    open_database,
    save_results,
    table_text,
    var_dir,
)
from gis_app import create_app
from gis_app.db import driver_url
from gis_app.settings import Settings

COMMUNE_GOAL_MS, NATION_GOAL_MS = 1000.0, 2000.0
HEADS = ("address", "who", "first ms", "p50 ms", "worst ms", "statements", "kB", "kB sent")


@dataclass(frozen=True)
class Run:
    """Which databases, how much, how often each address is asked."""

    commune: str
    nation: str
    size: data.Size
    times: int


FULL = Run("gis_bench_history", "gis_bench_nation", data.Size(), 9)
QUICK = Run("gis_bench_history_quick", "gis_bench_nation_quick", data.Size(6, 60, 300, 9000), 4)


@dataclass(frozen=True)
class Timing:
    """One address: milliseconds in order, statements of one request, bytes of the answer and compressed."""

    address: str
    who: str
    times_ms: Sequence[float]
    statements: int
    size: int
    sent: int

    @property
    def middle_ms(self) -> float:
        """The answer in the middle; the first has caches to fill."""
        return quantile_ms([one / 1000 for one in self.times_ms[1:]], 0.5)

    def row(self) -> list[object]:
        """The table's row."""
        return [self.address, self.who, self.times_ms[0], self.middle_ms, max(self.times_ms[1:]), self.statements,
                self.size / 1000, self.sent / 1000]  # fmt: skip


def make_app(database: BenchDatabase) -> Flask:
    """The application on a benchmark's database, in this process."""
    app = create_app(Settings(
        database_url=database.app_url, owner_database_url=database.owner_url, secret_key=os.urandom(16).hex(),
        var_dir=var_dir() / "bench",
    ))  # fmt: skip
    # A line for each request would hide the table.
    logging.getLogger("gis_app").setLevel(logging.WARNING)
    return app


def signed_in(app: Flask, username: str) -> FlaskClient:
    """A client of one account."""
    client = app.test_client()
    answer = client.post("/api/session", json={"username": username, "password": data.PASSWORD})
    if answer.status_code != 200:
        raise RuntimeError(f"sign-in of {username} answered {answer.status_code}")
    return client


def measure(app: Flask, client: FlaskClient, who: str, address: str, times: int) -> Timing:
    """Ask an address again and again."""
    found, statements = [], 0

    def count(*_more: object) -> None:
        nonlocal statements
        statements += 1

    engine = app.extensions["engine"]
    sa.event.listen(engine, "before_cursor_execute", count)
    for _ in range(times):
        statements, begun = 0, time.perf_counter()
        answer = client.get(address, headers={"Accept-Encoding": "gzip", "Accept": "text/html"})
        found.append(1000 * (time.perf_counter() - begun))
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answered {answer.status_code}")
    sa.event.remove(engine, "before_cursor_execute", count)
    plain = client.get(address, headers={"Accept-Encoding": "identity", "Accept": "text/html"})
    return Timing(address, who, found, statements, len(plain.data), len(answer.data))


def measure_commune(run: Run, database: BenchDatabase) -> list[Timing]:
    """The pages of one commune."""
    app, past = make_app(database), dt.datetime.now(dt.UTC).date() - dt.timedelta(days=730)
    members = {actor.role: signed_in(app, actor.username) for actor in (data.SENDER, data.APPROVER)}
    asked = [
        ("committee", "/tong-quan"), ("committee", "/api/statuses"), ("committee", f"/api/statuses?at={past}"),
        ("committee", f"/api/statuses?at={past}&shapes=1"), ("committee", f"/api/status-changes?from={past}"),
        ("data", "/du-lieu"), ("committee", "/de-nghi"), ("committee", "/viec"), ("data", "/viec"),
        ("data", "/api/data-quality"), ("committee", "/api/indicators"), ("committee", "/api/next-groups"),
        ("data", "/"),
    ]  # fmt: skip
    return [measure(app, members[who], who, address, run.times) for who, address in asked]


def measure_nation(run: Run, database: BenchDatabase) -> list[Timing]:
    """What a city account reads of all communes."""
    app = make_app(database)
    client = signed_in(app, data.CITY)
    asked = ("/api/city/communes", "/api/city/roadmap", "/thanh-pho", "/thanh-pho?xep=thieu&chieu=giam&loc=chua-dat")
    return [measure(app, client, "city", address, run.times) for address in asked]


def numbers(database: BenchDatabase, tables: Sequence[str]) -> str:
    """How many rows the tables hold."""
    engine = sa.create_engine(driver_url(database.owner_url))
    with engine.connect() as conn:
        conn.exec_driver_sql("SELECT set_config('app.role', 'system', true)")
        counts = [(name, conn.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one()) for name in tables]
    engine.dispose()
    return ", ".join(f"{count:,} {name}" for name, count in counts)


def judge(commune: Sequence[Timing], nation: Sequence[Timing]) -> tuple[bool, str]:
    """Whether both goals are reached, in words: the address whose answer in the middle is the slowest counts."""
    said, good = [], True
    for found, goal, what in ((commune, COMMUNE_GOAL_MS, "commune"), (nation, NATION_GOAL_MS, "nation")):
        slowest = max(found, key=lambda one: one.middle_ms)
        reached = slowest.middle_ms <= goal
        good = good and reached
        word = "REACHED" if reached else "MISSED"
        said.append(f"{word} {what}: slowest {slowest.address} {slowest.middle_ms:,.0f} ms (goal {goal:,.0f})")
    return good, "Verdict: " + "; ".join(said)


def main() -> int:
    """Fill, measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the country, half a year of history")
    parser.add_argument("--fresh", action="store_true", help="fill the databases again")
    parser.add_argument("--drop", action="store_true", help="remove the databases and end")
    parser.add_argument("--write", action="store_true", help="save the tables in benchmarks/RESULTS.md")
    asked = parser.parse_args()
    run = QUICK if asked.quick else FULL
    if asked.drop:
        for name in (run.commune, run.nation):
            drop_database(name)
        return 0
    noise, mark, filled = machine_noise(), repr(run.size), []

    def fill_commune(owner_url: str) -> None:
        begun = time.monotonic()
        outcomes = data.fill_commune(owner_url, database_of(run.commune).app_url, run.size)
        filled.append(f"commune filled in {time.monotonic() - begun:.0f} s ({dict(outcomes)})")

    def fill_nation(owner_url: str) -> None:
        spent = data.fill_nation(owner_url, run.size)
        filled.append(f"{run.size.groups:,} groups copied in {spent:.0f} s, their trigger writing the history "
                      f"({1000 * spent / run.size.groups:.2f} ms each)")  # fmt: skip

    commune = open_database(run.commune, mark, fill_commune, fresh=asked.fresh)
    nation = open_database(run.nation, mark, fill_nation, fresh=asked.fresh)
    tables = ("groups", "group_statuses", "group_reviews", "stage_changes", "tasks")
    own, city = measure_commune(run, commune), measure_nation(run, nation)
    good, verdict = judge(own, city)
    parts = [
        f"{noise}; after: {machine_noise()}", *filled,
        f"One commune: {numbers(commune, tables)}", table_text(HEADS, [one.row() for one in own]),
        f"The country: {numbers(nation, ('communes', 'groups', 'group_statuses', 'target_rules'))}",
        table_text(HEADS, [one.row() for one in city]), verdict,
    ]  # fmt: skip
    text = "\n\n".join(parts)
    if asked.write:
        save_results("programme" + (" (quick)" if asked.quick else ""), text)
    print(text)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
