"""Whether the database is the one that this program expects, with its guards standing."""

from functools import lru_cache
from pathlib import Path

import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from layers import LAYERS

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"

_UNGUARDED = sa.text(
    """
    SELECT c.relname FROM pg_class AS c
    WHERE c.relname = ANY(:names) AND c.relnamespace = 'public'::regnamespace
      AND NOT (c.relrowsecurity AND c.relforcerowsecurity
               AND EXISTS (SELECT 1 FROM pg_policy AS p WHERE p.polrelid = c.oid AND p.polcmd = 'r'))
    """
)
_LEAKPROOF = sa.text(
    "SELECT proleakproof FROM pg_proc WHERE oid = to_regprocedure('geometry_overlaps(geometry, geometry)')"
)


@lru_cache
def expected_head() -> str | None:
    """The newest migration of this program."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config).get_current_head()


def find_faults(conn: Connection) -> list[str]:
    """Names of what is wrong: `migration`, `policy:<table>`, `leakproof`, `owner`; empty when ready."""
    faults = []
    if conn.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one_or_none() != expected_head():
        faults.append("migration")
    faults += [f"policy:{name}" for (name,) in conn.execute(_UNGUARDED, {"names": list(LAYERS)})]
    if not conn.execute(_LEAKPROOF).scalar_one_or_none():
        faults.append("leakproof")
    return faults
