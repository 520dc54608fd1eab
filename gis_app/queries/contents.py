"""What stands in the tables, as counts and sums that two databases can be compared by (owner's login)."""

from collections.abc import Collection, Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection

# Of every column that is stored, not computed: geom_3857 may differ in its last bit under another PROJ.
_TABLES = sa.text(
    """
    SELECT c.relname AS name,
           string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname) FILTER (WHERE a.attgenerated = '') AS columns
    FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT 1 FROM pg_depend AS d
                      WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e')
    GROUP BY c.relname ORDER BY c.relname
    """
)
_HEAD = sa.text("SELECT version_num FROM alembic_version")


def fetch_tables(conn: Connection) -> dict[str, str]:
    """Our tables in the schema `public`, with their stored columns."""
    return {row.name: row.columns for row in conn.execute(_TABLES)}


def fetch_contents(conn: Connection, without: Collection[str] = ()) -> dict[str, dict[str, str | int]]:
    """Per table: its rows, and a sum over all of their values that does not depend on their order."""
    # Times are printed in the session's zone.
    conn.execute(sa.text("SELECT set_config('timezone', 'UTC', true), set_config('statement_timeout', '0', true)"))
    found: dict[str, dict[str, str | int]] = {}
    for name, columns in fetch_tables(conn).items():
        if name in without:
            continue
        # Names come from the catalogue, quoted there.
        text = (
            f"SELECT count(*), coalesce(sum(hashtextextended(t::text, 28)::numeric), 0)::text "  # noqa: S608
            f'FROM (SELECT {columns} FROM "{name}") AS t'
        )
        count, digest = conn.exec_driver_sql(text).one()
        found[name] = {"rows": int(count), "sum": str(digest)}
    return found


def fetch_head(conn: Connection) -> str:
    """The migration that the database stands at."""
    return str(conn.execute(_HEAD).scalar_one())


def find_missing_rows(wanted: Mapping[str, Mapping[str, str | int]], found: Mapping[str, object]) -> list[str]:
    """Say which tables hold other rows than wanted."""
    lines = []
    for name, mark in wanted.items():
        now = found.get(name)
        if now is None:
            lines.append(f"rows: {name}: no such table")
        elif now != mark:
            count = now["rows"] if isinstance(now, Mapping) else "?"
            same = " (other values)" if count == mark["rows"] else ""
            lines.append(f"rows: {name}: {mark['rows']} wanted, {count} there{same}")
    return lines
