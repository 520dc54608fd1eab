"""Every layer's table stands under the same guards; migrations go down and up; a new layer is one file."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy.engine import Engine

from gis_app.db import driver_url
from gis_app.jobs.migrate import alembic_config, migrate
from gis_app.settings import ROOT
from layers import LAYERS, metadata
from layers.base import Layer
from migrations.helpers import policy_statements, rules_of

EACH = pytest.mark.parametrize("layer", LAYERS.values(), ids=list(LAYERS))


@EACH
def test_row_level_security_is_forced_and_the_web_owns_nothing(layer: Layer, engine: Engine) -> None:
    query = sa.text(
        "SELECT relrowsecurity, relforcerowsecurity, pg_get_userbyid(relowner) "
        "FROM pg_class WHERE oid = to_regclass(:t)"
    )
    with engine.begin() as conn:
        assert tuple(conn.execute(query, {"t": layer.name}).one()) == (True, True, "gis_owner")


@EACH
def test_policies_are_what_the_layer_file_says(layer: Layer, owner_engine: Engine) -> None:
    """The readers of the file and of the database must not drift apart: compare with policies made afresh."""
    query = sa.text(
        "SELECT polname, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid) "
        "FROM pg_policy WHERE polrelid = to_regclass(:t) ORDER BY polname"
    )
    with owner_engine.connect() as conn:
        found = conn.execute(query, {"t": layer.name}).all()
        for policy in found:
            conn.execute(sa.text(f"DROP POLICY {policy[0]} ON {layer.name}"))
        rules = {name: value for name, value in rules_of(layer).items() if name not in ("coarse", "shared")}
        for statement in policy_statements(layer.name, **rules):
            conn.execute(sa.text(statement))
        afresh = conn.execute(query, {"t": layer.name}).all()
        conn.rollback()
    assert found == afresh


@EACH
def test_shapes_are_indexed_and_audited(layer: Layer, owner_engine: Engine) -> None:
    with owner_engine.begin() as conn:
        indexes = conn.execute(sa.text("SELECT indexdef FROM pg_indexes WHERE tablename = :t"), {"t": layer.name})
        definitions = " ".join(row[0] for row in indexes)
        assert "USING gist (geom)" in definitions
        assert "USING gist (geom_3857)" in definitions
        triggers = conn.execute(
            sa.text("SELECT count(*) FROM pg_trigger WHERE tgrelid = to_regclass(:t) AND tgname LIKE '%audit_rows%'"),
            {"t": layer.name},
        )
        assert triggers.scalar_one() == 3


@pytest.fixture
def scratch_url(urls: tuple[str, str], tmp_path: Path) -> str:
    """The owner's URL of an empty database, dropped at the end of the run with the cluster's test databases."""
    name = f"{urls[1].split('/gis_test_')[1].split('?')[0]}_scratch"
    engine = sa.create_engine(driver_url(urls[1]), isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        conn.exec_driver_sql(f"DROP DATABASE IF EXISTS gis_test_{name} WITH (FORCE)")
        conn.exec_driver_sql(f"CREATE DATABASE gis_test_{name} TEMPLATE template0 ENCODING 'UTF8'")
    yield urls[1].replace(f"/gis_test_{name.removesuffix('_scratch')}?", f"/gis_test_{name}?")
    with engine.connect() as conn:
        conn.exec_driver_sql(f"DROP DATABASE gis_test_{name} WITH (FORCE)")
    engine.dispose()


def test_migrations_go_down_and_up(scratch_url: str) -> None:
    migrate(scratch_url)
    engine = sa.create_engine(driver_url(scratch_url))
    with engine.begin() as conn:
        command.downgrade(alembic_config(conn), "base")
        left = set(sa.inspect(conn).get_table_names()) & set(metadata.tables)
        assert left == set()
    migrate(scratch_url)
    with engine.begin() as conn:
        assert set(metadata.tables) <= set(sa.inspect(conn).get_table_names())
    engine.dispose()


HYDRANTS = '''"""Fire hydrants: a layer that somebody adds."""

from layers.base import DEVICE_STATES, Field, Layer, Style

layer = Layer(
    name="hydrants",
    title=("Trụ nước chữa cháy", "Fire hydrants"),
    geometry="POINT",
    section="devices",
    label="name",
    searchable=True,
    fields=(
        Field("name", "text", ("Tên", "Name"), required=True, in_tile=True),
        Field("state", "text", ("Tình trạng", "State"), DEVICE_STATES, required=True, default="working", in_tile=True),
    ),
    style=Style(kind="point", color="#c92a2a", icon="hydrant"),
)
'''

TRY_IT = """
import mapbox_vector_tile, sys
from pathlib import Path
from gis_app import create_app
from gis_app.db import OWNER_ROLE, Actor, begin, make_engine
from gis_app.jobs.migrate import make_migration, migrate
from gis_app.settings import Settings
from layers import LAYERS
from tests.builders import MAU, BEN, PASSWORD, make_cast, make_commune, tile_of
url, app_url = sys.argv[1], sys.argv[3]
migrate(url)
make_migration(url, "hydrants", "9999")
migrate(url)
owner = make_engine(url, role=OWNER_ROLE)
with begin(owner, Actor("system")) as conn:
    make_commune(conn, MAU)
    make_commune(conn, BEN)
    make_cast(conn)
