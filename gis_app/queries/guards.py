"""What guards the data, as lines of text that two databases can be compared by: policies, grants, flags, roles.

Names of superusers are written `superuser`, since another server may call its own differently.
"""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection

Guards = Mapping[str, list[str]]

OURS_LIKE = r"gis\_%"

# What an extension brought with it is the extension's; only what was changed about it counts.
_OURS = (
    "NOT EXISTS (SELECT 1 FROM pg_depend AS d WHERE d.objid = {0}.oid AND d.classid = '{1}'::regclass "
    "AND d.deptype = 'e')"
)
_HERE = "{0}.{1} = 'public'::regnamespace"
_TABLE = f"{_HERE.format('c', 'relnamespace')} AND {_OURS.format('c', 'pg_class')}"
_FUNCTION = f"{_HERE.format('f', 'pronamespace')} AND {_OURS.format('f', 'pg_proc')}"
_WHO = "(SELECT CASE WHEN r.rolsuper THEN 'superuser' ELSE r.rolname END FROM pg_roles AS r WHERE r.oid = {0})"
_GRANT = f"coalesce({_WHO.format('g.grantee')}, 'PUBLIC') || ': ' || g.privilege_type"

_SECTIONS: Mapping[str, str] = {
    "policies": """
        SELECT format('%s.%s %s %s to %s using (%s) check (%s)', p.tablename, p.policyname, p.permissive, p.cmd,
                      array_to_string(p.roles, ','), coalesce(p.qual, ''), coalesce(p.with_check, ''))
        FROM pg_policies AS p WHERE p.schemaname = 'public'
    """,
    "row_security": f"""
        SELECT format('%s%s%s', c.relname, CASE WHEN c.relrowsecurity THEN ' on' ELSE ' off' END,
                      CASE WHEN c.relforcerowsecurity THEN ' forced' ELSE '' END)
        FROM pg_class AS c WHERE c.relkind IN ('r', 'p') AND {_TABLE}
    """,
    "owners": f"""
        SELECT format('%s %s', c.relname, {_WHO.format("c.relowner")})
        FROM pg_class AS c WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S') AND {_TABLE}
        UNION ALL
        SELECT format('%s %s', f.oid::regprocedure, {_WHO.format("f.proowner")}) FROM pg_proc AS f WHERE {_FUNCTION}
    """,
    "grants": f"""
        SELECT format('%s %s', c.relname, {_GRANT})
        FROM pg_class AS c, aclexplode(c.relacl) AS g WHERE {_TABLE} AND g.grantee <> c.relowner
        UNION ALL
        SELECT format('%s.%s %s', c.relname, a.attname, {_GRANT})
        FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid, aclexplode(a.attacl) AS g
        WHERE {_TABLE} AND NOT a.attisdropped
        UNION ALL
        SELECT format('%s %s', f.oid::regprocedure, {_GRANT})
        FROM pg_proc AS f, aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) AS g
        WHERE {_FUNCTION} AND g.grantee <> f.proowner
        UNION ALL
        SELECT format('schema %s %s', n.nspname, {_GRANT})
        FROM pg_namespace AS n, aclexplode(n.nspacl) AS g WHERE n.nspname = 'public' AND g.grantee <> n.nspowner
        UNION ALL
        SELECT format('default %s %s', d.defaclobjtype, {_GRANT})
        FROM pg_default_acl AS d, aclexplode(d.defaclacl) AS g
    """,
    "revoked": f"""
        SELECT f.oid::regprocedure::text FROM pg_proc AS f
        WHERE {_HERE.format("f", "pronamespace")} AND NOT ({_FUNCTION})
          AND NOT has_function_privilege('public', f.oid, 'EXECUTE')
    """,
    "flags": f"""
        SELECT format('%s leakproof', f.oid::regprocedure) FROM pg_proc AS f
        WHERE {_HERE.format("f", "pronamespace")} AND f.proleakproof
    """,
    "functions": f"""
        SELECT format('%s %s%s%s', f.oid::regprocedure, CASE WHEN f.prosecdef THEN 'definer ' ELSE '' END,
                      coalesce(array_to_string(f.proconfig, ' ') || ' ', ''), md5(f.prosrc))
        FROM pg_proc AS f WHERE {_FUNCTION}
    """,
    "triggers": """
        SELECT format('%s %s', pg_get_triggerdef(t.oid), t.tgenabled) FROM pg_trigger AS t
        WHERE NOT t.tgisinternal AND t.tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
    """,
    # Without parentheses: a restored check is grouped otherwise than one that a migration wrote, and means the same.
    "constraints": f"""
        SELECT format('%s %s %s %s', c.relname, k.conname, translate(pg_get_constraintdef(k.oid), '()', ''),
                      k.convalidated)
        FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid WHERE {_TABLE}
    """,
    "indexes": f"""
        SELECT pg_get_indexdef(i.indexrelid) FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid WHERE {_TABLE}
    """,
    "columns": f"""
        SELECT format('%s.%s %s%s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                      CASE WHEN a.attnotnull THEN ' not null' ELSE '' END,
                      CASE a.attgenerated WHEN 's' THEN ' generated' ELSE '' END,
                      coalesce(' ' || pg_get_expr(e.adbin, e.adrelid), ''))
        FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_attrdef AS e ON e.adrelid = c.oid AND e.adnum = a.attnum
        WHERE c.relkind IN ('r', 'p') AND {_TABLE}
    """,
    "views": f"""
        SELECT format('%s %s %s', c.relname, coalesce(array_to_string(c.reloptions, ','), ''),
                      md5(pg_get_viewdef(c.oid)))
        FROM pg_class AS c WHERE c.relkind IN ('v', 'm') AND {_TABLE}
    """,
    "extensions": "SELECT extname FROM pg_extension WHERE extname <> 'plpgsql'",
    "roles": f"""
        SELECT format('%s%s%s%s%s%s%s', rolname, CASE WHEN rolsuper THEN ' superuser' ELSE '' END,
                      CASE WHEN rolcanlogin THEN ' login' ELSE ' nologin' END,
                      CASE WHEN rolinherit THEN ' inherit' ELSE ' noinherit' END,
                      CASE WHEN rolbypassrls THEN ' bypassrls' ELSE '' END,
                      CASE WHEN rolcreaterole THEN ' createrole' ELSE '' END,
                      CASE WHEN rolcreatedb THEN ' createdb' ELSE '' END)
        FROM pg_roles WHERE rolname LIKE '{OURS_LIKE}'
    """,
    "members": f"""
        SELECT format('%s in %s', m.rolname, r.rolname) FROM pg_auth_members AS a
        JOIN pg_roles AS r ON r.oid = a.roleid JOIN pg_roles AS m ON m.oid = a.member
        WHERE r.rolname LIKE '{OURS_LIKE}' AND m.rolname LIKE '{OURS_LIKE}'
    """,
    "role_settings": f"""
        SELECT format('%s %s', r.rolname, line) FROM pg_db_role_setting AS s
        JOIN pg_roles AS r ON r.oid = s.setrole, unnest(s.setconfig) AS line
        WHERE s.setdatabase = 0 AND r.rolname LIKE '{OURS_LIKE}'
    """,
}


def fetch_guards(conn: Connection) -> dict[str, list[str]]:
    """Return every section, sorted; the login must be one that sees the whole catalogue (any may)."""
    # Expressions are printed with or without the schema's name, depending on the path.
    conn.execute(sa.text("SELECT set_config('search_path', 'public', true)"))
    return {name: sorted(conn.exec_driver_sql(text.replace("%", "%%")).scalars()) for name, text in _SECTIONS.items()}


def find_differences(wanted: Guards, found: Guards) -> list[str]:
    """Say section by section what is missing and what nobody knows."""
    lines = []
    for section in sorted(wanted.keys() | found.keys()):
        before, now = set(wanted.get(section, ())), set(found.get(section, ()))
        lines += [f"{section}: missing: {line}" for line in sorted(before - now)]
        lines += [f"{section}: unknown: {line}" for line in sorted(now - before)]
    return lines
