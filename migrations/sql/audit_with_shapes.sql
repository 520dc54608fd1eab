-- The audit keeps shapes exactly (EWKB in hexadecimal), so that undo restores the very same coordinates.

CREATE FUNCTION audited(row_json jsonb, shape geometry) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT row_json || jsonb_build_object('geom', encode(ST_AsEWKB(shape), 'hex'))
$$;
ALTER FUNCTION audited(jsonb, geometry) OWNER TO gis_owner;

-- The columns of a table but its shapes, as a list for a SELECT.
CREATE FUNCTION plain_columns(relation oid, prefix text) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT string_agg(prefix || '.' || quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
  WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped AND attname NOT IN ('geom', 'geom_3857')
$$;
ALTER FUNCTION plain_columns(oid, text) OWNER TO gis_owner;

CREATE OR REPLACE FUNCTION audit_rows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  actor_role text := coalesce(current_setting('app.role', true), '');
  actor_name text := coalesce(current_setting('app.username', true), '');
BEGIN
  IF actor_role = 'system' THEN
    RETURN NULL;
  END IF;
  -- Shapes go in as hexadecimal EWKB, and only where an old one is lost: to_jsonb of a whole row would write each
  -- twice as GeoJSON, which took three quarters of a large import.
  IF TG_OP = 'INSERT' THEN
    EXECUTE format(
      'INSERT INTO audit_entries (commune_id, role, username, action, table_name, row_id, after)
       SELECT n.commune_id, $1, $2, ''insert'', $3, n.id, (SELECT to_jsonb(p) FROM (SELECT %s) AS p)
       FROM new_rows AS n', plain_columns(TG_RELID, 'n')) USING actor_role, actor_name, TG_TABLE_NAME;
  ELSIF TG_OP = 'UPDATE' THEN
    EXECUTE format(
      'INSERT INTO audit_entries (commune_id, role, username, action, table_name, row_id, before, after)
       SELECT n.commune_id, $1, $2, ''update'', $3, n.id, audited((SELECT to_jsonb(p) FROM (SELECT %s) AS p), o.geom),
              audited((SELECT to_jsonb(p) FROM (SELECT %s) AS p), n.geom)
       FROM new_rows AS n JOIN old_rows AS o USING (id)',
      plain_columns(TG_RELID, 'o'),
      plain_columns(TG_RELID, 'n'))
      USING actor_role, actor_name, TG_TABLE_NAME;
  ELSE
    EXECUTE format(
      'INSERT INTO audit_entries (commune_id, role, username, action, table_name, row_id, before)
       SELECT o.commune_id, $1, $2, ''delete'', $3, o.id, audited((SELECT to_jsonb(p) FROM (SELECT %s) AS p), o.geom)
       FROM old_rows AS o', plain_columns(TG_RELID, 'o')) USING actor_role, actor_name, TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END
$$;

-- Data officers read the history of rows of the own commune; the whole log is for administrators. Not for planners:
-- old hotspot rows hold exact places.
CREATE POLICY audit_entries_history ON audit_entries FOR SELECT TO gis_app
  USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int
         AND row_id IS NOT NULL AND current_setting('app.role', true) IN ('admin', 'data'));
CREATE INDEX audit_entries_row ON audit_entries (table_name, row_id, id);

ALTER TABLE idempotency_keys OWNER TO gis_owner;
ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY idempotency_keys_owner ON idempotency_keys TO gis_owner USING (true);
CREATE POLICY idempotency_keys_own ON idempotency_keys TO gis_app
  USING (commune_id = coalesce(nullif(current_setting('app.commune_id', true), '')::int, 0)
         AND username = current_setting('app.username', true) AND username <> '');
GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_keys TO gis_app;