app = create_app(Settings(app_url, url, "k" * 32, Path(sys.argv[2])))
client = app.test_client()
client.post("/api/session", json={"username": "dung", "password": PASSWORD})
entry = [e for e in client.get("/api/layers").json["layers"] if e["name"] == "hydrants"]
assert entry[0]["title"] == "Trụ nước chữa cháy" and entry[0]["count"] == 1, entry
assert "BEN2" in client.get("/api/layers/hydrants/features").text
assert "MAU1" not in client.get("/api/layers/hydrants/features").text
assert "BEN2" in client.get("/api/layers/hydrants/features?f=csv").text
assert "hydrants" in {r["layer"] for r in client.get("/api/search?q=ben2 name").json["results"]}
z, x, y = tile_of(BEN.at(1500, 1500), 14)
tile = mapbox_vector_tile.decode(client.get(f"/tiles/hydrants/{z}/{x}/{y}").data)
assert [f["properties"]["name"] for f in tile["hydrants"]["features"]] == ["BEN2 name"], tile
assert client.get("/readyz").status_code == 200
with begin(owner, Actor("system")) as conn:
    assert conn.exec_driver_sql("SELECT relforcerowsecurity FROM pg_class WHERE relname = 'hydrants'").scalar_one()
print("layer added")
"""


def test_adding_a_layer_is_adding_one_file(scratch_url: str, urls: tuple[str, str], tmp_path: Path) -> None:
    """In a copy of the program: one new file, then a migration that writes itself; every door knows the layer."""
    app_url = urls[0].split("@")[0] + "@" + scratch_url.split("@")[1]
    copy = tmp_path / "copy"
    for name in ("gis_app", "layers", "migrations", "tests"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "browser", "data"))
    # The guard of personal data reads its rules there.
    shutil.copytree(ROOT / "static/js/core", copy / "static/js/core")
    (copy / "layers" / "hydrants.py").write_text(HYDRANTS)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", TRY_IT, scratch_url, str(tmp_path), app_url],
        cwd=copy,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stdout.strip().endswith("layer added"), done.stderr[-3000:]


def test_no_rule_of_the_database_goes_by_the_servers_day(owner_engine: Engine) -> None:
    """CURRENT_DATE is UTC's on most servers: what expires would be seen until seven in the morning in Vietnam."""
    rules = """
        SELECT policyname::text AS name FROM pg_policies
        WHERE schemaname = 'public' AND concat(qual, with_check) ~* '\\mcurrent_date\\M'
        UNION ALL SELECT viewname::text FROM pg_views WHERE schemaname = 'public' AND definition ~* '\\mcurrent_date\\M'
        UNION ALL SELECT proname::text FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND prosrc ~* '\\mcurrent_date\\M'
        UNION ALL SELECT conname::text FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND pg_get_constraintdef(oid) ~* '\\mcurrent_date\\M'
        UNION ALL SELECT adrelid::regclass::text FROM pg_attrdef
        WHERE pg_get_expr(adbin, adrelid) ~* '\\mcurrent_date\\M'
    """
    with owner_engine.connect() as conn:
        assert conn.exec_driver_sql(rules).scalars().all() == []
