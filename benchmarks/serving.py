"""How fast tiles and features are served: `.venv/bin/python -m benchmarks.serving [--quick] [--write]`.

It fills a database of its own in the private cluster, starts the real server on a port of its own and prints
rates as ratios to the same SQL in pgbench in the same run; the last line is the verdict.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from benchmarks import dataset, features, rivals, tiles
from benchmarks.client import Load
from benchmarks.harness import BenchDatabase, drop_database, machine_noise, open_database, save_results, table_text
from benchmarks.pgbench import compare, session_options, tile_text
from benchmarks.server import Application, application, sign_in
from benchmarks.tiles import Case, CaseResult
from gis_app.db import Actor, driver_url
from gis_app.queries.features import property_columns
from layers import LAYERS

RATIO_GOAL, READY_GOAL, RIVAL_GOAL, SECURITY_GOAL = 0.85, 1000.0, 5.0, 1.5
# Tiles whose SQL takes less are told apart: there the ratio measures Python, not the way the tile is made.
SMALL_TILE_MS = 5.0


@dataclass(frozen=True)
class Size:
    """How much is generated and measured."""

    database: str
    spec: dataset.Spec
    per_zoom: int
    seconds: float
    parts: int
    every: int = 1


FULL = Size("gis_bench", dataset.Spec(), per_zoom=80, seconds=2.0, parts=4)
QUICK = Size("gis_bench_quick", dataset.Spec(wards=300), per_zoom=12, seconds=0.4, parts=2, every=2)


def actors(owner_url: str) -> dict[str, Actor]:
    """The benchmark's accounts by name."""
    engine = sa.create_engine(driver_url(owner_url))
    with engine.connect() as conn:
        rows = conn.exec_driver_sql("SELECT username, role, commune_id FROM accounts").all()
    engine.dispose()
    return {name: Actor(role, commune_id, name) for name, role, commune_id in rows}


def tile_cases(found: dict[str, Actor], per_zoom: int) -> list[Case]:
    """Town data by an officer of the town, nationwide outlines by the nationwide reader, and the large commune."""
    plan = [
        ("town", "groups", 9, 16),
        ("town", "cameras", 12, 16),
        ("town", "roads", 10, 16),
        ("town", "base", 10, 16),
        ("nation", "communes", 5, 8),
        ("nation", "communes", 9, 14),
        ("nation", "groups", 9, 11),
        ("nation", "groups", 12, 16),
        ("big", "cameras", 12, 14),
    ]
    return [Case(who, tileset, found[who], low, high, per_zoom) for who, tileset, low, high in plan]


def measure_tiles(size: Size, database: BenchDatabase, app: Application, only: str) -> list[CaseResult]:
    """All tile cases, or those whose set or layer is named."""
    results = []
    cases = tile_cases(actors(database.owner_url), size.per_zoom)
    for case in cases[:: size.every]:
        if only in ("", case.data, case.tileset):
            headers = sign_in(app.port, case.data, dataset.PASSWORD)
            results.append(tiles.measure(case, database, app, headers, size.seconds, size.parts))
    return results


def measure_features(size: Size, database: BenchDatabase, app: Application) -> dict[str, dict[int, Load]]:
    """Answers per second by server and page size."""
    headers = [f"{name}: {value}" for name, value in sign_in(app.port, "nation", dataset.PASSWORD).items()]
    path = "/api/layers/groups/features"
    own = features.Contender("this", app.port, lambda limit, page: f"{path}?limit={limit}&after={page * 20}", headers)
    found = {own.name: features.measure(own, size.seconds)}
    programs = rivals.environment()
    if programs is None:
        return found
    columns = ", ".join(["id", *(c.name for c in property_columns(LAYERS["groups"], Actor("admin").reads_as))])
    rivals.copy_table(database, columns)
    for start in (rivals.tipg, rivals.pygeoapi):
        try:
            with start(database, programs) as contender:
                found[contender.name] = features.measure(contender, size.seconds)
        except (OSError, RuntimeError, subprocess.SubprocessError) as error:
            # The type alone: its text may hold the database's password.
            print(f"{start.__name__} is left out ({type(error).__name__}): see var/bench-*.log", file=sys.stderr)
    found["this, again"] = features.measure(own, size.seconds)
    found["this, compressed"] = features.measure(replace(own, encoding="gzip"), size.seconds)
    return found


def measure_security(database: BenchDatabase, rounds: int) -> list[Load]:
    """z14-z16 tiles of the commune with 100,000 cameras, under row-level security and as the owner without it."""
    actor = actors(database.owner_url)["big"]
    keys = tiles.tiles_with_rows(database.owner_url, Case("big", "cameras", actor, 14, 16, 20))
    statements = [tile_text(key, actor) for key in keys]
    urls, options = [database.app_url, database.owner_url], [session_options(actor)] * 2
    return compare(urls, statements, options, rounds)


