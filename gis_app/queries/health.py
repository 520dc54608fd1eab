"""Whether the database is the one that this program expects, with its guards standing."""

from datetime import timedelta
from functools import lru_cache
from pathlib import Path

import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from gis_app.db import APP_ROLE
from gis_app.queries.jobs import fetch_longest_wait
from gis_app.queries.retention import fetch_age
from gis_app.tables import accounts
from layers import LAYERS

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
# The worker says so every 20 seconds, but filling the tiles of a whole province takes a while.
WORKER_SILENT = timedelta(minutes=30)
# Jobs are looked for twice a second and run one after the other; none takes this long by itself.
JOBS_STUCK = timedelta(minutes=15)

# Everything that the program knows as a table is ours; PostGIS's own are not in the list.
_UNGUARDED = sa.text(
    """
    SELECT c.relname FROM pg_class AS c
    WHERE c.relname = ANY(:names) AND c.relnamespace = 'public'::regnamespace
      AND NOT (c.relrowsecurity AND c.relforcerowsecurity
               AND (NOT c.relname = ANY(:layers)
                    OR EXISTS (SELECT 1 FROM pg_policy AS p WHERE p.polrelid = c.oid AND p.polcmd = 'r')))
    """
)
_OWNED_BY_THE_WEB = sa.text(
    """
    SELECT c.relname FROM pg_class AS c
    WHERE c.relname = ANY(:names) AND c.relnamespace = 'public'::regnamespace
      AND (pg_has_role(:role, c.relowner, 'MEMBER')
           OR c.relowner = (SELECT oid FROM pg_roles WHERE rolname = session_user))
    """
)
# Too much for the web: emptying a table passes row-level security by, the audit is written by
# triggers alone, what was closed stays as it is, and a step or check is written by functions.
_TOO_MUCH = sa.text(
    """
    SELECT c.relname FROM pg_class AS c
    WHERE c.relname = ANY(:names) AND c.relnamespace = 'public'::regnamespace
      AND (has_table_privilege(:role, c.oid, 'TRUNCATE') OR has_table_privilege(:role, c.oid, 'REFERENCES')
           OR has_table_privilege(:role, c.oid, 'TRIGGER')
           OR (c.relname IN ('report_snapshots', 'report_files', 'score_rules', 'scorecards', 'hotspot_steps',
                             'venue_checks')
               AND (has_any_column_privilege(:role, c.oid, 'UPDATE') OR has_table_privilege(:role, c.oid, 'DELETE')))
           OR (c.relname IN ('audit_entries', 'audit_seals')
               AND (has_any_column_privilege(:role, c.oid, 'INSERT') OR has_any_column_privilege(:role, c.oid, 'UPDATE')
                    OR has_table_privilege(:role, c.oid, 'DELETE'))))
    """
)
_TOO_LITTLE = sa.text(
    """
    SELECT c.relname FROM pg_class AS c
    WHERE c.relname = ANY(:layers) AND c.relnamespace = 'public'::regnamespace
      AND NOT has_any_column_privilege(:role, c.oid, 'SELECT')
    """
)
_LEAKPROOF = sa.text(
    "SELECT proleakproof FROM pg_proc WHERE oid = to_regprocedure('geometry_overlaps(geometry, geometry)')"
)
# They tell the extent and statistics of every commune's rows.
_TELLING = sa.text(
    """
    SELECT DISTINCT f.proname FROM pg_proc AS f
    WHERE f.proname IN ('st_estimatedextent', '_postgis_stats', '_postgis_selectivity', '_postgis_join_selectivity')
      AND has_function_privilege(:role, f.oid, 'EXECUTE')
    """
)
# The web acts as gis_app by SET ROLE, but one RESET ROLE away from a superuser is no isolation.
_MIGHTY = sa.text("SELECT rolname FROM pg_roles WHERE rolname IN (:role, session_user) AND (rolsuper OR rolbypassrls)")


@lru_cache
def expected_head() -> str | None:
    """The newest migration of this program."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config).get_current_head()


def find_faults(conn: Connection) -> list[str]:
    """Names of what is wrong, empty when ready.

    `migration`, `policy:<table>`, `owner:<table>`, `grant:<table>`, `leakproof`, `function:<name>`, `login:<role>`.
    """
    faults = []
    if conn.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one_or_none() != expected_head():
        faults.append("migration")
    values = {"names": list(accounts.metadata.tables), "layers": list(LAYERS), "role": APP_ROLE}
    checks = {
        "policy": (_UNGUARDED,),
        "owner": (_OWNED_BY_THE_WEB,),
        "grant": (_TOO_MUCH, _TOO_LITTLE),
        "function": (_TELLING,),
        "login": (_MIGHTY,),
    }
    for kind, statements in checks.items():
        for statement in statements:
            wanted = {name: values[name] for name in statement.compile().params}
            faults += sorted(f"{kind}:{name}" for name in conn.execute(statement, wanted).scalars())
    if not conn.execute(_LEAKPROOF).scalar_one_or_none():
        faults.append("leakproof")
    return faults


def worker_state(conn: Connection) -> str:
    """`alive`, `silent`, or `never` where no worker has run on this database: the web works without one."""
    age = fetch_age(conn, "worker")
    if age is None:
        return "never"
    return "alive" if age < WORKER_SILENT else "silent"


def jobs_state(conn: Connection) -> str:
    """`flowing`, or `stuck` where a job has waited so long that no worker can be running jobs."""
    return "flowing" if fetch_longest_wait(conn) < JOBS_STUCK else "stuck"
