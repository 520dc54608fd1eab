"""tipg and pygeoapi in an environment of their own, installed from PyPI at run time; the product never needs them."""

import json
import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa

from benchmarks.client import HOST
from benchmarks.features import Contender
from benchmarks.harness import BenchDatabase, libpq_environment, var_dir
from benchmarks.server import WORKERS, free_port, running
from gis_app.db import driver_url

PACKAGES = ("tipg", "pygeoapi", "uvicorn", "psycopg2-binary", "geoalchemy2")
INSTALL_S = 240
# They read a copy of the groups with the same columns, as a login without row-level security: that favours them.
TABLE = "bench_groups"


def environment() -> Path | None:
    """The folder of the environment's programs, or None (and a line that says why)."""
    folder = var_dir() / "bench-env"
    programs = folder / "bin"
    if not any(folder.glob("lib/*/site-packages/geoalchemy2")):
        try:
            if not (programs / "pip").exists():
                venv.create(folder, with_pip=True)
            command = [str(programs / "pip"), "install", "--quiet", *PACKAGES]
            subprocess.run(command, check=True, capture_output=True, timeout=INSTALL_S)
        except (subprocess.SubprocessError, OSError) as error:
            print(f"tipg and pygeoapi are left out: {type(error).__name__} while installing them", file=sys.stderr)
            return None
    return programs


def copy_table(database: BenchDatabase, columns: str) -> None:
    """Make their copy of the groups, in the same order on disk, with a spatial index."""
    engine = sa.create_engine(driver_url(database.owner_url))
    with engine.begin() as conn:
        conn.exec_driver_sql(f"DROP TABLE IF EXISTS {TABLE}")
        conn.exec_driver_sql(f"CREATE TABLE {TABLE} AS SELECT {columns}, geom FROM groups ORDER BY id")
        conn.exec_driver_sql(f"ALTER TABLE {TABLE} ADD PRIMARY KEY (id)")
        conn.exec_driver_sql(f"CREATE INDEX ON {TABLE} USING gist (geom)")
        conn.exec_driver_sql(f"ANALYZE {TABLE}")
    engine.dispose()


@contextmanager
def tipg(database: BenchDatabase, programs: Path) -> Iterator[Contender]:
    """Run tipg on two workers."""
    port = free_port()
    login = libpq_environment(database.owner_url)
    # Its settings want a host: the socket's folder, quoted, is one.
    host = quote(login["PGHOST"], safe="")
    url = f"postgresql://{login['PGUSER']}:{login['PGPASSWORD']}@{host}:5432/{login['PGDATABASE']}"
    command = [
        str(programs / "uvicorn"),
        "tipg.main:app",
        "--host",
        HOST,
        "--port",
        str(port),
        "--workers",
        str(WORKERS),
        "--log-level",
        "warning",
    ]
    settings = {"DATABASE_URL": url, "TIPG_DB_ONLY_SPATIAL_TABLES": "true", "TIPG_MAX_FEATURES_PER_QUERY": "10000"}
    with running(command, settings, port, "bench-tipg"):
        items = f"/collections/public.{TABLE}/items?f=geojson"
        yield Contender("tipg", port, lambda size, page: f"{items}&limit={size}&offset={page * 20}")


# fmt: off
@contextmanager
def pygeoapi(database: BenchDatabase, programs: Path) -> Iterator[Contender]:
    """Run pygeoapi under uvicorn on two workers."""
    port = free_port()
    login = libpq_environment(database.owner_url)
    provider = {
        "type": "feature", "name": "PostgreSQL", "id_field": "id", "table": TABLE, "geom_field": "geom",
        "data": {"host": login["PGHOST"], "port": 5432, "dbname": login["PGDATABASE"], "user": login["PGUSER"],
                 "password": login["PGPASSWORD"], "search_path": ["public"]},
    }
    text = {"en": "bench"}
    resource = {
        "type": "collection", "title": text, "description": text, "keywords": {"en": ["bench"]}, "links": [],
        "extents": {"spatial": {"bbox": [102, 7, 118, 24], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}},
        "providers": [provider],
    }
    person = {"name": "bench", "url": "http://127.0.0.1"}
    config = {
        "server": {
            "bind": {"host": HOST, "port": port}, "url": f"http://{HOST}:{port}", "mimetype": "application/json",
            "encoding": "utf-8", "languages": ["en-US"], "limits": {"default_items": 10, "max_items": 10_000},
            "map": {"url": "", "attribution": ""},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {"title": text, "description": text, "keywords": {"en": ["bench"]},
                               "keywords_type": "theme", "terms_of_service": "", "url": "http://127.0.0.1"},
            "license": {"name": "none", "url": ""}, "provider": person,
            "contact": {**person, "address": "", "city": "", "stateorprovince": "", "postalcode": "", "country": "",
                        "phone": "", "fax": "", "email": "", "hours": "", "instructions": "", "role": ""},
        },
        "resources": {"groups": resource},
    }
    # JSON is YAML too.
    path = var_dir() / "bench-pygeoapi.yml"
    path.touch(mode=0o600)
    path.write_text(json.dumps(config))
    openapi = var_dir() / "bench-pygeoapi-openapi.yml"
    settings = {"PYGEOAPI_CONFIG": str(path), "PYGEOAPI_OPENAPI": str(openapi)}
    try:
        made = [str(programs / "pygeoapi"), "openapi", "generate", str(path), "--output-file", str(openapi)]
        with (var_dir() / "bench-pygeoapi-openapi.log").open("wb") as log:
            subprocess.run(made, check=True, stdout=log, stderr=log, timeout=60, env=os.environ | settings)
        command = [str(programs / "uvicorn"), "pygeoapi.starlette_app:APP", "--host", HOST, "--port", str(port),
                   "--workers", str(WORKERS), "--log-level", "warning"]
        with running(command, settings, port, "bench-pygeoapi"):
            items = "/collections/groups/items?f=json"
            yield Contender("pygeoapi", port, lambda size, page: f"{items}&limit={size}&offset={page * 20}")
    finally:
        path.unlink()
# fmt: on