def judge(results: Sequence[CaseResult], pages: dict[str, dict[int, Load]], security: Sequence[Load]) -> str:
    """The verdict: each goal with what was reached."""
    lines = []
    dear = [r for r in results if r.sql_ms >= SMALL_TILE_MS]
    for name, group in (("all sets", list(results)), (f"sets whose SQL takes over {SMALL_TILE_MS:g} ms a tile", dear)):
        if group:
            worst, best = min(r.ratio for r in group), max(r.ratio for r in group)
            lines.append((worst >= RATIO_GOAL, f"made {worst:.2f}-{best:.2f} of pgbench, {name} (goal {RATIO_GOAL})"))
    if results:
        slowest = min(r.ready.rate for r in results)
        lines.append((slowest >= READY_GOAL, f"ready-made {slowest:,.0f}/s at least (goal {READY_GOAL:,.0f})"))
    if "tipg" in pages:
        own = {size: (pages["this"][size].rate + pages["this, again"][size].rate) / 2 for size in features.SIZES}
        times = {size: own[size] / pages["tipg"][size].rate for size in features.SIZES}
        told = ", ".join(f"{value:.1f} ({size})" for size, value in times.items())
        lines.append((min(times.values()) >= RIVAL_GOAL, f"features a page, times tipg: {told} (goal {RIVAL_GOAL:g})"))
    if security:
        cost = security[0].seconds / security[1].seconds
        lines.append((cost <= SECURITY_GOAL, f"row-level security costs {cost:.2f} times (goal {SECURITY_GOAL})"))
    return "Verdict: " + "; ".join(f"{'REACHED' if good else 'MISSED'} {text}" for good, text in lines)


def report(results: Sequence[CaseResult], pages: dict[str, dict[int, Load]], security: Sequence[Load]) -> str:
    """The tables."""
    parts = []
    if results:
        made, ready = [r.made_row() for r in results], [r.ready_row() for r in results]
        parts += [
            "Tiles made, each once, 4 connections, beside the same SQL in pgbench, 4 clients",
            table_text(tiles.MADE_HEADS, made),
            "Ready-made: address names the version; without it (the database is asked); unchanged (304)",
            table_text(tiles.READY_HEADS, ready),
        ]
    if pages:
        rows = [features.row(name, loads) for name, loads in pages.items()]
        parts += ["Features of the national groups as GeoJSON, 4 connections", table_text(features.HEADS, rows)]
    if security:
        names = ("the web's role, row-level security", "owner, none")
        rows = [
            [name, load.rate, load.latency_ms(0.5), load.latency_ms(0.99)]
            for name, load in zip(names, security, strict=True)
        ]
        parts += [
            "Tiles z14-z16 of a commune with 100,000 cameras, pgbench",
            table_text(("login", "tiles/s", "p50 ms", "p99 ms"), rows),
        ]
    return "\n\n".join(parts)


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a part of the country, shorter runs")
    parser.add_argument("--fresh", action="store_true", help="fill the database again")
    parser.add_argument("--drop", action="store_true", help="remove the database and end")
    parser.add_argument("--write", action="store_true", help="save the tables in benchmarks/RESULTS.md")
    parser.add_argument("--only", default="", help="one set or layer of the tiles, `features` or `security`")
    asked = parser.parse_args()
    size = QUICK if asked.quick else FULL
    if asked.drop:
        drop_database(size.database)
        return 0
    begun, noise, mark = time.monotonic(), machine_noise(), repr(size.spec)
    database = open_database(size.database, mark, lambda url: dataset.fill(url, size.spec), fresh=asked.fresh)
    filled_s = time.monotonic() - begun
    with application(database) as app:
        results = measure_tiles(size, database, app, asked.only)
        print(report(results, {}, []), flush=True)
        pages = measure_features(size, database, app) if asked.only in ("", "features") else {}
    security = measure_security(database, 2 if asked.quick else 5) if asked.only in ("", "security") else []
    spent = f"filled in {filled_s:.0f} s, measured in {time.monotonic() - begun - filled_s:.0f} s"
    text = f"{noise}; after: {machine_noise()}; {spent}\n\n{report(results, pages, security)}\n\n"
    text += judge(results, pages, security)
    if asked.write:
        save_results("serving" + (" (quick)" if asked.quick else ""), text)
    print(text.replace(report(results, {}, []), "").replace("\n\n\n", "\n"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
